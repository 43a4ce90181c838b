"""What follows the end of tasks, in the transaction that ends them: callbacks, and the next of their order keys.

Nothing is looked up as long as no task has either.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from okydrom.store.entry import Entry
from okydrom.store.sqlite import callbacks, lines
from okydrom.store.sqlite.importing import Import
from okydrom.store.sqlite.transaction import Followed, Transaction


def followed(db: sqlite3.Connection) -> Followed:
    """What stands in the database at opening."""
    (has_lines,) = db.execute("SELECT EXISTS (SELECT 1 FROM line)").fetchone()
    (has_callbacks,) = db.execute("SELECT EXISTS (SELECT 1 FROM callback)").fetchone()
    return Followed(bool(has_lines), bool(has_callbacks))


def adopt(transaction: Transaction, batch: Import) -> dict[str, int]:
    """New tasks are known to their transaction, and so is what follows their ends; some have ended already."""
    seqs = batch.adopt(transaction)
    if batch.callbacks:
        transaction.followed.callbacks = True
        callbacks.put(transaction.db, batch.callbacks)
    if batch.lines:
        join(transaction, batch.lines)
    if batch.callbacks:
        follow(transaction, batch.ended)
    return seqs


def join(transaction: Transaction, tasks: Sequence[tuple[int, lines.Line, int]]) -> None:
    """Waiting tasks (seq, line, due) whose `task.due` is out of reach."""
    transaction.followed.lines = True
    lines.join(transaction.db, tasks, transaction.tally)


def follow(transaction: Transaction, seqs: Sequence[int]) -> None:
    """These tasks have ended just now."""
    followed = transaction.followed
    if not seqs or not (followed.lines or followed.callbacks):
        return
    db = transaction.db
    if followed.lines:
        lines.leave(db, seqs, transaction.tally)
    if followed.callbacks:
        for task, record in callbacks.made_by(db, seqs):
            made = Import(transaction, transaction.destinations.numbers(db, (task.destination,)))
            made.put(Entry(task, record, False))
            made.write(db)
            adopt(transaction, made)
            transaction.news.made.append(record)
