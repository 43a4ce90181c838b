"""Tests of what talks to sockets run on both event loops: asyncio's and the one that the service uses."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping

import pytest
import uvloop

from tests.support.lag import Lag


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Both loops for a module that says `BOTH_LOOPS = True`; elsewhere asyncio's."""
    if isinstance(item, pytest.Function) and getattr(item.module, "BOTH_LOOPS", False):
        return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
    return {"asyncio": asyncio.new_event_loop}


@pytest.fixture
async def lag() -> AsyncIterator[Lag]:
    """How late this test's loop ran."""
    watch = Lag()
    yield watch
    watch.stop()
