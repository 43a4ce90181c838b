"""Where a search may start: indexes in which what one field wants is a list in order of import.

Which is the shortest is not known beforehand, so each is counted, up to a thousand entries: that takes some tens of
microseconds, and a search from the wrong one may walk through millions of tasks.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from okydrom.store.query import Filter
from okydrom.store.sqlite.conditions import Condition
from okydrom.task import Status

MOST_LISTS = 20  # that are merged; a field with more values is no good start
COUNTED = 1_000


class Start(msgspec.Struct, frozen=True):
    """Lists of seqs: `table` with `where`, once for each of `lists` (the values of its placeholders)."""

    field: str | None  # whose condition it meets
    table: str
    where: str
    lists: Sequence[Sequence[Any]]
    seq: str = "t.seq"


ALL = Start(None, "task AS t", "1", [()])

# Field, column, and for partial indexes: what else must be said so that SQLite believes it, and what is not in it.
_COLUMNS = (
    ("parent", "parent", "", None),
    ("reason", "reason", "", None),
    ("error", "last_error", "", None),
    ("event", "event", "", None),
    ("order_key", "order_key", "", None),
    ("method", "method", " AND t.method <> 'POST'", "POST"),
    ("source", "source", " AND t.source <> 'local'", "local"),
    ("status", "status", "", None),
)
_ANSWERED = "t.last_code NOT BETWEEN 200 AND 299"
_NEXT_CODE = (
    f"SELECT min(t.last_code) FROM task AS t INDEXED BY task_code WHERE t.last_code >= ? AND {_ANSWERED}"
)


def best_start(db: sqlite3.Connection, wanted: Filter, conditions: Mapping[str, Condition]) -> Start:
    """The shortest lists."""
    starts = [start for start in _starts(db, wanted, conditions) if len(start.lists) <= MOST_LISTS]
    if not starts:
        return ALL
    if len(starts) == 1:
        return starts[0]
    return min(starts, key=lambda start: _count(db, start))


def _starts(db: sqlite3.Connection, wanted: Filter, conditions: Mapping[str, Condition]) -> Iterator[Start]:
    for key, values in wanted.labels:
        yield Start(
            f"label.{key}",
            "label AS l CROSS JOIN task AS t ON t.seq = l.seq",
            "l.key = ? AND l.value = ?",
            [(key, value) for value in values],
            "l.seq",
        )
    if "id" in conditions:
        yield Start("id", "task AS t", conditions["id"].sql, [conditions["id"].values])
    codes = _codes(db, wanted.codes)
    if codes is not None:
        table = "task AS t INDEXED BY task_code"
        yield Start("code", table, f"t.last_code = ? AND {_ANSWERED}", [(code,) for code in codes])
    if "destination" in conditions and wanted.status == {Status.FAILED}:
        table, lists = (
            "task AS t INDEXED BY task_failed",
            [(number,) for number in conditions["destination"].values],
        )
        yield Start("destination", table, "t.destination = ? AND t.reason IS NOT NULL", lists)
    for field, column, belief, common in _COLUMNS:
        condition = conditions.get(field)
        if condition is not None and common not in condition.values:
            table = f"task AS t INDEXED BY task_{field}"
            lists = [(value,) for value in condition.values]
            yield Start(field, table, f"t.{column} = ?{belief}", lists)


def _codes(db: sqlite3.Connection, ranges: Sequence[tuple[int, int]]) -> set[int] | None:
    """The codes in these ranges that tasks have; None if some are of success, which no index lists."""
    if not ranges or any(first < 300 and last > 199 for first, last in ranges):
        return None
    found: set[int] = set()
    for first, last in ranges:
        code = first
        while code <= last and len(found) <= MOST_LISTS:
            (code,) = db.execute(_NEXT_CODE, (code,)).fetchone()
            if code is None or code > last:
                break
            found.add(code)
            code += 1
    return found


def _count(db: sqlite3.Connection, start: Start) -> int:
    sql = f"SELECT count(*) FROM (SELECT 1 FROM {start.table} WHERE {start.where} LIMIT {COUNTED})"
    return sum(int(db.execute(sql, values).fetchone()[0]) for values in start.lists)
