"""What operators do to tasks, as every store keeps it: edits, erasures, copies, their history, the audit log."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path
from typing import Any

import pytest

from okydrom.config.settings import DAY, Retention
from okydrom.errors import Invalid
from okydrom.record import pack, unpack
from okydrom.store.command import Action, Audited, Bulk, BulkState, Changed, Command, Progress
from okydrom.store.contract import Part
from okydrom.store.query import Filter
from okydrom.store.steering import Hold, Pause, Steer
from okydrom.task import Status, Task, new_id
from tests.support.stores import NOW, Make, Rig, each_store, opened, result
from tests.support.tasks import make_task, moved

pytestmark = each_store

A, B = "http://a:80", "http://b:80"
BULK = "018bcfe5-6800-7000-8000-00000000000b"


async def edited(rig: Rig, task: Task, wanted: Task, change: bytes = b"") -> Changed:
    """What an edit does."""
    return await rig.command(Action.EDIT, task, task=wanted, record=pack(wanted), change=change)


async def failed(rig: Rig, **fields: object) -> Task:
    """A task that failed with an answer."""
    task = make_task(**fields)
    await rig.add(task, claimed=True, results=[result(task, Status.FAILED)])
    return await rig.task(task.id)


async def test_an_edited_task_is_sent_as_it_was_edited(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        task = make_task(destination=A, labels={"tenant": "acme"})
        await rig.add(task)
        wanted = moved(task, destination=B, url="http://b/new", body=b"new", labels={"tier": "1"}, event="e")
        changed = await edited(rig, task, wanted, b'{"url":"http://b/new"}')
        assert changed.conflict is None
        assert changed.task is not None
        assert (changed.task.url, changed.task.version) == ("http://b/new", 2)
        assert await rig.claim(A) == []
        (claimed,) = await rig.claim(B)
        assert (claimed.body, claimed.event, claimed.labels) == (b"new", "e", {"tier": "1"})
        for wanted_by, count in (
            (Filter(labels=(("tenant", frozenset({"acme"})),)), 0),
            (Filter(labels=(("tier", frozenset({"1"})),)), 1),
            (Filter(destination=frozenset({A})), 0),
            (Filter(destination=frozenset({B})), 1),
        ):
            assert len((await rig.store.find(wanted_by, limit=5)).items) == count
        (notes,) = [notes for notes in rig.notes if notes.edited]
        record, version, at = notes.edited[0]
        assert (unpack(record).body, version, at) == (b"new", 2, rig.now)


async def test_an_edit_of_a_failed_task_sends_nothing(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        task = await failed(rig)
        changed = await edited(rig, task, moved(task, body=b"new", attempts_left=7, next_attempt_at=NOW))
        assert changed.task is not None
        assert (changed.task.status, changed.task.next_attempt_at) == (Status.FAILED, None)
        assert changed.task.attempts_left == task.attempts_left
        assert await rig.claim() == []
        await rig.command(Action.RETRY, task)
        assert [claimed.body for claimed in await rig.claim()] == [b"new"]


async def test_what_is_sent_or_delivered_can_not_be_edited(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        flying, done = make_task(), make_task()
        await rig.add(flying, claimed=True)
        await rig.add(done, claimed=True, results=[result(done)])
        wanted = moved(flying, body=b"new")
        changed = await rig.command(Action.EDIT, flying, task=wanted, record=pack(wanted), in_flight=True)
        assert changed.conflict == "status"
        assert (await edited(rig, done, moved(done, body=b"new"))).conflict == "status"
        assert (await edited(rig, make_task(), flying)).conflict == "missing"


async def test_erasing_leaves_a_tombstone(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        task = await failed(
            rig,
            url="http://127.0.0.1:9000/hook?key=canary-query",
            headers=(("X-Key", "canary-header"),),
            body=b"canary-body",
            callback=b'{"url":"http://canary-callback/"}',
            labels={"tenant": "acme"},
        )
        await edited_with_canary(rig, task)
        changed = await rig.command(Action.DELETE, task)
        assert changed.conflict is None
        stone = changed.task
        assert stone is not None
        assert (stone.erased_at, stone.status, stone.url) == (
            rig.now,
            Status.FAILED,
            "http://127.0.0.1:9000/hook",
        )
        assert (stone.body, stone.headers, stone.callback, stone.size) == (None, (), None, 11)
        assert stone.sha256 == hashlib.sha256(b"canary-body").digest()
        assert stone.labels == {"tenant": "acme"}
        (attempt,) = await rig.store.attempts(task.id)
        assert (attempt.outcome.code, attempt.outcome.response_body) == (500, b"")
        assert [past.action for past in await rig.store.history(task.id)] == ["edit", "delete"]
        assert (task.id, rig.now) in [each for notes in rig.notes for each in notes.erased]
        assert (await rig.command(Action.DELETE, task)).conflict is None
        assert await rig.store.check() == []
        await rig.reopen()
        assert b"canary" not in (tmp_path / "store.db").read_bytes()
        assert (await rig.task(task.id)).erased_at == rig.now


async def edited_with_canary(rig: Rig, task: Task) -> None:
    """An edit whose history names what is to be erased."""
    full = await rig.store.get(task.id, Part.FULL)
    assert full is not None
    await edited(rig, task, full, b'{"body":"canary-history"}')


async def test_what_is_erased_is_not_sent_again(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        task = await failed(rig)
        waiting = make_task()
        await rig.add(waiting)
        assert (await rig.command(Action.DELETE, waiting)).conflict == "status"
        await rig.command(Action.DELETE, task)
        copy = make_task(parent=task.id)
        for action in (Action.RETRY, Action.EDIT, Action.RESEND):
            assert (await rig.command(action, task, task=copy, record=pack(copy))).conflict == "erased"


async def test_a_copy_waits_beside_its_parent(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        parent = make_task()
        await rig.add(parent, claimed=True, results=[result(parent)])
        copy = make_task(parent=parent.id, body=b"again")
        changed = await rig.command(Action.RESEND, parent, task=copy, record=pack(copy))
        assert changed.task is not None
        assert (changed.task.id, changed.task.parent) == (copy.id, parent.id)
        assert [task.body for task in await rig.claim()] == [b"again"]
        assert [notes.made for notes in rig.notes if notes.made] == [[pack(copy)]]
        again = await rig.command(Action.RESEND, parent, task=copy, record=pack(copy))
        assert again.conflict is None
        assert len((await rig.store.find(Filter(), limit=9)).items) == 2


async def test_a_history_says_who_did_what_and_when(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        task = make_task()
        await rig.add(task)
        await rig.command(Action.CANCEL, task, by="anna")
        rig.now += 5
        await rig.command(Action.RETRY, task, by="boris", version=9)  # refused: not in the history
        await rig.command(Action.RETRY, task, by="boris")
        past = await rig.store.history(task.id)
        assert [(each.at, each.by, each.action) for each in past] == [
            (NOW, "anna", "cancel"),
            (NOW + 5, "boris", "retry"),
        ]


def bulk(**fields: object) -> Bulk:
    """A bulk retry of two."""
    usual: dict[str, Any] = {
        "id": BULK,
        "action": Action.RETRY,
        "plan": b"{}",
        "by": "op",
        "matched": 2,
        "last": 9,
        "created_at": NOW,
    }
    return Bulk(**{**usual, **fields})


async def test_a_step_of_a_bulk_operation_and_its_commands_are_one(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        tasks = [await failed(rig), await failed(rig)]
        waiting = make_task()
        await rig.add(waiting)
        await rig.store.begin_bulk(bulk())
        commands = [Command(action=Action.DELETE, id=task.id, at=NOW, by="op") for task in [*tasks, waiting]]
        progress = Progress(id=BULK, cursor=3, skipped={"sending": 2})
        await rig.store.change(commands, progress=progress)
        await rig.reopen()
        (running,) = await rig.store.running_bulks(4)
        assert (running.done, running.cursor, running.skipped) == (2, 3, {"sending": 2, "status": 1})
        await rig.store.change([], progress=Progress(id=BULK, cursor=9, state=BulkState.DONE, at=NOW + 1))
        assert await rig.store.running_bulks(4) == []
        done = await rig.store.bulk(BULK)
        assert done is not None
        assert (done.state, done.finished_at, done.done) == (BulkState.DONE, NOW + 1, 2)


async def test_a_step_without_its_bulk_operation_changes_nothing(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        task = await failed(rig)
        command = Command(action=Action.RETRY, id=task.id, at=NOW, by="op")
        with pytest.raises(ValueError, match="no such"):
            await rig.store.change([command], progress=Progress(id=BULK, cursor=1))
        assert (await rig.task(task.id)).status is Status.FAILED


async def test_a_stopped_bulk_operation_stays_stopped(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        await rig.store.begin_bulk(bulk())
        stopped = await rig.store.stop_bulk(BULK, NOW + 1)
        assert stopped is not None
        assert stopped.state is BulkState.STOPPED
        await rig.store.change([], progress=Progress(id=BULK, cursor=9, state=BulkState.DONE, at=NOW + 2))
        late = await rig.store.stop_bulk(BULK, NOW + 3)
        assert late is not None
        assert (late.state, late.finished_at, late.cursor) == (BulkState.STOPPED, NOW + 1, 9)
        assert await rig.store.stop_bulk(make_task().id, NOW) is None


async def test_logs_are_read_piece_by_piece(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        for number in range(3):
            audit = Audited(at=NOW + number, by="op", action="bulk", subject=b"{}", count=number)
            await rig.store.begin_bulk(bulk(id=new_id(NOW + number, random.Random(number))), audit)
        first = await rig.store.audits(2)
        rest = await rig.store.audits(2, first.next)
        assert [row.count for row in [*first.items, *rest.items] if isinstance(row, Audited)] == [2, 1, 0]
        assert rest.next is None
        some = await rig.store.bulks(2)
        others = await rig.store.bulks(2, some.next)
        assert [each.created_at for each in [*some.items, *others.items] if isinstance(each, Bulk)] == [
            NOW
        ] * 3
        with pytest.raises(Invalid):
            await rig.store.audits(2, "x")


async def test_the_logs_leave_when_they_are_old(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path, Retention(audit=DAY)) as rig:
        audit = Audited(at=NOW, by="op", action="bulk", subject=b"{}", count=1)
        await rig.store.begin_bulk(bulk(), audit)
        await rig.store.stop_bulk(BULK, NOW)
        await rig.store.sweep(NOW + DAY, 10)
        assert len((await rig.store.audits(9)).items) == len((await rig.store.bulks(9)).items) == 1
        await rig.store.sweep(NOW + DAY + 1, 10)
        assert [*(await rig.store.audits(9)).items, *(await rig.store.bulks(9)).items] == []


async def test_a_pause_is_in_the_audit_log_with_it(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        audit = Audited(at=NOW, by="op", action="pause", subject=b'{"destination":"http://a:80"}', count=1)
        await rig.store.steer([Steer(destination=A, pause=Pause(NOW, "op", "moving"))], audit)
        assert [row.action for row in (await rig.store.audits(9)).items] == ["pause"]


async def test_steering_of_one_kind_leaves_the_others(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        await rig.store.steer([Steer(destination=A, pause=Pause(NOW, "op"), rate=0.5)])
        await rig.store.steer([Steer(destination=A, hold=Hold(NOW, NOW + 9, 429), concurrency=3)])
        await rig.store.steer([Steer(destination=A, pause=None)])
        (kept,) = await rig.store.steered()
        assert (kept.pause, kept.hold, kept.concurrency, kept.rate) == (None, Hold(NOW, NOW + 9, 429), 3, 0.5)
        await rig.store.sweep(NOW + DAY, 10)
        await rig.store.steer([Steer(destination=A, hold=None, concurrency=None)])
        assert [row.rate for row in await rig.store.steered()] == [0.5]
        await rig.store.steer([Steer(destination=A, rate=None)])
        await rig.store.sweep(NOW + DAY, 10)
        assert await rig.store.steered() == []
        assert await rig.store.destinations(9) == []


async def test_what_is_held_is_found(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        paused, held, free = (make_task(destination=key) for key in (A, B, "http://c:80"))
        await rig.add(paused, held, free)
        await rig.store.steer([Steer(destination=A, pause=Pause(NOW, "op"))])
        await rig.store.steer([Steer(destination=B, hold=Hold(NOW, NOW + 9))])
        for wanted, found in (
            (Filter(held=True, asked_at=NOW), {paused.id, held.id}),
            (Filter(held=True, asked_at=NOW + 9), {paused.id}),
            (Filter(held=False, asked_at=NOW), {free.id}),
            (Filter(ids=frozenset({free.id, paused.id})), {free.id, paused.id}),
            (Filter(seq_to=1), {paused.id}),
        ):
            assert {task.id for task in (await rig.store.find(wanted, limit=9)).items} == found


async def test_words_are_not_found_in_a_query(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        await rig.add(make_task(url="http://127.0.0.1:9000/Orders?token=secret"))
        for word, count in (("orders", 1), ("SECRET", 0), ("token", 0)):
            page = await rig.store.find(Filter(words=(word,)), limit=9)
            assert (len(page.items), page.complete) == (count, True)


async def test_those_ahead_are_counted(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        tasks = [make_task(next_attempt_at=NOW + due) for due in (5, 1, 3, 3)]
        await rig.add(*tasks)
        counts = [
            await rig.store.ahead(task.destination, task.next_attempt_at or 0, (await rig.task(task.id)).seq)
            for task in tasks
        ]
        assert counts == [3, 0, 1, 2]
        assert (await rig.store.summary()).last_seq == 4


async def test_many_commands_are_carried_out_in_their_order(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        tasks = [make_task() for _ in range(300)]
        await rig.add(*tasks)
        commands = [Command(action=Action.CANCEL, id=task.id, at=NOW, by="op") for task in tasks]
        changed = await rig.store.change(commands)
        assert {each.task.status for each in changed if each.task} == {Status.CANCELLED}
        assert [each.id for each in changed] == [task.id for task in tasks]
