"""What every store promises about claims: due work, given to one lane at a time, in the fair order."""

from pathlib import Path

from okydrom.store.command import Action
from okydrom.store.steering import Due, Hold, Pause, Steer
from okydrom.task import Status
from tests.support.stores import NOW, Make, each_store, opened, result
from tests.support.tasks import CREATED, make_task

pytestmark = each_store

A, B = "http://a:80", "http://b:80"


async def test_due_tasks_are_claimed_earliest_first(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        late, early, coming = (make_task(next_attempt_at=NOW - age) for age in (5, 10, -1))
        await rig.add(late, early, coming)
        assert [task.id for task in await rig.claim()] == [early.id, late.id]


async def test_a_claimed_task_is_given_to_nobody_else(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        await rig.add(*(make_task() for _ in range(5)))
        first, second = await rig.claim(most=3), await rig.claim(most=3)
        assert (len(first), len(second)) == (3, 2)
        assert not {task.id for task in first} & {task.id for task in second}
        assert await rig.claim() == []


async def test_a_task_added_as_claimed_is_not_given_out(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        await rig.add(make_task(), claimed=True)
        assert await rig.claim() == []


async def test_each_destination_gets_what_it_wants(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        await rig.add(*(make_task(destination=key) for key in (A, B) for _ in range(9)))
        tasks = await rig.store.claim({A: 2, B: 5, "http://unknown:80": 3}, NOW)
        assert [task.destination for task in tasks] == [A] * 2 + [B] * 5


async def test_many_destinations_are_served_in_one_call(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        keys = [f"http://host{number}:80" for number in range(150)]
        await rig.add(*(make_task(destination=key) for key in keys for _ in range(3)))
        tasks = await rig.store.claim(dict.fromkeys(keys, 2), NOW)
        assert [task.destination for task in tasks] == [key for key in keys for _ in range(2)]


async def test_a_paused_destination_is_given_nothing(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        await rig.add(make_task(destination=A))
        await rig.store.steer([Steer(destination=A, pause=Pause(NOW, "op"))])
        assert (await rig.claim(A), await rig.store.due(NOW, 10)) == ([], [])
        await rig.store.steer([Steer(destination=A, pause=None)])
        assert len(await rig.claim(A)) == 1


async def test_what_is_given_back_can_be_claimed_again(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        task = make_task()
        await rig.add(task)
        (claimed,) = await rig.claim()
        await rig.store.release([task.id, make_task().id])
        assert await rig.claim() == [claimed]


async def test_a_destination_is_due_by_the_earliest_of_what_is_given_back(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        for key, ages in ((A, (9, 5)), (B, (5, 9))):
            await rig.add(
                *(
                    make_task(created_at=CREATED + number, destination=key, next_attempt_at=NOW - age)
                    for number, age in enumerate(ages)
                )
            )
        await rig.store.release([task.id for task in await rig.claim(A, B)])
        assert await rig.store.due(NOW, 10) == [Due(A, NOW - 9), Due(B, NOW - 9)]


async def test_giving_back_what_is_not_claimed_changes_nothing(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        waiting, done = make_task(), make_task()
        await rig.add(waiting)
        await rig.add(done, claimed=True, results=[result(done)])
        before = [await rig.task(task.id) for task in (waiting, done)]
        await rig.store.release([waiting.id, done.id])
        assert [await rig.task(task.id) for task in (waiting, done)] == before


async def test_a_new_epoch_frees_what_was_claimed(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        tasks = [make_task() for _ in range(3)]
        await rig.add(*tasks)
        await rig.claim(most=2)
        assert (await rig.reopen()).freed == 2
        assert len(await rig.claim()) == 3


async def test_a_noted_cancel_ends_its_task_when_the_process_died(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        task = make_task()
        await rig.add(task, claimed=True)
        changed = await rig.command(Action.CANCEL, task, in_flight=True)
        assert changed.noted
        assert (await rig.reopen()).freed == 1
        found = await rig.task(task.id)
        assert (found.status, found.finished_at) == (Status.CANCELLED, NOW)
        assert rig.finished == [(task.id, Status.CANCELLED, NOW)]


async def test_a_noted_cancel_ends_its_task_when_the_attempt_is_cut_off(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        task, other = make_task(), make_task()
        await rig.add(task, other, claimed=True)
        await rig.command(Action.CANCEL, task, in_flight=True)
        await rig.store.release([task.id, other.id])
        statuses = [(await rig.task(each.id)).status for each in (task, other)]
        assert statuses == [Status.CANCELLED, Status.QUEUED]


async def test_a_claim_is_bounded_in_bytes_but_never_empty(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        await rig.add(*(make_task(body=bytes(6 * 1024**2)) for _ in range(4)))
        assert [len(await rig.claim()) for _ in range(3)] == [2, 2, 0]


# --- which destinations have work ------------------------------------------------------------------------------------


async def test_due_destinations_come_earliest_first_and_with_the_nearest_coming_one(
    make: Make, tmp_path: Path
) -> None:
    async with opened(make, tmp_path) as rig:
        for key, due in ((A, NOW - 5), (B, NOW - 9), ("http://c:80", NOW + 7), ("http://d:80", NOW + 3)):
            await rig.add(make_task(destination=key, next_attempt_at=due))
        assert await rig.store.due(NOW, 10) == [
            Due(B, NOW - 9),
            Due(A, NOW - 5),
            Due("http://d:80", NOW + 3),
        ]
        assert await rig.store.due(NOW, 1) == [Due(B, NOW - 9)]


async def test_claimed_tasks_make_no_destination_due(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        await rig.add(make_task(next_attempt_at=NOW - 9), make_task(next_attempt_at=NOW - 5))
        key = make_task().destination
        await rig.claim(most=1)
        assert await rig.store.due(NOW, 10) == [Due(key, NOW - 5)]
        (last,) = await rig.claim(most=1)
        assert await rig.store.due(NOW, 10) == []
        await rig.store.record([result(last, Status.RETRYING, due=NOW + 50)])
        assert await rig.store.due(NOW, 10) == [Due(key, NOW + 50)]


async def test_a_hold_puts_a_destination_off_until_it_ends(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        await rig.add(make_task(destination=A), make_task(destination=B))
        await rig.store.steer([Steer(destination=A, hold=Hold(NOW, NOW + 60))])
        assert [row.destination for row in await rig.store.due(NOW, 10)] == [B, A]
        assert (await rig.store.due(NOW, 10))[1].next_due == NOW + 60
        await rig.store.steer([Steer(destination=A, hold=None)])
        assert all(row.next_due <= NOW for row in await rig.store.due(NOW, 10))


async def test_pauses_and_holds_outlive_the_process(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        await rig.store.steer([Steer(destination=A, pause=Pause(NOW, "op"))])
        await rig.store.steer([Steer(destination=B, hold=Hold(NOW, NOW + 9))])
        await rig.store.steer([Steer(destination="http://c:80", pause=Pause(NOW, "op"))])
        await rig.store.steer([Steer(destination="http://c:80", pause=None)])
        await rig.reopen()
        rows = {row.destination: (row.pause, row.hold) for row in await rig.store.steered()}
        assert rows == {A: (Pause(NOW, "op"), None), B: (None, Hold(NOW, NOW + 9))}


async def test_destinations_are_listed_by_key_with_their_counts(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        done = make_task(destination=B)
        await rig.add(make_task(destination=A), make_task(destination=B))
        await rig.add(done, claimed=True, results=[result(done)])
        rows = await rig.store.destinations(10)
        assert [(row.destination, row.waiting, row.delivered) for row in rows] == [(A, 1, 0), (B, 1, 1)]
        assert [row.destination for row in await rig.store.destinations(10, after=A)] == [B]
        assert [row.destination for row in await rig.store.destinations(10, wanted="//a")] == [A]
        assert len(await rig.store.destinations(1)) == 1


async def test_one_task_is_claimed_whatever_was_ordered(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        late, early = (make_task(destination=A, next_attempt_at=NOW - age) for age in (5, 10))
        await rig.add(late, early)
        await rig.store.steer([Steer(destination=A, pause=Pause(NOW, "op"), hold=Hold(NOW, NOW + 60_000))])
        found = [await rig.store.claim_first(A, NOW) for _ in range(3)]
        assert [task and task.id for task in found] == [early.id, late.id, None]
        assert await rig.store.claim_first(B, NOW) is None
        await rig.store.release([late.id])
        again = await rig.store.claim_first(A, NOW)
        assert again is not None
        assert again.body == late.body


async def test_what_waits_for_its_next_attempt_may_be_claimed_before_it_and_what_is_not_to_go_yet_may_not(
    make: Make, tmp_path: Path
) -> None:
    async with opened(make, tmp_path) as rig:
        delayed = make_task(next_attempt_at=NOW + 1_000, deliver_at=NOW + 1_000)
        behind = [make_task(order_key="k", next_attempt_at=NOW + 5_000) for _ in range(2)]
        expired = make_task(next_attempt_at=NOW - 10_000, expires_at=NOW - 1)
        failed = make_task()
        await rig.add(delayed, *behind, expired)
        await rig.add(failed, claimed=True, results=[result(failed, Status.RETRYING, due=NOW + 9_000)])
        first = await rig.store.claim_first(failed.destination, NOW)
        assert first is not None
        assert (first.id, first.attempts) == (failed.id, 1)
        assert await rig.store.claim_first(failed.destination, NOW) is None


async def test_the_next_due_time_is_right_after_one_was_claimed(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        await rig.add(*(make_task(destination=A, next_attempt_at=NOW - age) for age in (5, 10)))
        await rig.store.claim_first(A, NOW)
        assert await rig.store.due(NOW, 10) == [Due(A, NOW - 5)]
