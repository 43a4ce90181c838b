"""Order keys: of the waiting tasks of one source and key one is ready, the lowest seq first; the others are behind.

A task that is behind has a due time out of reach, so that nothing that looks for due work finds it; its own stands in
its line. When the ready one ends, the next is made ready in the same transaction, whatever ended it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from okydrom.store.sqlite.batches import Rows
from okydrom.store.sqlite.rows import OUT_OF_REACH
from okydrom.store.sqlite.tally import Tally

MOST = 10_000

_JOIN = Rows("INSERT INTO line (seq, source, order_key, due)", ["?"] * 4)
_READY = "SELECT 1 FROM line WHERE source = ? AND order_key = ? AND due IS NULL"
_FIRST = """
SELECT seq, line.due, destination FROM line JOIN task USING (seq) WHERE line.source = ? AND line.order_key = ?
ORDER BY seq LIMIT 1"""
_RELEASE = "UPDATE line SET due = NULL WHERE seq = ?"
_REACH = "UPDATE task SET due = ? WHERE seq = ? AND due = ?"
_PUT_OFF = "UPDATE line SET due = ? WHERE seq = ? AND due IS NOT NULL"
_PLACE = """
SELECT (SELECT count(*) FROM (SELECT 1 FROM line AS o WHERE o.source = l.source AND o.order_key = l.order_key
          AND o.seq < l.seq LIMIT :most)),
       (SELECT count(*) FROM (SELECT 1 FROM line AS o WHERE o.source = l.source AND o.order_key = l.order_key
          AND o.seq > l.seq LIMIT :most))
FROM line AS l WHERE l.seq = (SELECT seq FROM task WHERE id = :id)"""

Line = tuple[str, str]  # source, order key


def join(db: sqlite3.Connection, tasks: Iterable[tuple[int, Line, int]], tally: Tally) -> None:
    """Waiting tasks (seq, line, due) stand in their lines, all behind at first; their `task.due` is out of reach yet.
    Whose turn it is is made ready."""
    tasks = list(tasks)
    _JOIN.run(db, [value for seq, line, due in tasks for value in (seq, *line, due)])
    for line in dict.fromkeys(line for _, line, _ in tasks):
        _advance(db, line, tally)


def leave(db: sqlite3.Connection, seqs: Sequence[int], tally: Tally) -> None:
    """These have ended: the next of their lines is ready."""
    lines: dict[Line, None] = {}
    for start in range(0, len(seqs), 16):
        piece = seqs[start : start + 16]
        marks = ", ".join("?" * len(piece))
        found = db.execute(f"DELETE FROM line WHERE seq IN ({marks}) RETURNING source, order_key", piece)
        lines.update(dict.fromkeys(found.fetchall()))
    for line in lines:
        _advance(db, line, tally)


def put_off(db: sqlite3.Connection, seq: int, due: int) -> bool:
    """One that is behind gets another time of its own; False: it is in no line, or ready."""
    return db.execute(_PUT_OFF, (due, seq)).rowcount == 1


def place(db: sqlite3.Connection, task_id: bytearray) -> tuple[int, int]:
    """How many are ahead of a task in its line, and behind it; at most 10,000 each."""
    row = db.execute(_PLACE, {"id": task_id, "most": MOST}).fetchone()
    return (row[0], row[1]) if row else (0, 0)


def _advance(db: sqlite3.Connection, line: Line, tally: Tally) -> None:
    if db.execute(_READY, line).fetchone():
        return
    first = db.execute(_FIRST, line).fetchone()
    if first is None:
        return
    seq, due, destination = first
    db.execute(_RELEASE, (seq,))
    if db.execute(_REACH, (due, seq, OUT_OF_REACH)).rowcount != 1:
        raise RuntimeError("a task that was behind was not out of reach")
    tally.lower(destination, due)
