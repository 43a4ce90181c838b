"""What every store finds: exactly what a filter wants, in order, page by page."""

import random
from pathlib import Path

import pytest

from okydrom.errors import Invalid
from okydrom.store.contract import Store
from okydrom.store.query import Filter
from okydrom.task import TERMINAL, Status, Task
from tests.support.matching import matches, shown, some_filter, some_tasks
from tests.support.stores import Make, Rig, each_store, opened, result
from tests.support.tasks import make_task

pytestmark = each_store

MANY = 1_200


async def filled(rig: Rig, seed: int) -> list[Task]:
    """Tasks in every state, as the store has them, oldest first."""
    tasks = some_tasks(random.Random(seed), MANY)
    await rig.add(*tasks)
    page = await rig.store.find(Filter(), limit=MANY, oldest_first=True)
    assert [task.id for task in page.items] == [task.id for task in tasks]
    return page.items


async def walked(
    store: Store, wanted: Filter, limit: int, oldest_first: bool, sending: set[str]
) -> list[Task]:
    """All pages of a list, one after the other; each is also reached by going back."""
    found: list[Task] = []
    cursor: str | None = None
    before: list[Task] = []
    while True:
        page = await store.find(
            wanted, limit=limit, cursor=cursor, oldest_first=oldest_first, sending=sending
        )
        assert page.complete
        assert (page.prev is None) == (cursor is None)
        if page.prev:
            back = await store.find(
                wanted, limit=limit, cursor=page.prev, oldest_first=oldest_first, sending=sending
            )
            assert back.items == before
            assert back.next is not None
        found += page.items
        before, cursor = page.items, page.next
        if cursor is None:
            return found


async def test_pages_hold_exactly_what_any_filter_wants(make: Make, tmp_path: Path, seed: int) -> None:
    rand = random.Random(seed)
    async with opened(make, tmp_path) as rig:
        tasks = await filled(rig, seed)
        waiting = [task.id for task in tasks if task.status not in TERMINAL]
        matched = 0
        for _ in range(150):
            wanted = some_filter(rand, MANY)
            sending = set(rand.sample(waiting, rand.choice([0, 3, 60])))
            oldest_first = rand.random() < 0.5
            expected = [task for task in tasks if matches(task, wanted, sending)]
            found = await walked(rig.store, wanted, rand.choice([7, 50, 200]), oldest_first, sending)
            assert found == (expected if oldest_first else expected[::-1]), wanted
            matched += len(expected)
        assert matched > MANY  # the filters were not all empty


async def test_counts_are_those_of_the_list(make: Make, tmp_path: Path, seed: int) -> None:
    rand = random.Random(seed)
    async with opened(make, tmp_path) as rig:
        tasks = await filled(rig, seed)
        waiting = [task.id for task in tasks if task.status not in TERMINAL]
        for _ in range(60):
            wanted = some_filter(rand, MANY)
            sending = set(rand.sample(waiting, rand.choice([0, 3, 60])))
            counted = await rig.store.count(wanted, sending=sending)
            expected = [shown(task, sending) for task in tasks if matches(task, wanted, sending)]
            assert counted.exact
            assert {status: count for status, count in counted.by_status.items() if count} == {
                status: expected.count(status) for status in set(expected)
            }, wanted


async def test_counting_stops_at_the_cap(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        await rig.add(*(make_task(event="e") for _ in range(30)))
        wanted = Filter(event=frozenset({"e"}))
        few, all_of_them = await rig.store.count(wanted, cap=10), await rig.store.count(wanted, cap=100)
        assert (few.exact, few.by_status[Status.QUEUED]) == (False, 10)
        assert (all_of_them.exact, all_of_them.by_status[Status.QUEUED]) == (True, 30)


async def test_counts_by_status_know_what_is_being_sent(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        tasks = [make_task() for _ in range(3)]
        done = make_task()
        await rig.add(*tasks)
        await rig.add(done, claimed=True, results=[result(done)])
        counted = await rig.store.count(Filter(), sending=[tasks[0].id, done.id, make_task().id])
        assert counted.by_status == {
            Status.QUEUED: 2,
            Status.SENDING: 1,
            Status.RETRYING: 0,
            Status.DELIVERED: 1,
            Status.FAILED: 0,
            Status.CANCELLED: 0,
        }
        sending = await rig.store.count(Filter(status=frozenset({Status.SENDING})), sending=[tasks[1].id])
        assert sending.by_status == {Status.SENDING: 1}


async def test_a_page_is_steady_while_tasks_are_added(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        old = [make_task() for _ in range(6)]
        await rig.add(*old)
        first = await rig.store.find(Filter(), limit=3)
        await rig.add(*(make_task() for _ in range(4)))
        second = await rig.store.find(Filter(), limit=3, cursor=first.next)
        assert [task.id for task in first.items + second.items] == [task.id for task in old[::-1]]
        top = await rig.store.find(Filter(), limit=9, cursor=first.prev) if first.prev else None
        assert top is None  # the first page has nothing before it


async def test_what_is_new_is_found_by_going_back(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        await rig.add(*(make_task() for _ in range(4)))
        first = await rig.store.find(Filter(), limit=2)
        second = await rig.store.find(Filter(), limit=2, cursor=first.next)
        fresh = make_task()
        await rig.add(fresh)
        back = await rig.store.find(Filter(), limit=2, cursor=second.prev)
        assert (back.items, back.prev is None) == (first.items, False)
        newest = await rig.store.find(Filter(), limit=2, cursor=back.prev)
        assert ([task.id for task in newest.items], newest.prev) == ([fresh.id], None)


async def test_beyond_the_end_there_is_an_empty_page_that_leads_back(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        await rig.add(*(make_task() for _ in range(2)))
        page = await rig.store.find(Filter(), limit=1, oldest_first=True)
        last = await rig.store.find(Filter(), limit=1, cursor=page.next, oldest_first=True)
        assert last.next is None
        beyond = await rig.store.find(Filter(), limit=1, cursor=page.next)  # in the other order
        assert beyond.items == []
        assert beyond.prev is not None


@pytest.mark.parametrize(
    "cursor", ["", "x", "AQAAAAAAAAAB", "AgAAAAAAAAAAAQ", "AQD__________w", "é", "A" * 14]
)
async def test_a_cursor_that_is_none_is_refused(make: Make, tmp_path: Path, cursor: str) -> None:
    async with opened(make, tmp_path) as rig:
        with pytest.raises(Invalid):
            await rig.store.find(Filter(), limit=1, cursor=cursor)


async def test_an_empty_store_has_an_empty_page(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        page = await rig.store.find(Filter(), limit=5)
        assert (page.items, page.next, page.prev, page.complete) == ([], None, None, True)
