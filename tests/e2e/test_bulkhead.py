"""Hanging recipients delay no other: a healthy one keeps its pace beside them, a fresh and a slow one get theirs.

All recipients are addresses of one listener: 127.1.x.y hang, 127.0.0.3 takes 1.5 s, the others answer at once.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count, pairwise
from pathlib import Path
from statistics import median

import pytest

from tests.support.ledger import HANG, Answer, Arrival, Ledger, listening
from tests.support.load import Load
from tests.support.service import CARELESS, OKYDROM, serving
from tests.support.wait import linger

HEALTHY, FRESH, SLOW = "127.0.0.1", "127.0.0.2", "127.0.0.3"
HANGING_TASKS = 5_000
SECONDS, WINDOWS = 4.0, 3  # of the measurement; its result is that of the window in the middle
PAUSE = 0.02  # s between two tasks of a connection
FLOOR = 0.1  # s: what a busy machine adds; a queue behind hanging recipients takes seconds
FRESH_WITHIN = 30.0


def answer(arrival: Arrival) -> Answer:
    """By the address that was called."""
    if arrival.host.startswith("127.1."):
        return HANG
    return Answer(delay=1.5) if arrival.host.startswith(SLOW) else Answer()


@dataclass(frozen=True)
class Measured:
    """Seconds from post to arrival, 99th percentile, at the healthy recipient. Both were measured at the same time, so
    that whatever else this machine does counts for both; and several times, since a stall of a moment proves nothing.
    """

    alone: float  # through a service that has no hanging recipients
    beside: float  # through the one that has
    fresh: float  # until a destination that was never seen before had its first task
    slow: int  # tasks that the slow one got

    @property
    def kept_its_pace(self) -> bool:
        """Is it at most twice what it would be?"""
        return self.beside <= 2 * self.alone + FLOOR


@pytest.mark.proof
@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    "hanging", [1, 50, pytest.param(1_000, marks=pytest.mark.slow)], ids=lambda hanging: f"{hanging}-hanging"
)
async def test_hanging_recipients_delay_no_other(
    tmp_path: Path, hanging: int, figure: Callable[[str], None]
) -> None:
    measured = await measure(tmp_path, OKYDROM, hanging, HANGING_TASKS)
    figure(
        f"{hanging} hanging: p99 {1000 * measured.beside:.0f} ms, {1000 * measured.alone:.0f} ms without; "
        f"fresh one after {1000 * measured.fresh:.0f} ms"
    )
    assert measured.kept_its_pace, measured
    assert measured.fresh < FRESH_WITHIN
    assert measured.slow > 0


@pytest.mark.timeout(120)
async def test_one_queue_for_all_is_found_out(tmp_path: Path) -> None:
    measured = await measure(tmp_path, CARELESS, 50, 200, patience=3.0)
    assert not measured.kept_its_pace
    assert measured.fresh == 3.0


async def measure(
    directory: Path, program: tuple[str, ...], hanging: int, tasks: int, patience: float = FRESH_WITHIN
) -> Measured:
    """The healthy recipient's pace beside hanging ones; `patience` is for the fresh one."""
    for name in ("alone", "beside"):
        (directory / name).mkdir()
    numbers = count()

    def hangs(_: int) -> dict[str, str]:
        place = next(numbers) % hanging
        return {"url": ledger.url(f"127.1.{place // 250}.{1 + place % 250}")}

    async with (
        listening(Ledger()) as ledger,
        serving(directory / "alone", program=program) as other,
        serving(directory / "beside", program=program) as service,
        Load(service.url, hangs) as load,
    ):
        ledger.answer = answer
        for url in (other.url, service.url):
            await first_delivery(url, ledger, HEALTHY, patience)
        await load.send(tasks, connections=32)
        alone, beside, fresh = await asyncio.gather(
            pace(other.url, ledger),
            pace(service.url, ledger),
            first_delivery(service.url, ledger, FRESH, patience),
        )
        slow = sum(arrival.host.startswith(SLOW) for arrival in ledger.arrivals)
    return Measured(alone, beside, fresh, slow)


async def pace(service: str, ledger: Ledger) -> float:
    """The 99th percentile from post to arrival at the healthy recipient, while the slow one gets tasks too."""
    async with (
        Load(service, lambda _: {"url": ledger.url(HEALTHY)}) as load,
        Load(service, lambda _: {"url": ledger.url(SLOW)}) as slow,
        slow.running(connections=1, pause=0.2),
    ):
        async with load.running(connections=4, pause=PAUSE):
            edges = [0, *[await edge(load) for _ in range(WINDOWS)]]
        await linger(FLOOR)
        now = asyncio.get_running_loop().time()
        # One that has not arrived has taken until now, at least.
        took = [
            (ledger.by_id[task_id][0].at if ledger.times(task_id) else now) - load.posted_at[task_id]
            for task_id in load.acknowledged
        ]
    return median(percentile_99(took[low:high]) for low, high in pairwise(edges))


async def edge(load: Load) -> int:
    """How many tasks are acknowledged when a window is over."""
    await linger(SECONDS)
    return len(load.acknowledged)


def percentile_99(values: list[float]) -> float:
    """The value that one in a hundred is beyond.

    >>> percentile_99([0.0] * 98 + [1.0, 2.0])
    2.0
    """
    return sorted(values)[len(values) * 99 // 100]


async def first_delivery(service: str, ledger: Ledger, host: str, patience: float) -> float:
    """Seconds until a destination has a task that is posted now; `patience` at most."""
    async with Load(service, lambda _: {"url": ledger.url(host)}) as load:
        await load.post()
        (task_id,) = load.acknowledged
        try:
            await ledger.holds([task_id], patience)
        except AssertionError:
            return patience
        return ledger.by_id[task_id][0].at - load.posted_at[task_id]
