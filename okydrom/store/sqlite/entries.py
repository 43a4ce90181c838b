"""Adding tasks. What is known already is found by the unique id when it strikes, not by looking beforehand."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence

import msgspec
import structlog

from okydrom.store.entry import Entry
from okydrom.store.sqlite import idempotency
from okydrom.store.sqlite.batches import Lookup
from okydrom.store.sqlite.follow import adopt
from okydrom.store.sqlite.importing import Import
from okydrom.store.sqlite.rows import id_bytes, id_text
from okydrom.store.sqlite.transaction import Transaction
from okydrom.task import Task

log = structlog.get_logger("okydrom.store")

# What SQLite can't hold (2^63, lone surrogates) is refused at the door; should it get here, it takes no other down.
BAD_ROW = (sqlite3.IntegrityError, sqlite3.DataError, OverflowError, UnicodeError)
_KNOWN = Lookup("SELECT json_group_array(json_array(hex(id), seq)) FROM task WHERE id")


def add_entries(transaction: Transaction, entries: Sequence[Entry], position: int) -> dict[str, int]:
    """Import what is not known yet; the seq of each id. One that can't be stored is logged and left out."""
    transaction.position = max(transaction.position, position)
    unique = {entry.task.id: entry for entry in entries}
    try:
        return _insert(transaction, list(unique.values()))
    except BAD_ROW:
        known = _known(transaction.db, unique)
    fresh = [entry for task_id, entry in unique.items() if task_id not in known]
    try:
        return known | _insert(transaction, fresh)
    except BAD_ROW:
        return known | _insert_each(transaction, fresh)


def add_made(transaction: Transaction, task: Task, record: bytes) -> None:
    """A task that the store makes itself: unclaimed; a known one changes nothing."""
    if not _known(transaction.db, [task.id]):
        _insert(transaction, [Entry(task, record, False)])
        transaction.news.made.append(record)


def _insert_each(transaction: Transaction, entries: Sequence[Entry]) -> dict[str, int]:
    seqs: dict[str, int] = {}
    for entry in entries:
        try:
            seqs |= _insert(transaction, [entry])
        except BAD_ROW as error:
            log.error("task_not_stored", id=entry.task.id, error=type(error).__name__)
    return seqs


def _insert(transaction: Transaction, entries: Sequence[Entry]) -> dict[str, int]:
    """All or nothing."""
    db = transaction.db
    numbers = transaction.destinations.numbers(db, {entry.task.destination for entry in entries})
    batch = Import(transaction, numbers)
    for entry in entries:
        batch.put(entry)
    db.execute("SAVEPOINT import")
    try:
        batch.write(db)
    except BAD_ROW:
        db.execute("ROLLBACK TO import")
        raise
    finally:
        if db.in_transaction:  # a full disk may have rolled all of it back
            db.execute("RELEASE import")
    seqs = adopt(transaction, batch)
    for entry in entries:
        if entry.kept is not None:
            idempotency.put(db, entry.kept, seqs[entry.task.id])
    return seqs


def _known(db: sqlite3.Connection, ids: Collection[str]) -> dict[str, int]:
    known: dict[str, int] = {}
    for (found,) in _KNOWN.run(db, [id_bytes(task_id) for task_id in ids]):
        known.update((id_text(ident), seq) for ident, seq in msgspec.json.decode(found))
    return known
