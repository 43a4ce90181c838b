"""A filter as lists of seqs in order of import, from which pages are cut and tasks are counted.

What is being sent stands in the store as queued or retrying; the ids in flight are laid over that here.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from okydrom.store.query import Filter
from okydrom.store.sqlite.batches import Lookup
from okydrom.store.sqlite.blocks import ranges
from okydrom.store.sqlite.conditions import Condition, conditions_of
from okydrom.store.sqlite.rows import id_bytes
from okydrom.store.sqlite.starts import Start, best_start
from okydrom.task import Status

WINDOW = (
    1_024  # seqs that are looked through in one statement, at first: so few that the deadline lets them pass
)
WORDY = 100_000  # seqs that one search for words goes through
QUICK = 0.05  # s; a window that took less is followed by one four times as wide

_WAITING = frozenset({Status.QUEUED, Status.RETRYING})
_IN_FLIGHT = Lookup("SELECT json_group_array(json_array(seq, status)) FROM task WHERE due IS NOT NULL AND id")
_OF_LIST = "(SELECT value FROM json_each(?))"


class Branch(msgspec.Struct, frozen=True):
    """One list: a statement in pieces, with bounds, order and limit still open."""

    start: Start
    values: Sequence[Any]
    rest: Sequence[Condition]

    def within(self, low: int, high: int, backwards: bool, limit: int) -> tuple[str, list[Any]]:
        """The statement for seqs between two bounds (exclusive), and its values."""
        seq = self.start.seq
        wanted = [self.start.where, f"{seq} > ?", f"{seq} < ?", *(condition.sql for condition in self.rest)]
        sql = (
            f"SELECT * FROM (SELECT {seq} AS seq FROM {self.start.table} WHERE {' AND '.join(wanted)} "
            f"ORDER BY {seq} {'DESC' if backwards else 'ASC'} LIMIT ?)"
        )
        rest = [value for condition in self.rest for value in condition.values]
        return sql, [*self.values, low, high, *rest, limit]


class Search:
    """The branches of a filter, and the ranges of seqs that may hold what it wants."""

    def __init__(self, db: sqlite3.Connection, wanted: Filter, in_flight: Mapping[int, str]) -> None:
        self.in_flight = in_flight
        self._left = WORDY if wanted.words else None
        self.branches = list(self._branches(db, wanted))
        destination = conditions_of(db, Filter(destination=wanted.destination)).get("destination")
        self.ranges = ranges(db, wanted, destination)

    def windows(self, backwards: bool, beyond: int | None = None) -> Iterator[tuple[int, int]]:
        """Pieces of what is to be searched, from one end or from beyond a seq; a range is one piece if every entry
        of a list matches."""
        whole = all(not branch.rest for branch in self.branches)
        for first, last in reversed(self.ranges) if backwards else self.ranges:
            low = first if beyond is None or backwards else max(first, beyond)
            high = last if beyond is None or not backwards else min(last, beyond)
            yield from windows(low, high, backwards, high - low if whole else WINDOW)

    def far_enough(self, piece: tuple[int, int]) -> bool:
        """Words stand in no index: a search for them ends after 100,000 tasks, and may be continued from there."""
        if self._left is None:
            return False
        self._left -= piece[1] - piece[0]
        return self._left <= 0

    def within(self, low: int, high: int, backwards: bool, limit: int) -> tuple[str, list[Any]]:
        """A statement for the `limit` first seqs of a piece, and its values."""
        pieces = [branch.within(low, high, backwards, limit) for branch in self.branches]
        order = "DESC" if backwards else "ASC"
        sql = f"SELECT seq FROM ({' UNION ALL '.join(sql for sql, _ in pieces)}) ORDER BY seq {order} LIMIT ?"
        return sql, [*(value for _, values in pieces for value in values), limit]

    def _branches(self, db: sqlite3.Connection, wanted: Filter) -> Iterator[Branch]:
        statuses = wanted.status - {Status.SENDING}
        if statuses or not wanted.status:
            conditions = conditions_of(db, msgspec.structs.replace(wanted, status=statuses))
            if self.in_flight and statuses & _WAITING and Status.SENDING not in wanted.status:
                conditions["sending"] = Condition(f"t.seq NOT IN {_OF_LIST}", [_json(self.in_flight)])
            start = best_start(db, wanted, conditions)
            rest = [condition for field, condition in conditions.items() if field != start.field]
            for values in start.lists:
                yield Branch(start, values, rest)
        sent = [seq for seq, status in self.in_flight.items() if status not in statuses]
        if sent and Status.SENDING in wanted.status:
            conditions = conditions_of(db, msgspec.structs.replace(wanted, status=frozenset()))
            start = Start(None, "task AS t", f"t.seq IN {_OF_LIST}", ())
            yield Branch(start, [_json(sent)], list(conditions.values()))


def windows(low: int, high: int, backwards: bool, width: int) -> Iterator[tuple[int, int]]:
    """Bounds (exclusive) of pieces that cover low < seq < high, from one end to the other; they grow while they go
    fast. So a search that is interrupted knows how far it came.

    >>> list(windows(0, 9, True, 5)), list(windows(0, 9, False, 5))
    ([(4, 9), (0, 5)], [(0, 5), (4, 9)])
    """
    while high - low > 1:
        began = time.monotonic()
        if backwards:
            edge = max(high - width, low)
            yield edge, high
            high = edge + 1
        else:
            edge = min(low + width, high)
            yield low, edge
            low = edge - 1
        if time.monotonic() - began < QUICK:
            width *= 4


def told_apart(wanted: Filter) -> bool:
    """Does it matter to the filter whether a waiting task is being sent?"""
    return bool(wanted.status) and not wanted.status >= _WAITING | {Status.SENDING}


def find_in_flight(db: sqlite3.Connection, sending: Collection[str]) -> dict[int, str]:
    """Seq and stored status of those that are being sent and still wait, as far as the store knows."""
    rows = _IN_FLIGHT.run(db, [id_bytes(task_id) for task_id in sending])
    return {seq: status for (found,) in rows for seq, status in msgspec.json.decode(found)}


def _json(seqs: Collection[int]) -> str:
    return msgspec.json.encode(list(seqs)).decode()
