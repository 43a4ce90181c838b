"""The servers that are measured, and the recipient, each started as a process of its own."""

import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import aiohttp
import msgspec

from tests.bench.children import Child, child
from tests.bench.load import Plan, Posted
from tests.bench.recipient import Figures
from tests.support.wait import wait_until

START_UP = 120.0  # seconds at most


class Server(msgspec.Struct, frozen=True):
    """A running server."""

    url: str  # without path
    process: Child


# Starts a server with its data in a directory.
Start = Callable[[Path], AbstractAsyncContextManager[Server]]


@asynccontextmanager
async def bare(work: Path) -> AsyncIterator[Server]:
    """The yardstick."""
    async with child("bare", ["-m", "tests.bench.bare"], work) as process:
        yield Server(await process.line(), process)


@asynccontextmanager
async def okydrom(work: Path, launcher: Sequence[str] = ()) -> AsyncIterator[Server]:
    """The service with its shipped settings, but for a free port and `work`/data to write to; ready when yielded.

    `launcher` are arguments of Python before `okydrom.py`.
    """
    data = work / "data"
    (data / "server.json").unlink(missing_ok=True)
    environment = {"OKYDROM_SERVER__PORT": "0", "OKYDROM_STORAGE__PATH": str(data)}
    arguments = [*launcher, "okydrom.py", "--config", "config.toml"]
    async with child("okydrom", arguments, work, environment=environment, piped=False) as process:
        yield Server(await _ready(data / "server.json", process), process)


async def _ready(server_json: Path, process: Child) -> str:
    async with aiohttp.ClientSession() as session:

        async def ready() -> bool:
            if not process.running:
                raise RuntimeError(process.obituary())
            url = _url(server_json)
            if url is None:
                return False
            try:
                async with session.get(f"{url}/readyz") as answer:
                    return answer.status == 200
            except aiohttp.ClientConnectionError:
                return False  # if it has died, the next look says so

        await wait_until(ready, START_UP, "the service is ready")
    url = _url(server_json)
    assert url is not None
    return url


def _url(server_json: Path) -> str | None:
    if not server_json.exists():
        return None
    url: str = msgspec.json.decode(server_json.read_bytes())["url"]
    return url.rstrip("/")


class Recipient:
    """Where tasks go. Its port is taken at once; connections are refused until `listening` is entered."""

    def __init__(self, work: Path) -> None:
        self._work = work
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", 0))
        self._root = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.url = f"{self._root}/hook"

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Answer every request, and count. To be entered once; the port is free afterwards."""
        number = self._socket.fileno()
        with self._socket:
            arguments = ["-m", "tests.bench.recipient", "--fd", str(number)]
            async with child("recipient", arguments, self._work, fds=[number]) as process:
                await process.line()
                yield

    async def figures(self, tasks: int = 0, timeout: float = 60.0) -> Figures:
        """What has come, once so many tasks have, or after `timeout` seconds."""
        try:
            return await self._ask(f"/await/{tasks}", timeout)
        except TimeoutError:
            return await self._ask("/", timeout)

    async def _ask(self, path: str, timeout: float) -> Figures:
        limit = aiohttp.ClientTimeout(total=timeout)
        async with aiohttp.ClientSession(timeout=limit) as session, session.get(self._root + path) as answer:
            return msgspec.json.decode(await answer.read(), type=Figures)


@asynccontextmanager
async def listening(work: Path) -> AsyncIterator[Recipient]:
    """A recipient that is up."""
    recipient = Recipient(work)
    async with recipient.listening():
        yield recipient


async def post(plan: Plan, work: Path) -> Posted:
    """Run the load generator to its end."""
    arguments = ["-m", "tests.bench.load", msgspec.json.encode(plan).decode()]
    async with child("load", arguments, work) as process:
        return msgspec.json.decode(await process.line(), type=Posted)
