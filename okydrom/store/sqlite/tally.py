"""Kept counts: what a transaction's jobs add up, written once before it is committed."""

from __future__ import annotations

import sqlite3
from collections import defaultdict

from okydrom.store.sqlite.batches import Rows
from okydrom.store.sqlite.rows import OUT_OF_REACH

# What stands where in a destination's change; its number comes first.
COLUMN = {"queued": 1, "retrying": 1, "delivered": 2, "failed": 3, "cancelled": 4}
LOWEST, LOOK = 5, 6

_ADD = (
    "UPDATE destination SET waiting = waiting + v.column2, delivered = delivered + v.column3, "
    "failed = failed + v.column4, cancelled = cancelled + v.column5"
)
_COUNTS = Rows(f"{_ADD} FROM (", ["?"] * 5, ") AS v WHERE destination.number = v.column1")
# An earlier due time is known; if the earliest may be gone, the next one is looked up, behind what is claimed.
_DUE = Rows(
    f"{_ADD}, next_due = CASE WHEN v.column7 THEN (SELECT due FROM task INDEXED BY task_due "
    f"WHERE task.destination = v.column1 AND due < {OUT_OF_REACH} "
    "AND NOT EXISTS (SELECT 1 FROM claim WHERE claim.seq = task.seq) ORDER BY due LIMIT 1) "
    "ELSE min(coalesce(next_due, v.column6), v.column6) END FROM (",
    ["?"] * 7,
    ") AS v WHERE destination.number = v.column1",
)
_META = (
    "UPDATE meta SET queued = queued + ?, retrying = retrying + ?, delivered = delivered + ?, "
    "failed = failed + ?, cancelled = cancelled + ?, position = max(position, ?), last_seq = ?, "
    "last_attempt = ?"
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

    def lower(self, destination: int, due: int) -> None:
        """One of its unclaimed tasks is due then: it is new, given back, or due at another time."""
        change = self._of(destination)
        change[LOWEST] = min(change[LOWEST] or due, due)

    def look_again(self, destination: int) -> None:
        """One of its unclaimed tasks is claimed, or waits no more."""
        self._of(destination)[LOOK] = 1

    def write(self, db: sqlite3.Connection, position: int, last_seq: int, last_attempt: int) -> None:
        """Add it to what is kept, with the journal's position and the numbers that were given last."""
        of = self._statuses
        counts = (of["queued"], of["retrying"], of["delivered"], of["failed"], of["cancelled"])
        db.execute(_META, (*counts, position, last_seq, last_attempt))
        moved = [change for change in self._destinations.values() if change[LOWEST] or change[LOOK]]
        _DUE.run(db, [value for change in moved for value in change])
        rest = [change for change in self._destinations.values() if not (change[LOWEST] or change[LOOK])]
        _COUNTS.run(db, [value for change in rest for value in change[:LOWEST]])

    def _of(self, destination: int) -> list[int]:
        change = self._destinations.get(destination)
        if change is None:
            change = self._destinations[destination] = [destination, 0, 0, 0, 0, 0, 0]
        return change
