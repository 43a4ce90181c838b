"""An HTTP proxy that writes down what it was asked: CONNECT makes a tunnel, absolute form is passed on as it is."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress


class Proxy:
    """Where it listens and what it was asked. `names` are the places it knows by name; `says` replaces its answer to
    CONNECT."""

    def __init__(self, names: Mapping[str, int], says: bytes | None) -> None:
        self.asked: list[str] = []  # request lines
        self.authorizations: list[str | None] = []
        self.heads: list[bytes] = []
        self.port = 0
        self._names = names
        self._says = says
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            line = self._note(head)
            if line.startswith("CONNECT ") and self._says is not None:
                writer.write(self._says)
                await reader.read()
                return
            port = self._port(line.split()[1])
            there, back = await asyncio.open_connection("127.0.0.1", port)
            if line.startswith("CONNECT "):
                writer.write(b"HTTP/1.1 200 Connection established\r\nVia: proxy\r\n\r\n")
            else:
                back.write(head)
            try:
                await asyncio.gather(pipe(reader, back), pipe(there, writer))
            finally:
                back.transport.abort()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def end(self) -> None:
        """Cut what is open."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _note(self, head: bytes) -> str:
        line, *fields = head.decode("ascii").split("\r\n")
        named = dict(field.split(": ", 1) for field in fields if field)
        self.heads.append(head)
        self.asked.append(line)
        self.authorizations.append(named.get("Proxy-Authorization"))
        return line

    def _port(self, place: str) -> int:
        place = place.removeprefix("http://").partition("/")[0]
        return self._names.get(place) or int(place.rpartition(":")[2])


async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass on what comes until it ends."""
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def proxying(
    names: Mapping[str, int] | None = None, *, says: bytes | None = None
) -> AsyncIterator[Proxy]:
    """A proxy until the block ends."""
    proxy = Proxy(names or {}, says)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        await proxy.end()
        await server.wait_closed()
