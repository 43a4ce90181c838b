"""What was done to a task by command."""

from __future__ import annotations

import sqlite3

import msgspec

from okydrom.store.command import Command, Past
from okydrom.store.sqlite.endings import Standing
from okydrom.store.sqlite.rows import id_bytes
from okydrom.store.sqlite.transaction import Transaction

_PUT = "INSERT INTO history (seq, at, by, action, change) VALUES (?, ?, ?, ?, ?)"
_OF_TASK = """
SELECT json_group_array(json_array(at, by, action, change)) FROM (
  SELECT at, by, action, change FROM history WHERE seq = (SELECT seq FROM task WHERE id = ?) ORDER BY key
)"""


def put(transaction: Transaction, command: Command, row: Standing) -> None:
    """A command was carried out."""
    change = command.change.decode() if command.change else None
    transaction.db.execute(_PUT, (row.seq, command.at, command.by, command.action.value, change))


def of_task(db: sqlite3.Connection, task_id: str) -> list[Past]:
    """A task's history, oldest first."""
    (found,) = db.execute(_OF_TASK, (id_bytes(task_id),)).fetchone()
    return [
        Past(at, by, action, change.encode() if change is not None else None)
        for at, by, action, change in msgspec.json.decode(found)
    ]
