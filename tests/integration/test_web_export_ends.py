"""How an export ends: with what was there at its beginning, with its client, with the service."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import orjson
import pytest

from okydrom.store.contract import Page
from okydrom.web.export import NDJSON, PIECE
from okydrom.web.exports import MOST
from okydrom.web.keys import STORE
from tests.support.inside import NOWHERE, Inside, inside
from tests.support.wait import linger, wait_until

CSV = "text/csv"
LONG = {f"label-{number}": "x" * 256 for number in range(16)}  # a row of 5 kB
MANY = 4_000
PATIENCE = 1_000  # ms


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Inside]:
    async with inside(tmp_path, server={"body_timeout": PATIENCE}) as running:
        yield running


async def fill(service: Inside, number: int, **fields: Any) -> list[str]:
    """Ids of so many waiting tasks, oldest first."""
    ids: list[str] = []
    while len(ids) < number:
        tasks = [{"url": NOWHERE, "delay": "1d"} | fields] * min(number - len(ids), 1000)
        answer = await service.post(orjson.dumps(tasks))
        assert answer.status == 202, answer.body
        ids += [item["id"] for item in answer.json["items"]]
    return ids


class Slow:
    """A client with a small buffer that takes its answer by hand."""

    def __init__(self, service: Inside, version: str = "1.1") -> None:
        self.service = service
        self.version = version
        self.got = bytearray()

    async def __aenter__(self) -> Slow:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._socket.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(self._socket, ("127.0.0.1", self.service.port))
        asking = f"GET /api/v1/tasks HTTP/{self.version}\r\nHost: localhost\r\nAccept: {NDJSON}\r\n"
        await loop.sock_sendall(self._socket, f"{asking}Connection: close\r\n\r\n".encode())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._socket.close()

    async def take(self, size: int) -> bool:
        """Some of it; False: there is no more."""
        piece = await asyncio.get_running_loop().sock_recv(self._socket, size)
        self.got += piece
        return bool(piece)

    async def take_all(self) -> None:
        """All that is left."""
        while await self.take(1 << 20):
            pass


class Counted:
    """How many pages were read."""

    pages = 0


@pytest.fixture
async def counted(service: Inside, monkeypatch: pytest.MonkeyPatch) -> Counted:
    seen, find = Counted(), service.app[STORE].find

    async def finding(*args: Any, **options: Any) -> Page:
        seen.pages += 1
        return await find(*args, **options)

    monkeypatch.setattr(service.app[STORE], "find", finding)
    return seen


async def test_tasks_that_come_meanwhile_are_not_in_it(
    service: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = await fill(service, PIECE)
    find, store, added = service.app[STORE].find, service.app[STORE], 0

    async def finding(*args: Any, **options: Any) -> Page:
        nonlocal added
        if added < 5:
            added += 1
            await fill(service, PIECE)
            await wait_until(lambda: imported(service, PIECE * (1 + added)))
        return await find(*args, **options)

    monkeypatch.setattr(store, "find", finding)
    answer = await service.get("/tasks?order=oldest", Accept=NDJSON)
    assert [orjson.loads(line)["id"] for line in answer.body.splitlines()] == ids


async def imported(service: Inside, number: int) -> bool:
    return bool(sum((await service.app[STORE].summary()).by_status.values()) == number)


async def test_head_tells_the_form_and_brings_nothing(service: Inside) -> None:
    await fill(service, 3)
    asking = (
        b"HEAD /api/v1/tasks HTTP/1.1\r\nHost: localhost\r\nAccept: text/csv\r\nConnection: close\r\n\r\n"
    )
    head, _, body = (await service.raw(asking)).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert b"Content-Type: text/csv" in head
    assert body == b""


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/csv;q=0.5, APPLICATION/X-NDJSON;q=0.9", NDJSON),
        ("text/*", CSV),
        ("application/*", "application/json"),
        ("text/*, text/csv;q=0, application/json;q=0.5", "application/json"),
        ("*/*;q=0.1, application/json;q=0, text/csv", CSV),
        ("application/json, text/csv", "application/json"),
        (";;q=,text/csv;q=2;,/", "application/json"),
        ("text/csv;q=nan", "application/json"),
    ],
)
async def test_the_form_is_what_the_client_wants_most(service: Inside, accept: str, kind: str) -> None:
    answer = await service.get("/tasks", Accept=accept)
    assert (answer.status, answer.headers["Content-Type"].partition(";")[0]) == (200, kind)


async def test_it_goes_at_the_pace_of_its_client(service: Inside, counted: Counted) -> None:
    ids = await fill(service, MANY, labels=LONG)
    async with Slow(service) as client:
        for _ in range(40):  # 4 s, several times the patience
            await linger(0.1)
            assert await client.take(4096)
        assert counted.pages < MANY // PIECE  # what is not taken is not read
        await client.take_all()
    assert client.got.endswith(b"0\r\n\r\n")
    assert client.got.count(b'"id":') == len(ids)


@pytest.mark.parametrize("version", ["1.0", "1.1"])
async def test_one_that_is_cut_off_sees_that_it_is_broken(service: Inside, version: str) -> None:
    await fill(service, MANY, labels=LONG)
    async with Slow(service, version) as client:
        assert await client.take(4096)
        await wait_until(lambda: service.connections == 1, 5, "it is cut off")
        with pytest.raises(ConnectionError):
            await client.take_all()


async def test_a_client_that_goes_ends_it(service: Inside, counted: Counted) -> None:
    await fill(service, MANY, labels=LONG)
    async with Slow(service) as client:
        assert await client.take(4096)
    await wait_until(lambda: service.connections == 1, 5, "our own client is left")
    assert counted.pages < MANY // PIECE


@pytest.mark.parametrize("version", ["1.0", "1.1"])
async def test_a_stop_breaks_it_off_at_once(service: Inside, version: str) -> None:
    await fill(service, MANY, labels=LONG)
    async with Slow(service, version) as client:
        assert await client.take(4096)
        await service.stop_softly()
        with pytest.raises(ConnectionError):
            await client.take_all()
    assert (await service.get("/tasks", Accept=CSV)).status == 503


async def test_only_some_run_at_once(tmp_path: Path) -> None:
    async with inside(tmp_path) as service:  # with the usual patience
        await fill(service, MANY, labels=LONG)
        async with AsyncExitStack() as running:
            for _ in range(MOST):
                client = await running.enter_async_context(Slow(service))
                assert await client.take(4096)
            refused = await service.get("/tasks", Accept=NDJSON)
            assert (refused.status, refused.headers["Retry-After"]) == (503, "5")
        await wait_until(lambda: service.connections == 1)
        assert (await service.get("/tasks", Accept=NDJSON)).status == 200


async def test_the_next_answer_has_its_usual_time(service: Inside) -> None:
    made = await service.create(body="x" * 900_000)
    again = f"GET /api/v1/tasks/{made}/body HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    export = f"GET /api/v1/tasks HTTP/1.1\r\nHost: localhost\r\nAccept: {NDJSON}\r\n\r\n".encode()
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(client, ("127.0.0.1", service.port))
        await loop.sock_sendall(client, export)
        assert await loop.sock_recv(client, 4096)
        await loop.sock_sendall(client, again * 20)
        taking = asyncio.create_task(take_slowly(client))
        await wait_until(lambda: service.connections == 1, 3, "it is cut off, though it takes something")
        taking.cancel()


async def take_slowly(client: socket.socket) -> None:
    """All that comes, so slowly that a stream would go on for long."""
    while await asyncio.get_running_loop().sock_recv(client, 4096):
        await linger(0.05)


async def test_a_broken_one_is_no_end_of_an_answer_without_a_length(
    service: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(service, 3 * PIECE)
    find, asked = service.app[STORE].find, 0

    async def finding(*args: Any, **options: Any) -> Page:
        nonlocal asked
        asked += 1
        if asked == 3:
            raise RuntimeError
        return await find(*args, **options)

    monkeypatch.setattr(service.app[STORE], "find", finding)
    asking = f"GET /api/v1/tasks HTTP/1.0\r\nHost: localhost\r\nAccept: {NDJSON}\r\n\r\n"
    with pytest.raises(ConnectionError):
        await service.raw(asking.encode())
