"""Ten thousand tasks that are due at once do not fall upon a recipient: the rate ramps, never above the ceiling."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from okydrom.config.settings import DAY, SECOND
from okydrom.delivery.lane import Lane
from okydrom.task import Failure, Outcome, Schedule, Status, Task
from tests.support.tasks import make_task
from tests.support.virtual import Start, Virtual, virtual

TASKS = 10_000
PLACES = 2_000  # of a start after an outage
CEILING = 64
LATENCY = 200  # ms
TICK = 100  # ms: as finely as the service keeps time
DOWN = Outcome(error=Failure.CONNECT)
OK = Outcome(code=204)


def stampedes(starts: Sequence[Start], begin: int) -> list[str]:
    """How a destination was treated worse than it should have been from a time on.

    An answer takes LATENCY: in as much time there may be twice as many attempts as in the time before, and one.
    """
    waves: Counter[int] = Counter((start.at - begin) // LATENCY for start in starts if start.at >= begin)
    found = [
        f"{waves[wave]} attempts after {waves[wave - 1]}"
        for wave in range(max(waves, default=0) + 1)
        if waves[wave] > min(2 * max(waves[wave - 1], waves[wave - 2]) + 1, 2 * CEILING)
    ]
    if (most := max((start.in_flight for start in starts), default=0)) > CEILING:
        found.append(f"{most} in flight")
    return found


async def outage(
    directory: Path, count: int, rand: random.Random, *, steered: bool = True
) -> tuple[Virtual, int]:
    """All tasks fail together; the host comes back after some minutes, and all are delivered. When it came back."""
    back = 0

    def answer(_: str, __: str, now: int) -> tuple[Outcome, int]:
        return (OK, LATENCY) if now >= back else (DOWN, 1)

    async with virtual(directory, answer, rand) as world:
        back = world.ms + 200 * SECOND
        await world.add(_tasks(world.ms, count, lambda _: "http://10.0.0.1:80"))
        await world.boot(steered=steered)
        await _drain(world)
    return world, back


def _tasks(at: int, count: int, place_of: Callable[[int], str]) -> list[Task]:
    return [
        make_task(
            url=f"{place_of(number)}/hook",
            destination=place_of(number),
            created_at=at,
            retry=Schedule((30 * SECOND,)),
            max_attempts=100,
        )
        for number in range(count)
    ]


async def _drain(world: Virtual) -> None:
    while (await world.store.summary()).by_status[Status.DELIVERED] < world.position:
        await world.step(TICK)


@pytest.mark.proof
@pytest.mark.timeout(180)
async def test_a_host_that_returns_is_not_stampeded(
    tmp_path: Path, seed: int, figure: Callable[[str], None]
) -> None:
    world, back = await outage(tmp_path, TASKS, random.Random(seed))
    while_down = [start for start in world.starts if start.at < back]
    after = [start for start in world.starts if start.at >= back]
    took = (world.starts[-1].at - after[0].at) / SECOND
    assert stampedes(world.starts, back) == []
    assert len(after) == TASKS, "each once"
    assert len(while_down) < 100, "and the down time is no time of hammering"
    assert after[0].at - back <= 31 * SECOND
    assert took < 1.2 * TASKS / CEILING * LATENCY / SECOND
    figure(
        f"{TASKS:,} tasks: {len(while_down)} attempts in 200 s of outage, then at most "
        f"{max(start.in_flight for start in after)} at once, all within {took:.0f} s"
    )


async def test_a_window_that_stays_open_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Lane, "_narrow", lambda lane, now: None)
    world, back = await outage(tmp_path, 500, random.Random(1), steered=False)
    assert stampedes(world.starts, back)


async def start_after_outage(
    directory: Path, rand: random.Random, *, steered: bool = True, places: int = PLACES
) -> tuple[Virtual, int]:
    """The service was down for a day: everything is overdue. When it starts."""
    async with virtual(directory, lambda *_: (OK, LATENCY), rand) as world:
        await world.add(
            _tasks(world.ms, TASKS, lambda number: f"http://10.0.{number % 2 and number % places}.1:80")
        )
        world.ms += DAY
        begin = world.ms
        await world.boot(steered=steered)
        await _drain(world)
    return world, begin


@pytest.mark.proof
@pytest.mark.timeout(180)
async def test_a_start_after_a_day_ramps(tmp_path: Path, seed: int, figure: Callable[[str], None]) -> None:
    world, begin = await start_after_outage(tmp_path, random.Random(seed))
    assert len(world.starts) == TASKS
    places: defaultdict[str, list[Start]] = defaultdict(list)
    for start in world.starts:
        places[start.destination].append(start)
    assert [fault for starts in places.values() for fault in stampedes(starts, begin)] == []
    opened = sorted(starts[0].at - begin for starts in places.values())
    per_second = Counter(at // SECOND for at in opened)
    assert max(per_second.values()) <= 1_100
    assert opened[-1] <= 10 * SECOND
    took = (world.starts[-1].at - begin) / SECOND
    figure(
        f"{TASKS:,} overdue tasks of {len(places):,} destinations: opened over {opened[-1] / SECOND:.1f} s, "
        f"at most {max(start.in_flight for start in world.starts)} at once to one, all within {took:.0f} s"
    )


async def test_a_start_without_a_ramp_is_found_out(tmp_path: Path) -> None:
    world, begin = await start_after_outage(tmp_path, random.Random(1), steered=False, places=2)
    assert stampedes([start for start in world.starts if start.destination == "http://10.0.0.1:80"], begin)
