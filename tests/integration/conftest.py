"""What the tests over sockets share: the whole service, a recipient, and both event loops."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import pytest
import uvloop

from tests.support.inside import Inside, inside
from tests.support.lag import Lag
from tests.support.ledger import Ledger, listening


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


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Inside]:
    """The whole service with its defaults, in this process."""
    async with inside(tmp_path) as running:
        yield running


@pytest.fixture
async def ledger() -> AsyncIterator[Ledger]:
    """A recipient that keeps a ledger."""
    async with listening(Ledger()) as recipient:
        yield recipient
