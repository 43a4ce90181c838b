"""Carrying out commands, each guarded by the status and version that the task has now."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

import msgspec

from okydrom.store.contract import Action, Changed, Command
from okydrom.store.sqlite.rows import HEAD, head_of, id_bytes
from okydrom.store.sqlite.transaction import Transaction
from okydrom.task import TERMINAL, Status, Task

_HEAD = f"""
SELECT json_array(t.claim, t.destination, {HEAD})
FROM task AS t JOIN destination AS d ON d.number = t.destination WHERE t.id = ?"""
_GRANT = """
UPDATE task SET status = 'queued', reason = NULL, version = version + 1, cancel_noted = 0, attempts_left = max_attempts,
  updated_at = :at, due = :at, finished_at = NULL, expires_at = :expires_at
WHERE seq = :seq AND version = :version AND finished_at IS NOT NULL"""
_HURRY = """
UPDATE task SET version = version + 1, claim = 0, cancel_noted = 0, updated_at = :at, due = :at
WHERE seq = :seq AND version = :version AND due IS NOT NULL"""
_CANCEL = """
UPDATE task SET status = 'cancelled', version = version + 1, claim = 0, cancel_noted = 0, updated_at = :at, due = NULL,
  finished_at = :at
WHERE seq = :seq AND version = :version AND due IS NOT NULL"""
_NOTE = "UPDATE task SET cancel_noted = 1 WHERE seq = :seq AND version = :version AND claim <> 0"


def carry_out(transaction: Transaction, commands: Sequence[Command]) -> list[Changed]:
    """What each did; a conflict is data."""
    return [_change(transaction, command) for command in commands]


def _change(transaction: Transaction, command: Command) -> Changed:
    found = _find(transaction.db, command.id)
    if found is None:
        return Changed(command.id, None, "missing")
    claimed, number, task = found
    if command.version is not None and command.version != task.version:
        return Changed(command.id, task, "version")
    in_flight = command.in_flight and claimed
    if command.action is Action.RETRY:
        return _retry(transaction, command, number, task, in_flight)
    return _cancel(transaction, command, number, task, in_flight)


def _retry(transaction: Transaction, command: Command, number: int, task: Task, in_flight: bool) -> Changed:
    """A terminal one gets a new grant, a waiting one is due at once."""
    if in_flight:
        return Changed(command.id, task, "status")
    values = {"seq": task.seq, "version": task.version, "at": command.at}
    if task.status in TERMINAL:
        _run(transaction.db, _GRANT, {**values, "expires_at": command.expires_at})
        transaction.tally.move(number, task.status, Status.QUEUED)
        transaction.news.revived.append((task.id, command.at))
    else:
        _run(transaction.db, _HURRY, values)
    return _changed(transaction, command, number)


def _cancel(transaction: Transaction, command: Command, number: int, task: Task, in_flight: bool) -> Changed:
    """A waiting one ends; of one in flight it is noted; what has ended otherwise stays as it is."""
    if task.status is Status.CANCELLED:
        return Changed(command.id, task)
    if task.status in TERMINAL:
        return Changed(command.id, task, "status")
    values = {"seq": task.seq, "version": task.version, "at": command.at}
    if in_flight:
        _run(transaction.db, _NOTE, values)
        return Changed(command.id, msgspec.structs.replace(task, cancel_noted=True), noted=True)
    _run(transaction.db, _CANCEL, values)
    transaction.tally.move(number, task.status, Status.CANCELLED)
    return _changed(transaction, command, number)


def _changed(transaction: Transaction, command: Command, number: int) -> Changed:
    """Tell of the task as it now is."""
    transaction.tally.stir(number)
    found = _find(transaction.db, command.id)
    if found is None:
        raise RuntimeError("a task vanished while it was changed")
    task = found[2]
    transaction.tell([(task.id, number, task.status, task.version, command.at)])
    return Changed(command.id, task)


def _find(db: sqlite3.Connection, task_id: str) -> tuple[bool, int, Task] | None:
    """Whether it is claimed, its destination's number, its head."""
    row = db.execute(_HEAD, (id_bytes(task_id),)).fetchone()
    if row is None:
        return None
    claim, number, head = msgspec.json.decode(row[0])
    return bool(claim), number, head_of(head)


def _run(db: sqlite3.Connection, sql: str, values: dict[str, Any]) -> None:
    if db.execute(sql, values).rowcount != 1:
        raise RuntimeError("a task changed while a command ran")
