"""What every store does as time passes: expires what waits too long, prunes what ended long ago."""

import asyncio
from pathlib import Path

import pytest

from okydrom.config.settings import DAY, HOUR, KIB, MIB, Retention
from okydrom.errors import StoreBusy
from okydrom.store.command import Action
from okydrom.store.contract import Swept
from okydrom.store.query import Filter
from okydrom.store.steering import Hold, Pause, Steer
from okydrom.store.upkeep import Upkeep
from okydrom.task import Reason, Status, Task
from tests.support.stores import NOW, Make, Rig, each_store, opened, result
from tests.support.tasks import CREATED, make_task
from tests.support.wait import wait_until

pytestmark = each_store


async def swept(rig: Rig, limit: int = 100, *, tight: bool = False) -> tuple[int, int]:
    """How many expired and were pruned until nothing more was to be done."""
    expired = pruned = 0
    while True:
        step = await rig.store.sweep(rig.now, limit, tight=tight)
        assert step.expired + step.pruned <= limit
        expired, pruned = expired + step.expired, pruned + step.pruned
        if not step.more:
            return expired, pruned


async def add_ended(rig: Rig, status: Status, ages: list[int]) -> list[str]:
    """Tasks that ended so long ago, in ms."""
    tasks = [
        make_task(
            created_at=NOW - age - 10,
            status=status,
            finished_at=NOW - age,
            next_attempt_at=None,
            reason=Reason.EXPIRED if status is Status.FAILED else None,
            labels={"n": str(age)},
        )
        for age in ages
    ]
    await rig.add(*tasks)
    return [task.id for task in tasks]


