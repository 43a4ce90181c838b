"""Reading one task: its head, its record, its attempts."""

from __future__ import annotations

import sqlite3
from zlib import crc32

import msgspec
import structlog

from okydrom.record import unpack
from okydrom.store.contract import Part
from okydrom.store.sqlite.attempts import key_of, unpack_attempt
from okydrom.store.sqlite.rows import HEAD, head_of, id_bytes, state_of
from okydrom.task import Attempt, Task

log = structlog.get_logger("okydrom.store")

_HEAD = f"""
SELECT {HEAD} FROM task AS t JOIN destination AS d ON d.number = t.destination WHERE t.id = ?"""
_FULL = f"""
SELECT {HEAD}, t.crc, r.record FROM task AS t JOIN destination AS d ON d.number = t.destination
LEFT JOIN record AS r ON r.seq = t.seq WHERE t.id = ?"""
_ATTEMPTS = """
SELECT json_group_array(json_array(key, length(attempt))), CAST(group_concat(attempt, '') AS BLOB) FROM (
  SELECT key, attempt FROM attempt WHERE key >= ? AND key < ? ORDER BY key
)"""


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


def attempts(db: sqlite3.Connection, task_id: str) -> list[Attempt]:
    """A task's attempts, oldest first."""
    task = get(db, task_id, Part.HEAD)
    if task is None:
        return []
    keys, packed = db.execute(_ATTEMPTS, (key_of(task.seq, 0), key_of(task.seq + 1, 0))).fetchone()
    found, start = [], 0
    for key, size in msgspec.json.decode(keys):
        found.append(unpack_attempt(key, packed[start : start + size]))
        start += size
    return found


def _joined(head: Task, crc: int, record: bytes | None) -> Task:
    """With what the record holds; without it if it is damaged."""
    try:
        if record is None or crc32(record) != crc:
            raise ValueError("not what was stored")
        return unpack(record, **state_of(head))
    except ValueError:
        log.error("record_damaged", id=head.id, seq=head.seq)
        return head
