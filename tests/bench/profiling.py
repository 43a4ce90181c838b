"""`--profile`: where the service spends its time under load, by function, by file and by package.

`calls` runs it under cProfile: exact counts, built-in functions apart, each call lengthened by being watched.
`samples` runs it under `tests.bench.sampler`: true proportions without starting up, built-in functions
within their callers.
Both see the event loop's thread only; what the other threads take is said beside it.
"""

import json
import os
import pstats
import re
import signal
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from tests.bench.children import ROOT
from tests.bench.rounds import Round, measure
from tests.bench.servers import Server, okydrom

TOP = 40
TOP_PARTS = 15
LAUNCHERS = {
    "calls": ("-m", "cProfile", "-o"),
    "samples": ("-m", "tests.bench.sampler"),
}


class Spent(msgspec.Struct, frozen=True):
    """A function's own time."""

    name: str  # file:line function
    seconds: float
    calls: int | None = None


async def profile(work: Path, kind: str, seconds: float) -> str:
    """One round of the load with the service watched; the text to print."""
    out = work / "profile"

    @asynccontextmanager
    async def watched(directory: Path) -> AsyncIterator[Server]:
        async with okydrom(directory, (*LAUNCHERS[kind], str(out))) as server:
            if kind == "samples":
                os.kill(server.process.process.pid, signal.SIGUSR1)
            yield server

    done = await measure(watched, work, seconds=seconds)
    spent = read_calls(out) if kind == "calls" else read_samples(out)
    return _describe(done, sorted(spent, key=lambda each: -each.seconds))


def read_calls(out: Path) -> list[Spent]:
    """What cProfile wrote."""
    # pstats keeps {(file, line, name): (primitive calls, calls, own time, time, callers)}, which typeshed hides.
    stats = vars(pstats.Stats(str(out)))["stats"]
    return [Spent(_place(*key), own, calls) for key, (_, calls, own, _, _) in stats.items()]


def read_samples(out: Path) -> list[Spent]:
    """What the sampler wrote."""
    places: dict[str, float] = json.loads(out.read_bytes())
    return [Spent(_short(place), seconds) for place, seconds in places.items()]


def _place(file: str, line: int, name: str) -> str:
    return name if file == "~" else _short(f"{file}:{line} {name}")


def _short(place: str) -> str:
    """A place without the directories that say nothing.

    >>> _short("/x/lib/python3.11/site-packages/aiohttp/web_protocol.py:9 start")
    'aiohttp/web_protocol.py:9 start'
    """
    place = place.removeprefix(f"{ROOT}/")
    return re.sub(r"^.*/(site-packages|python3\.\d+)/", "", place)


def _describe(done: Round, spent: list[Spent]) -> str:
    other = done.cpu - done.loop_cpu
    lines = [
        f"{done.accepted:,} tasks, {done.accepted_rate:,.0f} accepted/s",
        f"CPU per task: {done.loop_cpu * 1000:.0f} us in the loop's thread, {other * 1000:.0f} us in others",
        "",
        "us/task  share  calls/task  by own time",
    ]
    total = sum(each.seconds for each in spent)

    def line(name: str, seconds: float, calls: int | None) -> str:
        per_task = "" if calls is None else f"{calls / done.accepted:.1f}"
        return f"{seconds / done.accepted * 1e6:7.1f}  {seconds / total:5.1%}  {per_task:>10}  {name}"

    lines += [line(each.name, each.seconds, each.calls) for each in spent[:TOP]]
    for what, part_of in (("file", _file), ("package", _package)):
        parts: defaultdict[str, float] = defaultdict(float)
        for each in spent:
            parts[part_of(each.name)] += each.seconds
        largest = sorted(parts, key=lambda name: -parts[name])[:TOP_PARTS]
        lines += ["", f"us/task  share              by {what}"]
        lines += [line(name, parts[name], None) for name in largest]
    return "\n".join([*lines, ""])


def _file(name: str) -> str:
    return name.partition(":")[0]


def _package(name: str) -> str:
    """The directory of a function's file.

    >>> _package("okydrom/web/schema.py:64 Schema.task"), _package("<method 'x' of 'y' objects>")
    ('okydrom/web', 'built-in')
    """
    file = _file(name)
    return file.rpartition("/")[0] or file if file.endswith(".py") else "built-in"
