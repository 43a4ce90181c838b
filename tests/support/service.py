"""The real process over one directory, started, killed and started again as often as a test wants."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from tests.support.wait import wait_until

ROOT = Path(__file__).parents[2]
OKYDROM = (sys.executable, str(ROOT / "okydrom.py"))
CARELESS = (sys.executable, "-m", "tests.support.careless")  # the control
Settings = Mapping[str, Mapping[str, Any]]

# Everything that makes a test wait is made short; what a test is about it sets itself.
QUICK: Settings = {
    "storage": {"min_free": 0, "chunk_size": "64KiB", "journal_keep": 0, "journal_keep_size": 0},
    "retry": {"schedule": ["200ms"]},
    "log": {"format": "json"},
}


class Service:
    """One data directory and one port; `program` may be another one that speaks the same protocol.

    The same port is used at every start, so that sources need not look for it. `name` is a further one that browsers
    are told to find at this machine.
    """

    def __init__(
        self,
        directory: Path,
        settings: Settings | None = None,
        *,
        program: Sequence[str] = OKYDROM,
        name: str | None = None,
    ) -> None:
        server = {"port": free_port()} if name is None else {"port": free_port(), "hosts": [name]}
        own: Settings = {"server": server, "storage": {"path": str(directory / "data")}}
        whole = merged(merged(QUICK, own), settings or {})
        self.port: int = whole["server"]["port"]
        self.local = f"http://127.0.0.1:{self.port}"
        self.url = self.local if name is None else f"http://{name}:{self.port}"
        self.data = Path(whole["storage"]["path"])
        self.log = directory / "output.log"
        self.config = directory / "config.toml"
        self.config.write_text(as_toml(whole), "utf-8")
        self._program = program
        self._process: asyncio.subprocess.Process | None = None
        self._wrapped = False

    @property
    def process(self) -> asyncio.subprocess.Process:
        """What was launched last: the server, or the program named in `prefix` that runs it."""
        assert self._process is not None, "not launched"
        return self._process

    @property
    def alive(self) -> bool:
        """Does it run?"""
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int:
        """The server's own process id."""
        return int(json.loads((self.data / "server.json").read_text("utf-8"))["pid"])

    @property
    def output(self) -> str:
        """All that it has printed, over all starts."""
        return self.log.read_text("utf-8", errors="replace")

    async def launch(self, *prefix: str, **environment: str) -> None:
        """Start it, `prefix` being words before its command; it need not come up."""
        self._wrapped = bool(prefix)
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(*prefix, *self._program, "--config", str(self.config)),
                cwd=ROOT,
                env={**os.environ, **environment},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    async def start(self, *prefix: str, timeout: float = 20.0, **environment: str) -> None:
        """Start it and wait until it says that it is ready."""
        await self.launch(*prefix, **environment)
        await self.ready(timeout)

    async def ready(self, timeout: float = 20.0) -> None:
        """Wait until /readyz answers 200; fail at once if the process ends before."""

        async def says_so() -> bool:
            assert self.alive, f"it ended with {self.process.returncode}:\n{self.output[-2000:]}"
            return await status_of(self.port, "/readyz") == 200

        await wait_until(says_so, timeout, f"the service is ready\n{self.output[-2000:]}")

    async def kill(self) -> None:
        """SIGKILL to the server and to what runs it; returns when it is gone."""
        if self.alive:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        await self.ended()

    async def stop(self, timeout: float = 30.0) -> int:
        """SIGTERM; the exit code."""
        self.signal(signal.SIGTERM)
        return await self.ended(timeout)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the server itself."""
        os.kill(self.pid if self._wrapped else self.process.pid, number)

    async def ended(self, timeout: float = 30.0) -> int:
        """Wait for its end; the exit code, negative for a signal."""
        async with asyncio.timeout(timeout):
            return await self.process.wait()


@asynccontextmanager
async def serving(
    directory: Path,
    settings: Settings | None = None,
    *,
    program: Sequence[str] = OKYDROM,
    name: str | None = None,
    start: bool = True,
) -> AsyncIterator[Service]:
    """A service that is gone at the end of the block, whatever happened in it."""
    service = Service(directory, settings, program=program, name=name)
    try:
        if start:
            await service.start()
        yield service
    finally:
        if service.alive:
            await service.kill()


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def merged(one: Settings, other: Settings) -> dict[str, dict[str, Any]]:
    """The settings of both; where they differ those of the second."""
    return {section: {**one.get(section, {}), **other.get(section, {})} for section in {**one, **other}}


def as_toml(settings: Settings) -> str:
    """A configuration file. Texts, numbers and lists are written in TOML as they are in JSON."""
    return "\n".join(
        f"[{section}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())
        for section, values in settings.items()
    )


async def status_of(port: int, path: str) -> int | None:
    """The status of a GET; None if nobody answers."""
    writer = None
    try:
        async with asyncio.timeout(2):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
            line = await reader.readline()
        return int(line.split()[1]) if line else None
    except (OSError, TimeoutError):
        return None
    finally:
        if writer is not None:
            writer.close()
