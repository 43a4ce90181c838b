"""Claims: a task that a lane has is given to nobody else until its result is recorded or it is given back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from zlib import crc32

import msgspec
import structlog

from okydrom.record import unpack
from okydrom.store.sqlite.batches import SIZES, WIDEST, Lookup, Rows
from okydrom.store.sqlite.endings import by_id, by_seq, end, unclaim
from okydrom.store.sqlite.rows import FAILURE, OUT_OF_REACH, STATUS, id_bytes, id_text
from okydrom.store.sqlite.transaction import Transaction
from okydrom.task import Reason, Status, Task

log = structlog.get_logger("okydrom.store")

MOST_BYTES = 16 * 1024**2  # of bodies in one claim: a lane's wish is a number of tasks, not of bytes
PIECE_BYTES = 4 * 1024**2  # read in one go

_DUE = (
    "SELECT * FROM (SELECT seq FROM task INDEXED BY task_due WHERE destination = ? AND due <= ? "
    "AND NOT EXISTS (SELECT 1 FROM claim WHERE claim.seq = task.seq) "
    "AND (SELECT paused FROM destination WHERE number = ?) = 0 ORDER BY due, seq LIMIT ?)"
)
_WANTED = {
    size: "SELECT json_group_array(json_array(seq, "
    "coalesce((SELECT size FROM record WHERE record.seq = due.seq), 0))) "
    f"FROM ({' UNION ALL '.join([_DUE] * size)}) AS due"
    for size in SIZES[1:]  # SQLite joins 500 at most
}
_CLAIM = Rows("INSERT INTO claim (seq)", ["?"])
_READ = Lookup(
    "SELECT json_group_array(json_array(seq, hex(id), status, version, attempts, attempts_left, updated_at, due, "
    "expires_at, last_code, last_error, crc, length(record))), "
    "CAST(group_concat(record, '') AS BLOB) FROM task JOIN record USING (seq) WHERE task.seq"
)
# Whatever was ordered: the earliest that is due, else the earliest that waits for its next attempt. What is not to be
# delivered before its time is passed over, some thousands at most.
_FIRST = """
SELECT seq FROM (
  SELECT seq, due, status, expires_at FROM task INDEXED BY task_due WHERE destination = :number AND due < :reach
    AND NOT EXISTS (SELECT 1 FROM claim WHERE claim.seq = task.seq) ORDER BY due, seq LIMIT 10000
) WHERE (due <= :now OR status = 'retrying') AND coalesce(expires_at, :now) >= :now ORDER BY due, seq LIMIT 1"""
_NOTED = "SELECT json_group_array(seq) FROM claim WHERE noted = 1"
_PLACES = "SELECT json_group_array(DISTINCT destination) FROM claim JOIN task USING (seq)"


def claim(transaction: Transaction, wants: Mapping[str, int], now: int) -> list[Task]:
    """Due tasks of these destinations, marked; those whose bytes are not what they were fail."""
    db = transaction.db
    numbers = transaction.destinations.numbers(db, wants)
    wanted = {numbers[key]: count for key, count in wants.items() if count > 0}
    pieces = list(_pieces(_due(db, wanted, now)))
    if not pieces:
        return []
    for number in wanted:
        transaction.tally.look_again(number)
    return _take(transaction, pieces, now)


def claim_first(transaction: Transaction, destination: str, now: int) -> Task | None:
    """The earliest task of a destination that may be sent at all."""
    number = transaction.destinations.numbers(transaction.db, {destination})[destination]
    values = {"number": number, "now": now, "reach": OUT_OF_REACH}
    row = transaction.db.execute(_FIRST, values).fetchone()
    if row is None:
        return None
    transaction.tally.look_again(number)
    tasks = _take(transaction, [[row[0]]], now)
    return tasks[0] if tasks else None


def _take(transaction: Transaction, pieces: Sequence[Sequence[int]], now: int) -> list[Task]:
    """Mark them as claimed and read them."""
    db = transaction.db
    seqs = [seq for piece in pieces for seq in piece]
    _CLAIM.run(db, seqs)
    tasks = {task.seq: task for task in _read(db, pieces)}
    _fail_damaged(transaction, [seq for seq in seqs if seq not in tasks], now)
    return [tasks[seq] for seq in seqs if seq in tasks]


def release(transaction: Transaction, ids: Sequence[str], now: int) -> None:
    """Claimed ones are free again; a cancel that was noted ends its task."""
    rows = [row for row in by_id(transaction.db, [id_bytes(task_id) for task_id in ids]) if row.claimed]
    end(transaction, [row for row in rows if row.noted], Status.CANCELLED, None, now)
    free = [row for row in rows if not row.noted]
    unclaim(transaction.db, [row.seq for row in free])
    for row in free:
        if row.due is not None:
            transaction.tally.lower(row.destination, row.due)


def free_all(transaction: Transaction, now: int) -> int:
    """End every claim; returns how many there were."""
    db = transaction.db
    noted = by_seq(db, msgspec.json.decode(db.execute(_NOTED).fetchone()[0], type=list[int]))
    end(transaction, noted, Status.CANCELLED, None, now)
    for number in msgspec.json.decode(db.execute(_PLACES).fetchone()[0], type=list[int]):
        transaction.tally.look_again(number)
    return len(noted) + db.execute("DELETE FROM claim WHERE true").rowcount


def _due(db: sqlite3.Connection, wanted: Mapping[int, int], now: int) -> Iterator[tuple[int, int]]:
    """Seq and size of due tasks, earliest first within a destination."""
    left = list(wanted.items())
    while left:
        size = next(size for size in _WANTED if size <= len(left))
        values = [value for number, count in left[:size] for value in (number, now, number, count)]
        yield from msgspec.json.decode(db.execute(_WANTED[size], values).fetchone()[0])
        left = left[size:]


def _pieces(due: Iterator[tuple[int, int]]) -> Iterator[list[int]]:
    """Seqs in pieces that are read together, as far as the bytes of a claim go."""
    piece: list[int] = []
    total = size_of_piece = 0
    for seq, size in due:
        if piece and (len(piece) == WIDEST or size_of_piece + size > PIECE_BYTES):
            yield piece
            piece, size_of_piece = [], 0
        if total and total + size > MOST_BYTES:
            break
        piece.append(seq)
        total += size
        size_of_piece += size
    if piece:
        yield piece


def _read(db: sqlite3.Connection, pieces: Sequence[Sequence[int]]) -> Iterator[Task]:
    """Tasks with their records, but for those whose record is damaged."""
    for piece in pieces:
        for rows, records in _READ.run(db, piece):
            start = 0
            for row in msgspec.json.decode(rows):
                end_of_record = start + row[-1]
                task = _task(row, records[start:end_of_record])
                start = end_of_record
                if task is not None:
                    yield task


def _fail_damaged(transaction: Transaction, seqs: Sequence[int], now: int) -> None:
    """What can't be read is not sent in a wrong form, and not tried again and again."""
    tasks = by_seq(transaction.db, seqs)
    for task in tasks:
        log.error("record_damaged", id=id_text(task.id), seq=task.seq)
    end(transaction, tasks, Status.FAILED, Reason.DAMAGED, now)


def _task(row: Sequence[Any], record: bytes) -> Task | None:
    """The task of its row and record; None if the record is not what was stored."""
    (seq, ident, status, version, attempts, left, updated, due, expires, code, error, crc, _) = row
    if crc32(record) != crc:
        return None
    try:
        task = unpack(
            record,
            seq=seq,
            status=STATUS[status],
            version=version,
            attempts=attempts,
            attempts_left=left,
            updated_at=updated,
            next_attempt_at=due,
            expires_at=expires,
            last_code=code,
            last_error=FAILURE[error],
        )
    except ValueError:
        return None
    return task if task.id == id_text(ident) else None
