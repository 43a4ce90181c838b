"""Tasks that end without an attempt: cancelled, expired, damaged."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

import msgspec

from okydrom.store.sqlite.batches import Lookup
from okydrom.store.sqlite.rows import TEXT, id_text
from okydrom.store.sqlite.transaction import Transaction
from okydrom.task import Reason, Status


class Standing(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What of a task decides whether and how it may move on. `id` in hexadecimal digits."""

    seq: int
    id: str
    destination: int
    status: str
    version: int
    claim: int
    cancel_noted: int
    attempts: int


STANDING = (
    "json_group_array(json_array(seq, hex(id), destination, status, version, claim, cancel_noted, attempts))"
)
_BY_ID = Lookup(f"SELECT {STANDING} FROM task WHERE id")
_BY_SEQ = Lookup(f"SELECT {STANDING} FROM task WHERE seq")
_END = Lookup(
    "UPDATE task SET status = ?, reason = NULLIF(?, 0), claim = 0, cancel_noted = 0, due = NULL, "
    "updated_at = ?, finished_at = ? WHERE due IS NOT NULL AND seq"
)
_decode = msgspec.json.Decoder(list[Standing]).decode


def standing(db: sqlite3.Connection, lookup: Lookup, keys: Sequence[Any]) -> list[Standing]:
    """Those that are there."""
    return [row for (found,) in lookup.run(db, keys) for row in _decode(found)]


def by_id(db: sqlite3.Connection, ids: Sequence[bytearray]) -> list[Standing]:
    """Tasks of these ids."""
    return standing(db, _BY_ID, ids)


def by_seq(db: sqlite3.Connection, seqs: Sequence[int]) -> list[Standing]:
    """Tasks of these seqs."""
    return standing(db, _BY_SEQ, seqs)


def selected(db: sqlite3.Connection, rest: str, values: Sequence[Any]) -> list[Standing]:
    """Tasks of a statement's rest, from its WHERE."""
    return _decode(db.execute(f"SELECT {STANDING} FROM {rest}", values).fetchone()[0])


def end(
    transaction: Transaction, tasks: Sequence[Standing], status: Status, reason: Reason | None, at: int
) -> None:
    """Waiting tasks end, claimed or not."""
    values = (TEXT[status], TEXT[reason] if reason else 0, at, at)
    changed = _END.change(transaction.db, [task.seq for task in tasks], values)
    if changed != len(tasks):
        raise RuntimeError(f"{len(tasks) - changed} tasks that should end were not waiting")
    for task in tasks:
        transaction.tally.move(task.destination, task.status, TEXT[status])
        transaction.tally.stir(task.destination)
    transaction.tell([(id_text(task.id), task.destination, status, task.version, at) for task in tasks])
