"""Stores for tests: every kind that must keep the contract, over its whole life, and what tasks go through in one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from okydrom.config.settings import DAY, Retention
from okydrom.feed import Feed
from okydrom.store.command import Action, Changed, Command
from okydrom.store.contract import Store
from okydrom.store.entry import Entry, Opened
from okydrom.store.minute import Turnover
from okydrom.store.notes import Notes
from okydrom.store.sqlite.store import SqliteStore
from okydrom.task import Attempt, Failure, Outcome, Reason, Result, Status, Task
from tests.support.tasks import CREATED, make_entry, make_task

NOW = CREATED + DAY


class Rig:
    """One store over several openings; `now` is its clock, and what it told is put down."""

    def __init__(self, make: Make, path: Path, retention: Retention | None = None) -> None:
        self.now = NOW
        self.path = path
        self.feed = Feed()
        self.finished: list[tuple[str, Status, int]] = []
        self.revived: list[tuple[str, int, int | None, int]] = []
        self.notes: list[Notes] = []
        self.turnovers: list[Turnover] = []
        self.retention = retention or Retention()
        self.position = 0
        self._make = make
        self.store = make(self)

    def note(self, notes: Notes) -> None:
        """What the store tells the journal."""
        self.notes.append(notes)
        self.finished.extend(each[:3] for each in notes.finished)
        self.revived.extend(notes.revived)

    async def open(self) -> Opened:
        """Open, again if it was closed."""
        self.store = self._make(self)
        self.opened = await self.store.open(self.now)
        return self.opened

    async def reopen(self) -> Opened:
        """Close and open."""
        await self.store.close()
        return await self.open()

    async def add(self, *tasks: Task, claimed: bool = False, results: Sequence[Result] = ()) -> None:
        """Import tasks; `results` are those of the last one."""
        entries = [make_entry(task, claimed=claimed) for task in tasks]
        if results:
            entries[-1] = Entry(tasks[-1], entries[-1].record, claimed, tuple(results))
        self.position += len(entries)
        await self.store.add(entries, self.position)

    async def task(self, task_id: str) -> Task:
        """The head of a task that is there."""
        task = await self.store.get(task_id)
        assert task is not None
        return task

    async def claim(self, *destinations: str, most: int = 100) -> list[Task]:
        """What is due there."""
        return await self.store.claim(
            dict.fromkeys(destinations or (make_task().destination,), most), self.now
        )

    async def command(self, action: Action, of: Task, **fields: Any) -> Changed:
        """What one command does."""
        (changed,) = await self.store.change(
            [Command(**{"action": action, "id": of.id, "at": self.now, "by": "test", **fields})]
        )
        return changed


Make = Callable[[Rig], Store]


def sqlite_store(rig: Rig) -> SqliteStore:
    """The SQLite one."""
    return SqliteStore(
        rig.path / "store.db",
        retention=rig.retention,
        now=lambda: rig.now,
        feed=rig.feed,
        on_notes=rig.note,
        on_turnover=rig.turnovers.append,
    )


# What every store must be able to do is tested on each of these.
each_store = pytest.mark.parametrize("make", [pytest.param(sqlite_store, id="sqlite")])


@asynccontextmanager
async def opened(make: Make, path: Path, retention: Retention | None = None) -> AsyncIterator[Rig]:
    """A new store, open for the time of the block."""
    rig = Rig(make, path, retention)
    await rig.open()
    try:
        yield rig
    finally:
        await rig.store.close()


def answered(code: int) -> Outcome:
    """An answer of the recipient."""
    return Outcome(code=code, address="127.0.0.1:9000", duration=1.5, response_body=b"text", response_size=4)


UNANSWERED = Outcome(error=Failure.TIMEOUT, duration=15_000.0)


def result(
    task: Task,
    status: Status = Status.DELIVERED,
    outcome: Outcome | None = None,
    *,
    at: int = NOW,
    reason: Reason | None = None,
    due: int | None = None,
) -> Result:
    """What an attempt of a task led to; `outcome` is 200 or 500 if none is given."""
    found = outcome or answered(200 if status is Status.DELIVERED else 500)
    return Result(
        id=task.id,
        version=task.version,
        at=at,
        status=status,
        reason=reason or (Reason.ATTEMPTS_SPENT if status is Status.FAILED else None),
        attempts_left=task.attempts_left - 1,
        next_attempt_at=due if due is not None or status is not Status.RETRYING else at + 5_000,
        attempt=Attempt(
            number=task.attempts + 1, started_at=at - 10, finished_at=at, waited=10, outcome=found
        ),
    )
