"""The rows of a batch of new tasks, in the state that their results already led to.

Most tasks end before their import, so this is the path that has to be cheap: rows are built as flat lists and written
by the hundred.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from zlib import crc32

import msgspec

from okydrom.store.contract import Entry, reason_of
from okydrom.store.sqlite.attempts import key_of, pack_attempt
from okydrom.store.sqlite.batches import OR_NULL, Rows
from okydrom.store.sqlite.rows import TEXT, id_bytes
from okydrom.store.sqlite.transaction import Told, Transaction
from okydrom.task import TERMINAL, Failure, Reason, Result, Status, Task

SPAN = 4096  # seqs of one row in `span`

_COLUMNS: Mapping[str, str] = {
    **dict.fromkeys(("seq", "id", "status"), "?"),
    "reason": OR_NULL,
    **dict.fromkeys(("version", "claim"), "?"),
    "cancel_noted": "0",
    **dict.fromkeys(("source", "method", "http_method", "url", "destination"), "?"),
    **dict.fromkeys(("event", "labels", "parent"), OR_NULL),
    **dict.fromkeys(("created_at", "updated_at"), "?"),
    **dict.fromkeys(("due", "finished_at", "expires_at"), OR_NULL),
    **dict.fromkeys(("attempts", "attempts_left", "max_attempts"), "?"),
    **dict.fromkeys(("last_code", "last_error"), OR_NULL),
    **dict.fromkeys(("size", "crc"), "?"),
}
_TASKS = Rows(f"INSERT INTO task ({', '.join(_COLUMNS)})", list(_COLUMNS.values()))
_RECORDS = Rows("INSERT INTO record (seq, record)", ["?", "?"])
_ATTEMPTS = Rows("INSERT INTO attempt (key, attempt)", ["?", "?"])
_LABELS = Rows("INSERT INTO label (key, value, seq)", ["?", "?", "?"])
_SPANS = Rows(
    "INSERT INTO span (block, first, last)",
    ["?", "?", "?"],
    "ON CONFLICT (block) DO UPDATE SET first = min(first, excluded.first), last = max(last, excluded.last)",
)


# Where a task stands: status, reason, claimed, attempts, attempts left, updated, due, finished, last code, last error.
State = tuple[Status, Reason | None, bool, int, int, int, int | None, int | None, int | None, Failure | None]


def state_after(task: Task, claimed: bool, results: Sequence[Result]) -> State:
    """Where a task stands once the results that came before its import are applied; one that no longer fits leaves
    its attempt only. (A plain tuple: anything with names costs as much again.)"""
    status, reason, attempts, left = task.status, task.reason, task.attempts, task.attempts_left
    updated, due, finished = task.updated_at, task.next_attempt_at, task.finished_at
    code, error = task.last_code, task.last_error
    claimed = claimed and status not in TERMINAL
    for result in results:
        if result.attempt is not None:
            attempts += 1
        if not claimed or result.version != task.version:
            continue
        status, reason = reason_of(result, task.cancel_noted)
        claimed, left, updated = False, result.attempts_left, result.at
        if status in TERMINAL:
            due, finished = None, result.at
        else:
            due = result.next_attempt_at
        if result.attempt is not None:
            code, error = result.attempt.outcome.code, result.attempt.outcome.error
    return status, reason, claimed, attempts, left, updated, due, finished, code, error


class Import:
    """Rows of new tasks, as flat lists; `adopt` makes their transaction know of them once they are written."""

    def __init__(self, transaction: Transaction, numbers: Mapping[str, int]) -> None:
        self._numbers = numbers
        self._epoch = transaction.epoch
        self._first = self._seq = transaction.last_seq + 1
        self._tasks: list[Any] = []
        self._records: list[Any] = []
        self._attempts: list[Any] = []
        self._labels: list[Any] = []
        self._created: list[int] = []
        self._told: list[Told] = []
        self._stirred: set[int] = set()

    def put(self, entry: Entry) -> None:
        """Build one task's rows."""
        task, seq = entry.task, self._seq
        number = self._numbers[task.destination]
        state = state_after(task, entry.claimed, entry.results)
        status, reason, claimed, attempts, left, updated, due, finished, code, error = state
        self._tasks += (
            seq,
            id_bytes(task.id),
            TEXT[status],
            TEXT[reason] if reason else 0,
            task.version,
            self._epoch if claimed else 0,
            task.source,
            task.method,
            task.http_method,
            task.url,
            number,
            0 if task.event is None else task.event,
            msgspec.json.encode(task.labels).decode() if task.labels else 0,
            id_bytes(task.parent) if task.parent else 0,
            task.created_at,
            updated,
            due or 0,
            finished or 0,
            task.expires_at or 0,
            attempts,
            left,
            task.max_attempts,
            code or 0,
            TEXT[error] if error else 0,
            task.size,
            crc32(entry.record),
        )
        self._records += (seq, bytearray(entry.record))
        self._created.append(task.created_at)
        self._told.append((task.id, number, status, task.version, updated))
        if due is not None and not claimed:
            self._stirred.add(number)
        self._put_rest(entry)
        self._seq = seq + 1

    def _put_rest(self, entry: Entry) -> None:
        """Attempts and labels."""
        seq, count = self._seq, entry.task.attempts
        for result in entry.results:
            if result.attempt is not None:
                count += 1
                self._attempts += (key_of(seq, count), pack_attempt(result.attempt))
        if entry.task.labels:
            for key, value in entry.task.labels.items():
                self._labels += (key, value, seq)

    def write(self, db: sqlite3.Connection) -> None:
        """Insert all of them."""
        _TASKS.run(db, self._tasks)
        _RECORDS.run(db, self._records)
        _ATTEMPTS.run(db, self._attempts)
        _LABELS.run(db, self._labels)
        _SPANS.run(db, self._spans())

    def adopt(self, transaction: Transaction) -> dict[str, int]:
        """Count and tell them; the seq of each id."""
        transaction.last_seq = self._seq - 1
        tally = transaction.tally
        moves = Counter([(number, status) for _, number, status, _, _ in self._told])
        for (number, status), count in moves.items():
            tally.move(number, None, status, count)
        for number in self._stirred:
            tally.stir(number)
        transaction.tell(self._told)
        return {told[0]: seq for seq, told in enumerate(self._told, self._first)}

    def _spans(self) -> list[int]:
        """Block, first and last creation of each block of seqs that the batch touches."""
        values: list[int] = []
        start = self._first
        while start < self._seq:
            end = min((start // SPAN + 1) * SPAN, self._seq)
            created = self._created[start - self._first : end - self._first]
            values += (start // SPAN, min(created), max(created))
            start = end
        return values
