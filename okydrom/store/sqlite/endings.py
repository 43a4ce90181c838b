"""Tasks that end without an attempt: cancelled, expired, damaged."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

import msgspec

from okydrom.store.sqlite.batches import Lookup
from okydrom.store.sqlite.follow import follow
from okydrom.store.sqlite.rows import STATUS, TEXT, id_text
from okydrom.store.sqlite.transaction import Transaction
from okydrom.store.sqlite.troubles import OUTCOME
from okydrom.task import Reason, Status


class Standing(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What of a task decides whether and how it may move on. `id` in hexadecimal digits."""

    seq: int
    id: str
    destination: int
    status: str
    version: int
    due: int | None
    attempts: int
    last_attempt: int
    noted: int | None  # None: not claimed; 1: a cancel is noted
    outcome: str  # the last; empty: there was no attempt
    finished_at: int | None

    @property
    def claimed(self) -> bool:
        """Does a lane have it?"""
        return self.noted is not None


STANDING = (
    "json_group_array(json_array(task.seq, hex(id), destination, status, version, due, attempts, last_attempt, "
    f"(SELECT noted FROM claim WHERE claim.seq = task.seq), {OUTCOME}, finished_at))"
)
_BY_ID = Lookup(f"SELECT {STANDING} FROM task WHERE id")
_BY_SEQ = Lookup(f"SELECT {STANDING} FROM task WHERE seq")
_END = Lookup(
    "UPDATE task SET status = ?, reason = NULLIF(?, 0), due = NULL, updated_at = ?, finished_at = ?, room = 0 "
    "WHERE due IS NOT NULL AND seq"
)
_UNCLAIM = Lookup("DELETE FROM claim WHERE seq")
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


def unclaim(db: sqlite3.Connection, seqs: Sequence[int]) -> None:
    """End the claims of these."""
    if _UNCLAIM.change(db, seqs) != len(seqs):
        raise RuntimeError("a claim that should end was not there")


def end(
    transaction: Transaction, tasks: Sequence[Standing], status: Status, reason: Reason | None, at: int
) -> None:
    """Waiting tasks end, claimed or not."""
    values = (TEXT[status], TEXT[reason] if reason else 0, at, at)
    changed = _END.change(transaction.db, [task.seq for task in tasks], values)
    if changed != len(tasks):
        raise RuntimeError(f"{len(tasks) - changed} tasks that should end were not waiting")
    unclaim(transaction.db, [task.seq for task in tasks if task.claimed])
    for task in tasks:
        transaction.tally.move(task.destination, task.status, TEXT[status])
        transaction.tally.look_again(task.destination)
        transaction.troubles.went(task.destination, task.outcome, task.status, None)
        transaction.troubles.came(task.destination, task.outcome, status, at, task.seq)
    follow(transaction, [task.seq for task in tasks])
    transaction.tell(
        [
            (id_text(task.id), task.destination, status, task.version, at, STATUS[task.status])
            for task in tasks
        ]
    )
