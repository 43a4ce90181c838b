"""Processes that the benchmark starts: each is ended by its pid when its context ends, and asked what it has used."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from tests.support.wait import linger

ROOT = Path(__file__).parents[2]
GRACE = 40.0  # seconds from SIGTERM to SIGKILL
TICKS = os.sysconf("SC_CLK_TCK")
KIB_PER_MIB = 1024
STEP = 0.3  # seconds between two looks at whether it rests
IDLE_SHARE = 0.1  # of one processor that a process at rest may use
LONGEST_REST = 120.0  # seconds


class Child:
    """A running process."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self.process = process
        self.log = log

    @property
    def running(self) -> bool:
        """It has not ended."""
        return self.process.returncode is None

    def cpu(self) -> float:
        """Seconds of processor time, user and system, of all its threads."""
        return _cpu_seconds(Path(f"/proc/{self.process.pid}/stat"))

    def main_thread_cpu(self) -> float:
        """The part of `cpu` that the main thread took, which is the event loop's."""
        return _cpu_seconds(Path(f"/proc/{self.process.pid}/task/{self.process.pid}/stat"))

    def rss(self) -> float:
        """Resident memory now, MiB."""
        return self._memory("VmRSS:")

    def peak(self) -> float:
        """Resident memory at its highest, MiB."""
        return self._memory("VmHWM:")

    async def rest(self) -> None:
        """Return once it has next to nothing left to do: what it owes is part of what it costs."""
        async with asyncio.timeout(LONGEST_REST):
            while True:
                before = self.cpu()
                await linger(STEP)
                if self.cpu() - before <= STEP * IDLE_SHARE:
                    return

    async def line(self) -> str:
        """The next line of its standard output. Raises RuntimeError with the end of its log if there is none."""
        assert self.process.stdout is not None
        line = await self.process.stdout.readline()
        if not line:
            await self.process.wait()
            raise RuntimeError(self.obituary())
        return line.decode().strip()

    async def success(self) -> None:
        """Return when it has ended by itself. Raises RuntimeError with the end of its log if its exit code is not 0."""
        if await self.process.wait():
            raise RuntimeError(self.obituary())

    async def end(self) -> None:
        """Stop it: in order, else by force. Does nothing if it has ended."""
        try:
            if self.running:
                self.process.terminate()
            await asyncio.wait_for(self.process.wait(), GRACE)
        finally:
            if self.running:
                self.process.kill()
                await self.process.wait()

    def obituary(self) -> str:
        """How it ended and the last it said."""
        said = self.log.read_text("utf-8", "replace").splitlines()[-15:]
        return "\n".join([f"{self.log.stem} ended with {self.process.returncode}:", *said])

    def _memory(self, field: str) -> float:
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(field):
                return int(line.split()[1]) / KIB_PER_MIB
        raise RuntimeError(self.obituary())


@asynccontextmanager
async def child(
    name: str,
    arguments: Sequence[str],
    work: Path,
    *,
    environment: Mapping[str, str] | None = None,
    fds: Sequence[int] = (),
    piped: bool = True,
) -> AsyncIterator[Child]:
    """This Python with `arguments`, from the root of the repository.

    What it says goes to `<work>/<name>.log`; with `piped`, standard output comes through `Child.line` instead.
    It is in a session of its own, so that Ctrl-C reaches the benchmark alone, which ends it.
    """
    log = work / f"{name}.log"
    with log.open("ab") as said:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *arguments,
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE if piped else said,
            stderr=said,
            pass_fds=tuple(fds),
            start_new_session=True,
        )
    started = Child(process, log)
    try:
        yield started
    finally:
        await started.end()


def cancel_on_sigterm() -> None:
    """Let SIGTERM end the benchmark as Ctrl-C does: by cancelling the present task, which ends its children."""
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)


def _cpu_seconds(stat: Path) -> float:
    # The second field is the name in brackets and may hold anything; utime and stime are the 14th and 15th.
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS
