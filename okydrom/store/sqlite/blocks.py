"""Blocks of consecutive seqs: when their tasks were created, and which destinations they have."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import msgspec

from okydrom.store.query import Filter
from okydrom.store.sqlite.batches import Rows
from okydrom.store.sqlite.conditions import Condition

SIZE = 8_192  # seqs of a block

Range = tuple[int, int]  # of seqs, exclusive at both ends

_TIMES = Rows(
    "INSERT INTO block (number, first, last)",
    ["?", "?", "?"],
    "ON CONFLICT (number) DO UPDATE SET first = min(first, excluded.first), last = max(last, excluded.last)",
)
_PRESENCE = Rows("INSERT INTO presence (block, destination)", ["?", "?"], "ON CONFLICT DO NOTHING")
_ENDS = "SELECT (SELECT min(seq) FROM task), (SELECT max(seq) FROM task)"


class Blocks:
    """What the writer puts down; it remembers which destinations the last block has."""

    def __init__(self) -> None:
        self._block = 0
        self._present: set[int] = set()

    def put(
        self, db: sqlite3.Connection, first: int, created: Sequence[int], destinations: Sequence[int]
    ) -> None:
        """New tasks with consecutive seqs from `first`."""
        end = first + len(created)
        while first < end:
            number = first // SIZE
            count = min((number + 1) * SIZE, end) - first
            times, created = created[:count], created[count:]
            _TIMES.run(db, [number, min(times), max(times)])
            self._put_destinations(db, number, set(destinations[:count]))
            destinations = destinations[count:]
            first += count

    def add(self, db: sqlite3.Connection, seq: int, destination: int) -> None:
        """A task goes to another destination now."""
        _PRESENCE.run(db, [seq // SIZE, destination])

    def forget(self) -> None:
        """What was remembered may be wrong."""
        self._present.clear()

    def _put_destinations(self, db: sqlite3.Connection, number: int, destinations: set[int]) -> None:
        if number != self._block:
            self._block = number
            self._present.clear()
        new = destinations - self._present
        _PRESENCE.run(db, [value for destination in new for value in (number, destination)])
        self._present |= new


def drop_blocks(db: sqlite3.Connection) -> None:
    """Those whose tasks are all gone."""
    (first,) = db.execute("SELECT coalesce((SELECT min(seq) FROM task), 0)").fetchone()
    db.execute("DELETE FROM block WHERE number < ?", (first // SIZE,))
    db.execute("DELETE FROM presence WHERE block < ?", (first // SIZE,))


def ranges(db: sqlite3.Connection, wanted: Filter, destination: Condition | None) -> list[Range]:
    """The seqs among which a filter's tasks are, ascending: by when they were created and where they go."""
    low = -1 if wanted.seq_from is None else wanted.seq_from - 1
    high = 2**63 - 1 if wanted.seq_to is None else wanted.seq_to + 1
    found = ((max(first, low), min(last, high)) for first, last in _ranges(db, wanted, destination))
    return [(first, last) for first, last in found if last - first > 1]


def _ranges(db: sqlite3.Connection, wanted: Filter, destination: Condition | None) -> list[Range]:
    first, last = db.execute(_ENDS).fetchone()
    if first is None:
        return []
    conditions = [
        Condition("last >= ?", [wanted.created_from]) if wanted.created_from is not None else None,
        Condition("first < ?", [wanted.created_to]) if wanted.created_to is not None else None,
        _present(destination) if destination is not None else None,
    ]
    known = [condition for condition in conditions if condition is not None]
    if not known:
        return [(first - 1, last + 1)]
    sql = (
        f"SELECT number FROM block WHERE {' AND '.join(condition.sql for condition in known)} ORDER BY number"
    )
    (found,) = db.execute(
        f"SELECT json_group_array(number) FROM ({sql})",
        [value for condition in known for value in condition.values],
    ).fetchone()
    return _joined(msgspec.json.decode(found, type=list[int]))


def _present(destination: Condition) -> Condition:
    inside = destination.sql.replace("t.destination", "p.destination")
    sql = f"EXISTS (SELECT 1 FROM presence AS p WHERE p.block = block.number AND {inside})"
    return Condition(sql, destination.values)


def _joined(numbers: Sequence[int]) -> list[Range]:
    """Adjacent blocks as one range."""
    found: list[Range] = []
    for number in numbers:
        low, high = number * SIZE - 1, (number + 1) * SIZE
        if found and found[-1][1] == low + 1:
            low = found.pop()[0]
        found.append((low, high))
    return found
