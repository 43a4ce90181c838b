"""What follows the end of a task, in every store: the next of its order key, its callback, and keys that are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from okydrom.callback import Callback, callback_id
from okydrom.config.settings import DAY, HOUR, Retention
from okydrom.record import pack
from okydrom.store.command import Action
from okydrom.store.contract import Part
from okydrom.store.entry import Entry, Kept
from okydrom.store.query import Filter
from okydrom.task import Reason, Status, Task
from tests.support.stores import NOW, Make, Rig, each_store, opened, result
from tests.support.tasks import make_task, moved

pytestmark = each_store

BACK = "http://back:80"


def ordered(key: str = "k", **fields: Any) -> Task:
    """A task with an order key."""
    return make_task(order_key=key, **fields)


async def due_now(rig: Rig) -> list[str]:
    """Ids that can be claimed, and are."""
    return [task.id for task in await rig.claim()]


def told(*on: Status) -> bytes:
    """A callback."""
    callback = Callback(
        url=f"{BACK}/told", method="POST", http_method="POST", on=on, attempts=3, max_age=HOUR
    )
    return msgspec.json.encode(callback)


async def test_one_of_a_line_is_ready_and_its_end_releases_the_next(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        first, second, third = (ordered(next_attempt_at=NOW - wait) for wait in (1, 3, 2))
        await rig.add(first, second, third)
        assert [await rig.store.in_line(task.id) for task in (first, second, third)] == [
            (0, 2),
            (1, 1),
            (2, 0),
        ]
        assert (await rig.task(second.id)).next_attempt_at is None
        assert await due_now(rig) == [first.id]
        await rig.store.record([result(first, Status.RETRYING, due=NOW)])
        assert await due_now(rig) == [first.id]  # it holds its line
        await rig.store.record([result(first, Status.FAILED)])
        assert await due_now(rig) == [second.id]  # by order of import, not of their times
        await rig.store.record([result(second)])
        assert await due_now(rig) == [third.id]
        assert await rig.store.in_line(third.id) == (0, 0)


async def test_lines_of_other_sources_and_keys_do_not_wait(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        tasks = [ordered(), ordered("other"), ordered(source="shop"), make_task()]
        await rig.add(*tasks)
        assert set(await due_now(rig)) == {task.id for task in tasks}


@pytest.mark.parametrize("end", ["cancel", "expire", "released cancel"])
async def test_every_end_releases_the_next(make: Make, tmp_path: Path, end: str) -> None:
    async with opened(make, tmp_path) as rig:
        first, second = ordered(expires_at=NOW + 1), ordered()
        await rig.add(first, second)
        if end == "cancel":
            await rig.command(Action.CANCEL, first)
        elif end == "expire":
            await rig.store.sweep(NOW + 2, 10)
        else:
            await rig.claim()
            await rig.command(Action.CANCEL, first, in_flight=True)
            await rig.store.release([first.id])
        assert await due_now(rig) == [second.id]


async def test_a_line_goes_on_after_a_restart(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        first, second = ordered(), ordered()
        await rig.add(first, second)
        await rig.reopen()
        assert await due_now(rig) == [first.id]
        await rig.store.record([result(first)])
        await rig.reopen()
        assert await due_now(rig) == [second.id]


async def test_a_delayed_one_holds_its_line(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        await rig.add(ordered(next_attempt_at=NOW + 5), ordered())
        assert await due_now(rig) == []
        (row,) = await rig.store.destinations(9)
        assert row.next_due == NOW + 5


async def test_one_that_is_granted_anew_takes_its_turn(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        first, second, third = ordered(), ordered(), ordered()
        await rig.add(first, second, third)
        await rig.claim()
        await rig.store.record([result(first, Status.FAILED)])
        await rig.command(Action.RETRY, first)
        assert await due_now(rig) == [second.id]
        assert await rig.store.in_line(first.id) == (0, 2)
        await rig.store.record([result(second)])
        assert await due_now(rig) == [first.id]  # the lowest comes first


async def test_commands_on_one_that_is_behind_leave_it_there(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        first, second = ordered(), ordered(next_attempt_at=NOW + DAY)
        await rig.add(first, second)
        await rig.command(Action.RETRY, second)
        assert await due_now(rig) == [first.id]
        await rig.store.record([result(first)])
        assert await due_now(rig) == [second.id]  # due at once, when its turn came
        third, fourth = ordered("e"), ordered("e")
        await rig.add(third, fourth)
        later = moved(fourth, next_attempt_at=NOW + 9)
        await rig.command(Action.EDIT, fourth, task=later, record=pack(later))
        await rig.command(Action.CANCEL, third)
        assert (await rig.task(fourth.id)).next_attempt_at == NOW + 9


@pytest.mark.parametrize("imported", [True, False])
async def test_an_end_is_told_once(make: Make, tmp_path: Path, imported: bool) -> None:
    async with opened(make, tmp_path) as rig:
        task = make_task(callback=told(Status.DELIVERED, Status.FAILED), source="shop")
        if imported:
            await rig.add(task, claimed=True)
            await rig.store.record([result(task)])
        else:
            await rig.add(task, claimed=True, results=[result(task)])
        await rig.store.record([result(task)])  # stale: it has ended
        (callback,) = await rig.store.claim({BACK: 9}, NOW)
        done = await rig.store.get(task.id, Part.FULL)
        assert done is not None
        assert (callback.id, callback.parent, callback.source) == (callback_id(done), task.id, "shop")
        assert (callback.callback, callback.max_attempts, callback.expires_at) == (None, 3, NOW + HOUR)
        payload = msgspec.json.decode(callback.body or b"")
        assert (payload["type"], payload["data"]["id"]) == ("task.delivered", task.id)
        assert payload["data"]["status"] == "delivered"
        assert [notes.made for notes in rig.notes if notes.made] == [[pack(callback)]]
        await rig.reopen()
        assert len((await rig.store.find(Filter(parent=task.id), limit=9)).items) == 1


async def test_only_ends_that_were_asked_for_are_told(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        cancelled, delivered = (make_task(callback=told(Status.FAILED)) for _ in range(2))
        expired = make_task(callback=told(Status.FAILED), expires_at=NOW + 1)
        await rig.add(cancelled, delivered, expired)
        await rig.command(Action.CANCEL, cancelled)
        await rig.claim(most=1)
        await rig.store.record([result(delivered)])
        await rig.store.release([expired.id])
        await rig.store.sweep(NOW + 2, 9)
        callbacks = await rig.store.claim({BACK: 9}, NOW + 9)
        assert [task.parent for task in callbacks] == [expired.id]


async def test_the_end_of_another_life_is_told_too(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        task = make_task(callback=told(Status.DELIVERED, Status.FAILED))
        await rig.add(task, claimed=True, results=[result(task, Status.FAILED, reason=Reason.EXPIRED)])
        await rig.command(Action.RETRY, task)
        (again,) = await rig.claim()
        await rig.store.record([result(again)])
        events = [each.event for each in await rig.store.claim({BACK: 9}, NOW)]
        assert events == ["task.failed", "task.delivered"]


async def kept(rig: Rig, key: str, *tasks: Task, created_at: int = NOW) -> Kept:
    """Tasks that came with an idempotency key."""
    ids = tuple(task.id for task in tasks)
    found = Kept("local", key, b"hash", 202, b'{"id":1}', ids, created_at)
    entries = [
        Entry(task, pack(task), False, (), None if place else found) for place, task in enumerate(tasks)
    ]
    rig.position += 1
    await rig.store.add(entries, rig.position)
    return found


async def test_a_key_is_remembered_with_its_answer(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        await kept(rig, "k", make_task(), make_task())
        await rig.reopen()
        assert await rig.store.recall("local", "k") == Kept("local", "k", b"hash", 202, b'{"id":1}', (), NOW)
        assert await rig.store.recall("shop", "k") is None


async def test_a_key_lives_a_day_and_as_long_as_one_of_its_tasks(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path, Retention(cancelled=HOUR)) as rig:
        first, second, third, waiting = (make_task() for _ in range(4))
        await kept(rig, "two", first, second)
        await kept(rig, "waits", third, waiting)
        for task in (first, second, third):
            await rig.command(Action.CANCEL, task)
        await rig.store.sweep(NOW + 2 * HOUR, 9)
        assert await rig.store.get(first.id) is None
        assert await rig.store.recall("local", "two") is not None
        while (await rig.store.sweep(NOW + DAY + HOUR + 1, 1)).more:
            pass
        assert await rig.store.recall("local", "two") is None
        assert await rig.store.recall("local", "waits") is not None


async def test_one_that_was_behind_when_it_was_read_and_is_ready_by_now_keeps_its_time(
    make: Make, tmp_path: Path
) -> None:
    async with opened(make, tmp_path) as rig:
        first, second = ordered(), ordered(next_attempt_at=NOW - 2)
        await rig.add(first, second)
        behind = await rig.store.get(second.id, Part.FULL)
        assert behind is not None
        assert behind.next_attempt_at is None
        await rig.command(Action.CANCEL, first)
        edited = moved(behind, event="e")
        changed = await rig.command(Action.EDIT, second, task=edited, record=pack(edited))
        assert changed.conflict is None
        found = await rig.task(second.id)
        assert (found.event, found.next_attempt_at) == ("e", NOW - 2)
        assert await due_now(rig) == [second.id]
