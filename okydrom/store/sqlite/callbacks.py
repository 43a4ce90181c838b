"""Callbacks: the end of a task makes another task, in the same transaction, so that it is made exactly once."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import msgspec
import structlog

from okydrom.callback import callback_of
from okydrom.record import pack
from okydrom.store.contract import Part
from okydrom.store.sqlite.batches import Lookup, Rows
from okydrom.store.sqlite.reading import get
from okydrom.task import Task

log = structlog.get_logger("okydrom.store")

_PUT = Rows("INSERT OR IGNORE INTO callback (seq)", ["?"])
_OF = Lookup("SELECT json_group_array(seq) FROM callback WHERE seq")
_ID = "SELECT lower(hex(id)) FROM task WHERE seq = ?"


def put(db: sqlite3.Connection, seqs: Sequence[int]) -> None:
    """The ends of these are told."""
    _PUT.run(db, list(seqs))


def drop(db: sqlite3.Connection, seq: int) -> None:
    """Its end is told no longer."""
    db.execute("DELETE FROM callback WHERE seq = ?", (seq,))


def made_by(db: sqlite3.Connection, seqs: Sequence[int]) -> list[tuple[Task, bytes]]:
    """The tasks that tell of the ends of these, with their records."""
    made = []
    for (found,) in _OF.run(db, seqs):
        for seq in msgspec.json.decode(found, type=list[int]):
            (ident,) = db.execute(_ID, (seq,)).fetchone()
            task = get(db, ident, Part.FULL)
            if task is None or (callback := _callback(task)) is None:
                continue
            made.append((callback, pack(callback)))
    return made


def _callback(task: Task) -> Task | None:
    try:
        return callback_of(task)
    except ValueError:  # checked before it was kept, so this is damage; the end itself stands
        log.error("callback_unreadable", id=task.id)
        return None
