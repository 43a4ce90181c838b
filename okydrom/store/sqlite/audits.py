"""What operators changed, in the transaction that changed it."""

from __future__ import annotations

import sqlite3

import msgspec

from okydrom.store.command import Audited, Slice
from okydrom.store.sqlite.transaction import Transaction

_PUT = "INSERT INTO audit (at, by, action, subject, count) VALUES (?, ?, ?, ?, ?)"
_NEWEST = """
SELECT json_array(key, at, by, action, subject, count) FROM audit WHERE key < ? ORDER BY key DESC LIMIT ?"""
_OLD = "DELETE FROM audit WHERE key IN (SELECT key FROM audit WHERE at < ? ORDER BY at LIMIT ?)"


def put(transaction: Transaction, audited: Audited | None) -> None:
    """Put it down, if there is something."""
    if audited is not None:
        values = (audited.at, audited.by, audited.action, audited.subject.decode(), audited.count)
        transaction.db.execute(_PUT, values)


def newest(db: sqlite3.Connection, limit: int, before: int) -> Slice:
    """Newest first, from before a key."""
    found = [_audited(row) for (row,) in db.execute(_NEWEST, (before, limit + 1))]
    more = len(found) > limit
    return Slice(found[:limit], str(found[limit - 1].key) if more else None)


def drop_old(transaction: Transaction, cutoff: int, limit: int) -> int:
    """Rows from before this time go, at most `limit`; returns how many."""
    return transaction.db.execute(_OLD, (cutoff, limit)).rowcount


def _audited(row: str) -> Audited:
    key, at, by, action, subject, count = msgspec.json.decode(row)
    return Audited(key=key, at=at, by=by, action=action, subject=subject.encode(), count=count)
