"""An edit: what a task asks is written anew, where it stands only as far as that follows from it."""

from __future__ import annotations

import sqlite3
from typing import Any
from zlib import crc32

import msgspec

from okydrom.store.command import Command
from okydrom.store.sqlite import callbacks
from okydrom.store.sqlite.endings import Standing, unclaim
from okydrom.store.sqlite.lines import put_off
from okydrom.store.sqlite.rows import OUT_OF_REACH, STATUS
from okydrom.store.sqlite.transaction import Transaction
from okydrom.task import Task

# `due` and `attempts_left` speak of a waiting one only: an edit of one that has ended sends nothing. One that was
# behind when it was read, and so had no time of its own, may be ready by now.
_TASK = f"""
UPDATE task SET version = version + 1, method = :method, destination = :destination, event = :event,
  updated_at = :at, expires_at = :expires_at, max_attempts = :max_attempts,
  attempts_left = CASE WHEN due IS NULL THEN attempts_left ELSE :attempts_left END,
  due = CASE WHEN due IS NULL THEN NULL WHEN due = {OUT_OF_REACH} THEN due ELSE coalesce(:due, due) END
WHERE seq = :seq AND version = :version AND status <> 'delivered'"""
_RECORD = """
UPDATE record SET http_method = :http_method, url = :url, labels = :labels, size = :size, crc = :crc, record = :record
WHERE seq = :seq"""
_LABELS = "SELECT labels FROM record WHERE seq = ?"
_DROP_LABEL = "DELETE FROM label WHERE key = ? AND value = ? AND seq = ?"
_PUT_LABEL = "INSERT INTO label (key, value, seq) VALUES (?, ?, ?)"


def edit(transaction: Transaction, command: Command, row: Standing) -> None:
    """Write `command.task`; a waiting one is free again, due at its time."""
    task = command.task
    if task is None:
        raise ValueError("an edit needs the task as it will be")
    db = transaction.db
    number = transaction.destinations.numbers(db, (task.destination,))[task.destination]
    _write(db, command, task, row, number)
    if task.next_attempt_at is not None:
        put_off(db, row.seq, task.next_attempt_at)
    if task.callback is None:
        callbacks.drop(db, row.seq)
    else:
        transaction.followed.callbacks = True
        callbacks.put(db, [row.seq])
    if row.claimed:
        unclaim(db, [row.seq])
    _count(transaction, command, row, number)
    transaction.news.edited.append((command.record, row.version + 1, command.at))
    status = STATUS[row.status]
    transaction.tell_change([(command.id, number, status, row.version + 1, command.at, status)])


def _write(db: sqlite3.Connection, command: Command, task: Task, row: Standing, number: int) -> None:
    (old,) = db.execute(_LABELS, (row.seq,)).fetchone() or (None,)
    db.executemany(_DROP_LABEL, _labels(msgspec.json.decode(old) if old else {}, row.seq))
    db.executemany(_PUT_LABEL, _labels(dict(task.labels), row.seq))
    values = {
        "seq": row.seq,
        "version": row.version,
        "at": command.at,
        "method": task.method,
        "destination": number,
        "event": task.event,
        "expires_at": task.expires_at,
        "max_attempts": task.max_attempts,
        "attempts_left": task.attempts_left,
        "due": task.next_attempt_at,
    }
    if db.execute(_TASK, values).rowcount != 1:
        raise RuntimeError("a task changed while it was edited")
    record = {
        "seq": row.seq,
        "http_method": task.http_method,
        "url": task.url,
        "labels": msgspec.json.encode(task.labels).decode() if task.labels else None,
        "size": task.size,
        "crc": crc32(command.record),
        "record": command.record,
    }
    if db.execute(_RECORD, record).rowcount != 1:
        raise RuntimeError("a task that was edited has no record")


def _labels(labels: dict[str, str], seq: int) -> list[tuple[Any, ...]]:
    return [(key, value, seq) for key, value in labels.items()]


def _count(transaction: Transaction, command: Command, row: Standing, number: int) -> None:
    """It may have gone to another destination, or be due at another time."""
    if number != row.destination:
        transaction.tally.move(row.destination, row.status, None)
        transaction.tally.move(number, None, row.status)
        transaction.blocks.add(transaction.db, row.seq, number)
        status, ended = STATUS[row.status], row.finished_at
        transaction.troubles.went(row.destination, row.outcome, row.status, ended)
        transaction.troubles.moved(number, row.outcome, status, command.at, ended or 0, row.seq)
    transaction.tally.look_again(row.destination)
    transaction.tally.look_again(number)
