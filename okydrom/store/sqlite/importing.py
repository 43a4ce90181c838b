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

from okydrom.store.entry import Entry, reason_of
from okydrom.store.sqlite.attempts import ATTEMPTS, pack_attempt
from okydrom.store.sqlite.batches import OR_NULL, Rows
from okydrom.store.sqlite.rows import OUT_OF_REACH, TEXT, id_bytes
from okydrom.store.sqlite.transaction import Told, Transaction
from okydrom.store.sqlite.troubles import outcome_of
from okydrom.task import TERMINAL, Failure, Reason, Result, Status, Task

ROOM = 1 << 60  # takes eight bytes in a row
TROUBLED = frozenset({Status.RETRYING, Status.FAILED})

_COLUMNS: Mapping[str, str] = {
    **dict.fromkeys(("seq", "id", "status"), "?"),
    "reason": OR_NULL,
    **dict.fromkeys(("version", "source", "method", "destination"), "?"),
    **dict.fromkeys(("event", "parent"), OR_NULL),
    **dict.fromkeys(("created_at", "updated_at"), "?"),
    **dict.fromkeys(("due", "finished_at", "expires_at"), OR_NULL),
    **dict.fromkeys(("attempts", "attempts_left", "max_attempts"), "?"),
    **dict.fromkeys(("last_code", "last_error"), OR_NULL),
    **dict.fromkeys(("last_attempt", "room"), "?"),
    "order_key": OR_NULL,
}
_TASKS = Rows(f"INSERT INTO task ({', '.join(_COLUMNS)})", list(_COLUMNS.values()))
_RECORDS = Rows(
    "INSERT INTO record (seq, http_method, url, labels, size, crc, record)",
    ["?", "?", "?", OR_NULL, "?", "?", "?"],
)
_CLAIMS = Rows("INSERT INTO claim (seq)", ["?"])
_LABELS = Rows("INSERT INTO label (key, value, seq)", ["?", "?", "?"])

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
        self._first = self._seq = transaction.last_seq + 1
        self._key = transaction.last_attempt
        self._tasks: list[Any] = []
        self._records: list[Any] = []
        self._attempts: list[Any] = []
        self._labels: list[Any] = []
        self._created: list[int] = []
        self._told: list[Told] = []
        self._claims: list[int] = []
        self.lines: list[tuple[int, tuple[str, str], int]] = []  # seq, line and due of those that wait in one
        self.callbacks: list[int] = []  # seqs of those whose ends are told
        self.ended: list[int] = []  # of these, those that have ended
        self._due: dict[int, int] = {}
        self._at_once = 0  # were delivered by their first attempt
        self._troubles: list[tuple[int, str, Status, int, int]] = []

    def put(self, entry: Entry) -> None:
        """Build one task's rows."""
        task, seq = entry.task, self._seq
        number = self._numbers[task.destination]
        state = state_after(task, entry.claimed, entry.results)
        status, reason, claimed, attempts, left, updated, due, finished, code, error = state
        if task.order_key is not None and due is not None:
            self.lines.append((seq, (task.source, task.order_key), due))
            due = OUT_OF_REACH
        if task.callback is not None:
            self.callbacks.append(seq)
            if due is None:
                self.ended.append(seq)
        self._tasks += (
            seq,
            id_bytes(task.id),
            TEXT[status],
            TEXT[reason] if reason else 0,
            task.version,
            task.source,
            task.method,
            number,
            0 if task.event is None else task.event,
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
            self._put_attempts(entry),
            ROOM if due else 0,
            0 if task.order_key is None else task.order_key,
        )
        labels = msgspec.json.encode(task.labels).decode() if task.labels else 0
        record = entry.record
        self._records += (
            seq,
            task.http_method,
            task.url,
            labels,
            task.size,
            crc32(record),
            bytearray(record),
        )
        self._created.append(task.created_at)
        self._told.append((task.id, number, status, task.version, updated, None))
        if claimed:
            self._claims.append(seq)
        elif due and due != OUT_OF_REACH:
            self._due[number] = min(self._due.get(number, due), due)
        elif attempts == 1 and status is Status.DELIVERED:
            self._at_once += 1
        if status in TROUBLED:
            self._troubles.append((number, outcome_of(code, error), status, finished or updated, seq))
        if task.labels:
            for key, value in task.labels.items():
                self._labels += (key, value, seq)
        self._seq = seq + 1

    def _put_attempts(self, entry: Entry) -> int:
        """The key of the last one; 0: there is none."""
        previous, number = 0, entry.task.attempts
        for result in entry.results:
            if result.attempt is not None:
                self._key += 1
                number += 1
                self._attempts += (self._key, self._seq, number, previous, pack_attempt(result.attempt))
                previous = self._key
        return previous

    def write(self, db: sqlite3.Connection) -> None:
        """Insert all of them."""
        _TASKS.run(db, self._tasks)
        _RECORDS.run(db, self._records)
        ATTEMPTS.run(db, self._attempts)
        _LABELS.run(db, self._labels)
        _CLAIMS.run(db, self._claims)

    def adopt(self, transaction: Transaction) -> dict[str, int]:
        """Count and tell them; the seq of each id."""
        transaction.last_seq = self._seq - 1
        transaction.last_attempt = self._key
        numbers = [number for _, number, _, _, _, _ in self._told]
        transaction.blocks.put(transaction.db, self._first, self._created, numbers)
        tally = transaction.tally
        moves = Counter([(number, status) for _, number, status, _, _, _ in self._told])
        for (number, status), count in moves.items():
            tally.move(number, None, status, count)
        for trouble in self._troubles:
            transaction.troubles.came(*trouble)
        for number, due in self._due.items():
            tally.lower(number, due)
        transaction.news.accepted += len(self._told)
        transaction.news.first += self._at_once
        transaction.tell(self._told)
        return {told[0]: seq for seq, told in enumerate(self._told, self._first)}
