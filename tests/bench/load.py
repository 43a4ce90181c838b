"""The load generator, as a process of its own: posts small tasks over kept-alive connections, and prints what came.

Each connection posts a task, waits for the answer, and posts the next: the load is as fast as the server answers.
A refused task (429, 503) is counted and another one is posted a moment later.
"""

import argparse
import asyncio
import math
import time
from array import array
from collections.abc import Sequence
from typing import cast
from urllib.parse import urlsplit

import msgspec
import uvloop

ACCEPTED = b"HTTP/1.1 202"
REFUSED = (b"HTTP/1.1 429", b"HTTP/1.1 503")
PAUSE = 0.05  # seconds after a refusal
HEAD_END = b"\r\n\r\n"
LENGTH = b"\r\ncontent-length:"


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What is posted: for so many seconds, or so many tasks, whichever ends first."""

    server: str  # URL, without path
    recipient: str  # URL of the tasks
    connections: int = 64
    seconds: float = 900.0
    tasks: int = 1_000_000_000


class Posted(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it. Times are seconds of the monotonic clock; latencies are ms from the post to its whole answer."""

    accepted: int
    refused: int
    started: float
    ended: float
    p50: float
    p99: float
    cpu: float  # seconds of the generator itself


class Load:
    """The state that the connections share."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.latencies = array("d")
        self.refused = 0
        self.left = plan.tasks
        self.deadline = 0.0
        self.running = 0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        host = urlsplit(plan.server).netloc
        self._head = (
            f"POST /api/v1/tasks HTTP/1.1\r\nHost: {host}\r\nUser-Agent: bench\r\n"
            "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        ).encode()
        self._body = (
            f'{{"url":"{plan.recipient}","event":"order.paid",'
            '"payload":{"order":%d,"status":"paid","amount":"129.90","currency":"EUR"}}'
        ).encode()

    def next_request(self) -> bytes | None:
        """The bytes of one more create; None when there is nothing more to post."""
        if self.left <= 0 or time.monotonic() >= self.deadline:
            return None
        self.left -= 1
        body = self._body % self.left
        return self._head % len(body) + body

    def leave(self, fault: Exception | None = None) -> None:
        """A connection has ended, in order or by a fault."""
        self.running -= 1
        if self.done.done():
            return
        if fault is not None:
            self.done.set_exception(fault)
        elif self.running == 0:
            self.done.set_result(None)


class Connection(asyncio.Protocol):
    """One source: a post at a time."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._answer = b""
        self._posted_at = 0.0
        self._over = False
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is there; posting begins with `post`."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's are no instances of it
        self._load.running += 1

    def post(self) -> None:
        """Post the next task, or leave."""
        request = self._load.next_request()
        if request is None:
            self._over = True
            self._transport.close()
            self._load.leave()
            return
        self._posted_at = time.monotonic()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Take the answer when it is whole."""
        answer = self._answer = self._answer + data
        if not whole(answer):
            return
        self._answer = b""
        if answer.startswith(ACCEPTED):
            self._load.latencies.append(time.monotonic() - self._posted_at)
            self.post()
        elif answer.startswith(REFUSED):
            self._load.refused += 1
            self._load.left += 1
            asyncio.get_running_loop().call_later(PAUSE, self.post)
        else:
            self._fail(f"unexpected answer: {answer[:500]!r}")

    def connection_lost(self, exc: Exception | None) -> None:
        """Closed by the server: that is a fault, its keep-alive outlasts us."""
        if not self._over:
            self._fail(f"connection lost: {exc!r}")

    def _fail(self, why: str) -> None:
        self._over = True
        self._transport.close()
        self._load.leave(ConnectionError(why))


def whole(answer: bytes) -> bool:
    r"""Is the answer complete? It must have a Content-Length.

    >>> whole(b"HTTP/1.1 202 A\r\nContent-Length: 2\r\n\r\n{"), whole(b"HTTP/1.1 202 A\r\nContent-Length: 2\r\n\r\n{}")
    (False, True)
    """
    end = answer.find(HEAD_END)
    if end < 0:
        return False
    head = answer[: end + 2].lower()
    start = head.index(LENGTH) + len(LENGTH)
    return len(answer) >= end + len(HEAD_END) + int(head[start : head.index(b"\r\n", start)])


def percentile(ordered: Sequence[float], share: float) -> float:
    """The value that this share of the ordered ones does not exceed; 0.0 of none.

    >>> percentile([1.0, 2.0, 3.0, 4.0], 0.5), percentile([1.0, 2.0], 0.99), percentile([], 0.5)
    (2.0, 2.0, 0.0)
    """
    return ordered[math.ceil(share * len(ordered)) - 1] if ordered else 0.0


async def run(plan: Plan) -> Posted:
    """Open all connections, then post. Raises ConnectionError if one is lost or answered otherwise than expected."""
    load = Load(plan)
    host, _, port = urlsplit(plan.server).netloc.rpartition(":")
    loop = asyncio.get_running_loop()
    pairs = [
        await loop.create_connection(lambda: Connection(load), host, int(port))
        for _ in range(plan.connections)
    ]
    started = time.monotonic()
    load.deadline = started + plan.seconds
    for _, connection in pairs:
        connection.post()
    await load.done
    ended = time.monotonic()
    ordered = sorted(load.latencies)
    return Posted(
        accepted=len(ordered),
        refused=load.refused,
        started=started,
        ended=ended,
        p50=percentile(ordered, 0.50) * 1000,
        p99=percentile(ordered, 0.99) * 1000,
        cpu=time.process_time(),
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("plan", help="a Plan as JSON")
    posted = uvloop.run(run(msgspec.json.decode(parser.parse_args().plan, type=Plan)))
    print(msgspec.json.encode(posted).decode())
