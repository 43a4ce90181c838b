"""Attempts that go before their tasks: what recipients answered takes room, and may be nobody's business after a while.

Their keys follow the order of recording, so the oldest stand first and a step looks no further than to the first that
stays. A task goes on counting them; its chain ends where they are gone.
"""

from __future__ import annotations

import sqlite3
from itertools import takewhile

from okydrom.store.shift import SENSIBLE
from okydrom.store.sqlite.attempts import unpack_attempt

_OLDEST = "SELECT key, number, attempt FROM attempt WHERE key > ? ORDER BY key LIMIT ?"
_SHED = "DELETE FROM attempt WHERE key <= ?"


class Shedding:
    """Goes through the attempts from the oldest."""

    def __init__(self) -> None:
        self._unknown = (
            0  # up to this key all come from a clock that was not set: older than those that follow
        )

    def step(self, db: sqlite3.Connection, cutoff: int, limit: int) -> bool:
        """Remove those of the `limit` oldest that ended before `cutoff`. True: there may be more."""
        if cutoff < SENSIBLE or not self._begins_before(db, cutoff):
            return False
        found = self._look(db, limit)
        rows = list(takewhile(lambda row: row[1] < cutoff, found))
        old = [key for key, at in rows if at >= SENSIBLE]
        if old:
            db.execute(_SHED, (old[-1],))
            self._unknown = 0
        elif len(rows) == limit:
            self._unknown = rows[-1][0]
        return len(rows) == limit

    def _begins_before(self, db: sqlite3.Connection, cutoff: int) -> bool:
        first = self._look(db, 1)
        return bool(first) and first[0][1] < cutoff

    def _look(self, db: sqlite3.Connection, limit: int) -> list[tuple[int, int]]:
        """Keys and when they ended."""
        rows = db.execute(_OLDEST, (self._unknown, limit))
        return [(key, _ended(number, packed)) for key, number, packed in rows]


def _ended(number: int, packed: bytes) -> int:
    """0 for one that is damaged: it goes with those around it."""
    try:
        return unpack_attempt(number, packed).finished_at
    except ValueError:
        return 0
