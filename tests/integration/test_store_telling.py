"""What every store tells while somebody listens, and what a filter means in memory as in the store."""

from __future__ import annotations

from pathlib import Path

import pytest

from okydrom.feed import Change, Progressed
from okydrom.record import pack
from okydrom.store.command import Action, Bulk, Progress
from okydrom.store.matching import matches
from okydrom.store.query import Filter, parse_filter
from okydrom.store.steering import Hold, Pause, Steer
from okydrom.task import TERMINAL, Status, Task
from tests.support.stores import NOW, Make, Rig, each_store, opened, result
from tests.support.tasks import make_entry, make_task, moved

pytestmark = each_store

FREE, PAUSED, HELD, OVER = "http://free:80", "http://paused:80", "http://held:80", "http://over:80"
BULK = "018bcfe5-6800-7000-8000-00000000000b"


async def told(rig: Rig, action: Action, task: Task, wanted: Task | None = None) -> list[Change | object]:
    """What one command tells."""
    listener = rig.feed.listen()
    await rig.command(action, task, task=wanted, record=pack(wanted) if wanted else b"")
    rig.feed.leave(listener)
    return [(each.status, each.before) for each in listener.take() if isinstance(each, Change)]


async def test_a_change_says_what_the_task_was_before(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        listener = rig.feed.listen()
        task = make_task(next_attempt_at=NOW)
        await rig.add(task)
        (claimed,) = await rig.claim()
        await rig.store.record([result(claimed, Status.RETRYING)])
        assert listener.take() == [
            Change(task.id, task.destination, Status.QUEUED, 1, None),
            Change(task.id, task.destination, Status.RETRYING, 1, Status.QUEUED),
        ]
        waiting = await rig.task(task.id)
        edited = moved(waiting, event="edited")
        assert await told(rig, Action.EDIT, waiting, edited) == [(Status.RETRYING, Status.RETRYING)]
        assert await told(rig, Action.CANCEL, task) == [(Status.CANCELLED, Status.RETRYING)]
        assert await told(rig, Action.RETRY, task) == [(Status.QUEUED, Status.CANCELLED)]
        assert await told(rig, Action.CANCEL, task) == [(Status.CANCELLED, Status.QUEUED)]
        assert await told(rig, Action.DELETE, task) == [(Status.CANCELLED, Status.CANCELLED)]


async def test_a_cancel_that_is_noted_is_told(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        task = make_task(next_attempt_at=NOW)
        await rig.add(task)
        (claimed,) = await rig.claim()
        listener = rig.feed.listen()
        await rig.command(Action.CANCEL, claimed, in_flight=True)
        assert listener.take() == [Change(task.id, task.destination, Status.QUEUED, 1, Status.QUEUED)]


async def test_what_expires_is_told(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        task = make_task(expires_at=NOW - 1)
        await rig.add(task)
        listener = rig.feed.listen()
        await rig.store.sweep(NOW, 10)
        assert listener.take() == [Change(task.id, task.destination, Status.FAILED, 1, Status.QUEUED)]


async def test_bulk_operations_are_told_as_they_begin_move_and_stop(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        listener = rig.feed.listen()
        bulk = Bulk(id=BULK, action=Action.CANCEL, plan=b"{}", by="op", matched=2, last=9, created_at=NOW)
        await rig.store.begin_bulk(bulk)
        await rig.store.change([], progress=Progress(id=BULK, cursor=1, at=NOW))
        await rig.store.stop_bulk(BULK, NOW)
        assert listener.take() == [Progressed(BULK)] * 3


async def test_heads_are_those_of_the_tasks_that_are_there(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        tasks = [make_task(labels={"a": "b"}) for _ in range(300)]
        await rig.add(*tasks)
        ids = [task.id for task in tasks]
        found = await rig.store.heads([*ids[:250], make_task().id])
        assert found == {task_id: await rig.task(task_id) for task_id in ids[:250]}
        assert await rig.store.heads([]) == {}


@pytest.mark.parametrize("held", [True, False])
async def test_what_is_held_is_the_same_in_memory_and_in_the_store(
    make: Make, tmp_path: Path, held: bool
) -> None:
    async with opened(make, tmp_path) as rig:
        for key in (FREE, PAUSED, HELD, OVER):
            await rig.add(make_task(destination=key), make_task(destination=key))
            done = make_task(destination=key)
            await rig.add(done, claimed=True, results=[result(done)])
        await rig.store.steer(
            [
                Steer(destination=PAUSED, pause=Pause(NOW, "op")),
                Steer(destination=HELD, hold=Hold(NOW, NOW + 9)),
                Steer(destination=OVER, hold=Hold(NOW - 9, NOW)),
            ]
        )
        wanted = parse_filter([("held", str(held).lower())], NOW)
        everything = (await rig.store.find(Filter(), limit=100)).items
        found = (await rig.store.find(wanted, limit=100)).items
        assert found == [
            task
            for task in everything
            if matches(task, wanted, task.status, held=task.destination in (PAUSED, HELD))
        ]
        assert 0 < len(found) < len(everything)
        assert all(task.status not in TERMINAL for task in found) is held


@pytest.mark.parametrize(
    "word", ["ÄPFEL", "äpfel", "Apfel", "apfel", "b?c", "?", "-", "01HOST", "7000-8000", '"a":"B']
)
async def test_words_are_found_alike(make: Make, tmp_path: Path, word: str) -> None:
    async with opened(make, tmp_path) as rig:
        await rig.store.add(
            [
                make_entry(task)
                for task in (
                    make_task(event="Äpfel und Apfel"),
                    make_task(url="http://01host/A?b?c", labels={"a": "B-c"}),
                    make_task(id="018bcfe5-6800-7000-8000-00000000000c"),
                )
            ],
            3,
        )
        wanted = Filter(words=(word,))
        everything = (await rig.store.find(Filter(), limit=9)).items
        found = (await rig.store.find(wanted, limit=9)).items
        assert found == [task for task in everything if matches(task, wanted, task.status)]
