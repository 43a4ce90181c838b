"""Counting tasks: what is kept, and what a filter matches."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Collection

import msgspec

from okydrom.store.contract import Counted, Summary
from okydrom.store.query import Filter
from okydrom.store.sqlite.connection import interrupted
from okydrom.store.sqlite.rows import STATUS
from okydrom.store.sqlite.search import Search, find_in_flight
from okydrom.task import Status

STORED = tuple(status for status in Status if status is not Status.SENDING)

_KEPT = f"SELECT {', '.join(STORED)} FROM meta"
_DUE = """
SELECT (SELECT min(next_due) FROM destination INDEXED BY destination_due WHERE next_due <= :now),
       (SELECT min(next_due) FROM destination INDEXED BY destination_due WHERE next_due > :now),
       (SELECT last_seq FROM meta)"""


def summary(db: sqlite3.Connection, now: int) -> Summary:
    """What is kept; nothing is counted here."""
    oldest, coming, last = db.execute(_DUE, {"now": now}).fetchone()
    return Summary(kept(db), oldest, coming, now, last)


def kept(db: sqlite3.Connection) -> dict[Status, int]:
    """Tasks by stored status."""
    return dict(zip(STORED, db.execute(_KEPT).fetchone(), strict=True))


def count(db: sqlite3.Connection, wanted: Filter, cap: int, sending: Collection[str]) -> Counted:
    """Tasks that match by status, those in flight as SENDING."""
    if wanted == Filter(status=wanted.status):
        counts = Counter(kept(db))
        for status in find_in_flight(db, sending).values():
            counts[STATUS[status]] -= 1
            counts[Status.SENDING] += 1
        return _counted(counts, wanted, exact=True)
    search = Search(db, wanted, find_in_flight(db, sending))
    counts, exact = Counter[Status](), True
    try:
        for piece in search.windows(backwards=True):
            counts += _count(db, search, piece, cap - counts.total())
            if counts.total() >= cap or search.far_enough(piece):
                exact = False
                break
    except sqlite3.OperationalError as error:
        if not interrupted(error):
            raise
        exact = False
    return _counted(counts, wanted, exact)


def _count(db: sqlite3.Connection, search: Search, piece: tuple[int, int], limit: int) -> Counter[Status]:
    counts = Counter[Status]()
    if search.branches:
        sql, values = search.within(*piece, True, limit)
        flying = msgspec.json.encode(list(search.in_flight)).decode()
        (rows,) = db.execute(
            "SELECT json_group_array(json_array(status, flies, tasks)) FROM ("
            "SELECT t.status, t.seq IN (SELECT value FROM json_each(?)) AS flies, count(*) AS tasks "
            f"FROM ({sql}) AS hit CROSS JOIN task AS t ON t.seq = hit.seq GROUP BY 1, 2)",
            [flying, *values],
        ).fetchone()
        for status, flies, tasks in msgspec.json.decode(rows):
            counts[Status.SENDING if flies else STATUS[status]] += tasks
    return counts


def _counted(counts: Counter[Status], wanted: Filter, exact: bool) -> Counted:
    """Those that were wanted."""
    shown = wanted.status or frozenset(Status)
    return Counted({status: counts[status] for status in Status if status in shown}, exact)
