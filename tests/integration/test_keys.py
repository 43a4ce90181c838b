"""Idempotency keys and requests of several tasks, over the real journal and store."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from okydrom.errors import DestinationFull, DiskFull, KeyReused, Stopping
from okydrom.intake.crowds import Crowds
from okydrom.store.entry import Kept
from okydrom.store.query import Filter
from okydrom.task import Task
from tests.integration.test_pump import World, world
from tests.support.tasks import CREATED, make_task
from tests.support.wait import wait_until

__all__ = ["world"]


async def create(world: World, key: str, digest: bytes, *tasks: Task) -> Kept:
    """As a create call does it: the answer of the key, or the tasks and theirs."""
    async with world.keys.entering("shop", key, digest) as known:
        if known is not None:
            return known
        kept = Kept("shop", key, digest, 202, b'{"id":1}', tuple(task.id for task in tasks), CREATED)
        await world.accept.accept_all(tasks, kept)
        return kept


async def count(world: World) -> int:
    """Tasks in the store."""
    await world.pump.caught_up()
    return sum((await world.store.count(Filter())).by_status.values())


async def test_a_hundred_requests_with_one_key_make_one_task(world: World) -> None:
    answers = await asyncio.gather(*(create(world, "k", b"h", make_task()) for _ in range(100)))
    assert len({answer.ids for answer in answers}) == 1
    assert await count(world) == 1
    await world.pump.caught_up()
    again = await create(world, "k", b"h", make_task())  # known by the store alone
    assert (again.answer, await count(world)) == (b'{"id":1}', 1)


async def test_another_request_with_the_key_is_refused_wherever_it_is(world: World) -> None:
    async with asyncio.timeout(5):
        _, refused = await asyncio.gather(
            create(world, "k", b"h", make_task()),
            create(world, "k", b"other", make_task()),
            return_exceptions=True,
        )
        assert isinstance(refused, KeyReused)
        with pytest.raises(KeyReused):
            await create(world, "k", b"other", make_task())
        await count(world)
        with pytest.raises(KeyReused):
            await create(world, "k", b"other", make_task())
        await create(world, "another", b"other", make_task())
        assert await count(world) == 2


async def test_a_key_outlives_a_crash_before_its_import(world: World, tmp_path: Path) -> None:
    world.store.full = True
    await create(world, "k", b"h", make_task(), make_task())
    await world.close()
    world.store.full = False
    await world.open()
    assert world.replayed == 2
    await create(world, "k", b"h", make_task())
    assert await count(world) == 2
    with pytest.raises(KeyReused):
        await create(world, "k", b"other", make_task())


async def test_a_key_of_a_request_that_failed_is_free(world: World) -> None:
    world.accept.open = False
    with pytest.raises(Stopping):
        await create(world, "k", b"h", make_task())
    world.accept.open = True
    await create(world, "k", b"other", make_task())
    assert await count(world) == 1


async def test_of_those_that_wait_the_next_goes_on_if_the_first_fails(world: World) -> None:
    entered, free = asyncio.Event(), asyncio.Event()

    async def fails() -> None:
        async with world.keys.entering("shop", "k", b"h"):
            entered.set()
            await free.wait()
            raise DiskFull

    first = asyncio.create_task(fails())
    await entered.wait()
    second = asyncio.create_task(create(world, "k", b"h", make_task()))
    free.set()
    with pytest.raises(DiskFull):
        await first
    await second
    assert await count(world) == 1


async def test_tasks_of_one_request_are_one_frame(world: World) -> None:
    groups = world.journal.stats.groups
    tasks = [make_task() for _ in range(1_000)]
    await world.accept.accept_all(tasks)
    assert world.journal.stats.groups == groups + 1
    assert await count(world) == 1_000
    page = await world.store.find(Filter(), limit=1_000, oldest_first=True)
    assert [task.id for task in page.items] == [task.id for task in tasks]


async def test_what_waits_for_its_turn_or_time_goes_to_no_lane(world: World) -> None:
    later = make_task(next_attempt_at=CREATED + 5)
    await world.accept.accept_all([make_task(order_key="k"), make_task(order_key="k"), later, make_task()])
    assert world.lanes.queued == 1
    await world.pump.caught_up()
    claimed = await world.store.claim({later.destination: 9}, CREATED)
    assert [task.order_key for task in claimed] == ["k"]
    await wait_until(lambda: world.woken > 0)


async def test_a_destination_that_is_full_takes_no_more(world: World) -> None:
    tasks = [make_task() for _ in range(1_000)]
    await world.accept.accept_all(tasks)
    await world.pump.caught_up()
    crowds = Crowds(world.store, 1_002)
    await crowds.look()
    crowds.enter_all([tasks[0].destination, "http://other:80"])
    with pytest.raises(DestinationFull) as refused:
        crowds.enter_all([tasks[0].destination] * 2)
    assert refused.value.retry_after > 0
    crowds.enter(tasks[0].destination)
    with pytest.raises(DestinationFull):
        crowds.enter(tasks[0].destination)
    crowds.enter("http://other:80")
    await crowds.look()
    crowds.enter(tasks[0].destination)  # those that were let in have not come
    Crowds(world.store, 0).enter_all([tasks[0].destination] * 9)
