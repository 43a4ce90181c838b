"""How streams of events end, on both loops: with their client, their token, the service; and what slow ones cost."""

from __future__ import annotations

import asyncio
import hashlib
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pytest

from okydrom.clock import Clock
from okydrom.config.settings import Token
from okydrom.web import hub as hub_module
from okydrom.web.cookie import LIFETIME
from okydrom.web.hub import Hub
from okydrom.web.keys import AUTHORITY, HUB
from tests.support.events import Parser, hearing
from tests.support.inside import NOWHERE, Inside, inside
from tests.support.wait import linger, wait_until

BOTH_LOOPS = True
PATIENCE = 400  # ms
VIEWER = "oky_viewer"
TOKENS = tuple(
    Token(role, role, hashlib.sha256(f"oky_{role}".encode()).hexdigest()) for role in ("viewer", "source")
)
LONG = {f"label-{number}": "x" * 256 for number in range(16)}  # a row of 5 kB
KEPT = 200  # tasks that the hub remembers


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "TICK", 0.02)


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Inside]:
    async with inside(tmp_path) as running:
        yield running


class Slow(Parser):
    """A client that reads when it is told to, over buffers that are as small as can be; `roomy`: but for the
    service's own."""

    def __init__(self, service: Inside, query: str, *, roomy: bool = False) -> None:
        super().__init__()
        self._roomy = roomy
        self._service = service
        self._query = query

    async def __aenter__(self) -> Slow:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._socket.setblocking(False)
        loop = asyncio.get_running_loop()
        hub = self._service.app[HUB]
        known = set(hub._streams)
        await loop.sock_connect(self._socket, ("127.0.0.1", self._service.port))
        asking = f"GET /api/v1/events?{self._query} HTTP/1.0\r\nHost: localhost\r\n\r\n"  # so that nothing is chunked
        await loop.sock_sendall(self._socket, asking.encode())
        await wait_until(lambda: len(hub._streams) > len(known))
        ((self.stream),) = hub._streams - known
        self.transport = self.stream._transport
        if not self._roomy:
            self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._socket.close()

    async def take(self) -> bool:
        """What is there; False: there is no more."""
        piece = await asyncio.get_running_loop().sock_recv(self._socket, 65_536)
        self.feed(piece)
        return bool(piece)

    async def take_all(self) -> None:
        """Whatever comes."""
        while await self.take():
            pass

    async def take_until(self, name: str) -> None:
        """Read on until this event came."""
        async with asyncio.timeout(5):
            while not any(event.name == name for event in self.events):
                assert await self.take()


def remembering(service: Inside, tasks: int) -> Hub:
    """The hub, with a memory that is soon full."""
    hub = service.app[HUB]
    hub._memory.tasks._limit = tasks
    return hub


def counts(least: int, data: Any) -> bool:
    return bool(data["count"] >= least)


async def fill(service: Inside, number: int) -> None:
    """So many large tasks come."""
    for start in range(0, number, 100):
        tasks = [{"url": NOWHERE, "delay": "1d", "labels": LONG}] * min(100, number - start)
        assert (await service.post(orjson.dumps(tasks))).status == 202


async def test_a_client_that_is_slow_costs_one_parcel_and_is_told_to_reload(service: Inside) -> None:
    hub = remembering(service, KEPT)
    async with Slow(service, "topics=list") as slow, hearing(service.url, "topics=list") as quick:
        held = 0
        for number in range(1, 6):
            await fill(service, KEPT)
            await quick.hears("fresh", partial(counts, number * KEPT))
            held = max(held, slow.transport.get_write_buffer_size())
        assert not slow.stream.ready
        assert 0 < held < 512 * 1024  # of 5 MB that changed
        assert hub._memory.tasks.horizon > slow.stream.place
        await slow.take_until("resync")
        assert slow.events[-1].data == {"reason": "behind"}
        slow.events.clear()
        task_id = await service.create(delay="1h")
        await slow.take_until("fresh")
        assert [item["id"] for item in slow.events[0].data["items"]] == [task_id]
        assert slow.events[-1].data == {"count": 1, "exact": True}


