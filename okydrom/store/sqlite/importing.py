"""The rows of a batch of new tasks, in the state that their results already led to.

Most tasks end before their import, so this is the path that has to be cheap: rows are built as flat lists and written
by the hundred.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping
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


class State:
    """Where a task stands once the results that came before its import are applied."""

    __slots__ = (
        "attempts",
        "claimed",
        "code",
        "due",
        "error",
        "finished",
        "left",
        "noted",
        "reason",
        "status",
        "updated",
        "version",
    )

    def __init__(self, task: Task, claimed: bool) -> None:
        self.status: Status = task.status
        self.reason: Reason | None = task.reason
        self.version = task.version
        self.claimed = claimed and task.status not in TERMINAL
        self.noted = task.cancel_noted
        self.attempts = task.attempts
        self.left = task.attempts_left
        self.updated = task.updated_at
        self.due = task.next_attempt_at
        self.finished = task.finished_at
        self.code: int | None = task.last_code
        self.error: Failure | None = task.last_error

    def apply(self, result: Result) -> None:
        """Move on, if the result still fits; its attempt counts all the same."""
        if result.attempt is not None:
            self.attempts += 1
        if not self.claimed or result.version != self.version:
            return
        self.status, self.reason = reason_of(result, self.noted)
        self.claimed = False
        self.left = result.attempts_left
        self.updated = result.at
        if self.status in TERMINAL:
            self.due, self.finished = None, result.at
        else:
            self.due = result.next_attempt_at
        if result.attempt is not None:
            self.code, self.error = result.attempt.outcome.code, result.attempt.outcome.error


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
        state = State(task, entry.claimed)
        for result in entry.results:
            state.apply(result)
            if result.attempt is not None:
                self._attempts += (key_of(seq, state.attempts), pack_attempt(result.attempt))
        self._tasks += (
            seq,
            id_bytes(task.id),
            TEXT[state.status],
            TEXT[state.reason] if state.reason else 0,
            task.version,
            self._epoch if state.claimed else 0,
            task.source,
            task.method,
            task.http_method,
            task.url,
            number,
            0 if task.event is None else task.event,
            msgspec.json.encode(task.labels).decode() if task.labels else 0,
            id_bytes(task.parent) if task.parent else 0,
            task.created_at,
            state.updated,
            state.due or 0,
            state.finished or 0,
            task.expires_at or 0,
            state.attempts,
            state.left,
            task.max_attempts,
            state.code or 0,
            TEXT[state.error] if state.error else 0,
            task.size,
            crc32(entry.record),
        )
        self._records += (seq, bytearray(entry.record))
        for key, value in task.labels.items():
            self._labels += (key, value, seq)
        self._created.append(task.created_at)
        self._told.append((task.id, number, state.status, task.version, state.updated))
        if state.due is not None and not state.claimed:
            self._stirred.add(number)
        self._seq = seq + 1

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
