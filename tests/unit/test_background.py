"""A background task that dies or ends is noticed, unless it may end."""

import asyncio

import pytest

from okydrom.background import Background


async def ended() -> None:
    """A loop that ends."""


async def broken() -> None:
    """A loop that dies."""
    raise LookupError


@pytest.mark.parametrize("ends", [False, True])
async def test_a_failure_stops_the_service(ends: bool) -> None:
    background = Background(stop := asyncio.Event())
    background.start("broken", broken(), ends=ends)
    await asyncio.wait_for(stop.wait(), 5)
    assert isinstance(background.failure, LookupError)


async def test_what_should_run_for_ever_may_not_end() -> None:
    background = Background(stop := asyncio.Event())
    background.start("ended", ended())
    await asyncio.wait_for(stop.wait(), 5)
    assert isinstance(background.failure, RuntimeError)


async def test_what_may_end_does_so_in_peace() -> None:
    background = Background(stop := asyncio.Event())
    background.start("ended", ended(), ends=True)
    background.start("broken", broken())  # after it, so that the end was seen when this is
    await asyncio.wait_for(stop.wait(), 5)
    assert isinstance(background.failure, LookupError)
