"""Idempotency keys: which request each came with, and what it was answered."""

from __future__ import annotations

import sqlite3

from okydrom.store.entry import Kept
from okydrom.store.sqlite.transaction import Transaction

LEAST = 24 * 3_600_000  # ms that a key is kept at least
EVERY = 3_600_000  # ms between passes over old ones

_PUT = """
INSERT INTO idempotency (source, key, hash, status, answer, first, last, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (source, key) DO UPDATE SET hash = excluded.hash, status = excluded.status, answer = excluded.answer,
  first = excluded.first, last = excluded.last, created_at = excluded.created_at
WHERE excluded.created_at > idempotency.created_at"""
_RECALL = "SELECT hash, status, answer, created_at FROM idempotency WHERE source = ? AND key = ?"
_OLD = """
SELECT created_at, source, key, EXISTS (SELECT 1 FROM task WHERE seq BETWEEN first AND last)
FROM idempotency INDEXED BY idempotency_age WHERE created_at < ? AND (created_at, source, key) > (?, ?, ?)
ORDER BY created_at, source, key LIMIT ?"""
_DROP = "DELETE FROM idempotency WHERE source = ? AND key = ?"
START = (-1, "", "")


def put(db: sqlite3.Connection, kept: Kept, first: int) -> None:
    """Keep a key; its tasks were given seqs in a row from `first`."""
    last = first + max(len(kept.ids), 1) - 1
    values = (kept.source, kept.key, kept.hash, kept.status, kept.answer, first, last, kept.created_at)
    db.execute(_PUT, values)


def recall(db: sqlite3.Connection, source: str, key: str) -> Kept | None:
    """What a key stands for."""
    row = db.execute(_RECALL, (source, key)).fetchone()
    if row is None:
        return None
    found, status, answer, created = row
    return Kept(source, key, found, status, answer, (), created)


class Forgetting:
    """Drops keys that are a day old and have no task left: a pass over all old ones every hour, in bounded steps."""

    def __init__(self) -> None:
        self._reached: tuple[int, str, str] = START
        self._next_pass = 0

    def step(self, transaction: Transaction, now: int, limit: int) -> bool:
        """Look at `limit` old keys; True: the pass goes on."""
        if now < self._next_pass:
            return False
        db = transaction.db
        rows = db.execute(_OLD, (now - LEAST, *self._reached, limit)).fetchall()
        db.executemany(_DROP, [(source, key) for _, source, key, alive in rows if not alive])
        if len(rows) == limit:
            self._reached = rows[-1][:3]
            return True
        self._reached, self._next_pass = START, now + EVERY
        return False
