"""scripts/bench: what Okydrom does in a second and takes for it, against the yardstick `bare` in the same run.

Speed depends on the machine, so figures are ratios where they can be, and none of them fails the run.
"""

import argparse
import asyncio
import os
import platform
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from tests.bench.backlog import backlog_part
from tests.bench.children import ROOT, cancel_on_sigterm
from tests.bench.page import page_part
from tests.bench.profiling import LAUNCHERS, profile
from tests.bench.report import Figure, summary, table
from tests.bench.rounds import load_part
from tests.bench.single import single_part
from tests.bench.stored import stored_part

INTERRUPTED = 130


class Size(msgspec.Struct, frozen=True):
    """How much is measured."""

    rounds: int = 3  # pairs
    seconds: float = 8.0  # of load in each
    backlog: int = 200_000  # tasks
    stored: int = 1_000_000  # tasks


QUICK = Size(rounds=1, seconds=2.0, backlog=10_000, stored=20_000)

Part = Callable[[Path, Size], Awaitable[list[Figure]]]
PARTS: dict[str, tuple[str, Part]] = {
    "load": (
        "64 connections post small tasks to one fast recipient",
        lambda work, size: load_part(work, rounds=size.rounds, seconds=size.seconds),
    ),
    "single": (
        "One connection",
        lambda work, size: single_part(work, seconds=size.seconds / 2),
    ),
    "backlog": (
        "The recipient is down, then up",
        lambda work, size: backlog_part(work, tasks=size.backlog, seconds=size.seconds),
    ),
    "million": (
        "Start-up, and a full store",
        lambda work, size: stored_part(work, tasks=size.stored),
    ),
    "page": (
        "The operator's page in Chromium",
        lambda work, size: page_part(work, tasks=size.stored),
    ),
}


def parse(arguments: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__, allow_abbrev=False)
    parser.add_argument(
        "--only", choices=PARTS, action="append", help="one part (may be given more than once)"
    )
    parser.add_argument("--rounds", type=int, help="pairs of the part load (3)")
    parser.add_argument("--seconds", type=float, help="of load in each round (8)")
    parser.add_argument("--quick", action="store_true", help="small numbers: does it all work?")
    parser.add_argument("--profile", choices=LAUNCHERS, help="where the service spends its time, instead")
    return parser.parse_args(arguments)


async def run(chosen: argparse.Namespace) -> None:
    """Measure what was chosen, each part in a directory of its own on the repository's disk."""
    cancel_on_sigterm()
    size = QUICK if chosen.quick else Size()
    size = msgspec.structs.replace(
        size, rounds=chosen.rounds or size.rounds, seconds=chosen.seconds or size.seconds
    )
    # build/ is the directory for what scripts make; the system's temporary directory may lie in memory.
    (ROOT / "build").mkdir(exist_ok=True)
    with TemporaryDirectory(prefix="bench-", dir=ROOT / "build") as directory:
        if chosen.profile:
            print(await profile(Path(directory), chosen.profile, size.seconds))
            return
        await _measure(Path(directory), size, chosen.only or list(PARTS))


async def _measure(directory: Path, size: Size, names: list[str]) -> None:
    busy = os.getloadavg()[0]
    print(
        f"Python {platform.python_version()}, {os.cpu_count()} processors, {busy:.1f} busy before; {size}\n"
    )
    everything: list[Figure] = []
    for name in names:
        title, part = PARTS[name]
        with TemporaryDirectory(dir=directory) as work:
            figures = await part(Path(work), size)
        print(table(f"{name}: {title}", figures), flush=True)
        everything += figures
    print(summary(everything))


if __name__ == "__main__":
    try:
        asyncio.run(run(parse(sys.argv[1:])))
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.exit(INTERRUPTED)
