"""A recipient that says exactly what a script tells it to, byte by byte if need be, legal or not.

A script is a list of steps for one connection; the n-th connection gets the n-th script, all further ones the last.

    async with raw([hear(), say(b"HTTP/1.1 200 OK\\r\\n"), drip(b"...", gap=0.1), reset()]) as recipient: ...
"""

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress

from tests.support.wait import linger

RESET = struct.pack("ii", 1, 0)


class Peer:
    """One connection, seen from the recipient."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, heard: list[bytes]
    ) -> None:
        self.reader = reader
        self.writer = writer
        self.heard = heard


Step = Callable[[Peer], Awaitable[None]]


class Raw:
    """Where it listens; the requests it heard, head and body in one; how many connections came and are open."""

    def __init__(self, scripts: Sequence[Sequence[Step]]) -> None:
        self.heard: list[bytes] = []
        self.connections = 0
        self.open = 0
        self.url = ""
        self.port = 0
        self._scripts = scripts
        self._tasks: set[asyncio.Task[None]] = set()

    async def play(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Play the script of the next connection; whatever the other side does, it ends quietly."""
        script = self._scripts[min(self.connections, len(self._scripts) - 1)]
        self.connections += 1
        self.open += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            for step in script:
                await step(Peer(reader, writer, self.heard))
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self.open -= 1
            self._tasks.discard(task)
            writer.transport.abort()

    async def end(self) -> None:
        """Cut off what is still being played."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@asynccontextmanager
async def raw(
    *scripts: Sequence[Step], host: str = "127.0.0.1", context: ssl.SSLContext | None = None
) -> AsyncIterator[Raw]:
    """A scripted recipient until the block ends."""
    recipient = Raw(scripts)
    server = await asyncio.start_server(recipient.play, host, 0, ssl=context, limit=1 << 20)
    recipient.port = server.sockets[0].getsockname()[1]
    recipient.url = f"{'https' if context else 'http'}://{host}:{recipient.port}"
    try:
        yield recipient
    finally:
        server.close()
        await recipient.end()
        await server.wait_closed()


def hear() -> Step:
    """Wait for one whole request."""

    async def step(peer: Peer) -> None:
        head = await peer.reader.readuntil(b"\r\n\r\n")
        length = next(
            (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
        )
        peer.heard.append(head + await peer.reader.readexactly(length))

    return step


def hear_head() -> Step:
    """Wait for the head of a request only."""

    async def step(peer: Peer) -> None:
        peer.heard.append(await peer.reader.readuntil(b"\r\n\r\n"))

    return step


def say(data: bytes) -> Step:
    """Write bytes in one piece."""

    async def step(peer: Peer) -> None:
        peer.writer.write(data)
        await peer.writer.drain()

    return step


def drip(data: bytes, gap: float = 0.0) -> Step:
    """Write byte by byte, `gap` seconds between two."""

    async def step(peer: Peer) -> None:
        for place in range(len(data)):
            peer.writer.write(data[place : place + 1])
            await peer.writer.drain()
            await linger(gap)

    return step


def repeat(data: bytes, gap: float = 0.0) -> Step:
    """Write the same bytes until the other side goes."""

    async def step(peer: Peer) -> None:
        while not peer.writer.is_closing():
            peer.writer.write(data)
            await peer.writer.drain()
            await linger(gap)

    return step


def wait(seconds: float) -> Step:
    """Take time."""

    async def step(peer: Peer) -> None:
        await linger(seconds)

    return step


def close() -> Step:
    """End the connection in order."""

    async def step(peer: Peer) -> None:
        peer.writer.close()
        with suppress(OSError):
            await peer.writer.wait_closed()

    return step


def reset() -> Step:
    """Reset the connection."""

    async def step(peer: Peer) -> None:
        sock = peer.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        peer.writer.transport.abort()

    return step


def stay() -> Step:
    """Keep the connection, and read what comes, until the other side ends it."""

    async def step(peer: Peer) -> None:
        while await peer.reader.read(65536):
            pass

    return step


def until(event: asyncio.Event) -> Step:
    """Go on when the test says so."""

    async def step(peer: Peer) -> None:
        await event.wait()

    return step


def hear_rest(size: int) -> Step:
    """Read so many bytes more; they count as heard, as one piece."""

    async def step(peer: Peer) -> None:
        peer.heard.append(await peer.reader.readexactly(size))

    return step


def echo(size: int) -> Step:
    """Read so many bytes and write each piece back as a chunk at once."""

    async def step(peer: Peer) -> None:
        left = size
        while left:
            data = await peer.reader.read(65536)
            if not data:
                raise asyncio.IncompleteReadError(b"", left)
            left -= len(data)
            peer.writer.write(b"%x\r\n%b\r\n" % (len(data), data))
            await peer.writer.drain()
        peer.heard.append(b"all")
        peer.writer.write(b"0\r\n\r\n")

    return step
