"""What went wrong, by destination and outcome: counts kept in the transaction that changes them, and read from them.

retrying, failed ─came─▶ row ─went─▶ delivered, queued, cancelled, pruned
"""

from __future__ import annotations

import sqlite3

from okydrom.store.shift import MARGIN
from okydrom.store.sqlite.batches import Rows
from okydrom.task import Failure, Status

OUTCOME = "coalesce(last_error, CAST(last_code AS TEXT), '')"  # of a task

_CAME = Rows(
    "INSERT INTO trouble (destination, outcome, retrying, failed, first_at, last_at, sample)",
    ["?"] * 7,
    "ON CONFLICT (destination, outcome) DO UPDATE SET retrying = retrying + excluded.retrying, "
    "failed = failed + excluded.failed, first_at = min(first_at, excluded.first_at), "
    "last_at = excluded.last_at, sample = excluded.sample",
)
_WENT = Rows(
    "UPDATE trouble SET retrying = max(retrying - v.column3, 0) FROM (",
    ["?"] * 3,
    ") AS v WHERE trouble.destination = v.column1 AND trouble.outcome = v.column2",
)
# What failed before the row began is not counted in it.
_FAILED = """
UPDATE trouble SET failed = max(failed + ?, 0) WHERE destination = ? AND outcome = ? AND first_at <= ?"""
_EMPTY = "DELETE FROM trouble INDEXED BY trouble_empty WHERE retrying = 0 AND failed = 0"
_TO_COME = "DELETE FROM trouble INDEXED BY trouble_over WHERE retrying = 0 AND last_at > ?"
_OVER = "DELETE FROM trouble INDEXED BY trouble_over WHERE retrying = 0 AND last_at < ?"

Key = tuple[int, str]  # destination's number, outcome


class Troubles:
    """What one transaction changes in the counts."""

    def __init__(self) -> None:
        self._came: dict[Key, list[int]] = {}  # retrying, failed, first and last time, seq
        self._went: dict[Key, int] = {}
        self._failed: list[tuple[int, int, str, int]] = []

    def came(self, number: int, outcome: str, status: Status, at: int, seq: int) -> None:
        """A task is retrying or failed since a time; those of other statuses are in no trouble."""
        if status is not Status.RETRYING and status is not Status.FAILED:
            return
        change = self._came.setdefault((number, outcome), [0, 0, at, at, seq])
        change[status is Status.FAILED] += 1
        change[2] = min(change[2], at)
        change[3] = max(change[3], at)
        change[4] = seq

    def went(self, number: int, outcome: str, status: str, finished_at: int | None) -> None:
        """A task of this stored status is so no longer, or is there no longer."""
        if status == Status.RETRYING:
            self._went[number, outcome] = self._went.get((number, outcome), 0) + 1
        elif status == Status.FAILED:
            self._failed.append((-1, number, outcome, finished_at or 0))

    def moved(self, number: int, outcome: str, status: Status, at: int, finished_at: int, seq: int) -> None:
        """A task came here from another destination. That one has failed is no news."""
        if status is Status.FAILED:
            self._failed.append((1, number, outcome, finished_at))
        else:
            self.came(number, outcome, status, at, seq)

    def write(self, db: sqlite3.Connection) -> None:
        """Add it to what is kept."""
        _CAME.run(db, [value for key, change in self._came.items() for value in (*key, *change)])
        _WENT.run(db, [value for key, count in self._went.items() for value in (*key, count)])
        db.executemany(_FAILED, self._failed)
        if self._went or self._failed:
            db.execute(_EMPTY)


def outcome_of(code: int | None, error: Failure | str | None) -> str:
    """The last outcome of a task in one word; empty: it had no attempt.

    >>> outcome_of(503, None), outcome_of(None, Failure.DNS), outcome_of(None, None)
    ('503', 'dns', '')
    """
    return str(error) if error else str(code) if code else ""


def drop_over(db: sqlite3.Connection, before: int, now: int) -> None:
    """What has not come again since a time, and keeps nothing waiting; nor what a clock that was wrong put into times
    to come."""
    db.execute(_OVER, (before,))
    db.execute(_TO_COME, (now + MARGIN,))
