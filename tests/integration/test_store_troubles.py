"""What is wrong, by destination and outcome: counted with every change, read without looking at tasks."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from okydrom.config.settings import DAY, HOUR
from okydrom.store.command import Action
from okydrom.store.sqlite import schema, troubled
from okydrom.store.trouble import TROUBLE_KEPT, Trouble
from okydrom.task import Failure, Outcome, Reason, Status, Task
from tests.support.sqlite import shell
from tests.support.stores import NOW, UNANSWERED, Make, Rig, answered, each_store, opened, result
from tests.support.tasks import make_task

A, B = "http://a:80", "http://b:80"

pytestmark = each_store


async def fails(
    rig: Rig, key: str, outcome: Outcome, count: int = 1, status: Status = Status.RETRYING
) -> list[Task]:
    """Tasks of a destination whose first attempt brought this; they are due again in a minute."""
    tasks = [make_task(destination=key) for _ in range(count)]
    await rig.add(*tasks, claimed=True)
    due = rig.now + 60_000 if status is Status.RETRYING else None
    await rig.store.record([result(task, status, outcome, at=rig.now, due=due) for task in tasks])
    return tasks


async def found(
    rig: Rig, limit: int = 100, named: tuple[str, ...] = ()
) -> dict[str, dict[str | None, Trouble]]:
    """What is wrong by destination and outcome."""
    places = await rig.store.troubles(rig.now - TROUBLE_KEPT, limit, named)
    return {place.destination: {trouble.outcome: trouble for trouble in place.troubles} for place in places}


async def counts(rig: Rig, key: str = A) -> dict[str | None, tuple[int, int]]:
    """Retrying and failed by outcome."""
    return {name: (each.retrying, each.failed) for name, each in (await found(rig)).get(key, {}).items()}


async def test_each_outcome_of_each_destination_is_counted(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        await fails(rig, A, answered(503), 3)
        await fails(rig, A, answered(503), 2, Status.FAILED)
        await fails(rig, A, UNANSWERED)
        await fails(rig, B, answered(422), 4, Status.FAILED)
        await rig.add(make_task(destination=A))
        assert await counts(rig) == {"503": (3, 2), "timeout": (1, 0)}
        assert await counts(rig, B) == {"422": (0, 4)}
        (a,) = [place for place in await rig.store.troubles(0, 9) if place.destination == A]
        assert (a.waiting, a.next_due) == (5, min(NOW + 60_000, make_task().created_at))


async def test_another_outcome_takes_the_place_of_the_last(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        (task,) = await fails(rig, A, answered(503))
        rig.now += 2 * 60_000
        await rig.claim(A)
        await rig.store.record([result(task, Status.RETRYING, UNANSWERED, at=rig.now)])
        assert await counts(rig) == {"timeout": (1, 0)}
        rig.now += 60_000
        await rig.claim(A)
        await rig.store.record([result(task, at=rig.now)])
        assert await counts(rig) == {}


async def test_times_are_of_the_first_and_of_the_last_that_went_wrong(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        await fails(rig, A, answered(503))
        rig.now += HOUR
        (last,) = await fails(rig, A, answered(503))
        trouble = (await found(rig))[A]["503"]
        assert (trouble.first_at, trouble.last_at) == (NOW, NOW + HOUR)
        assert trouble.sample_id == last.id


async def test_what_failed_and_did_not_come_again_for_a_day_is_over(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        (old,) = await fails(rig, A, answered(422), status=Status.FAILED)
        await fails(rig, B, answered(503))
        for wait in (DAY, 2):
            rig.now += wait
            expected = {A: (0, 1)} if wait == DAY else {}
            told = {
                key: (trouble["422"].retrying, trouble["422"].failed)
                for key, trouble in (await found(rig)).items()
                if "422" in trouble
            }
            assert told == expected
            await rig.store.sweep(rig.now, 100)
        assert await counts(rig, B) == {"503": (1, 0)}, "this one still waits"
        (new,) = await fails(rig, A, answered(422), status=Status.FAILED)
        assert await counts(rig) == {"422": (0, 1)}, "a new trouble begins to count anew"
        await rig.command(Action.RETRY, await rig.task(old.id))
        assert await counts(rig) == {"422": (0, 1)}, "the old one was not counted any longer"
        await rig.command(Action.RETRY, await rig.task(new.id))
        assert await counts(rig) == {}
        assert await rig.store.check(full=True) == []


@pytest.mark.parametrize("action", [Action.RETRY, Action.CANCEL])
async def test_what_operators_do_is_counted(make: Make, tmp_path: Path, action: Action) -> None:
    async with opened(make, tmp_path) as rig:
        status = Status.FAILED if action is Action.RETRY else Status.RETRYING
        one, _ = await fails(rig, A, answered(503), 2, status)
        await rig.command(action, await rig.task(one.id))
        assert await counts(rig) == {"503": (0, 1) if status is Status.FAILED else (1, 0)}


async def test_a_task_that_is_sent_elsewhere_is_counted_there(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        (waits,) = await fails(rig, A, answered(503))
        (failed,) = await fails(rig, A, answered(503), status=Status.FAILED)
        (known,) = await fails(rig, B, answered(503))
        for task in (waits, failed):
            await rig.command(Action.EDIT, task, task=replace(await rig.task(task.id), destination=B))
        assert await counts(rig) == {}
        assert await counts(rig, B) == {"503": (2, 1)}
        await rig.command(Action.RETRY, await rig.task(failed.id))
        assert await counts(rig, B) == {"503": (2, 0)}
        assert (await found(rig))[B]["503"].sample_id in (known.id, waits.id)


async def test_expired_and_damaged_tasks_are_counted_with_their_last_outcome(
    make: Make, tmp_path: Path
) -> None:
    async with opened(make, tmp_path) as rig:
        await rig.add(make_task(destination=A, expires_at=NOW + 1))
        tried = make_task(destination=A, expires_at=NOW + 1)
        await rig.add(tried, claimed=True)
        await rig.store.record([result(tried, Status.RETRYING, answered(503), due=NOW + 9)])
        await rig.store.sweep(NOW + 2, 100)
        assert await counts(rig) == {None: (0, 1), "503": (0, 1)}


async def test_those_with_most_tasks_come_whatever_the_limit(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        for number in range(6):
            await fails(rig, f"http://d{number}:80", answered(503), 1 + number)
        assert set(await found(rig, 2)) == {"http://d4:80", "http://d5:80"}
        named = ("http://d0:80", "http://d1:80", "http://d2:80", "http://nobody:80")
        assert set(await found(rig, 2, named)) == {f"http://d{number}:80" for number in (1, 2, 4, 5)}


async def test_a_named_destination_comes_with_a_task_that_waits_there(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        task = make_task(destination=A)
        await rig.add(task)
        (place,) = await rig.store.troubles(0, 10, [A])
        assert (place.destination, place.waiting, place.sample_id, list(place.troubles)) == (
            A,
            1,
            task.id,
            [],
        )


async def test_a_sample_is_one_that_still_shows_what_is_wrong(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        first, last = await fails(rig, A, answered(503), 2)
        await rig.command(Action.CANCEL, await rig.task(last.id))
        assert (await found(rig))[A]["503"].sample_id == first.id
        gone, left = await fails(rig, B, answered(422), 2, Status.FAILED)
        await rig.command(Action.RETRY, await rig.task(left.id))
        assert (await found(rig))[B]["422"].sample_id == gone.id


async def test_a_refused_address_comes_with_its_rule(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        blocked = Outcome(error=Failure.BLOCKED, rule="metadata")
        task = make_task(destination=A)
        await rig.add(task, claimed=True)
        await rig.store.record([result(task, Status.FAILED, blocked, reason=Reason.BLOCKED)])
        assert (await found(rig))[A]["blocked"].rule == "metadata"


async def test_a_store_of_before_is_counted_when_it_is_opened(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        await fails(rig, A, answered(503), 3)
        await fails(rig, A, UNANSWERED, 2, Status.FAILED)
        await fails(rig, B, answered(422), 1, Status.FAILED)
        before = await found(rig)
        await rig.store.close()
        with closing(shell(rig)) as db:  # as it was before this step
            db.executescript("DROP TABLE trouble; DROP TABLE minute; PRAGMA user_version = 2;")
        await rig.open()
        assert max(schema.migrations()) == 3
        assert await found(rig) == before
        assert await rig.store.check(full=True) == []


async def test_a_wrong_count_is_found_by_the_check(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        await fails(rig, A, answered(503), 3)
        with closing(shell(rig)) as db:
            db.execute("UPDATE trouble SET retrying = 2")
        (fault,) = await rig.store.check(full=True)
        assert "troubles" in fault


async def test_no_task_is_looked_for_to_count(make: Make, tmp_path: Path) -> None:
    """Every table that grows with the tasks is entered by a key."""
    async with opened(make, tmp_path) as rig:
        await fails(rig, A, answered(503), 3)
        values = {"since": 0, "limit": 9, "named": "[]", "numbers": "[]"}
        with closing(shell(rig)) as db:
            for sql in (troubled._WORST, troubled._NAMED, troubled._PLACES, troubled._TROUBLES):
                steps = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {sql}", values)]
                assert steps
                assert not [step for step in steps if step.startswith(("SCAN task", "SCAN destination"))], (
                    steps
                )


async def test_what_a_wrong_clock_put_into_times_to_come_is_over_at_once(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        rig.now += 1_000 * DAY
        await fails(rig, A, answered(422), status=Status.FAILED)
        rig.now = NOW
        assert await counts(rig) == {"422": (0, 1)}
        await rig.store.sweep(rig.now, 100)
        assert await counts(rig) == {}
