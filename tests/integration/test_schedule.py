"""Every attempt comes in its time: ten thousand tasks over the 76 hours of the usual schedule, in virtual time."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from okydrom.config.settings import DEFAULT_SCHEDULE, HOUR, MINUTE
from okydrom.task import Outcome, Reason, Status
from tests.support.tasks import CREATED, make_task
from tests.support.virtual import Start, Virtual, virtual

TASKS = 10_000
PLACES = 100
ASKED = 90 * MINUTE  # by Retry-After
WAITS = DEFAULT_SCHEDULE.waits
KINDS = ("spent", "asks", "gone", "recovers")
MOST = {"spent": 10, "asks": 10, "gone": 3, "recovers": 5}  # attempts
ENDS = {
    "spent": (Status.FAILED, Reason.ATTEMPTS_SPENT),
    "asks": (Status.FAILED, Reason.ATTEMPTS_SPENT),
    "gone": (Status.FAILED, Reason.STOPPED_BY_RECIPIENT),
    "recovers": (Status.DELIVERED, None),
}


def grain(elapsed: int) -> int:
    """ms between two looks, so long after the begin: time is kept as finely as the waits at hand need it."""
    return min(max(elapsed // 100, 200), 2 * MINUTE)


class Hasty(random.Random):
    """Chance that shortens waits: the control."""

    def random(self) -> float:
        return -0.1


def kind_of(number: int) -> str:
    """One in fifty asks for time: more would be taken for trouble of the whole destination."""
    return KINDS[1] if number % 50 == 7 else KINDS[0] if number % 10 < 6 else KINDS[2 + number % 2]


async def run(directory: Path, count: int, rand: random.Random) -> tuple[Virtual, dict[str, str]]:
    """All that happens to so many tasks until none waits; their kinds by id."""
    kinds: dict[str, str] = {}
    made: Counter[str] = Counter()

    def answer(task_id: str, _: str, __: int) -> tuple[Outcome, int]:
        kind = kinds[task_id]
        made[task_id] += 1
        if made[task_id] < MOST[kind] or kind == "spent":
            return Outcome(code=500), 0
        return Outcome(code={"gone": 410, "recovers": 204}.get(kind, 500)), 0

    def with_asking(task_id: str, url: str, now: int) -> tuple[Outcome, int]:
        if kinds[task_id] == "asks":
            return Outcome(code=503, retry_after=ASKED), 0
        return answer(task_id, url, now)

    async with virtual(directory, with_asking, rand) as world:
        tasks = []
        for number in range(count):
            place = f"http://10.0.0.{number // 50 % PLACES}:80"
            tasks.append(make_task(url=f"{place}/hook", destination=place, created_at=world.ms))
            kinds[tasks[-1].id] = kind_of(number)
        await world.add(tasks)
        await world.boot(steered=False)
        await world.step(1)
        while coming := await world.store.due(world.ms, 1):
            await world.step(max(coming[0].next_due - world.ms, 0) + grain(world.ms - CREATED))
    return world, kinds


def faults(world: Virtual, kinds: dict[str, str]) -> Counter[str]:
    """What did not happen as it should have."""
    found: Counter[str] = Counter()
    starts: defaultdict[str, list[Start]] = defaultdict(list)
    for start in world.starts:
        starts[start.id].append(start)
    for task_id, kind in kinds.items():
        times = [start.at for start in starts[task_id]]
        found["number"] += len(times) != MOST[kind]
        result = world.results[task_id]
        found["end"] += (result.status, result.reason) != ENDS[kind]
        for number, (before, after) in enumerate(pairwise(times)):
            least = max(WAITS[number], ASKED if kind == "asks" else 0)
            most = max(WAITS[number] * 1.2, least) + 2 * grain(after - CREATED)
            found["early"] += after - before < least
            found["late"] += after - before > most
    return +found


@pytest.mark.proof
@pytest.mark.timeout(300)
async def test_attempts_are_never_early_and_within_the_jitter(
    tmp_path: Path, seed: int, rounds: Callable[[int], int], figure: Callable[[str], None]
) -> None:
    world, kinds = await run(tmp_path, rounds(TASKS), random.Random(seed))
    hours = (world.starts[-1].at - world.starts[0].at) / HOUR
    figure(
        f"{len(kinds):,} tasks, {len(world.starts):,} attempts over {hours:.0f} h: 0 early, 0 beyond the jitter"
    )
    assert faults(world, kinds) == {}
    assert hours > sum(WAITS) / HOUR


async def test_waits_that_are_shortened_are_found_out(tmp_path: Path) -> None:
    world, kinds = await run(tmp_path, 200, Hasty(1))
    found = faults(world, kinds)
    assert found["early"] > 500
    assert found["number"] == found["end"] == 0
