"""Checks. Of the records' checksums: in short looks, so that the WAL can start anew between them. The full check then
looks at the file's structure and counts anew what is kept: each of these looks is one view of a whole table, and the
WAL grows as long as it takes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from functools import partial
from zlib import crc32

import msgspec

from okydrom.errors import Unavailable
from okydrom.store.sqlite.blocks import SIZE
from okydrom.store.sqlite.connection import Connection, failure_of
from okydrom.store.sqlite.counting import STORED
from okydrom.store.sqlite.rows import OUT_OF_REACH
from okydrom.store.sqlite.troubles import OUTCOME

PIECE = 1_024  # records checked in one look,
PIECE_BYTES = 8 * 1024**2  # or fewer, if they are large
MOST_FAULTS = 100

_TABLES = "SELECT json_group_array(name) FROM sqlite_schema WHERE type = 'table'"
_RECORDS = """
SELECT task.seq, crc, record FROM task LEFT JOIN record USING (seq)
WHERE task.seq > ? ORDER BY task.seq LIMIT ?"""
_STATUSES = "SELECT json_group_object(status, tasks) FROM (SELECT status, count(*) AS tasks FROM task GROUP BY status)"
_COUNTED = f"""
WITH counted AS (
  SELECT destination, sum(due IS NOT NULL) AS waiting, sum(status = 'delivered') AS delivered,
    sum(status = 'failed') AS failed, sum(status = 'cancelled') AS cancelled,
    min(CASE WHEN seq NOT IN (SELECT seq FROM claim) AND due < {OUT_OF_REACH} THEN due END) AS next_due
  FROM task GROUP BY destination
)
SELECT json_group_array(d.key) FROM destination AS d LEFT JOIN counted AS c ON c.destination = d.number
WHERE d.waiting <> coalesce(c.waiting, 0) OR d.delivered <> coalesce(c.delivered, 0)
  OR d.failed <> coalesce(c.failed, 0) OR d.cancelled <> coalesce(c.cancelled, 0) OR d.next_due IS NOT c.next_due"""
# Tasks that failed before a trouble began are not counted in it.
_TROUBLES = f"""
WITH counted AS (
  SELECT destination, {OUTCOME} AS outcome, sum(status = 'retrying') AS retrying, sum(status = 'failed') AS failed
  FROM task WHERE status IN ('retrying', 'failed') GROUP BY 1, 2
)
SELECT count(*) FROM (SELECT destination, outcome FROM counted UNION SELECT destination, outcome FROM trouble)
LEFT JOIN counted AS c USING (destination, outcome) LEFT JOIN trouble AS t USING (destination, outcome)
WHERE coalesce(t.retrying, 0) <> coalesce(c.retrying, 0) OR coalesce(t.failed, 0) > coalesce(c.failed, 0)"""
_UNLISTED = f"""
SELECT count(*) FROM task WHERE (seq / {SIZE}, destination) NOT IN (SELECT block, destination FROM presence)"""
# What belongs to a task that is not there, or a task to a destination.
_LOST = {
    "records": "SELECT count(*) FROM record WHERE seq NOT IN (SELECT seq FROM task)",
    "attempts": "SELECT count(*) FROM attempt WHERE seq NOT IN (SELECT seq FROM task)",
    "labels": "SELECT count(*) FROM label WHERE seq NOT IN (SELECT seq FROM task)",
    "claims": "SELECT count(*) FROM claim WHERE seq NOT IN (SELECT seq FROM task WHERE due IS NOT NULL)",
    "callbacks": "SELECT count(*) FROM callback WHERE seq NOT IN (SELECT seq FROM task)",
    "lines": "SELECT count(*) FROM line WHERE seq NOT IN (SELECT seq FROM task WHERE due IS NOT NULL)",
    "histories": "SELECT count(*) FROM history WHERE seq NOT IN (SELECT seq FROM task)",
    "tombstones": "SELECT count(*) FROM erased WHERE seq NOT IN (SELECT seq FROM task)",
    "troubles": "SELECT count(*) FROM trouble WHERE destination NOT IN (SELECT number FROM destination)",
    "tasks": "SELECT count(*) FROM task WHERE destination NOT IN (SELECT number FROM destination)",
}


async def check(connection: Connection, full: bool) -> list[str]:
    """Sentences on what is wrong, at most a hundred."""
    faults: list[str] = []
    if full:
        for table in await connection.run(_tables):
            faults += await connection.run(partial(_structure, table))
    seq: int | None = 0
    while seq is not None and len(faults) < MOST_FAULTS:
        found, seq = await connection.run(partial(_records, seq))
        faults += found
    if full:
        faults += await connection.run(lambda db: list(_counts(db)))
    return faults[:MOST_FAULTS]


def _tables(db: sqlite3.Connection) -> list[str]:
    return msgspec.json.decode(db.execute(_TABLES).fetchone()[0], type=list[str])


def _structure(table: str, db: sqlite3.Connection) -> list[str]:
    try:
        rows = db.execute(f"PRAGMA integrity_check('{table}')").fetchall()
    except sqlite3.DatabaseError as error:
        return [f"{table}: {_name(error)}"]
    return [f"{table}: {text}" for (text,) in rows if text != "ok"]


def _name(error: sqlite3.DatabaseError) -> str:
    """SQLite's name of what is wrong with the data. Raises the error if it is none of theirs, but passes."""
    if isinstance(failure_of(error), Unavailable):
        raise error
    return error.sqlite_errorname


def _records(after: int, db: sqlite3.Connection) -> tuple[list[str], int | None]:
    """Faults of a piece, and its last seq; None: it was the last piece."""
    faults, seq, size = [], None, 0
    try:
        for seq, crc, record in db.execute(_RECORDS, (after, PIECE)):
            if record is None or crc32(record) != crc:
                faults.append(f"task {seq}: its record is {'missing' if record is None else 'damaged'}")
            size += len(record or b"")
            if size >= PIECE_BYTES:
                break
    except sqlite3.DatabaseError as error:
        return [*faults, f"records after {after}: {_name(error)}"], None
    return faults, seq


def _counts(db: sqlite3.Connection) -> Iterator[str]:
    """Kept counts against counted ones, in one view of the data."""
    db.execute("BEGIN")
    try:
        kept = dict(zip(STORED, db.execute(f"SELECT {', '.join(STORED)} FROM meta").fetchone(), strict=True))
        counted = msgspec.json.decode(db.execute(_STATUSES).fetchone()[0])
        for status in STORED:
            if kept[status] != counted.get(status, 0):
                yield f"count of {status}: {kept[status]} kept, {counted.get(status, 0)} there"
        for key in msgspec.json.decode(db.execute(_COUNTED).fetchone()[0]):
            yield f"destination {key}: its counts are not those of its tasks"
        (wrong,) = db.execute(_TROUBLES).fetchone()
        if wrong:
            yield f"{wrong} counts of troubles are not those of their tasks"
        (unlisted,) = db.execute(_UNLISTED).fetchone()
        if unlisted:
            yield f"{unlisted} tasks are in blocks that do not list their destination"
        for name, sql in _LOST.items():
            (lost,) = db.execute(sql).fetchone()
            if lost:
                yield f"{lost} {name} belong to nothing"
    except sqlite3.DatabaseError as error:
        yield f"counts: {_name(error)}"
    finally:
        db.execute("ROLLBACK")
