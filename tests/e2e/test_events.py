"""A page's streams over the life of real processes: killed and started again, and told to stop."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest

from tests.support.api import calling
from tests.support.events import hearing
from tests.support.ledger import Answer, Ledger, listening
from tests.support.service import serving
from tests.support.wait import wait_until

TABS = 7


async def test_after_a_kill_the_page_is_told_to_reload(tmp_path: Path) -> None:
    async with listening(Ledger()) as ledger, serving(tmp_path) as service, calling(service.url) as api:
        async with hearing(service.url) as tab:
            task = await api.create(url=ledger.url())
            await tab.shows(task, "delivered")
            await tab.hears("fresh")
            await service.kill()
            await wait_until(lambda: tab.ended)
            assert tab.broken
        await service.start()
        async with hearing(service.url, "", tab.last) as again:
            assert await again.hears("resync") == {"reason": "unknown"}
            assert again.events[0].name == "resync"
            assert again.last is not None
            assert again.last.partition("-")[0] != (tab.last or "").partition("-")[0]
            task = await api.create(url=ledger.url())
            await again.shows(task, "delivered")


async def test_a_stop_with_seven_open_streams_takes_no_longer_than_without(tmp_path: Path) -> None:
    async with listening(Ledger()) as ledger, serving(tmp_path) as service, AsyncExitStack() as stack:
        tabs = [await stack.enter_async_context(hearing(service.url)) for _ in range(TABS)]
        async with calling(service.url) as api:
            task = await api.create(url=ledger.url())
            for tab in tabs:
                await tab.shows(task, "delivered")
        begun = asyncio.get_running_loop().time()
        assert await service.stop() == 0
        took = asyncio.get_running_loop().time() - begun
        assert took < 2
        await wait_until(lambda: all(tab.ended for tab in tabs))
        assert not any(tab.broken for tab in tabs)


@pytest.mark.timeout(60)
async def test_a_stream_says_what_is_being_sent_through_a_proxys_eyes(tmp_path: Path) -> None:
    """HTTP/1.0, as some proxies speak it: nothing is gathered, and the end of the connection is the end."""
    async with listening(Ledger()) as ledger, serving(tmp_path) as service, calling(service.url) as api:
        ledger.answer = lambda _: Answer(delay=2.0)
        version = aiohttp.HttpVersion10
        async with (
            aiohttp.ClientSession(version=version) as session,
            session.get(f"{service.url}/api/v1/events?topics=list") as answer,
        ):
            await api.create(url=ledger.url())
            async with asyncio.timeout(10):
                line = b""
                while b'"status":"sending"' not in line:
                    line = await answer.content.readline()