async def test_what_waits_beyond_its_deadline_expires(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        past, now_, claimed, none = (make_task(expires_at=at) for at in (NOW - 1, NOW, NOW - 1, None))
        await rig.add(past, now_, none)
        await rig.add(claimed, claimed=True)
        assert await swept(rig) == (1, 0)
        found = await rig.task(past.id)
        assert (found.status, found.reason, found.finished_at) == (Status.FAILED, Reason.EXPIRED, NOW)
        assert rig.finished == [(past.id, Status.FAILED, NOW)]
        assert {(await rig.task(task.id)).status for task in (now_, claimed, none)} == {Status.QUEUED}


async def test_steps_are_bounded(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path, Retention(delivered=DAY)) as rig:
        await rig.add(*(make_task(expires_at=NOW - 1) for _ in range(25)))
        await add_ended(rig, Status.DELIVERED, [2 * DAY] * 25)
        assert await swept(rig, 10) == (25, 25)


@pytest.mark.parametrize("status", [Status.DELIVERED, Status.FAILED, Status.CANCELLED])
async def test_what_ended_long_ago_is_pruned(make: Make, tmp_path: Path, status: Status) -> None:
    async with opened(make, tmp_path, Retention(**{"delivered": 0, "failed": 0, status.value: DAY})) as rig:
        old, fresh = await add_ended(rig, status, [DAY + 1, DAY])
        assert await swept(rig) == (0, 1)
        assert (await rig.store.get(old), (await rig.task(fresh)).id) == (None, fresh)
        assert (await rig.store.summary()).by_status[status] == 1
        assert await rig.store.check(full=True) == []


async def test_what_is_kept_for_ever_is_never_pruned(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path, Retention(delivered=0, failed=0, cancelled=0, max_size=0)) as rig:
        for status in (Status.DELIVERED, Status.FAILED, Status.CANCELLED):
            await add_ended(rig, status, [900 * DAY])
        assert await swept(rig) == (0, 0)


async def test_nothing_is_left_of_what_is_pruned(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path, Retention(delivered=DAY)) as rig:
        task = make_task(created_at=CREATED - DAY, labels={"tenant": "acme"}, event="e")
        delivered = result(task, at=NOW - 2 * DAY)
        await rig.add(task, claimed=True, results=[delivered, delivered, delivered])
        assert len(await rig.store.attempts(task.id)) == 3
        assert await swept(rig) == (0, 1)
        assert await rig.store.attempts(task.id) == []
        wanted = Filter(labels=(("tenant", frozenset({"acme"})),))
        assert (await rig.store.find(wanted, limit=5)).items == []
        assert await rig.store.destinations(5) == []
        assert await rig.store.check(full=True) == []


async def test_those_that_ended_late_do_not_hold_up_those_behind_them(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path, Retention(failed=DAY)) as rig:
        late = [
            make_task(
                created_at=NOW - 5 * DAY,
                status=Status.FAILED,
                reason=Reason.ATTEMPTS_SPENT,
                finished_at=NOW - 10,
                next_attempt_at=None,
            )
            for _ in range(12)
        ]
        await rig.add(*late)
        old = await add_ended(rig, Status.FAILED, [2 * DAY] * 3)
        assert await swept(rig, 5) == (0, 3)
        assert [await rig.store.get(task_id) for task_id in old] == [None] * 3
        rig.now += DAY
        assert await swept(rig, 5) == (0, 12)


async def test_beyond_its_size_a_store_lets_delivered_tasks_go_early(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path, Retention(max_size=2 * MIB)) as rig:
        tasks = [make_task(body=bytes(10 * KIB)) for _ in range(400)]
        for task in tasks[:350]:
            await rig.add(task, claimed=True, results=[result(task)])
        await rig.add(*tasks[350:])
        expired, pruned = await swept(rig, 10)
        assert (expired, 150 < pruned < 350) == (0, True)
        left = await rig.store.find(Filter(), limit=500)
        assert {task.id for task in left.items} == {task.id for task in tasks[pruned:]}  # the oldest went


async def test_what_waits_or_failed_never_goes_early(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        await rig.add(make_task())
        await add_ended(rig, Status.FAILED, [5])
        await add_ended(rig, Status.DELIVERED, [5])
        assert await swept(rig, tight=True) == (0, 1)
        counts = (await rig.store.summary()).by_status
        assert (counts[Status.QUEUED], counts[Status.FAILED]) == (1, 1)


async def test_destinations_without_tasks_are_dropped_but_not_their_pause_or_hold(
    make: Make, tmp_path: Path
) -> None:
    async with opened(make, tmp_path) as rig:
        await rig.store.steer([Steer(destination="http://paused:80", pause=Pause(NOW, "op"))])
        await rig.store.steer([Steer(destination="http://held:80", hold=Hold(NOW, NOW + 10))])
        await rig.store.steer([Steer(destination="http://free:80", pause=None)])
        await swept(rig)
        assert [row.destination for row in await rig.store.destinations(9)] == [
            "http://held:80",
            "http://paused:80",
        ]
        rig.now += 11
        await swept(rig)
        assert [row.destination for row in await rig.store.destinations(9)] == ["http://paused:80"]
        await rig.add(make_task(destination="http://held:80"))  # its number was another's
        assert len(await rig.claim("http://held:80")) == 1


# --- the loop -------------------------------------------------------------------------------------------------------


async def test_the_loop_sweeps_until_it_is_cancelled(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        await rig.add(make_task(expires_at=NOW - 1))
        loop = asyncio.create_task(Upkeep(rig.store, lambda: rig.now).run())
        await wait_until(lambda: rig.finished)
        loop.cancel()
        await asyncio.gather(loop, return_exceptions=True)


async def test_a_store_that_can_not_be_written_now_is_swept_later(make: Make, tmp_path: Path) -> None:
    class Busy:
        async def sweep(self, now: int, limit: int, *, tight: bool = False) -> Swept:
            raise StoreBusy

    upkeep = Upkeep(Busy(), lambda: NOW)  # type: ignore[arg-type]
    assert await upkeep.step() is False


async def test_the_store_is_checked_once_a_day(make: Make, tmp_path: Path) -> None:
    class Checked:
        checks = 0

        async def sweep(self, now: int, limit: int, *, tight: bool = False) -> Swept:
            return Swept(0, 0, False)

        async def check(self) -> list[str]:
            self.checks += 1
            if self.checks == 1:
                raise StoreBusy
            return ["worn out"]

    now, store = NOW, Checked()
    upkeep = Upkeep(store, lambda: now)  # type: ignore[arg-type]
    await upkeep.step()
    assert (store.checks, upkeep.faults) == (0, [])
    now += DAY
    await upkeep.step()  # it can't be read now
    assert (store.checks, upkeep.faults) == (1, [])
    await upkeep.step()
    await upkeep.step()
    assert (store.checks, upkeep.faults) == (2, ["worn out"])


async def test_a_revived_task_is_kept(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path, Retention(failed=DAY)) as rig:
        (task_id,) = await add_ended(rig, Status.FAILED, [2 * DAY])
        await rig.command(Action.RETRY, await rig.task(task_id))
        assert await swept(rig) == (0, 0)


async def tried(rig: Rig, host: str, *ages: int) -> Task:
    """A task that failed so long ago, each time, in ms; it waits on."""
    task = make_task(created_at=NOW - 9 * DAY, destination=f"http://{host}:80")
    await rig.add(task)
    for age in ages:
        (claimed,) = await rig.claim(task.destination)
        await rig.store.record([result(claimed, Status.RETRYING, at=NOW - age, due=NOW - 1)])
    return await rig.task(task.id)


async def numbers(rig: Rig, task: Task) -> list[int]:
    """Of the attempts that are there."""
    return [attempt.number for attempt in await rig.store.attempts(task.id)]


@pytest.mark.parametrize("limit", [2, 100])
async def test_attempts_go_by_their_age_and_their_tasks_stay(make: Make, tmp_path: Path, limit: int) -> None:
    async with opened(make, tmp_path, Retention(attempts=DAY)) as rig:
        one = await tried(rig, "a", 5 * DAY, 3 * DAY, HOUR)
        two = await tried(rig, "b", 4 * DAY, 2 * DAY)
        await swept(rig, limit)
        found = await numbers(rig, one), await numbers(rig, two)
        assert found == ([3], [1, 2]), "what was recorded later is not looked at before"
        rig.now += DAY
        await swept(rig, limit)
        assert (await numbers(rig, one), await numbers(rig, two)) == ([], [])
        assert [(await rig.task(task.id)).attempts for task in (one, two)] == [3, 2]
        assert (await rig.task(two.id)).last_code == 500
        await rig.store.record([result(claimed) for claimed in await rig.claim(one.destination)])
        assert await numbers(rig, one) == [4]
        assert await rig.store.check(full=True) == []


async def test_without_such_a_limit_attempts_stay_as_long_as_their_tasks(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        task = await tried(rig, "a", 6 * DAY, 5 * DAY)
        await swept(rig)
        assert await numbers(rig, task) == [1, 2]


async def test_attempts_that_are_gone_are_not_taken_for_those_of_another_task(
    make: Make, tmp_path: Path
) -> None:
    async with opened(make, tmp_path, Retention(attempts=DAY)) as rig:
        task = await tried(rig, "a", 5 * DAY, 3 * DAY)
        await swept(rig)
        await rig.reopen()
        other = await tried(rig, "b", HOUR, HOUR)
        assert (await numbers(rig, task), await numbers(rig, other)) == ([], [1, 2])


async def test_attempts_of_a_clock_that_was_not_set_go_with_those_that_follow(
    make: Make, tmp_path: Path
) -> None:
    async with opened(make, tmp_path, Retention(attempts=DAY)) as rig:
        unset = await tried(rig, "a", *[NOW - second for second in range(5)])
        await swept(rig, 2)
        assert await numbers(rig, unset) == [1, 2, 3, 4, 5], "nobody knows how old they are"
        await rig.store.record([result((await rig.claim(unset.destination))[0], at=NOW)])
        rig.now += 2 * DAY
        await swept(rig, 2)
        await swept(rig, 2)
        assert await numbers(rig, unset) == []
