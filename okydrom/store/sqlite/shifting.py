"""When the clock was moved, the times of waiting tasks are moved along, in bounded steps that outlive a crash.

Each waiting task bears the time of its last change; from it follows whether its times are of before, and what is moved
bears a time of after. Of an earlier process's times, what was changed in the future is taken as changed now.
"""

from __future__ import annotations

import sqlite3

import msgspec

from okydrom.store.shift import Shift, sense
from okydrom.store.sqlite.rows import OUT_OF_REACH
from okydrom.store.sqlite.transaction import Transaction

LOOKED_AT = 1_000  # tasks and attempts that are newest: they say whether a clock went back

_BEGIN = "UPDATE meta SET shift_by = ?, shift_at = ?, shift_after = 0"
_RUNNING = "SELECT shift_by, shift_at, shift_after FROM meta WHERE shift_by <> 0"
_REACHED = "UPDATE meta SET shift_after = ?"
_END = "UPDATE meta SET shift_by = 0"
_NEWEST = f"""
SELECT max(updated_at), min(updated_at) FROM (
  SELECT updated_at FROM (SELECT updated_at FROM task ORDER BY seq DESC LIMIT {LOOKED_AT})
  UNION ALL
  SELECT updated_at FROM (SELECT seq FROM attempt ORDER BY key DESC LIMIT {LOOKED_AT}) JOIN task USING (seq)
)"""
_WAITING = """
SELECT json_group_array(json_array(seq, updated_at, destination)) FROM (
  SELECT * FROM (SELECT seq, updated_at, destination FROM task INDEXED BY task_status
                 WHERE status = 'queued' AND seq > :after ORDER BY seq LIMIT :limit)
  UNION ALL
  SELECT * FROM (SELECT seq, updated_at, destination FROM task INDEXED BY task_status
                 WHERE status = 'retrying' AND seq > :after ORDER BY seq LIMIT :limit)
  ORDER BY seq LIMIT :limit
)"""
_SEQS = "(SELECT value FROM json_each(:seqs))"
_LINES = f"""
UPDATE line SET due = due + coalesce(:by, :now - (SELECT updated_at FROM task WHERE task.seq = line.seq))
WHERE seq IN {_SEQS} AND due IS NOT NULL"""
_TASKS = f"""
UPDATE task SET
  due = CASE WHEN due < :reach THEN max(due + coalesce(:by, :now - updated_at), 1) ELSE due END,
  expires_at = max(expires_at + coalesce(:by, :now - updated_at), 1),
  updated_at = max(updated_at + coalesce(:by, :now - updated_at), 1)
WHERE seq IN {_SEQS}"""

Row = tuple[int, int, int]  # seq, changed at, destination's number
_rows = msgspec.json.Decoder(list[Row]).decode


def begin(transaction: Transaction, shift: Shift) -> None:
    """From now on `step` moves what waits."""
    transaction.db.execute(_BEGIN, (shift.by, shift.at))


def step(transaction: Transaction, now: int, limit: int) -> bool:
    """Look at so many waiting tasks; True: there are more. Nothing is done if no shift was begun."""
    db = transaction.db
    running = db.execute(_RUNNING).fetchone()
    if running is None:
        return False
    by, at, after = running
    reached = _move(transaction, after, limit, now, Shift(by, at).bounds(now), by)
    if reached is None:
        db.execute(_END)
        return False
    db.execute(_REACHED, (reached,))
    return True


def rebase(transaction: Transaction, now: int, limit: int, after: int) -> int | None:
    """Of so many waiting tasks after a seq take what an earlier process can't have put down at that time as put down
    now; the seq that was reached, None at the end. From the beginning (`after` 0) it is looked first whether there is
    a sign of any."""
    low, high = sense(now)
    if after == 0:
        newest, oldest = transaction.db.execute(_NEWEST).fetchone()
        if newest is None or (newest <= high and oldest >= low):
            return None
    return _move(transaction, after, limit, now, (low, high), None)


def _move(
    transaction: Transaction, after: int, limit: int, now: int, bounds: tuple[int, int], by: int | None
) -> int | None:
    db, (low, high) = transaction.db, bounds
    rows = _rows(db.execute(_WAITING, {"after": after, "limit": limit}).fetchone()[0])
    moved = [row for row in rows if not low <= row[1] <= high]
    if moved:
        _write(db, [seq for seq, _, _ in moved], now, by)
        for number in {number for _, _, number in moved}:
            transaction.tally.look_again(number)
    return rows[-1][0] if len(rows) == limit else None


def _write(db: sqlite3.Connection, seqs: list[int], now: int, by: int | None) -> None:
    values = {"seqs": msgspec.json.encode(seqs).decode(), "now": now, "by": by, "reach": OUT_OF_REACH}
    db.execute(_LINES, values)
    db.execute(_TASKS, values)
