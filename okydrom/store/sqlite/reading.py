"""Reading one task: its head, its record, its attempts."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from zlib import crc32

import msgspec
import structlog

from okydrom.record import unpack
from okydrom.store.contract import Part
from okydrom.store.sqlite.attempts import unpack_attempt
from okydrom.store.sqlite.batches import Lookup
from okydrom.store.sqlite.rows import HEAD, JOINS, head_of, id_bytes, state_of
from okydrom.task import Attempt, Task

log = structlog.get_logger("okydrom.store")

_decode = msgspec.json.decode
_HEAD = f"""
SELECT {HEAD} FROM task AS t {JOINS} WHERE t.id = ?"""
_FULL = f"""
SELECT {HEAD}, r.crc, r.record FROM task AS t {JOINS} WHERE t.id = ?"""
_HEADS = Lookup(f"SELECT json_group_array({HEAD}) FROM task AS t {JOINS} WHERE t.id")
_ATTEMPTS = """
WITH RECURSIVE chain (number, previous, attempt) AS (
  SELECT number, previous, attempt FROM attempt WHERE key = (SELECT last_attempt FROM task WHERE id = ?)
  UNION ALL
  SELECT a.number, a.previous, a.attempt FROM chain CROSS JOIN attempt AS a ON a.key = chain.previous
)
SELECT json_group_array(json_array(number, length(attempt))), CAST(group_concat(attempt, '') AS BLOB)
FROM chain"""


def get(db: sqlite3.Connection, task_id: str, part: Part) -> Task | None:
    """A task; None if there is none of this id."""
    try:
        key = id_bytes(task_id)
    except ValueError:
        return None
    row = db.execute(_FULL if part is Part.FULL else _HEAD, (key,)).fetchone()
    if row is None:
        return None
    head = head_of(msgspec.json.decode(row[0]))
    return head if part is Part.HEAD else _joined(head, row[1], row[2])


def heads(db: sqlite3.Connection, ids: Sequence[str]) -> dict[str, Task]:
    """The heads of those that are there."""
    rows = (row for (found,) in _HEADS.run(db, [id_bytes(each) for each in ids]) for row in _decode(found))
    return {task.id: task for task in map(head_of, rows)}


def attempts(db: sqlite3.Connection, task_id: str) -> list[Attempt]:
    """A task's attempts, oldest first."""
    numbers, packed = db.execute(_ATTEMPTS, (id_bytes(task_id),)).fetchone()
    found, start = [], 0
    for number, size in msgspec.json.decode(numbers):
        found.append(unpack_attempt(number, packed[start : start + size]))
        start += size
    return found[::-1]  # the chain leads from the last to the first


def _joined(head: Task, crc: int, record: bytes | None) -> Task:
    """With what the record holds; without it if it is damaged."""
    try:
        if record is None or crc32(record) != crc:
            raise ValueError("not what was stored")
        return unpack(record, **state_of(head))
    except ValueError:
        log.error("record_damaged", id=head.id, seq=head.seq)
        return head
