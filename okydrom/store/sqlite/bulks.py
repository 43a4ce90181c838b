"""Bulk operations: what was planned, and how far each has come."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec

from okydrom.store.command import Action, Bulk, BulkState, Changed, Progress, Slice
from okydrom.store.sqlite.rows import id_bytes, id_text
from okydrom.store.sqlite.transaction import Transaction

_ROW = """json_array(number, hex(id), action, plan, by, matched, last, created_at, state, done, json(skipped), cursor,
  finished_at)"""
_ONE = f"SELECT {_ROW} FROM bulk WHERE id = ?"
_RUNNING = f"SELECT {_ROW} FROM bulk WHERE state = 'running' ORDER BY number LIMIT ?"
_NEWEST = f"SELECT {_ROW} FROM bulk WHERE number < ? ORDER BY number DESC LIMIT ?"
_BEGIN = """
INSERT INTO bulk (id, action, plan, state, by, matched, last, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""
_STEP = """
UPDATE bulk SET cursor = :cursor, done = done + :done, skipped = :skipped,
  state = CASE state WHEN 'running' THEN :state ELSE state END,
  finished_at = CASE WHEN state = 'running' AND :state <> 'running' THEN :at ELSE finished_at END
WHERE id = :id"""
_STOP = "UPDATE bulk SET state = 'stopped', finished_at = ? WHERE id = ? AND state = 'running'"
_OLD = "DELETE FROM bulk INDEXED BY bulk_finished WHERE finished_at < ?"
FIRST = 2**62


def begin(transaction: Transaction, bulk: Bulk) -> None:
    """A new one; known already: nothing changes."""
    values = (id_bytes(bulk.id), bulk.action.value, bulk.plan.decode(), bulk.state.value, bulk.by)
    transaction.db.execute(
        f"{_BEGIN} ON CONFLICT (id) DO NOTHING", (*values, bulk.matched, bulk.last, bulk.created_at)
    )


def step(transaction: Transaction, progress: Progress, changed: Sequence[Changed]) -> None:
    """Its commands are carried out in this transaction; what was refused counts as skipped."""
    bulk = one(transaction.db, progress.id)
    if bulk is None:
        raise ValueError("no such bulk operation")
    refused = Counter(each.conflict for each in changed if each.conflict is not None)
    skipped = Counter(bulk.skipped) + Counter(progress.skipped) + refused
    values = {
        "id": id_bytes(progress.id),
        "cursor": progress.cursor,
        "done": len(changed) - refused.total(),
        "skipped": msgspec.json.encode(dict(skipped)).decode(),
        "state": progress.state.value,
        "at": progress.at,
    }
    transaction.db.execute(_STEP, values)


def stop(transaction: Transaction, bulk_id: str, at: int) -> Bulk | None:
    """A running one ends; one that has ended stays as it is."""
    transaction.db.execute(_STOP, (at, id_bytes(bulk_id)))
    return one(transaction.db, bulk_id)


def one(db: sqlite3.Connection, bulk_id: str) -> Bulk | None:
    """The one of this id."""
    row = db.execute(_ONE, (id_bytes(bulk_id),)).fetchone()
    return _bulk(row[0])[1] if row else None


def running(db: sqlite3.Connection, limit: int) -> list[Bulk]:
    """Those that are not done, oldest first."""
    return [_bulk(row)[1] for (row,) in db.execute(_RUNNING, (limit,))]


def newest(db: sqlite3.Connection, limit: int, before: int) -> Slice:
    """Newest first, from before a number."""
    found = [_bulk(row) for (row,) in db.execute(_NEWEST, (before, limit + 1))]
    more = len(found) > limit
    return Slice([bulk for _, bulk in found[:limit]], str(found[limit - 1][0]) if more else None)


def drop_old(transaction: Transaction, cutoff: int) -> None:
    """Those that ended before this time go."""
    transaction.db.execute(_OLD, (cutoff,))


def _bulk(row: str) -> tuple[int, Bulk]:
    """The number and the bulk operation of a `_ROW`."""
    values: list[Any] = msgspec.json.decode(row)
    number, ident, action, plan, by, matched, last, created, state, done, skipped, cursor, finished = values
    return number, Bulk(
        id=id_text(ident),
        action=Action(action),
        plan=plan.encode(),
        by=by,
        matched=matched,
        last=last,
        created_at=created,
        state=BulkState(state),
        done=done,
        skipped=skipped,
        cursor=cursor,
        finished_at=finished,
    )
