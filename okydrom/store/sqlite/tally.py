"""Kept counts: what a transaction's jobs add up, written once before it is committed."""

from __future__ import annotations

import sqlite3
from collections import defaultdict

from okydrom.store.sqlite.batches import Rows

COLUMN = {
    "queued": 1,
    "retrying": 1,
    "delivered": 2,
    "failed": 3,
    "cancelled": 4,
}  # of a destination's change
MOVED = 5

# The earliest due time is looked up where the set of unclaimed waiting tasks changed: one step in an index.
_DESTINATIONS = Rows(
    "UPDATE destination SET waiting = waiting + v.column2, delivered = delivered + v.column3, "
    "failed = failed + v.column4, cancelled = cancelled + v.column5, "
    "next_due = CASE v.column6 WHEN 0 THEN next_due ELSE "
    "(SELECT min(due) FROM task INDEXED BY task_due "
    "WHERE task.destination = destination.number AND claim = 0 AND due IS NOT NULL) END "
    "FROM (",
    ["?"] * 6,
    ") AS v WHERE destination.number = v.column1",
)
_META = (
    "UPDATE meta SET queued = queued + ?, retrying = retrying + ?, delivered = delivered + ?, "
    "failed = failed + ?, cancelled = cancelled + ?, position = max(position, ?), last_seq = ?"
)


class Tally:
    """By how much one transaction changes the counts, by status and by destination (its number)."""

    def __init__(self) -> None:
        self._statuses: defaultdict[str, int] = defaultdict(int)
        self._destinations: dict[int, list[int]] = {}

    def move(self, destination: int, old: str | None, new: str | None, count: int = 1) -> None:
        """So many tasks of a destination go from one stored status to another (None: not stored)."""
        change = self._of(destination)
        if old is not None:
            self._statuses[old] -= count
            change[COLUMN[old]] -= count
        if new is not None:
            self._statuses[new] += count
            change[COLUMN[new]] += count

    def stir(self, destination: int) -> None:
        """Its unclaimed waiting tasks, or their due times, are not what they were."""
        self._of(destination)[MOVED] = 1

    def write(self, db: sqlite3.Connection, position: int, last_seq: int) -> None:
        """Add it to what is kept, with the journal's position."""
        of = self._statuses
        counts = (of["queued"], of["retrying"], of["delivered"], of["failed"], of["cancelled"])
        db.execute(_META, (*counts, position, last_seq))
        if self._destinations:
            _DESTINATIONS.run(db, [value for change in self._destinations.values() for value in change])

    def _of(self, destination: int) -> list[int]:
        change = self._destinations.get(destination)
        if change is None:
            change = self._destinations[destination] = [destination, 0, 0, 0, 0, 0]
        return change
