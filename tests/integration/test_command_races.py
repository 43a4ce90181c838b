"""Single moments at which a command meets something else, each brought about on purpose."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from okydrom.delivery.commands import Order
from okydrom.delivery.edit import Edit
from okydrom.delivery.plan import Plan, Rebase, pack_plan
from okydrom.errors import Conflict, Stale
from okydrom.store.command import Action, Bulk, Command
from okydrom.task import Outcome, Status, Task, new_id
from tests.support.tasks import make_task
from tests.support.world import World

HERE = "http://a.example:80"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = World(tmp_path)
    await made.open()
    yield made
    await made.crash()


async def given(world: World) -> Task:
    """An accepted task, that is in its lane and perhaps not in the store yet."""
    task = make_task(created_at=world.now, url=f"{HERE}/", destination=HERE, max_attempts=3)
    await world.accept.accept(task)
    return task


async def carry_out(world: World, action: Action, **fields: Any) -> Bulk:
    """The first chunk of a bulk operation over all queued tasks."""
    plan = Plan(action=action, filter={"status": "queued"}, at=world.now, **fields)
    last = (await world.store.summary()).last_seq
    bulk = Bulk(
        id=new_id(world.now, world.rand),
        action=action,
        plan=pack_plan(plan),
        by="ann",
        matched=0,
        last=last,
        created_at=world.now,
    )
    await world.store.begin_bulk(bulk)
    await world.bulks.step(bulk)
    found = await world.store.bulk(bulk.id)
    assert found is not None
    return found


def order(task: Task, version: int | None = None) -> Order:
    return Order(task.id, "ann", version)


async def test_a_task_is_cancelled_as_soon_as_it_is_accepted(world: World) -> None:
    task = await given(world)
    changed = await world.commands.cancel(order(task))
    assert changed.task is not None
    assert changed.task.status is Status.CANCELLED
    assert await world.take() is None


async def test_a_command_sees_what_an_attempt_has_just_brought(world: World) -> None:
    task = await given(world)
    flight = await world.take()
    assert flight is not None
    world.land(flight, Outcome(code=200))
    with pytest.raises(Conflict) as refused:
        await world.commands.cancel(order(task))
    assert refused.value.params == {"status": Status.DELIVERED}


async def test_a_refused_command_leaves_a_task_that_will_be_sent(world: World) -> None:
    task = await given(world)
    with pytest.raises(Stale):
        await world.commands.cancel(order(task, version=9))
    same = await world.commands.edit(order(task), Edit())
    assert same.task is not None
    assert same.task.version == 1
    assert (await world.finish_all())[task.id].status is Status.DELIVERED


async def test_a_task_stays_out_of_its_lane_until_the_last_command_on_it_is_done(world: World) -> None:
    task = await given(world)
    world.lanes.fence(task.id)
    world.lanes.fence(task.id)
    world.lanes.unfence(task.id)
    assert not world.lanes.offer(task, fresh=False)
    world.lanes.unfence(task.id)
    assert world.lanes.offer(task, fresh=False)


async def test_a_task_that_a_bulk_operation_passed_over_will_be_sent(world: World) -> None:
    task = await given(world)
    await world.tasks()
    bulk = await carry_out(world, Action.EDIT, rebase=Rebase("http://other", "http://b.example"))
    assert (bulk.done, bulk.skipped) == (0, {"rebase": 1})
    assert (await world.finish_all())[task.id].status is Status.DELIVERED


async def test_a_task_that_was_delivered_since_it_was_found_is_not_sent_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = await given(world)
    await world.tasks()
    find, calls = world.store.find, 0

    async def deliver_then(*given: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        page = await find(*given, **named)
        if calls == 1:
            flight = await world.take()
            assert flight is not None
            world.land(flight, Outcome(code=200))
            await world.pump.drain()
        return page

    monkeypatch.setattr(world.store, "find", deliver_then)
    bulk = await carry_out(world, Action.RETRY)
    assert (bulk.done, bulk.skipped) == (0, {"changed": 1})
    monkeypatch.undo()
    found = (await world.tasks())[task.id]
    assert (found.status, found.version) == (Status.DELIVERED, 1)


async def test_a_command_that_overtakes_a_bulk_operation_is_not_undone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = await given(world)
    await world.tasks()
    change = world.store.change

    async def overtaken(commands: Any, **named: Any) -> Any:
        await change([Command(action=Action.CANCEL, id=task.id, at=world.now, by="eve")])
        return await change(commands, **named)

    monkeypatch.setattr(world.store, "change", overtaken)
    bulk = await carry_out(world, Action.RETRY)
    assert (bulk.done, bulk.skipped) == (0, {"version": 1})
    monkeypatch.undo()
    assert (await world.tasks())[task.id].status is Status.CANCELLED


async def test_an_edit_that_is_overtaken_is_made_on_what_there_is_then(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = await given(world)
    await world.tasks()
    change, overtaken = world.store.change, False

    async def overtake(commands: Any, **named: Any) -> Any:
        nonlocal overtaken
        if not overtaken:
            overtaken = True
            await world.commands.edit(order(task), Edit({"event": msgspec.Raw(b'"theirs"')}))
        return await change(commands, **named)

    monkeypatch.setattr(world.store, "change", overtake)
    changed = await world.commands.edit(order(task), Edit({"timeout": msgspec.Raw(b"4")}))
    assert changed.task is not None
    assert (changed.task.version, changed.task.event, changed.task.timeout) == (3, "theirs", 4_000)
