"""Figures of minutes as rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from okydrom.store.minute import Minute
from okydrom.store.sqlite.batches import Rows
from okydrom.store.sqlite.transaction import Transaction

# In the order of a row's values.
_COLUMNS = "number, accepted, delivered, first, failed, cancelled, attempts, not_2xx, times, waiting, free"
_PUT = Rows(f"INSERT OR REPLACE INTO minute ({_COLUMNS})", ["?"] * 11)
_DROP = "DELETE FROM minute WHERE number < ?"
_ALL = f"SELECT {_COLUMNS} FROM minute ORDER BY number"


def keep(transaction: Transaction, minutes: Sequence[Minute], before: int) -> None:
    """Write these in place of what is known of them; those before a number go."""
    _PUT.run(transaction.db, [value for minute in minutes for value in _row(minute)])
    transaction.db.execute(_DROP, (before,))


def kept(db: sqlite3.Connection) -> list[Minute]:
    """All of them, oldest first."""
    return [_minute(*row) for row in db.execute(_ALL).fetchall()]


def _row(minute: Minute) -> tuple[Any, ...]:
    return (
        minute.number,
        minute.accepted,
        minute.delivered,
        minute.first,
        minute.failed,
        minute.cancelled,
        minute.attempts,
        minute.not_2xx,
        minute.times.to_bytes((minute.times.bit_length() + 7) // 8, "little"),
        minute.waiting,
        minute.free,
    )


def _minute(*row: Any) -> Minute:
    number, accepted, delivered, first, failed, cancelled, attempts, not_2xx, times, waiting, free = row
    return Minute(
        number=number,
        accepted=accepted,
        delivered=delivered,
        first=first,
        failed=failed,
        cancelled=cancelled,
        attempts=attempts,
        not_2xx=not_2xx,
        times=int.from_bytes(times, "little"),
        waiting=waiting,
        free=free,
    )
