"""What every store makes of results and commands: guarded by version and claim, with nothing lost of an attempt."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from okydrom.store.command import Action
from okydrom.store.contract import Part
from okydrom.store.entry import Recorded
from okydrom.task import Attempt, Failure, Outcome, Parts, Reason, Status
from tests.support.stores import NOW, UNANSWERED, Make, answered, each_store, opened, result
from tests.support.tasks import make_task

pytestmark = each_store


async def test_a_delivered_task_is_finished(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        task = make_task()
        await rig.add(task)
        (claimed,) = await rig.claim()
        assert await rig.store.record([result(claimed)]) == [Recorded(task.id, Status.DELIVERED, True)]
        found = await rig.task(task.id)
        assert (found.status, found.finished_at, found.updated_at) == (Status.DELIVERED, NOW, NOW)
        assert (found.attempts, found.attempts_left, found.next_attempt_at) == (1, 9, None)
        assert (found.last_code, found.last_error, found.version) == (200, None, 1)
        assert rig.notes[-1].finished == [(task.id, Status.DELIVERED, NOW, task.version)]


async def test_a_retry_waits_and_forgets_the_answer_before(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        task = make_task()
        await rig.add(task)
        (claimed,) = await rig.claim()
        await rig.store.record([result(claimed, Status.RETRYING, due=NOW)])
        (again,) = await rig.claim()
        assert (again.status, again.attempts, again.last_code) == (Status.RETRYING, 1, 500)
        await rig.store.record([result(again, Status.RETRYING, UNANSWERED)])
        found = await rig.task(task.id)
        assert (found.last_code, found.last_error, found.attempts_left) == (None, Failure.TIMEOUT, 8)
        assert found.next_attempt_at == NOW + 5_000


async def test_every_detail_of_an_attempt_is_kept(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        task = make_task()
        await rig.add(task, claimed=True)
        outcome = Outcome(
            error=Failure.BLOCKED,
            errno=111,
            address="[::1]:443",
            rule="loopback",
            duration=12.25,
            parts=Parts(dns=0.5, tls=3.0),
            resent=True,
            request_headers=(("A", "b"), ("A", "c")),
            response_headers=(("X", "é"),),
            response_body=b"\x00\xff",
            response_size=2**40,
            truncated=True,
            retry_after=5_000,
        )
        attempt = Attempt(number=1, started_at=1, finished_at=2, waited=None, outcome=outcome)
        await rig.store.record([replace(result(task, Status.RETRYING), attempt=attempt)])
        assert await rig.store.attempts(task.id) == [attempt]


async def test_attempts_are_numbered_by_the_store_for_ever(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        task = make_task()
        await rig.add(task, make_task())
        for _ in range(3):
            claimed = next(each for each in await rig.claim() if each.id == task.id)
            await rig.store.record([result(claimed, Status.FAILED)])
            await rig.command(Action.RETRY, task)
        assert [attempt.number for attempt in await rig.store.attempts(task.id)] == [1, 2, 3]


async def test_a_deadline_that_passed_leaves_no_attempt(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        task = make_task(last_code=503)
        await rig.add(task, claimed=True)
        await rig.store.record([replace(result(task, Status.FAILED, reason=Reason.EXPIRED), attempt=None)])
        found = await rig.task(task.id)
        assert (found.status, found.reason, found.attempts, found.last_code) == (
            Status.FAILED,
            Reason.EXPIRED,
            0,
            503,
        )
        assert await rig.store.attempts(task.id) == []


async def test_a_result_of_another_version_leaves_its_attempt_only(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        task = make_task()
        await rig.add(task, claimed=True)
        await rig.command(Action.RETRY, task)  # a new life; the old attempt still runs
        (again,) = await rig.claim()
        assert await rig.store.record([result(task)]) == [Recorded(task.id, Status.QUEUED, False)]
        assert (await rig.task(task.id)).attempts == 1
        assert await rig.claim() == []  # the claim of the new life stands
        assert await rig.store.record([result(again)]) == [Recorded(task.id, Status.DELIVERED, True)]
        assert [attempt.number for attempt in await rig.store.attempts(task.id)] == [1, 2]


async def test_a_result_without_a_claim_leaves_its_attempt_only(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        task = make_task()
        await rig.add(task)
        assert await rig.store.record([result(task)]) == [Recorded(task.id, Status.QUEUED, False)]
        assert len(await rig.store.attempts(task.id)) == 1


async def test_of_two_results_in_one_batch_the_first_counts(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        task = make_task()
        await rig.add(task, claimed=True)
        recorded = await rig.store.record([result(task, Status.RETRYING), result(task)])
        assert [row.applied for row in recorded] == [True, False]
        found = await rig.task(task.id)
        assert (found.status, found.attempts) == (Status.RETRYING, 2)


async def test_a_result_of_an_unknown_task_is_no_error(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        task = make_task()
        assert await rig.store.record([result(task)]) == [Recorded(task.id, None, False)]


async def test_a_thousand_results_are_recorded_at_once(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        await rig.add(*(make_task() for _ in range(1_003)))
        tasks = await rig.claim(most=2_000)
        recorded = await rig.store.record([result(task) for task in tasks])
        assert sum(row.applied for row in recorded) == 1_003
        assert (await rig.store.summary()).by_status[Status.DELIVERED] == 1_003


# --- commands --------------------------------------------------------------------------------------------------------


async def test_a_retry_of_a_failed_task_grants_anew(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        task = make_task(expires_at=NOW + 1)
        await rig.add(task, claimed=True, results=[result(task, Status.FAILED)])
        rig.now += 60
        changed = await rig.command(Action.RETRY, task, expires_at=NOW + 99_000)
        found = await rig.store.get(task.id, Part.FULL)
        assert found is not None
        assert (changed.task, changed.conflict) == (found, None)
        assert (found.status, found.reason, found.finished_at) == (Status.QUEUED, None, None)
        assert (found.attempts, found.attempts_left, found.version) == (1, 10, 2)
        assert (found.next_attempt_at, found.expires_at, found.last_code) == (NOW + 60, NOW + 99_000, 500)
        assert rig.revived == [(task.id, 2, NOW + 99_000, NOW + 60)]
        (claimed,) = await rig.claim()
        assert (claimed.version, claimed.expires_at) == (2, NOW + 99_000)


async def test_a_retry_of_a_waiting_task_makes_it_due(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        task = make_task(expires_at=NOW + 5)
        await rig.add(task, claimed=True, results=[result(task, Status.RETRYING, due=NOW + 10**6)])
        changed = await rig.command(Action.RETRY, task, expires_at=NOW + 99)
        assert changed.task is not None
        assert (changed.task.status, changed.task.next_attempt_at) == (Status.RETRYING, NOW)
        assert (changed.task.attempts_left, changed.task.expires_at, changed.task.version) == (9, NOW + 5, 2)
        assert rig.revived == []
        assert len(await rig.claim()) == 1


async def test_a_retry_of_a_withdrawn_task_ends_its_claim(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        task = make_task()
        await rig.add(task, claimed=True)
        await rig.command(Action.RETRY, task)
        assert [(each.id, each.version) for each in await rig.claim()] == [(task.id, 2)]


async def test_a_cancel_of_a_waiting_task_ends_it(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        task = make_task()
        await rig.add(task, claimed=True)
        changed = await rig.command(Action.CANCEL, task)
        assert changed.task is not None
        assert (changed.task.status, changed.task.finished_at) == (Status.CANCELLED, NOW)
        assert (changed.task.version, changed.noted) == (2, False)
        assert rig.finished == [(task.id, Status.CANCELLED, NOW)]
        again = await rig.command(Action.CANCEL, task)
        assert (again.conflict, again.task) == (None, changed.task)


@pytest.mark.parametrize(
    ("status", "ends"), [(Status.DELIVERED, Status.DELIVERED), (Status.RETRYING, Status.CANCELLED)]
)
async def test_a_cancel_in_flight_is_noted_and_its_attempt_decides(
    make: Make, tmp_path: Path, status: Status, ends: Status
) -> None:
    async with opened(make, tmp_path) as rig:
        task = make_task()
        await rig.add(task, claimed=True)
        changed = await rig.command(Action.CANCEL, task, in_flight=True)
        assert changed.noted
        assert changed.task is not None
        assert (changed.task.cancel_noted, changed.task.status, changed.task.version) == (
            True,
            Status.QUEUED,
            1,
        )
        assert await rig.store.record([result(task, status)]) == [Recorded(task.id, ends, True)]
        found = await rig.task(task.id)
        assert (found.status, found.reason, found.cancel_noted) == (ends, None, False)


async def test_a_cancel_whose_attempt_was_recorded_meanwhile_ends_the_task(
    make: Make, tmp_path: Path
) -> None:
    async with opened(make, tmp_path) as rig:
        task = make_task()
        await rig.add(task, claimed=True, results=[result(task, Status.RETRYING)])
        changed = await rig.command(Action.CANCEL, task, in_flight=True)
        assert (changed.noted, changed.task and changed.task.status) == (False, Status.CANCELLED)


async def test_conflicts_are_data(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        done, flying = make_task(), make_task()
        await rig.add(done, claimed=True, results=[result(done)])
        await rig.add(flying, claimed=True)
        missing = make_task()
        before = [await rig.task(task.id) for task in (done, flying)]
        assert (await rig.command(Action.CANCEL, done)).conflict == "status"
        assert (await rig.command(Action.RETRY, flying, in_flight=True)).conflict == "status"
        assert (await rig.command(Action.RETRY, done, version=2)).conflict == "version"
        assert (await rig.command(Action.RETRY, missing)).conflict == "missing"
        assert [await rig.task(task.id) for task in (done, flying)] == before
        assert (await rig.command(Action.RETRY, done, version=1)).conflict is None


async def test_what_was_delivered_can_be_granted_anew(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        task = make_task()
        await rig.add(task, claimed=True, results=[result(task)])
        await rig.command(Action.RETRY, task)
        (claimed,) = await rig.claim()
        await rig.store.record([result(claimed, outcome=answered(204))])
        found = await rig.task(task.id)
        assert (found.status, found.attempts, found.last_code) == (Status.DELIVERED, 2, 204)
