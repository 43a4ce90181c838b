"""The recipient of the benchmark, as a process of its own: answers every request with 200 and counts.

    POST anything      → 200, counted; tasks are told apart by their `webhook-id`
    GET /              → 200, the figures as JSON
    GET /await/<n>     → the same, once n tasks have come

It is a bare protocol that parses by hand, so that it takes little of the processor that it shares with what is
measured.
Called with `--fd N`: a bound socket to listen on. Until then whoever connects to it is refused.
"""

import argparse
import asyncio
import socket
import time
from typing import cast

import msgspec
import uvloop

HEAD_END = b"\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


class Figures(msgspec.Struct, frozen=True):
    """What has come so far. Times are seconds of the monotonic clock, which all processes of a machine share."""

    requests: int
    tasks: int
    first: float
    last: float


class Tally:
    """Counts what comes, and wakes who waits for a number of tasks."""

    def __init__(self) -> None:
        self.requests = 0
        self.first = self.last = 0.0
        self._ids: set[bytes] = set()
        self._waiting: list[tuple[int, asyncio.Transport]] = []

    def count(self, task_id: bytes) -> None:
        """A request of this task has come."""
        self.last = time.monotonic()
        self.first = self.first or self.last
        self.requests += 1
        self._ids.add(task_id)
        if self._waiting:
            self._wake()

    def wait(self, tasks: int, transport: asyncio.Transport) -> None:
        """Answer this GET once so many tasks have come."""
        self._waiting.append((tasks, transport))
        self._wake()

    def _wake(self) -> None:
        come = len(self._ids)
        for goal, transport in self._waiting:
            if come >= goal:
                body = msgspec.json.encode(Figures(self.requests, come, self.first, self.last))
                transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        self._waiting = [waiter for waiter in self._waiting if come < waiter[0]]


class Connection(asyncio.Protocol):
    """One connection of HTTP/1.1 with `Content-Length` bodies."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._rest = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is there."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's are no instances of it

    def data_received(self, data: bytes) -> None:
        """Answer every whole request among the bytes."""
        data = self._rest + data
        start = 0
        while (end := data.find(HEAD_END, start)) >= 0:
            head = data[start : end + 2].lower()
            stop = end + len(HEAD_END) + int(header(head, b"content-length") or 0)
            if stop > len(data):
                break
            start = stop
            self._answer(head)
        self._rest = data[start:]

    def _answer(self, head: bytes) -> None:
        if head.startswith(b"get "):
            path = head.split(b" ", 2)[1]
            self._tally.wait(int(path.rpartition(b"/")[2] or 0), self._transport)
        else:
            self._tally.count(header(head, b"webhook-id"))
            self._transport.write(ANSWER)


def header(head: bytes, name: bytes) -> bytes:
    r"""The value of a header in a lower-case head that ends with a line's end; empty if it is not there.

    >>> header(b"post / http/1.1\r\nhost: a\r\ncontent-length: 12\r\n", b"content-length")
    b'12'
    """
    start = head.find(b"\r\n" + name + b":")
    if start < 0:
        return b""
    start += len(name) + 3
    return head[start : head.index(b"\r\n", start)].strip()


async def serve(sock: socket.socket) -> None:
    """Listen for ever; says `ready` on standard output."""
    tally = Tally()
    server = await asyncio.get_running_loop().create_server(
        lambda: Connection(tally), sock=sock, backlog=1024
    )
    print("ready", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--fd", type=int, required=True)
    uvloop.run(serve(socket.socket(fileno=parser.parse_args().fd)))
