"""Requests with bytes changed at random: refused or right, never a 500, a hang, or two answers for one."""

import asyncio
import random
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.inside import Inside, inside

BODY = b'{"url":"http://127.0.0.1:1/","payload":1,"retry":{"schedule":["1h"]}}'
TASK = b"/api/v1/tasks/01938f3c-7d2a-7c31-9d3b-0d9c5a1f6e20"
JSON = b"Host: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n"
REQUESTS = (
    b"POST /api/v1/tasks HTTP/1.1\r\n%bContent-Length: %d\r\n\r\n%b" % (JSON, len(BODY), BODY),
    b"POST /api/v1/tasks HTTP/1.1\r\n%bTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n"
    % (JSON, len(BODY), BODY),
    b"GET /api/v1/tasks?status=failed&limit=3&label.a=b HTTP/1.1\r\n%b\r\n" % JSON,
    b"GET /api/v1/destinations/http%%3A%%2F%%2F127.0.0.1%%3A1 HTTP/1.1\r\n%b\r\n" % JSON,
    b"GET %b/body HTTP/1.1\r\nRange: bytes=0-1\r\n%b\r\n" % (TASK, JSON),
    b'POST %b/cancel HTTP/1.1\r\nIf-Match: "1"\r\nOrigin: http://localhost\r\n%b\r\n' % (TASK, JSON),
)
INSERTS = (
    *(b"\r\n", b"\n", b"\0", b" ", b":", b"\xff", b"%", b"%ff", b"/", b"0", b"\xed\xa0\x80"),
    *(
        b"Transfer-Encoding: chunked\r\n",
        b"Content-Length: 5\r\n",
        b"Expect: 100-continue\r\n",
        b"Expect: x\r\n",
    ),
    *(b"Upgrade: websocket\r\nConnection: upgrade\r\n", b"Content-Encoding: gzip\r\n", b"Host: a\r\n"),
)
STATUS = re.compile(rb"HTTP/1\.[01] (\d{3}) (?!Continue)")
AT_ONCE = 250


def mutated(rand: random.Random) -> bytes:
    """A request with one to three changes."""
    data = bytearray(rand.choice(REQUESTS))
    for _ in range(rand.choice((1, 1, 1, 2, 3))):
        at = rand.randrange(len(data))
        kind = rand.randrange(4)
        if kind == 0:
            data[at] = rand.randrange(256)
        elif kind == 1:
            del data[at : at + rand.randint(1, 5)]
        elif kind == 2:
            data[at:at] = rand.choice(INSERTS)
        else:
            data[at:at] = data[at : at + 20]
    return bytes(data)


@pytest.mark.proof
async def test_mutated_requests_are_refused_or_right(
    tmp_path: Path, rounds: Callable[[int], int], seed: int, figure: Callable[[str], None]
) -> None:
    rand = random.Random(seed)
    seen: Counter[str] = Counter()
    quick = {"header_timeout": 300, "body_timeout": 300, "keepalive_timeout": 300}
    async with inside(tmp_path, server=quick) as service:
        for _ in range(rounds(1000) // AT_ONCE):
            requests = [mutated(rand) for _ in range(AT_ONCE)]
            seen.update(await asyncio.gather(*(judged(service, request) for request in requests)))
        assert (await service.call("GET", "/readyz")).status == 200
    figure(f"{seen.total()} requests: {', '.join(f'{n} × {status}' for status, n in seen.most_common())}")


async def judged(service: Inside, request: bytes) -> str:
    """The status of the one answer; "none" if the connection was closed on half a head."""
    try:
        answer = await service.raw(request, timeout=20)
    except ConnectionResetError:
        return "none"
    statuses = STATUS.findall(answer)
    assert len(statuses) <= 1, (request, answer)
    assert b"aiohttp" not in answer, (request, answer)
    status = statuses[0].decode() if statuses else "none"
    assert not status.startswith("5"), (request, answer)
    return status
