"""Erasing: body, headers, the URL's query and what recipients answered go at once; a tombstone stays.

The store's file forgets them with the transaction (`secure_delete`, and the WAL is moved into it soon after); the
journal's chunk that holds the task leaves when its keep window has passed.
"""

from __future__ import annotations

import hashlib
import sqlite3
from zlib import crc32

import msgspec

from okydrom.record import pack, unpack
from okydrom.store.command import Command
from okydrom.store.sqlite.attempts import pack_attempt, unpack_attempt
from okydrom.store.sqlite.endings import Standing
from okydrom.store.sqlite.rows import STATUS
from okydrom.store.sqlite.transaction import Transaction
from okydrom.task import Attempt, Task

_RAISE = """
UPDATE task SET version = version + 1, updated_at = ?
WHERE seq = ? AND version = ? AND finished_at IS NOT NULL"""
_RECORD = "SELECT record FROM record WHERE seq = ?"
_REDACT = "UPDATE record SET url = ?, crc = ?, record = ? WHERE seq = ?"
_EMPTY = "UPDATE record SET url = '', crc = 0, record = x'' WHERE seq = ?"
_ATTEMPTS = """
WITH RECURSIVE chain (key, number, previous, attempt) AS (
  SELECT key, number, previous, attempt FROM attempt WHERE key = ?
  UNION ALL
  SELECT a.key, a.number, a.previous, a.attempt FROM chain CROSS JOIN attempt AS a ON a.key = chain.previous
)
SELECT key, number, attempt FROM chain"""
_ATTEMPT = "UPDATE attempt SET attempt = ? WHERE key = ?"
_HISTORY = "UPDATE history SET change = NULL WHERE seq = ?"
_CALLBACK = "DELETE FROM callback WHERE seq = ?"
_TOMBSTONE = "INSERT INTO erased (seq, at, sha256) VALUES (?, ?, ?)"


def erased(db: sqlite3.Connection, seq: int) -> bool:
    """Is only a tombstone left?"""
    return db.execute("SELECT 1 FROM erased WHERE seq = ?", (seq,)).fetchone() is not None


def erase(transaction: Transaction, command: Command, row: Standing) -> None:
    """Erase what a terminal task asked and what recipients answered."""
    db = transaction.db
    if db.execute(_RAISE, (command.at, row.seq, row.version)).rowcount != 1:
        raise RuntimeError("a task changed while it was erased")
    sha256 = _redact(db, row.seq)
    for key, number, packed in db.execute(_ATTEMPTS, (row.last_attempt,)).fetchall():
        db.execute(_ATTEMPT, (pack_attempt(silenced(unpack_attempt(number, packed))), key))
    db.execute(_HISTORY, (row.seq,))
    db.execute(_CALLBACK, (row.seq,))
    db.execute(_TOMBSTONE, (row.seq, command.at, sha256))
    transaction.news.erased.append((command.id, command.at))
    status = STATUS[row.status]
    transaction.tell_change([(command.id, row.destination, status, row.version + 1, command.at, status)])


def silenced(attempt: Attempt) -> Attempt:
    """An attempt without the headers that went out, and without the answer but for its code and size."""
    outcome = msgspec.structs.replace(
        attempt.outcome, request_headers=(), response_headers=(), response_body=b"", truncated=True
    )
    return msgspec.structs.replace(attempt, outcome=outcome)


def redacted(task: Task) -> Task:
    """What remains of what was asked."""
    url = task.url.partition("?")[0]
    return msgspec.structs.replace(task, url=url, body=None, headers=(), callback=None, traceparent=None)


def _redact(db: sqlite3.Connection, seq: int) -> bytes | None:
    """Write the record anew; the SHA-256 of its body, None if there was none or it was damaged."""
    (record,) = db.execute(_RECORD, (seq,)).fetchone() or (b"",)
    try:
        task = unpack(record)
    except ValueError:  # damaged: all of it goes
        db.execute(_EMPTY, (seq,))
        return None
    rest = redacted(task)
    packed = pack(rest)
    db.execute(_REDACT, (rest.url, crc32(packed), packed, seq))
    return hashlib.sha256(task.body).digest() if task.body is not None else None
