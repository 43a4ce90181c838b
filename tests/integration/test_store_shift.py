"""What every store does when the clock was moved: waiting tasks wait as long as they would have, each is moved once."""

from __future__ import annotations

from pathlib import Path

import pytest

from okydrom.config.settings import DAY, HOUR, MINUTE
from okydrom.store.shift import SENSIBLE, Shift
from okydrom.store.steering import Due
from okydrom.task import Status, Task
from tests.support.stores import NOW, Make, Rig, each_store, opened, result
from tests.support.tasks import make_task

pytestmark = each_store

A = make_task().destination
JUMPS = [HOUR, -HOUR, DAY, 57 * 365 * DAY, -10 * 365 * DAY]


async def moved(rig: Rig, by: int, *, reopen_after: int | None = None, limit: int = 3) -> int:
    """Move the clock and all that waits; the number of steps. The store may be opened anew after some."""
    await rig.store.begin_shift(Shift(by=by, at=rig.now))
    rig.now += by
    steps = 1
    while await rig.store.shift(limit):
        if steps == reopen_after:
            await rig.reopen()
        steps += 1
    return steps


async def times(rig: Rig, *tasks: Task) -> list[tuple[int | None, int | None]]:
    """Due time and deadline of each, as stored, against the time now."""
    heads = [await rig.task(task.id) for task in tasks]
    return [
        (
            head.next_attempt_at and head.next_attempt_at - rig.now,
            head.expires_at and head.expires_at - rig.now,
        )
        for head in heads
    ]


@pytest.mark.parametrize("by", JUMPS)
async def test_what_waits_waits_as_long_as_before_and_what_ended_stays(
    make: Make, tmp_path: Path, by: int
) -> None:
    async with opened(make, tmp_path) as rig:
        waiting = [
            make_task(next_attempt_at=NOW + n * MINUTE, expires_at=NOW + DAY, created_at=NOW - 50 * MINUTE)
            for n in range(-5, 6)
        ]
        endless = make_task(created_at=NOW - 50 * MINUTE, next_attempt_at=NOW)
        ended, failed = make_task(created_at=NOW - 50 * MINUTE), make_task(created_at=NOW - HOUR)
        await rig.add(*waiting, endless)
        await rig.add(ended, claimed=True, results=[result(ended)])
        await rig.add(failed, claimed=True, results=[result(failed, Status.RETRYING, due=NOW + HOUR)])
        before = await times(rig, *waiting, endless, failed)
        end_before = await rig.task(ended.id)
        assert await moved(rig, by) >= 4
        assert await times(rig, *waiting, endless, failed) == before
        assert await rig.task(ended.id) == end_before
        assert not await rig.store.shift(3), "it is over"
        assert await times(rig, *waiting) == before[:11]
        assert (await rig.store.due(rig.now, 5))[0] == Due(A, rig.now - 5 * MINUTE)
        assert await rig.store.check(full=True) == []


@pytest.mark.parametrize("by", JUMPS)
@pytest.mark.parametrize("reopen_after", [1, 2, 3])
async def test_a_crash_on_the_way_moves_nothing_twice_and_forgets_nothing(
    make: Make, tmp_path: Path, by: int, reopen_after: int
) -> None:
    async with opened(make, tmp_path) as rig:
        # Some were changed longer ago than the clock is moved, so that they look the same once they are moved.
        tasks = [
            make_task(next_attempt_at=NOW + n, created_at=NOW - n * 30 * MINUTE, expires_at=NOW + DAY)
            for n in range(1, 12)
            if abs(n * 30 * MINUTE + by) > MINUTE
        ]
        await rig.add(*tasks)
        before = await times(rig, *tasks)
        await moved(rig, by, reopen_after=reopen_after)
        assert await times(rig, *tasks) == before


@pytest.mark.parametrize("by", JUMPS)
async def test_what_comes_after_the_move_is_left_as_it_is(make: Make, tmp_path: Path, by: int) -> None:
    async with opened(make, tmp_path) as rig:
        old = [make_task(created_at=NOW - 10 * MINUTE, next_attempt_at=NOW + HOUR) for _ in range(6)]
        await rig.add(*old)
        await rig.store.begin_shift(Shift(by=by, at=rig.now))
        rig.now += by + 500
        new = make_task(created_at=rig.now, next_attempt_at=rig.now + HOUR)
        late = make_task(created_at=NOW - 20 * MINUTE, next_attempt_at=NOW + HOUR)  # accepted just before
        await rig.add(new, late)
        while await rig.store.shift(2):
            pass
        assert await times(rig, *old, new, late) == [(HOUR - 500, None)] * 6 + [
            (HOUR, None),
            (HOUR - 500, None),
        ]


async def test_a_line_moves_as_a_whole(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        first, second = (
            make_task(order_key="k", next_attempt_at=NOW + n * HOUR, created_at=NOW) for n in (1, 2)
        )
        await rig.add(first, second)
        await moved(rig, DAY)
        rig.now += HOUR
        (task,) = await rig.claim()
        assert task.id == first.id
        await rig.store.record([result(task, at=rig.now)])
        assert await times(rig, second) == [(HOUR, None)]


async def test_times_in_the_future_are_taken_as_put_down_now(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        tasks = [
            make_task(created_at=NOW, next_attempt_at=NOW + HOUR, expires_at=NOW + DAY) for _ in range(5)
        ]
        await rig.add(*tasks)
        assert await rig.store.rebase(2) is None, "nothing is wrong"
        rig.now = NOW - 56 * 365 * DAY  # started without a clock
        after: int | None = 0
        steps = 0
        while after is not None:
            after = await rig.store.rebase(2, after)
            steps += 1
        assert steps == 3
        assert await times(rig, *tasks) == [(HOUR, DAY)] * 5
        assert await rig.store.rebase(2) is None


async def test_times_of_a_clock_that_was_not_set_are_taken_as_put_down_now(
    make: Make, tmp_path: Path
) -> None:
    async with opened(make, tmp_path) as rig:
        rig.now = 60_000
        task = make_task(created_at=50_000, next_attempt_at=60_000 + HOUR, expires_at=60_000 + DAY)
        await rig.add(task)
        assert await rig.store.rebase(10) is None, "it is not set yet"
        rig.now = SENSIBLE + DAY
        assert await rig.store.rebase(10) is None
        assert await times(rig, task) == [(HOUR + 10_000, DAY + 10_000)]
        swept = await rig.store.sweep(rig.now, 100)
        assert swept.expired == 0


async def test_what_ended_before_the_clock_was_set_is_kept_as_if_it_ended_now(
    make: Make, tmp_path: Path
) -> None:
    async with opened(make, tmp_path) as rig:
        rig.now = 60_000
        task = make_task(created_at=50_000)
        await rig.add(task, claimed=True, results=[result(task, at=55_000)])
        rig.now = NOW
        assert (await rig.store.sweep(NOW, 100)).pruned == 0
        assert (await rig.task(task.id)).finished_at == NOW
        rig.now += 6 * DAY
        assert (await rig.store.sweep(rig.now, 100)).pruned == 0
        rig.now += 2 * DAY
        assert (await rig.store.sweep(rig.now, 100)).pruned == 1
