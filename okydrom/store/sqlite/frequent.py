"""Which values a field has in the newest tasks, and how often."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable

import msgspec

from okydrom.store.contract import Frequent
from okydrom.store.language import LABEL
from okydrom.store.sqlite.connection import interrupted

MOST = 10_000  # tasks that are looked at, or destinations that are told
MOST_DESTINATIONS = 100_000  # that are looked at
STEP = 1_000  # of them in one statement: when the deadline comes, the last steps still count

_BEFORE = "WHERE seq < ? ORDER BY seq DESC LIMIT ?"
_COLUMNS = {
    column: f"SELECT min(seq), json_group_array({column}) FROM (SELECT seq, {column} FROM task {_BEFORE})"
    for column in ("event", "source")
}
_LABELS = f"SELECT min(seq), json_group_array(json(labels)) FROM (SELECT seq, labels FROM record {_BEFORE})"
_DESTINATIONS = f"""
SELECT json_group_object(key, tasks) FROM (
  SELECT key, waiting + delivered + failed + cancelled AS tasks
  FROM (SELECT * FROM destination ORDER BY number DESC LIMIT {MOST_DESTINATIONS}) ORDER BY tasks DESC LIMIT {MOST}
)"""

Row = str | dict[str, str] | None
_rows = msgspec.json.Decoder(list[Row]).decode


def values(db: sqlite3.Connection, field: str) -> Frequent:
    """Those of a field of a filter, or (`label`) the names of labels. Ends early when it is interrupted."""
    if field == "destination":
        return _destinations(db)
    if field in _COLUMNS:
        return _newest(db, _COLUMNS[field], lambda row: [row] if isinstance(row, str) else [])
    name = field.removeprefix(LABEL)
    if name == field:
        return _newest(db, _LABELS, lambda row: row if isinstance(row, dict) else [])
    return _newest(db, _LABELS, lambda row: [row[name]] if isinstance(row, dict) and name in row else [])


def _newest(db: sqlite3.Connection, sql: str, of: Callable[[Row], Iterable[str]]) -> Frequent:
    counts, looked_at = Counter[str](), 0
    before: int | None = 2**63 - 1
    try:
        while before is not None and looked_at < MOST:
            before, found = db.execute(sql, (before, STEP)).fetchone()
            rows = _rows(found)
            looked_at += len(rows)
            counts.update(value for row in rows for value in of(row))
    except sqlite3.OperationalError as error:
        if not interrupted(error):
            raise
    return Frequent(dict(counts.most_common(MOST)), looked_at)


def _destinations(db: sqlite3.Connection) -> Frequent:
    """From the counts that are kept."""
    counts = msgspec.json.decode(db.execute(_DESTINATIONS).fetchone()[0], type=dict[str, int])
    return Frequent(counts, sum(counts.values()))
