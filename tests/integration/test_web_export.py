"""Exports over a real socket: the whole filter, safe to open, to slow clients too, and never a part for the whole."""

from __future__ import annotations

import asyncio
import csv
import io
import socket
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest

from okydrom.errors import StoreFailed
from okydrom.web import keys
from okydrom.web.export import COLUMNS, NDJSON, PIECE
from tests.support.inside import NOWHERE, Inside, inside
from tests.support.wait import linger

CSV = "text/csv"
MANY = 2 * PIECE + 7


async def fill(service: Inside, count: int, **fields: Any) -> list[str]:
    """Ids of new tasks, oldest first."""
    item = {"url": NOWHERE, "delay": "1h"} | fields
    ids: list[str] = []
    while len(ids) < count:
        answer = await service.post(orjson.dumps([item] * min(count - len(ids), 1_000)))
        ids += [each["id"] for each in answer.json["items"]]
    return ids


async def test_the_whole_filter_comes_once_and_in_order(service: Inside) -> None:
    ids = await fill(service, MANY, event="a")
    await fill(service, 3, event="b")
    answer = await service.get("/tasks?event=a&order=oldest", Accept=NDJSON)
    assert answer.headers["X-Request-Id"]
    assert (answer.status, answer.headers["Content-Type"]) == (200, NDJSON)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="tasks.ndjson"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    lines = [orjson.loads(line) for line in answer.body.splitlines()]
    assert [line["id"] for line in lines] == ids
    (shown,) = (await service.get("/tasks?event=a&order=oldest&limit=1")).json["items"]
    assert lines[0] == shown
    newest = await service.get("/tasks?event=a", Accept=NDJSON)
    assert [orjson.loads(line)["id"] for line in newest.body.splitlines()] == ids[::-1]
    assert (await service.get("/tasks?event=none", Accept=NDJSON)).body == b""


async def test_a_table_is_safe_to_open(service: Inside) -> None:
    await service.create(
        delay="1h",
        url=f"{NOWHERE}?key=secret",
        event="=cmd()",
        labels={"a": 'b"c', "+d": "1"},
        order_key="-1",
    )
    answer = await service.get("/tasks", Accept=CSV)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    head, row = list(csv.reader(io.StringIO(answer.body.decode(), newline="")))
    assert tuple(head) == COLUMNS
    cells = dict(zip(head, row, strict=True))
    assert (cells["event"], cells["order_key"]) == ("'=cmd()", "'-1")
    assert orjson.loads(cells["labels"]) == {"a": 'b"c', "+d": "1"}
    assert cells["url"].endswith("?***")
    assert answer.body.endswith(b"\r\n")
    assert len((await service.get("/tasks?event=none", Accept=CSV)).body.splitlines()) == 1


async def test_what_is_wrong_is_said_before_anything_is_sent(service: Inside) -> None:
    for query, fault in (
        ("limit=5", ("#limit", "not_with_export")),
        ("cursor=x", ("#cursor", "not_with_export")),
        ("statu=x", ("#statu", "unknown_parameter")),
    ):
        answer = await service.get(f"/tasks?{query}", Accept=CSV)
        assert (answer.status, answer.faults) == (422, [fault])


async def test_a_browser_and_curl_get_a_page(service: Inside) -> None:
    for accept in ("*/*", "application/json", "text/html,*/*;q=0.8", "text/csv;q=0", ""):
        assert "items" in (await service.get("/tasks", Accept=accept)).json


async def test_a_fault_on_the_way_is_no_end(service: Inside) -> None:
    await fill(service, MANY)
    store = service.app[keys.STORE]
    find, calls = store.find, 0

    async def breaks(*args: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls > 2:
            raise StoreFailed
        return await find(*args, **options)

    store.find = breaks  # type: ignore[method-assign]  # the store itself can't be broken in the middle
    with pytest.raises(aiohttp.ClientError):
        await service.get("/tasks", Accept=NDJSON)
    store.find = find  # type: ignore[method-assign]  # as it was
    assert len((await service.get("/tasks", Accept=NDJSON)).body.splitlines()) == MANY


HEAD = b"GET /api/v1/tasks HTTP/1.1\r\nHost: localhost\r\nAccept: application/x-ndjson\r\nConnection: close\r\n\r\n"


async def connect(service: Inside) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A client that holds little of what it has not read."""
    small = socket.socket()
    small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
    small.setblocking(False)
    await asyncio.get_running_loop().sock_connect(small, ("127.0.0.1", service.port))
    reader, writer = await asyncio.open_connection(sock=small, limit=4_096)
    writer.write(HEAD)
    return reader, writer


async def read_all(reader: asyncio.StreamReader, pause: float) -> tuple[int, bool]:
    """Bytes that come, and whether they ended as they should."""
    size, last = 0, b""
    try:
        while piece := await reader.read(64 * 1024):
            size, last = size + len(piece), (last + piece)[-5:]
            if pause:
                await linger(pause)
    except ConnectionError:
        return size, False
    return size, last == b"0\r\n\r\n"


async def test_a_slow_client_gets_all_of_it_and_one_that_stops_is_cut_off(tmp_path: Path) -> None:
    async with inside(tmp_path, server={"body_timeout": 700}) as service:
        await fill(service, 12_000, labels={"filling": "x" * 250}, event="e" * 128)
        loop = asyncio.get_running_loop()
        reader, writer = await connect(service)
        began = loop.time()
        whole = await read_all(reader, 0.002)
        writer.close()
        assert whole[1]
        assert loop.time() - began > 1.4
        reader, writer = await connect(service)
        await linger(2.0)
        part = await read_all(reader, 0)
        writer.close()
        assert not part[1]
        assert part[0] < whole[0]
