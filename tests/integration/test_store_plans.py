"""No statement of the SQLite store walks through a table: SQLite is asked for the plan of each that is run."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from okydrom.config.settings import DAY, Retention
from okydrom.store.command import Action
from okydrom.store.contract import Part
from okydrom.store.query import Filter
from okydrom.store.sqlite import blocks, starts
from okydrom.store.sqlite.search import Search
from okydrom.store.steering import Pause, Steer
from okydrom.task import Failure, Reason, Status
from tests.support.sqlite import database_of, readers_of
from tests.support.stores import NOW, Rig, opened, result, sqlite_store
from tests.support.tasks import make_entry, make_task

# A walk over all of a table; over an index that holds but a part of it is none.
WALK = re.compile(
    r"SCAN (task|t|record|attempt|a|label|l|destination|d|span)\b"
    r"(?! USING (COVERING )?INDEX destination_\w+)"
)
ENDS = (Status.DELIVERED, Status.RETRYING, Status.FAILED, Status.RETRYING)
SORT = "USE TEMP B-TREE FOR ORDER BY"


def plan_of(db: sqlite3.Connection, sql: str, values: Any = ()) -> list[str]:
    """The steps of a statement."""
    return [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {sql}", values)]


@contextmanager
def traced(*connections: sqlite3.Connection) -> Iterator[list[str]]:
    """The statements that are run."""
    seen: list[str] = []
    for db in connections:
        db.set_trace_callback(seen.append)
    try:
        yield seen
    finally:
        for db in connections:
            db.set_trace_callback(None)


async def live(rig: Rig) -> None:
    """All that a store does in its life."""
    parent = make_task()
    tasks = [make_task(labels={"a": "b"}, expires_at=NOW + 5, parent=parent.id) for _ in range(20)]
    await rig.add(parent, *tasks[:10])
    await rig.add(*tasks[10:], claimed=True, results=[result(tasks[-1])])
    claimed = await rig.claim(most=5)
    await rig.store.release([claimed[0].id])
    await rig.store.record([result(task, status) for task, status in zip(claimed[1:], ENDS, strict=True)])
    await rig.store.record([result(claimed[1])])
    await rig.command(Action.CANCEL, tasks[8])
    await rig.command(Action.RETRY, tasks[8])
    await rig.command(Action.CANCEL, tasks[11], in_flight=True)
    await rig.store.release([tasks[11].id])
    await rig.store.steer([Steer(destination="http://a:80", pause=Pause(NOW, "op"))])
    await rig.store.due(NOW, 100)
    await rig.store.steered()
    await rig.store.summary()
    await rig.store.destinations(10, after="http://a:80")
    await rig.store.get(parent.id, Part.FULL)
    await rig.store.attempts(tasks[-1].id)
    for _ in range(2):
        rig.now += 9 * DAY
        while (await rig.store.sweep(rig.now, 4, tight=True)).more:
            pass


async def test_no_statement_walks_through_a_table(tmp_path: Path) -> None:
    retention = Retention(delivered=DAY, failed=DAY, cancelled=DAY)
    async with opened(sqlite_store, tmp_path, retention) as rig:
        connections = [database_of(rig), *(each._conn for each in readers_of(rig)._connections)]
        with traced(*connections) as seen:
            await live(rig)
        statements = {sql for sql in seen if re.match(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)", sql)}
        walks = {
            f"{step}: {sql[:300]}"
            for sql in statements
            for step in plan_of(connections[0], sql)
            if WALK.search(step) or SORT in step
        }
        assert len(statements) > 40
        assert walks == set()


def test_a_walk_is_found() -> None:
    db = sqlite3.connect(":memory:")
    db.execute("CREATE TABLE task (seq INTEGER PRIMARY KEY, status)")
    assert any(WALK.search(step) for step in plan_of(db, "SELECT * FROM task WHERE status = 5"))
    db.close()


FILTERS = {
    "status": (Filter(status=frozenset({Status.FAILED})), "task_status"),
    "reason": (Filter(reason=frozenset({Reason.BLOCKED})), "task_reason"),
    "method": (Filter(method=frozenset({"CRM"})), "task_method"),
    "destination": (
        Filter(destination=frozenset({make_task().destination}), status=frozenset({Status.FAILED})),
        "task_failed",
    ),
    "source": (Filter(source=frozenset({"shop"})), "task_source"),
    "event": (Filter(event=frozenset({"e"})), "task_event"),
    "label": (Filter(labels=(("k", frozenset({"v"})),)), "SEARCH l USING PRIMARY KEY"),
    "code": (Filter(codes=((500, 599),)), "task_code"),
    "error": (Filter(error=frozenset({Failure.DNS})), "task_error"),
    "parent": (Filter(parent=make_task().id), "task_parent"),
    "order_key": (Filter(order_key=frozenset({"k"})), "task_order_key"),
    "id": (Filter(ids=frozenset({make_task().id})), "USING INTEGER PRIMARY KEY"),
}


@pytest.mark.parametrize("field", FILTERS)
@pytest.mark.parametrize("backwards", [True, False])
async def test_a_search_walks_a_list_in_its_order(tmp_path: Path, field: str, backwards: bool) -> None:
    wanted, index = FILTERS[field]
    async with opened(sqlite_store, tmp_path) as rig:
        await rig.add(make_task(last_code=500))
        db = database_of(rig)
        search = Search(db, wanted, {})
        assert search.branches
        for branch in search.branches:
            plan = plan_of(db, *branch.within(0, 99, backwards, 5))
            assert any(index in step for step in plan), plan
            assert not any(SORT in step or WALK.search(step) for step in plan), plan


async def test_a_search_starts_from_the_shortest_list(tmp_path: Path) -> None:
    async with opened(sqlite_store, tmp_path) as rig:
        await rig.add(*(make_task(event="common") for _ in range(60)), make_task(event="rare"))
        queued = frozenset({Status.QUEUED})
        rare = Filter(status=queued, event=frozenset({"rare"}))
        failed = Filter(status=frozenset({Status.FAILED}), event=frozenset({"common"}))
        fields = [
            [branch.start.field for branch in Search(database_of(rig), each, {}).branches]
            for each in (rare, failed)
        ]
        assert fields == [["event"], ["status"]]


async def test_a_search_by_creation_skips_what_lies_outside(tmp_path: Path) -> None:
    async with opened(sqlite_store, tmp_path) as rig:
        for hour in range(5):
            created = NOW + hour * 3_600_000
            await rig.add(*(make_task(created_at=created + number) for number in range(blocks.SIZE // 2)))
        second = Filter(created_from=NOW + 3_600_000, created_to=NOW + 3_600_500)
        (found,) = Search(database_of(rig), second, {}).ranges
        assert found == (-1, blocks.SIZE)
        assert len((await rig.store.find(second, limit=1_000)).items) == 500
        for hour in range(5):  # the last task of each import lies in the span after those before it
            for moment in (0, 1, blocks.SIZE // 2 - 2, blocks.SIZE // 2 - 1):
                only = NOW + hour * 3_600_000 + moment
                page = await rig.store.find(Filter(created_from=only, created_to=only + 1), limit=9)
                assert [task.created_at for task in page.items] == [only]


async def test_a_search_by_destination_skips_blocks_that_have_none_of_it(tmp_path: Path) -> None:
    async with opened(sqlite_store, tmp_path) as rig:
        rare = [make_task(destination="http://rare:80") for _ in range(3)]
        for task in rare:
            await rig.add(task, *(make_task() for _ in range(blocks.SIZE * 3 // 2)))
        wanted = Filter(destination=frozenset({"http://rare:80"}))
        assert Search(database_of(rig), wanted, {}).ranges == [
            (-1, 2 * blocks.SIZE),
            (3 * blocks.SIZE - 1, 4 * blocks.SIZE),
        ]
        for oldest_first in (True, False):
            page = await rig.store.find(wanted, limit=9, oldest_first=oldest_first)
            expected = rare if oldest_first else rare[::-1]
            assert [task.id for task in page.items] == [task.id for task in expected]
        await rig.reopen()
        await rig.add(make_task(destination="http://late:80"))
        late = Filter(destination=frozenset({"http://late:80"}))
        assert len((await rig.store.find(late, limit=9)).items) == 1


async def test_codes_of_success_have_no_list(tmp_path: Path) -> None:
    async with opened(sqlite_store, tmp_path) as rig:
        await rig.add(make_task(last_code=200))
        (branch,) = Search(database_of(rig), Filter(codes=((200, 299),)), {}).branches
        assert branch.start is starts.ALL


async def test_a_batch_takes_few_statements_however_many_tasks_it_has(tmp_path: Path) -> None:
    async with opened(sqlite_store, tmp_path) as rig:
        tasks = [make_task(destination=f"http://host{number % 64}:80") for number in range(1_024)]
        entries = [make_entry(task) for task in tasks]
        await rig.add(make_task())
        with traced(database_of(rig)) as adding:
            await rig.store.add(entries, 1_025)
        wants = {f"http://host{number}:80": 4 for number in range(64)}
        with traced(database_of(rig)) as claiming:
            claimed = await rig.store.claim(wants, NOW)
        with traced(database_of(rig)) as recording:
            await rig.store.record([result(task) for task in claimed])
        assert len(claimed) == 256
        assert [len(adding) < 30, len(claiming) < 12, len(recording) < 12] == [True] * 3