@pytest.mark.parametrize("by", ["the connection", "the system"])
async def test_one_that_takes_nothing_is_cut_off_and_one_that_hears_little_is_not(
    tmp_path: Path, by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if by == "the connection":  # where the system can't
        monkeypatch.delattr(socket, "TCP_USER_TIMEOUT")
    async with (
        inside(tmp_path, server={"body_timeout": PATIENCE}) as service,
        hearing(service.url, "topics=bulk") as quiet,
        Slow(service, "topics=list", roomy=by == "the system") as slow,
    ):
        await fill(service, 10)
        await wait_until(lambda: service.app[HUB].streams == 1, 5, "it is cut off")
        with suppress(ConnectionError):
            await slow.take_all()  # no more than what was on its way
        assert not quiet.ended


async def test_one_that_takes_something_now_and_then_is_not_cut_off(tmp_path: Path) -> None:
    async with (
        inside(tmp_path, server={"body_timeout": PATIENCE}) as service,
        Slow(service, "topics=list") as slow,
    ):
        await fill(service, 200)
        for _ in range(20):  # 2 s, five times the patience
            await linger(0.1)
            await asyncio.get_running_loop().sock_recv(slow._socket, 4_096)
        assert service.app[HUB].streams == 1


async def test_clients_that_leave_leave_nothing_behind(service: Inside) -> None:
    async with AsyncExitStack() as tabs:
        for _ in range(7):
            await tabs.enter_async_context(hearing(service.url, "topics=bulk"))
        assert service.app[HUB].streams == 7
    await wait_until(lambda: service.app[HUB].streams == 0)
    await wait_until(lambda: service.connections == 0)


async def test_only_so_many_are_open_at_once(service: Inside) -> None:
    service.app[HUB]._most = 2
    async with hearing(service.url), hearing(service.url):
        refused = await service.get("/events")
        assert (refused.status, refused.headers["Retry-After"]) == (503, "5")
        assert refused.json["code"] == "unavailable"
    await wait_until(lambda: service.app[HUB].streams == 0)
    assert (await service.get("/events")).status == 200


async def test_a_stop_ends_all_of_them_at_once_and_in_order(service: Inside) -> None:
    async with AsyncExitStack() as stack:
        tabs = [await stack.enter_async_context(hearing(service.url)) for _ in range(7)]
        slow = await stack.enter_async_context(Slow(service, "topics=list"))
        await fill(service, 200)
        await wait_until(lambda: slow.transport.get_write_buffer_size() > 0)
        begun = asyncio.get_running_loop().time()
        await service.stop_softly()
        await wait_until(lambda: all(tab.ended for tab in tabs))
        await wait_until(lambda: service.app[HUB].streams == 0)
        assert asyncio.get_running_loop().time() - begun < 1
        assert not any(tab.broken for tab in tabs)
        with pytest.raises(ConnectionError):
            await slow.take_all()
        assert (await service.get("/events")).status == 503


async def sign_in(service: Inside) -> str:
    body = orjson.dumps({"token": VIEWER})
    answer = await service.call("POST", "/api/v1/session", body, Content_Type="application/json")
    return answer.headers["Set-Cookie"].partition(";")[0]


async def test_a_session_that_is_over_ends_its_stream(tmp_path: Path) -> None:
    clock = Clock()
    async with inside(tmp_path, 1000, clock, auth={"tokens": TOKENS}) as service:
        cookie = await sign_in(service)
        async with (
            hearing(service.url, "topics=bulk", Cookie=cookie) as tab,
            hearing(service.url, "topics=bulk", Authorization=f"Bearer {VIEWER}") as other,
        ):
            await wait_until(lambda: tab.comments and other.comments)
            clock.move(LIFETIME)
            await wait_until(lambda: tab.ended)
            assert not tab.broken
            heard = other.comments
            await wait_until(lambda: other.comments > heard)
            assert (await service.get("/events", Cookie=cookie)).status == 401


async def test_a_token_that_is_gone_ends_its_sessions_streams_before_anything_more_is_told(
    tmp_path: Path,
) -> None:
    async with inside(tmp_path, auth={"tokens": TOKENS}) as service:
        authority: Any = service.app[AUTHORITY]
        async with hearing(service.url, "topics=list", Cookie=await sign_in(service)) as tab:
            await wait_until(lambda: tab.last)
            del authority._names["viewer"]
            task = orjson.dumps({"url": NOWHERE, "delay": "1h"})
            assert (await service.post(task, Authorization="Bearer oky_source")).status == 202
            await wait_until(lambda: tab.ended)
            assert tab.events == []


async def test_readers_alone_may_hear(tmp_path: Path) -> None:
    async with inside(tmp_path, auth={"tokens": TOKENS}) as service:
        assert (await service.get("/events")).status == 401
        assert (await service.get("/events", Authorization="Bearer oky_source")).status == 403
        assert (await service.get("/events", Authorization=f"Bearer {VIEWER}")).status == 200
        assert service.app[HUB].streams <= 1
