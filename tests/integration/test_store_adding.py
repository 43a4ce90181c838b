"""What every store does with the tasks that it is given."""

from pathlib import Path

from okydrom.feed import Change
from okydrom.record import pack
from okydrom.store.contract import Part
from okydrom.store.query import Filter
from okydrom.task import Failure, Reason, Schedule, Status
from tests.support.stores import NOW, UNANSWERED, Make, each_store, opened, result
from tests.support.tasks import CREATED, make_entry, make_task, moved

pytestmark = each_store

FULL = {
    "event": "user.created",
    "labels": {"tenant": "acme", "Zürich": "ж\u2028"},
    "parent": "018bcfe5-6800-7000-8000-000000000001",
    "headers": (("X-One", "1"), ("X-One", "2")),
    "body": b"\x00\xff" * 700,
    "retry": Schedule((1000, 5000)),
    "timeout": 3000,
    "expires_at": CREATED + 99_000,
    "traceparent": "00-1-1-01",
    "source": "shop",
    "method": "CRM",
    "http_method": "PUT",
}


async def test_a_task_comes_back_as_it_was_given(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        task = make_task(**FULL)
        await rig.add(task)
        assert await rig.store.get(task.id, Part.FULL) == moved(task, seq=1)


async def test_a_head_has_all_but_what_only_the_record_holds(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        task = make_task(**FULL)
        await rig.add(task)
        head = await rig.task(task.id)
        assert head == moved(
            task,
            seq=1,
            body=None,
            stored_size=1400,
            content_type=None,
            headers=(),
            retry=None,
            timeout=None,
            traceparent=None,
        )
        assert head.size == 1400


async def test_an_empty_body_is_not_no_body(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        empty, none = make_task(body=b""), make_task(body=None)
        await rig.add(empty, none)
        found = [await rig.store.get(task.id, Part.FULL) for task in (empty, none)]
        assert [task.body for task in found if task] == [b"", None]


async def test_seqs_are_given_in_order_of_import(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        tasks = [make_task() for _ in range(600)]
        seqs = await rig.store.add([make_entry(task) for task in tasks], 600)
        assert [seqs[task.id] for task in tasks] == list(range(1, 601))


async def test_a_known_id_changes_nothing(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        known = make_task()
        await rig.add(known, claimed=True, results=[result(known)])
        fresh = make_task()
        again = moved(known, url="http://elsewhere:9000/", status=Status.QUEUED)
        seqs = await rig.store.add([make_entry(again), make_entry(fresh), make_entry(fresh)], 9)
        assert seqs == {known.id: 1, fresh.id: 2}
        assert (await rig.task(known.id)).status is Status.DELIVERED
        assert (await rig.task(known.id)).url == known.url
        assert (await rig.store.summary()).by_status[Status.QUEUED] == 1
        assert (await rig.reopen()).position == 9


async def test_the_position_never_goes_back(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        await rig.store.add([make_entry(make_task())], 7)
        await rig.store.add([], 5)
        assert (await rig.reopen()).position == 7


async def test_a_store_keeps_its_instance_and_counts_its_openings(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        first = await rig.reopen()
        second = await rig.reopen()
        assert (first.epoch + 1, first.instance, False) == (second.epoch, second.instance, second.fresh)


async def test_the_first_opening_says_so(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        assert (rig.opened.fresh, rig.opened.position, rig.opened.freed) == (True, 0, 0)


async def test_results_that_came_before_the_import_are_applied(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        task = make_task()
        await rig.add(task, claimed=True, results=[result(task)])
        found = await rig.task(task.id)
        assert (found.status, found.finished_at, found.next_attempt_at) == (Status.DELIVERED, NOW, None)
        assert (found.attempts, found.attempts_left, found.last_code) == (1, 9, 200)
        assert [attempt.outcome for attempt in await rig.store.attempts(task.id)] == [
            result(task).attempt.outcome  # type: ignore[union-attr]
        ]
        assert rig.finished == [(task.id, Status.DELIVERED, NOW)]


async def test_a_result_that_leads_to_a_retry_leaves_the_task_unclaimed(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        task = make_task()
        await rig.add(task, claimed=True, results=[result(task, Status.RETRYING, UNANSWERED, due=NOW)])
        found = await rig.task(task.id)
        assert (found.status, found.last_error, found.next_attempt_at) == (
            Status.RETRYING,
            Failure.TIMEOUT,
            NOW,
        )
        assert [each.id for each in await rig.claim()] == [task.id]
        assert rig.finished == []


async def test_of_two_results_before_the_import_the_stale_one_leaves_its_attempt(
    make: Make, tmp_path: Path
) -> None:
    async with opened(make, tmp_path) as rig:
        task = make_task()
        late = result(task, Status.FAILED)
        await rig.add(task, claimed=True, results=[result(task), late])
        found = await rig.task(task.id)
        assert (found.status, found.attempts) == (Status.DELIVERED, 2)
        assert [attempt.number for attempt in await rig.store.attempts(task.id)] == [1, 2]


async def test_a_result_of_another_version_before_the_import_leaves_its_attempt(
    make: Make, tmp_path: Path
) -> None:
    async with opened(make, tmp_path) as rig:
        task = make_task()
        await rig.add(task, claimed=True, results=[result(moved(task, version=2))])
        found = await rig.task(task.id)
        assert (found.status, found.attempts) == (Status.QUEUED, 1)
        assert await rig.claim() == []  # the claim stands: its own result is still to come


async def test_a_task_that_failed_before_the_import_says_why(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        task = make_task()
        await rig.add(task, claimed=True, results=[result(task, Status.FAILED, reason=Reason.BLOCKED)])
        assert (await rig.task(task.id)).reason is Reason.BLOCKED
        page = await rig.store.find(Filter(reason=frozenset({Reason.BLOCKED})), limit=5)
        assert [each.id for each in page.items] == [task.id]


async def test_one_task_that_can_not_be_kept_takes_no_other_down(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        good, other = make_task(), make_task()
        bad = make_task(expires_at=2**63)
        seqs = await rig.store.add([make_entry(task) for task in (good, bad, other)], 3)
        assert sorted(seqs) == sorted([good.id, other.id])
        assert (await rig.reopen()).position == 3
        assert (await rig.store.summary()).by_status[Status.QUEUED] == 2


async def test_changes_are_told_to_those_who_listen(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        listener = rig.feed.listen()
        waiting, done = make_task(), make_task()
        await rig.add(waiting)
        await rig.add(done, claimed=True, results=[result(done)])
        assert listener.take() == [
            Change(waiting.id, waiting.destination, Status.QUEUED, 1, None),
            Change(done.id, done.destination, Status.DELIVERED, 1, None),
        ]


async def test_what_was_handed_in_is_written_though_nobody_waits_for_it(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        task = make_task()
        coroutine = rig.store.add([make_entry(task)], 1)
        coroutine.send(None)
        coroutine.close()
        await rig.reopen()
        assert (await rig.task(task.id)).id == task.id


async def test_records_are_what_pack_made_of_them(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        task = make_task(**FULL)
        await rig.add(task)
        (claimed,) = await rig.claim()
        assert pack(claimed) == pack(task)
