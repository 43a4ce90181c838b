"""Carrying out commands, each guarded by the status and version that the task has now."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from okydrom.store.command import Action, Changed, Command
from okydrom.store.contract import Part
from okydrom.store.sqlite import history
from okydrom.store.sqlite.editing import edit
from okydrom.store.sqlite.endings import Standing, by_id, unclaim
from okydrom.store.sqlite.entries import add_made
from okydrom.store.sqlite.erasing import erase, erased
from okydrom.store.sqlite.follow import follow, join
from okydrom.store.sqlite.lines import put_off
from okydrom.store.sqlite.reading import get, heads
from okydrom.store.sqlite.rows import OUT_OF_REACH, STATUS, TEXT, id_bytes, id_text
from okydrom.store.sqlite.transaction import Transaction
from okydrom.task import TERMINAL, Status

_GRANT = """
UPDATE task SET status = 'queued', reason = NULL, version = version + 1, attempts_left = max_attempts,
  updated_at = :at, due = :at, finished_at = NULL, expires_at = :expires_at
WHERE seq = :seq AND version = :version AND finished_at IS NOT NULL"""
_HURRY = f"""
UPDATE task SET version = version + 1, updated_at = :at, due = CASE due WHEN {OUT_OF_REACH} THEN due ELSE :at END
WHERE seq = :seq AND version = :version AND due IS NOT NULL"""
_CANCEL = """
UPDATE task SET status = 'cancelled', version = version + 1, updated_at = :at, due = NULL, finished_at = :at, room = 0
WHERE seq = :seq AND version = :version AND due IS NOT NULL"""
_NOTE = "UPDATE claim SET noted = 1 WHERE seq = :seq"

_LINE = "SELECT source, order_key FROM task WHERE seq = ?"
_OUT = f"UPDATE task SET due = {OUT_OF_REACH} WHERE seq = ?"

Refused = str | None  # why a command was not carried out: "missing", "version", "status" or "erased"


def carry_out(transaction: Transaction, commands: Sequence[Command]) -> list[Changed]:
    """What each did, in order; a conflict is data. A single one comes with its task's record, many with heads."""
    rows = _standing(transaction.db, commands)
    outcomes = [_change(transaction, rows, command) for command in commands]
    shown = [
        command.task.id if command.action is Action.RESEND and command.task and not refused else command.id
        for command, (refused, _) in zip(commands, outcomes, strict=True)
    ]
    if len(shown) == 1:
        tasks = {shown[0]: get(transaction.db, shown[0], Part.FULL)}
    else:
        tasks = {**heads(transaction.db, shown)}
    return [
        Changed(command.id, tasks.get(task_id), refused, noted)
        for command, task_id, (refused, noted) in zip(commands, shown, outcomes, strict=True)
    ]


def _standing(db: sqlite3.Connection, commands: Sequence[Command]) -> dict[str, Standing]:
    return {id_text(row.id): row for row in by_id(db, [id_bytes(command.id) for command in commands])}


def _change(transaction: Transaction, rows: dict[str, Standing], command: Command) -> tuple[Refused, bool]:
    """Why it was refused (None: it was not), and whether a cancel was only noted."""
    row = rows.pop(command.id, None) or _standing(transaction.db, [command]).get(command.id)
    if row is None:
        return "missing", False
    if command.version is not None and command.version != row.version:
        return "version", False
    done = _done(transaction.db, command, row)
    if command.action is Action.CANCEL:
        conflict, noted = _cancel(transaction, command, row)
    else:
        conflict, noted = _ACTIONS[command.action](transaction, command, row), False
    if conflict is None and not done:
        history.put(transaction, command, row)
    return conflict, noted


def _done(db: sqlite3.Connection, command: Command, row: Standing) -> bool:
    """Is what it asks for so already?"""
    if command.action is Action.CANCEL:
        return STATUS[row.status] is Status.CANCELLED or row.noted == 1
    return command.action is Action.DELETE and erased(db, row.seq)


def _retry(transaction: Transaction, command: Command, row: Standing) -> Refused:
    """A terminal one gets a new grant, a waiting one is due at once."""
    if command.in_flight and row.claimed:
        return "status"
    status = STATUS[row.status]
    if status not in TERMINAL:
        _move(transaction, _HURRY, command, row, status)
        put_off(transaction.db, row.seq, command.at)
        return None
    if erased(transaction.db, row.seq):
        return "erased"
    _move(transaction, _GRANT, command, row, Status.QUEUED, expires_at=command.expires_at)
    _stand_in_line(transaction, row.seq, command.at)
    transaction.news.revived.append((command.id, row.version + 1, command.expires_at, command.at))
    return None


def _stand_in_line(transaction: Transaction, seq: int, due: int) -> None:
    """A task with an order key that waits again takes its turn."""
    source, order_key = transaction.db.execute(_LINE, (seq,)).fetchone()
    if order_key is not None:
        transaction.db.execute(_OUT, (seq,))
        join(transaction, [(seq, (source, order_key), due)])


def _cancel(transaction: Transaction, command: Command, row: Standing) -> tuple[Refused, bool]:
    """A waiting one ends; of one in flight it is noted; what has ended stays as it is. The conflict, and if noted."""
    status = STATUS[row.status]
    if status in TERMINAL:
        return None if status is Status.CANCELLED else "status", False
    if command.in_flight and row.claimed:
        _run(transaction.db, _NOTE, {"seq": row.seq})
        transaction.tell_change([(command.id, row.destination, status, row.version, command.at, status)])
        return None, True
    _move(transaction, _CANCEL, command, row, Status.CANCELLED)
    follow(transaction, [row.seq])
    return None, False


def _edit(transaction: Transaction, command: Command, row: Standing) -> Refused:
    if STATUS[row.status] is Status.DELIVERED or (command.in_flight and row.claimed):
        return "status"
    if erased(transaction.db, row.seq):
        return "erased"
    edit(transaction, command, row)
    return None


def _delete(transaction: Transaction, command: Command, row: Standing) -> Refused:
    """Erased already: nothing changes, and it is no conflict."""
    if STATUS[row.status] not in TERMINAL:
        return "status"
    if not erased(transaction.db, row.seq):
        erase(transaction, command, row)
    return None


def _resend(transaction: Transaction, command: Command, row: Standing) -> Refused:
    if erased(transaction.db, row.seq):
        return "erased"
    if command.task is None:
        raise ValueError("a copy needs its task")
    add_made(transaction, command.task, command.record)
    return None


_ACTIONS: Mapping[Action, Callable[[Transaction, Command, Standing], Refused]] = {
    Action.RETRY: _retry,
    Action.EDIT: _edit,
    Action.DELETE: _delete,
    Action.RESEND: _resend,
}


def _move(
    transaction: Transaction, sql: str, command: Command, row: Standing, status: Status, **more: Any
) -> None:
    """Change the row, count and tell it."""
    _run(transaction.db, sql, {"seq": row.seq, "version": row.version, "at": command.at, **more})
    transaction.tally.move(row.destination, row.status, TEXT[status])
    if row.status != status:
        transaction.troubles.went(row.destination, row.outcome, row.status, row.finished_at)
    if row.claimed:
        unclaim(transaction.db, [row.seq])
    transaction.tally.look_again(row.destination)
    before = STATUS[row.status]
    transaction.tell([(command.id, row.destination, status, row.version + 1, command.at, before)])


def _run(db: sqlite3.Connection, sql: str, values: dict[str, Any]) -> None:
    if db.execute(sql, values).rowcount != 1:
        raise RuntimeError("a task changed while a command ran")
