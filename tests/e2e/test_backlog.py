"""A large backlog costs disk: memory stays bounded, claims stay short, and it drains as fast as a small one.

Two services drain at the same time, so that whatever else this machine does counts for both.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from statistics import median

import pytest

from okydrom.config.settings import HOUR, Retention
from okydrom.intake.datadir import DataDir
from okydrom.store.sqlite import claims
from okydrom.store.sqlite.store import SqliteStore
from okydrom.task import Task
from tests.support.ledger import Ledger, listening
from tests.support.service import Service, serving
from tests.support.tasks import make_entry, make_task
from tests.support.wait import linger, wait_until

MIB = 1024 * 1024
BATCH = 2_000  # tasks added at once
CLAIMED, EACH, BATCHES = 256, 4, 40
LONGEST_CLAIM = 20.0  # ms
LARGEST = 400 * MIB
SMALL = 25  # tasks of each destination of the small backlog: enough for all the time
BEFORE, SECONDS = 12.0, 15.0  # destinations are opened over ten seconds; then it is measured


@dataclass(frozen=True)
class Size:
    """How large the backlog is."""

    tasks: int
    places: int


CI = Size(100_000, 2_000)
FULL = Size(1_000_000, 10_000)


def now() -> int:
    """Epoch ms."""
    return time.time_ns() // 1_000_000


async def fill(path: Path, port: int, size: Size) -> None:
    """Due tasks for a recipient on this port, in a data directory that a service has made and left."""
    store = SqliteStore(DataDir(path).store, retention=Retention(), now=now)
    opened = await store.open(now())
    begin = now() - HOUR
    try:
        for start in range(0, size.tasks, BATCH):
            numbers = range(start, min(start + BATCH, size.tasks))
            entries = [make_entry(_task(number, port, size, begin)) for number in numbers]
            await store.add(entries, opened.position)
    finally:
        await store.close()


def _task(number: int, port: int, size: Size, begin: int) -> Task:
    place = number % size.places
    destination = f"http://127.{1 + place // 62_500}.{place // 250 % 250}.{1 + place % 250}:{port}"
    at = begin + number * HOUR // size.tasks
    return make_task(url=f"{destination}/hook", destination=destination, created_at=at)


async def claim_times(path: Path, size: Size) -> list[float]:
    """ms that each of some batches takes, of destinations one after another."""
    store = SqliteStore(DataDir(path).store, retention=Retention(), now=now)
    await store.open(now())
    took = []
    try:
        rows = await store.due(now(), size.places)
        turns = cycle(row.destination for row in rows)
        for _ in range(BATCHES):
            wants = dict.fromkeys(islice(turns, CLAIMED // EACH), EACH)
            began = time.perf_counter()
            assert len(await store.claim(wants, now())) == CLAIMED
            took.append((time.perf_counter() - began) * 1000)
    finally:
        await store.close()
    return took


@dataclass(frozen=True)
class Drained:
    """Tasks a second of both, and the most memory that the large one took."""

    large: float
    small: float
    memory: int


async def drain(directory: Path, size: Size) -> tuple[Drained, float]:
    """Both backlogs at the same time; and the median of a claim, ms."""
    async with AsyncExitStack() as stack:
        sides: list[tuple[Service, Ledger]] = []
        for name in ("large", "small"):
            (directory / name).mkdir()
            ledger = await stack.enter_async_context(listening(Ledger()))
            service = await stack.enter_async_context(serving(directory / name))
            await service.stop()
            sides.append((service, ledger))
        (large, far), (small, near) = sides
        await fill(large.data, far.port, size)
        await fill(small.data, near.port, Size(size.places * SMALL, size.places))
        claim = median(await claim_times(large.data, size))
        await asyncio.gather(large.start(timeout=60), small.start(timeout=60))
        await wait_until(lambda: far.arrivals and near.arrivals, 30)
        await linger(BEFORE if size is FULL else BEFORE / 3)
        before = [len(ledger.by_id) for _, ledger in sides]
        began = time.perf_counter()
        await _while_both_drain(sides, size)
        took = time.perf_counter() - began
        rates = [(len(ledger.by_id) - count) / took for (_, ledger), count in zip(sides, before, strict=True)]
        return Drained(rates[0], rates[1], _peak(large)), claim


async def _while_both_drain(sides: list[tuple[Service, Ledger]], size: Size) -> None:
    """For the time of the measurement, or until the small one is nearly done."""
    end = time.perf_counter() + SECONDS
    near = sides[1][1]
    enough = size.places * SMALL * 0.9
    await wait_until(lambda: len(near.by_id) > enough or time.perf_counter() > end, 2 * SECONDS)


def _peak(service: Service) -> int:
    """The most bytes that it ever had in memory."""
    text = Path(f"/proc/{service.pid}/status").read_text("ascii")
    return int(next(line for line in text.splitlines() if line.startswith("VmHWM")).split()[1]) * 1024


@pytest.mark.proof
@pytest.mark.timeout(600)
@pytest.mark.parametrize("size", [CI, pytest.param(FULL, marks=pytest.mark.slow)], ids=["small", "large"])
async def test_a_million_waiting_tasks_cost_disk_and_no_speed(
    tmp_path: Path, size: Size, figure: Callable[[str], None]
) -> None:
    drained, claim = await drain(tmp_path, size)
    figure(
        f"{size.tasks:,} tasks, {size.places:,} destinations: {drained.memory // MIB} MiB, claim {claim:.1f} ms, "
        f"drains at {drained.large / drained.small:.2f} of a small backlog's rate"
    )
    assert drained.memory < LARGEST
    assert claim < LONGEST_CLAIM
    assert drained.large > 0.7 * drained.small, (
        drained
    )  # two processes do not get the same of a few processors


async def test_a_claim_that_walks_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    walking = {
        size: text.replace("INDEXED BY task_due", "NOT INDEXED") for size, text in claims._WANTED.items()
    }
    monkeypatch.setattr(claims, "_WANTED", walking)
    async with serving(tmp_path) as service:
        await service.stop()
        size = Size(20_000, 1_000)
        await fill(service.data, 9, size)
        assert median(await claim_times(service.data, size)) > LONGEST_CLAIM
