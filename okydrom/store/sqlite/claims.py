"""Claims: a task that a lane has is given to nobody else until its result is recorded or it is given back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from zlib import crc32

import msgspec
import structlog

from okydrom.record import unpack
from okydrom.store.sqlite.batches import SIZES, WIDEST, Lookup
from okydrom.store.sqlite.endings import by_id, by_seq, end, selected
from okydrom.store.sqlite.rows import FAILURE, STATUS, id_bytes, id_text
from okydrom.store.sqlite.transaction import Transaction
from okydrom.task import Reason, Status, Task

log = structlog.get_logger("okydrom.store")

MOST_BYTES = 16 * 1024**2  # of bodies in one claim: a lane's wish is a number of tasks, not of bytes
PIECE_BYTES = 4 * 1024**2  # read in one go

_DUE = (
    "SELECT * FROM (SELECT seq, size FROM task INDEXED BY task_due WHERE destination = ? AND claim = 0 "
    "AND due <= ? AND (SELECT paused FROM destination WHERE number = ?) = 0 ORDER BY due, seq LIMIT ?)"
)
_WANTED = {
    size: f"SELECT json_group_array(json_array(seq, size)) FROM ({' UNION ALL '.join([_DUE] * size)})"
    for size in SIZES[1:]  # SQLite joins 500 at most
}
_CLAIM = Lookup("UPDATE task SET claim = ? WHERE claim = 0 AND due IS NOT NULL AND seq")
_READ = Lookup(
    "SELECT json_group_array(json_array(seq, hex(id), status, version, attempts, attempts_left, updated_at, due, "
    "expires_at, last_code, last_error, cancel_noted, crc, length(record))), "
    "CAST(group_concat(record, '') AS BLOB) FROM task JOIN record USING (seq) WHERE seq"
)
_RELEASE = Lookup("UPDATE task SET claim = 0 WHERE claim <> 0 AND seq")


def claim(transaction: Transaction, wants: Mapping[str, int], now: int) -> list[Task]:
    """Due tasks of these destinations, marked; those whose bytes are not what they were fail."""
    db = transaction.db
    numbers = transaction.destinations.numbers(db, wants)
    wanted = {numbers[key]: count for key, count in wants.items() if count > 0}
    pieces = list(_pieces(_due(db, wanted, now)))
    seqs = [seq for piece in pieces for seq in piece]
    if not seqs:
        return []
    if _CLAIM.change(db, seqs, (transaction.epoch,)) != len(seqs):
        raise RuntimeError("a task that was free is claimed")
    for number in wanted:
        transaction.tally.stir(number)
    tasks, damaged = _read(db, pieces)
    if damaged:
        end(transaction, by_seq(db, damaged), Status.FAILED, Reason.DAMAGED, now)
    place = {seq: index for index, seq in enumerate(seqs)}
    return sorted(tasks, key=lambda task: place[task.seq])


def release(transaction: Transaction, ids: Sequence[str], now: int) -> None:
    """Claimed ones are free again; a cancel that was noted ends its task."""
    rows = [row for row in by_id(transaction.db, [id_bytes(task_id) for task_id in ids]) if row.claim]
    noted = [row for row in rows if row.cancel_noted]
    end(transaction, noted, Status.CANCELLED, None, now)
    free = [row for row in rows if not row.cancel_noted]
    _RELEASE.change(transaction.db, [row.seq for row in free])
    for row in free:
        transaction.tally.stir(row.destination)


def free_all(transaction: Transaction, now: int) -> int:
    """End every claim; returns how many there were."""
    db = transaction.db
    rest = "task INDEXED BY task_claim WHERE claim <> 0"
    end(transaction, selected(db, f"{rest} AND cancel_noted = 1", ()), Status.CANCELLED, None, now)
    (destinations,) = db.execute(f"SELECT json_group_array(DISTINCT destination) FROM {rest}").fetchone()
    for number in msgspec.json.decode(destinations, type=list[int]):
        transaction.tally.stir(number)
    return (
        len(transaction.news.finished)
        + db.execute(f"UPDATE {rest.replace('WHERE', 'SET claim = 0 WHERE')}").rowcount
    )


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


def _read(db: sqlite3.Connection, pieces: Sequence[Sequence[int]]) -> tuple[list[Task], list[int]]:
    """Tasks with their records; seqs of those whose record is damaged."""
    tasks: list[Task] = []
    damaged: list[int] = []
    for piece in pieces:
        for rows, records in _READ.run(db, piece):
            start = 0
            for row in msgspec.json.decode(rows):
                end_of_record = start + row[-1]
                task = _task(row, records[start:end_of_record])
                start = end_of_record
                if task is None:
                    log.error("record_damaged", id=id_text(row[1]), seq=row[0])
                    damaged.append(row[0])
                else:
                    tasks.append(task)
    return tasks, damaged


def _task(row: Sequence[Any], record: bytes) -> Task | None:
    """The task of its row and record; None if the record is not what was stored."""
    (seq, ident, status, version, attempts, left, updated, due, expires, code, error, noted, crc, _) = row
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
            cancel_noted=bool(noted),
        )
    except ValueError:
        return None
    return task if task.id == id_text(ident) else None
