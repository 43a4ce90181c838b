"""Destinations: the numbers that stand for their keys, and the rows that are kept about them."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Mapping
from operator import itemgetter
from typing import Any

import msgspec

from okydrom.store.sqlite.batches import Lookup, Rows
from okydrom.store.steering import DestinationRow, Due

MOST_KNOWN = 50_000

_NEW = Rows("INSERT INTO destination (key)", ["?"], "ON CONFLICT (key) DO NOTHING")
_NUMBERS = Lookup("SELECT json_group_array(json_array(key, number)) FROM destination WHERE key")
_KEYS = Lookup("SELECT json_group_array(json_array(number, key)) FROM destination WHERE number")
_EMPTY = "waiting = 0 AND delivered = 0 AND failed = 0 AND cancelled = 0 AND paused = 0 AND steered = 0"

_START = """
SELECT key, max(next_due, held_until) AS start FROM destination INDEXED BY destination_start
WHERE paused = 0 AND next_due IS NOT NULL AND max(next_due, held_until)"""
_DUE = f"""
SELECT json_group_array(json_array(key, start)) FROM (
  SELECT * FROM ({_START} <= :now ORDER BY start LIMIT :limit)
  UNION ALL
  SELECT * FROM ({_START} > :now ORDER BY start LIMIT 1)
)"""
_LIST = """
SELECT json_group_array(json_array(key, waiting, next_due, paused, held_until, delivered, failed, cancelled)) FROM (
  SELECT * FROM destination WHERE key > :after AND instr(key, :wanted) ORDER BY key LIMIT :limit
)"""

_CROWDED = """
SELECT json_group_object(key, waiting) FROM destination INDEXED BY destination_crowded
WHERE waiting >= 1000 AND waiting >= ?"""
_AHEAD = """
SELECT count(*) FROM (
  SELECT 1 FROM task INDEXED BY task_due WHERE destination = (SELECT number FROM destination WHERE key = :key)
    AND due IS NOT NULL AND (due, seq) < (:due, :seq)
    AND NOT EXISTS (SELECT 1 FROM claim WHERE claim.seq = task.seq) LIMIT :most
)"""


class Destinations:
    """The numbers of keys, remembered by the writer; forgotten when a transaction is rolled back."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    def numbers(self, db: sqlite3.Connection, keys: Collection[str]) -> Mapping[str, int]:
        """Of at least these keys; new ones get a row."""
        new = [key for key in keys if key not in self._known]
        if new:
            if len(self._known) + len(new) > MOST_KNOWN:
                self._known.clear()
                new = list(keys)
            _NEW.run(db, list(new))
            for (found,) in _NUMBERS.run(db, new):
                self._known.update(msgspec.json.decode(found))
        return self._known

    def forget(self) -> None:
        """What was remembered may be wrong."""
        self._known.clear()

    def drop_empty(self, db: sqlite3.Connection, now: int) -> None:
        """Remove destinations without tasks, pause, hold or limits of their own."""
        empty = f"FROM destination INDEXED BY destination_empty WHERE {_EMPTY} AND held_until <= ?"
        db.execute(f"DELETE FROM steering WHERE number IN (SELECT number {empty})", (now,))
        if db.execute(f"DELETE {empty}", (now,)).rowcount:
            self.forget()


def keys_of(db: sqlite3.Connection, numbers: Iterable[int]) -> dict[int, str]:
    """The keys of numbers."""
    keys: dict[int, str] = {}
    for (found,) in _KEYS.run(db, list(set(numbers))):
        keys.update(msgspec.json.decode(found))
    return keys


def due(db: sqlite3.Connection, now: int, limit: int) -> list[Due]:
    """Those where something may be sent, earliest first, and the nearest after them."""
    rows = _rows(db, _DUE, {"now": now, "limit": limit})
    return [Due(key, start) for key, start in sorted(rows, key=itemgetter(1))[:limit]]


def ahead(db: sqlite3.Connection, destination: str, due: int, seq: int, most: int) -> int:
    """Unclaimed waiting tasks of a destination that come before a due time and seq."""
    (count,) = db.execute(_AHEAD, {"key": destination, "due": due, "seq": seq, "most": most}).fetchone()
    return int(count)


def crowded(db: sqlite3.Connection, least: int) -> dict[str, int]:
    """Those for which at least so many tasks wait, and a thousand."""
    found: dict[str, int] = msgspec.json.decode(db.execute(_CROWDED, (least,)).fetchone()[0])
    return found


def listed(db: sqlite3.Connection, limit: int, after: str | None, wanted: str) -> list[DestinationRow]:
    """Those after a key that contain a text, by key."""
    return [
        DestinationRow(
            destination=key,
            waiting=waiting,
            next_due=next_due,
            paused=bool(paused),
            held_until=held or None,
            delivered=delivered,
            failed=failed,
            cancelled=cancelled,
        )
        for key, waiting, next_due, paused, held, delivered, failed, cancelled in _rows(
            db, _LIST, {"after": after or "", "wanted": wanted, "limit": limit}
        )
    ]


def _rows(db: sqlite3.Connection, sql: str, values: Mapping[str, Any]) -> list[Any]:
    rows: list[Any] = msgspec.json.decode(db.execute(sql, values).fetchone()[0])
    return rows
