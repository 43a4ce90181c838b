"""Carrying out commands, each guarded by the status and version that the task has now."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from okydrom.store.command import Action, Changed, Command
from okydrom.store.contract import Part
from okydrom.store.sqlite.endings import Standing, by_id, unclaim
from okydrom.store.sqlite.reading import get
from okydrom.store.sqlite.rows import STATUS, TEXT, id_bytes
from okydrom.store.sqlite.transaction import Transaction
from okydrom.task import TERMINAL, Status

_GRANT = """
UPDATE task SET status = 'queued', reason = NULL, version = version + 1, attempts_left = max_attempts,
  updated_at = :at, due = :at, finished_at = NULL, expires_at = :expires_at
WHERE seq = :seq AND version = :version AND finished_at IS NOT NULL"""
_HURRY = """
UPDATE task SET version = version + 1, updated_at = :at, due = :at
WHERE seq = :seq AND version = :version AND due IS NOT NULL"""
_CANCEL = """
UPDATE task SET status = 'cancelled', version = version + 1, updated_at = :at, due = NULL, finished_at = :at, room = 0
WHERE seq = :seq AND version = :version AND due IS NOT NULL"""
_NOTE = "UPDATE claim SET noted = 1 WHERE seq = :seq"


def carry_out(transaction: Transaction, commands: Sequence[Command]) -> list[Changed]:
    """What each did; a conflict is data."""
    return [_change(transaction, command) for command in commands]


def _change(transaction: Transaction, command: Command) -> Changed:
    found = by_id(transaction.db, [id_bytes(command.id)])
    if not found:
        return Changed(command.id, None, "missing")
    (row,) = found
    noted = False
    if command.version is not None and command.version != row.version:
        conflict: str | None = "version"
    elif command.action is Action.RETRY:
        conflict = _retry(transaction, command, row)
    else:
        conflict, noted = _cancel(transaction, command, row)
    return Changed(command.id, get(transaction.db, command.id, Part.FULL), conflict, noted)


def _retry(transaction: Transaction, command: Command, row: Standing) -> str | None:
    """A terminal one gets a new grant, a waiting one is due at once; the conflict."""
    if command.in_flight and row.claimed:
        return "status"
    status = STATUS[row.status]
    if status not in TERMINAL:
        _move(transaction, _HURRY, command, row, status)
        return None
    _move(transaction, _GRANT, command, row, Status.QUEUED, expires_at=command.expires_at)
    transaction.news.revived.append((command.id, row.version + 1, command.expires_at, command.at))
    return None


def _cancel(transaction: Transaction, command: Command, row: Standing) -> tuple[str | None, bool]:
    """A waiting one ends; of one in flight it is noted; what has ended stays as it is. The conflict, and if noted."""
    status = STATUS[row.status]
    if status in TERMINAL:
        return None if status is Status.CANCELLED else "status", False
    if command.in_flight and row.claimed:
        _run(transaction.db, _NOTE, {"seq": row.seq})
        return None, True
    _move(transaction, _CANCEL, command, row, Status.CANCELLED)
    return None, False


def _move(
    transaction: Transaction, sql: str, command: Command, row: Standing, status: Status, **more: Any
) -> None:
    """Change the row, count and tell it."""
    _run(transaction.db, sql, {"seq": row.seq, "version": row.version, "at": command.at, **more})
    transaction.tally.move(row.destination, row.status, TEXT[status])
    if row.claimed:
        unclaim(transaction.db, [row.seq])
    transaction.tally.look_again(row.destination)
    transaction.tell([(command.id, row.destination, status, row.version + 1, command.at)])


def _run(db: sqlite3.Connection, sql: str, values: dict[str, Any]) -> None:
    if db.execute(sql, values).rowcount != 1:
        raise RuntimeError("a task changed while a command ran")
