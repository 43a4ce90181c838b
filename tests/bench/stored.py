"""Part `million`: start-up with an empty directory and with many stored tasks, lists of these, and memory at rest."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from okydrom.task import Status
from tests.bench.children import child
from tests.bench.load import percentile
from tests.bench.report import Figure, Target
from tests.bench.servers import Server, okydrom
from tests.support.wait import linger

REST = 3.0  # seconds after start-up, until memory is looked at
LOOKUPS = 100  # of each status
NEWEST = 50


async def stored_part(work: Path, *, tasks: int) -> list[Figure]:
    """Start empty, stop, fill the store, start again, list."""
    async with _started(work, "nothing", 1.0) as (_, empty):
        pass
    arguments = ["-m", "tests.bench.filling", str(work / "data"), str(tasks)]
    async with child("filling", arguments, work, piped=False) as filling:
        await filling.success()
    async with _started(work, f"{tasks:,} tasks", 3.0) as (server, full):
        return [*empty, *full, *await _lists(server)]


@asynccontextmanager
async def _started(work: Path, stored: str, limit: float) -> AsyncIterator[tuple[Server, list[Figure]]]:
    """The service, how long it took to be ready (aim: `limit` seconds), and its memory at rest."""
    begun = time.monotonic()
    async with okydrom(work) as server:
        took, cpu = time.monotonic() - begun, server.process.cpu()
        await linger(REST)
        figures = [
            Figure(f"start-up with {stored}, s", [took], target=Target("<", limit)),
            Figure(f"start-up with {stored}, CPU s", [cpu]),
            Figure(f"idle RSS with {stored}, MiB", [server.process.rss()], target=Target("≤", 60)),
        ]
        yield server, figures


async def _lists(server: Server) -> list[Figure]:
    """The newest of each status, asked one after another. Raises ClientResponseError if one is refused."""
    figures = []
    before = server.process.cpu()
    async with aiohttp.ClientSession(server.url, raise_for_status=True) as session:
        for status in Status:
            times = []
            for _ in range(LOOKUPS):
                begun = time.perf_counter()
                async with session.get(f"/api/v1/tasks?status={status}&limit={NEWEST}") as answer:
                    await answer.read()
                times.append((time.perf_counter() - begun) * 1000)
            times.sort()
            name = f"newest {NEWEST} {status}"
            figures.append(Figure(f"{name}: p50, ms", [percentile(times, 0.5)]))
            figures.append(Figure(f"{name}: p95, ms", [percentile(times, 0.95)], target=Target("<", 10)))
    cpu = (server.process.cpu() - before) * 1000 / (LOOKUPS * len(Status))
    figures.append(Figure(f"newest {NEWEST}: CPU ms a list", [cpu]))
    figures.append(Figure("RSS at its highest after the lists, MiB", [server.process.peak()]))
    return figures
