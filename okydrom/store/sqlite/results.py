"""Recording results: attempts always, statuses where version and claim still fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from okydrom.store.entry import Recorded, reason_of
from okydrom.store.sqlite.attempts import ATTEMPTS, pack_attempt
from okydrom.store.sqlite.batches import Rows
from okydrom.store.sqlite.endings import Standing, by_id, unclaim
from okydrom.store.sqlite.follow import follow
from okydrom.store.sqlite.rows import STATUS, TEXT, id_bytes, id_text
from okydrom.store.sqlite.transaction import Told, Transaction
from okydrom.store.sqlite.troubles import outcome_of
from okydrom.task import TERMINAL, Attempt, Result, Status

# The pluses keep SQLite on the key: by an index that fits another condition it would walk through all that wait.
_MOVE = Rows(
    "UPDATE task SET status = v.column4, reason = NULLIF(v.column5, 0), room = 0, "
    "updated_at = v.column6, due = NULLIF(v.column7, 0), finished_at = NULLIF(v.column8, 0), "
    "attempts = v.column3, attempts_left = v.column9, last_attempt = v.column12, "
    "last_code = CASE v.column10 WHEN -1 THEN last_code ELSE NULLIF(v.column10, 0) END, "
    "last_error = CASE v.column10 WHEN -1 THEN last_error ELSE NULLIF(v.column11, 0) END "
    "FROM (",
    ["?"] * 12,
    ") AS v WHERE task.seq = v.column1 AND +task.version = v.column2 AND +task.due IS NOT NULL",
)
_COUNT = Rows(
    "UPDATE task SET attempts = v.column2, last_attempt = v.column3 FROM (",
    ["?"] * 3,
    ") AS v WHERE task.seq = v.column1",
)


def record_results(transaction: Transaction, results: Sequence[Result]) -> list[Recorded]:
    """Write them in order; a result that no longer fits leaves its attempt only."""
    ids = {result.id: id_bytes(result.id) for result in results}
    rows = {id_text(row.id): row for row in by_id(transaction.db, list(ids.values()))}
    batch = _Batch(transaction, rows)
    recorded = [batch.put(result) for result in results]
    batch.write()
    return recorded


class _Moving:
    """A task while its results are applied; `move` holds the values of its new row, if it moves."""

    __slots__ = ("attempts", "claimed", "last_attempt", "move", "row", "stale", "status")

    def __init__(self, row: Standing) -> None:
        self.row = row
        self.status = STATUS[row.status]
        self.claimed = row.claimed
        self.attempts = row.attempts
        self.last_attempt = row.last_attempt
        self.move: tuple[Any, ...] | None = None
        self.stale = False


class _Batch:
    """The rows that a batch of results leads to."""

    def __init__(self, transaction: Transaction, rows: dict[str, Standing]) -> None:
        self._transaction = transaction
        self._tasks = {task_id: _Moving(row) for task_id, row in rows.items()}
        self._attempts: list[Any] = []
        self._told: list[Told] = []
        self._ended: list[int] = []

    def put(self, result: Result) -> Recorded:
        """Apply one result."""
        task = self._tasks.get(result.id)
        if task is None:
            return Recorded(result.id, None, False)
        if result.attempt is not None:
            self._put_attempt(task, result.attempt)
        if not task.claimed or result.version != task.row.version:
            task.stale = True
            return Recorded(result.id, task.status, False)
        self._move(task, result)
        return Recorded(result.id, task.status, True)

    def _put_attempt(self, task: _Moving, attempt: Attempt) -> None:
        key = self._transaction.last_attempt = self._transaction.last_attempt + 1
        task.attempts += 1
        packed = pack_attempt(attempt)
        self._attempts += (key, task.row.seq, task.attempts, task.last_attempt, packed)
        task.last_attempt = key

    def _move(self, task: _Moving, result: Result) -> None:
        status, reason = reason_of(result, bool(task.row.noted))
        terminal = status in TERMINAL
        code, error = _answer(result)
        due = 0 if terminal else result.next_attempt_at or result.at
        task.move = (
            TEXT[status],
            TEXT[reason] if reason else 0,
            result.at,
            due,
            result.at if terminal else 0,
            result.attempts_left,
            code,
            error,
        )
        tally, number = self._transaction.tally, task.row.destination
        tally.move(number, task.row.status, TEXT[status])
        self._count_trouble(task.row, result, status)
        if due:
            tally.lower(number, due)
        self._told.append((result.id, number, status, result.version, result.at, task.status))
        if terminal:
            self._ended.append(task.row.seq)
            self._transaction.news.first += status is Status.DELIVERED and task.attempts == 1
        task.status, task.claimed = status, False

    def _count_trouble(self, row: Standing, result: Result, status: Status) -> None:
        troubles = self._transaction.troubles
        troubles.went(row.destination, row.outcome, row.status, None)
        if status is not Status.DELIVERED:
            came = result.attempt.outcome if result.attempt is not None else None
            outcome = row.outcome if came is None else outcome_of(came.code, came.error)
            troubles.came(row.destination, outcome, status, result.at, row.seq)

    def write(self) -> None:
        """Attempts, statuses, and the number of attempts where nothing but that has changed."""
        db = self._transaction.db
        ATTEMPTS.run(db, self._attempts)
        moves: list[Any] = []
        moved: list[int] = []
        counts: list[Any] = []
        for task in self._tasks.values():
            if task.move is not None:
                moves += (task.row.seq, task.row.version, task.attempts, *task.move, task.last_attempt)
                moved.append(task.row.seq)
            elif task.stale:
                counts += (task.row.seq, task.attempts, task.last_attempt)
        if _MOVE.run(db, moves) != len(self._told):
            raise RuntimeError("a claimed task changed while its result was recorded")
        unclaim(db, moved)
        _COUNT.run(db, counts)
        self._transaction.tell(self._told)
        follow(self._transaction, self._ended)


def _answer(result: Result) -> tuple[int, str | int]:
    """Last code and error as bound: 0 is NULL, a code of -1 leaves both as they are."""
    if result.attempt is None:
        return -1, 0
    outcome = result.attempt.outcome
    return outcome.code or 0, TEXT[outcome.error] if outcome.error else 0
