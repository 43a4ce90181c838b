"""Upkeep in bounded steps: expire what waits too long, prune what has ended long ago."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import msgspec

from okydrom.config.settings import Retention
from okydrom.store.contract import Swept
from okydrom.store.shift import SENSIBLE
from okydrom.store.sqlite import audits, bulks
from okydrom.store.sqlite.batches import Lookup
from okydrom.store.sqlite.blocks import drop_blocks
from okydrom.store.sqlite.endings import Standing, by_seq, end
from okydrom.store.sqlite.idempotency import Forgetting
from okydrom.store.sqlite.shedding import Shedding
from okydrom.store.sqlite.space import used
from okydrom.store.sqlite.transaction import Transaction
from okydrom.store.sqlite.troubles import OUTCOME, drop_over
from okydrom.store.trouble import TROUBLE_KEPT
from okydrom.store.upkeep import cutoffs
from okydrom.task import Reason, Status

_EXPIRED = """
SELECT json_group_array(seq) FROM (
  SELECT seq FROM task INDEXED BY task_expiry WHERE expires_at IS NOT NULL AND due IS NOT NULL AND expires_at < ?
    AND NOT EXISTS (SELECT 1 FROM claim WHERE claim.seq = task.seq) ORDER BY expires_at LIMIT ?
)"""
_ENDED = f"""
SELECT json_group_array(json_array(ended.seq, destination, created_at, finished_at, json(labels), {OUTCOME})) FROM (
  SELECT * FROM task INDEXED BY task_status WHERE status = ? AND seq > ? ORDER BY seq LIMIT ?
) AS ended LEFT JOIN record AS r ON r.seq = ended.seq"""
_ENDED_NOW = "UPDATE task SET finished_at = ? WHERE seq IN (SELECT value FROM json_each(?))"
_TASKS = Lookup("DELETE FROM task WHERE seq")
_RECORDS = Lookup("DELETE FROM record WHERE seq")
_BESIDE = [Lookup(f"DELETE FROM {table} WHERE seq") for table in ("history", "callback", "erased")]
_ATTEMPTS = Lookup(
    "DELETE FROM attempt WHERE key IN (WITH RECURSIVE chain (key) AS (SELECT last_attempt FROM task WHERE seq",
    " UNION ALL SELECT a.previous FROM chain CROSS JOIN attempt AS a ON a.key = chain.key) SELECT key FROM chain)",
)
# One by one: SQLite would look for a list of them by walking through the table.
_LABEL = "DELETE FROM label WHERE key = ? AND value = ? AND seq = ?"


class Ended(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A terminal task as far as pruning has to know it."""

    seq: int
    destination: int
    created_at: int
    finished_at: int
    labels: dict[str, str] | None
    outcome: str  # the last; empty: there was no attempt


_decode = msgspec.json.Decoder(list[Ended]).decode


class Sweeper:
    """Goes through the terminal tasks of each status from the oldest, again and again.

    Tasks stand in order of import, so a pass ends at the first that was created after the cutoff; those before it
    that ended late are passed over.
    """

    def __init__(self, retention: Retention) -> None:
        self._retention = retention
        self._reached: dict[Status, int] = {}
        self._forgetting = Forgetting()
        self._shedding = Shedding()

    def sweep(self, transaction: Transaction, now: int, limit: int, tight: bool) -> Swept:
        """One step over at most `limit` tasks."""
        expired = _expired(transaction.db, now, limit)
        end(transaction, expired, Status.FAILED, Reason.EXPIRED, now)
        early = tight or 0 < self._retention.max_size < used(transaction.db)
        pruned, more = 0, len(expired) == limit
        for status, cutoff in cutoffs(self._retention, now).items():
            if len(expired) + pruned >= limit:
                return Swept(len(expired), pruned, True)
            if early and status is Status.DELIVERED:
                count, unfinished = self._prune_early(transaction, limit - len(expired) - pruned)
            elif cutoff is not None:
                count, unfinished = self._prune(
                    transaction, status, cutoff, limit - len(expired) - pruned, now
                )
            else:
                continue
            pruned += count
            more |= unfinished
        if not more and self._retention.audit:
            bulks.drop_old(transaction, now - self._retention.audit)
            more = audits.drop_old(transaction, now - self._retention.audit, limit) == limit
        if not more and self._retention.attempts:
            more = self._shedding.step(transaction.db, now, self._retention.attempts, limit)
        if not more:
            more = self._forgetting.step(transaction, now, limit)
        if not more:
            drop_blocks(transaction.db)
            drop_over(transaction.db, now - TROUBLE_KEPT, now)
            transaction.drop_empty = now
        return Swept(len(expired), pruned, more)

    def _prune(
        self, transaction: Transaction, status: Status, cutoff: int, limit: int, now: int
    ) -> tuple[int, bool]:
        """By age; how many, and whether the pass goes on."""
        tasks = _ended(transaction.db, status, self._reached.get(status, 0), limit)
        unknown = [task.seq for task in tasks if task.finished_at < SENSIBLE < cutoff]
        if unknown:  # they ended while the clock was not set: their age counts from now on
            transaction.db.execute(_ENDED_NOW, (now, msgspec.json.encode(unknown).decode()))
        old = [task for task in tasks if task.finished_at < cutoff and task.seq not in unknown]
        _delete(transaction, status, old)
        goes_on = len(tasks) == limit and tasks[-1].created_at < cutoff
        self._reached[status] = tasks[-1].seq if goes_on else 0
        return len(old), goes_on

    @staticmethod
    def _prune_early(transaction: Transaction, limit: int) -> tuple[int, bool]:
        """Delivered tasks whatever their age, oldest first."""
        tasks = _ended(transaction.db, Status.DELIVERED, 0, limit)
        _delete(transaction, Status.DELIVERED, tasks)
        return len(tasks), len(tasks) == limit


def _expired(db: sqlite3.Connection, now: int, limit: int) -> list[Standing]:
    (seqs,) = db.execute(_EXPIRED, (now, limit)).fetchone()
    return by_seq(db, msgspec.json.decode(seqs, type=list[int]))


def _ended(db: sqlite3.Connection, status: Status, after: int, limit: int) -> list[Ended]:
    return _decode(db.execute(_ENDED, (status.value, after, limit)).fetchone()[0])


def _delete(transaction: Transaction, status: Status, tasks: Sequence[Ended]) -> None:
    db, seqs = transaction.db, [task.seq for task in tasks]
    for task in tasks:
        db.executemany(_LABEL, [(key, value, task.seq) for key, value in (task.labels or {}).items()])
        transaction.tally.move(task.destination, status, None)
        transaction.troubles.went(task.destination, task.outcome, status, task.finished_at)
    _ATTEMPTS.change(db, seqs)
    _RECORDS.change(db, seqs)
    for beside in _BESIDE:
        beside.change(db, seqs)
    _TASKS.change(db, seqs)
