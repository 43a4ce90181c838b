"""Cutting pages, by keyset."""

from __future__ import annotations

import base64
import binascii
import sqlite3
import struct
from collections.abc import Collection

import msgspec

from okydrom.errors import Fault, Invalid
from okydrom.store.contract import Page
from okydrom.store.query import Filter
from okydrom.store.sqlite.connection import interrupted
from okydrom.store.sqlite.rows import HEAD, JOINS, head_of
from okydrom.store.sqlite.search import Search, find_in_flight, told_apart
from okydrom.task import Task

# A cursor is base64url of: version (1) · 1 if it leads back, else 0 · the seq beyond which the page begins.
_CURSOR = struct.Struct(">BBQ")
_VERSION = 1
FARTHEST = 2**62  # beyond every seq


class Cursor(msgspec.Struct, frozen=True):
    """Where a page begins: beyond a seq, in the list's order or `back` against it."""

    seq: int
    back: bool = False

    def __str__(self) -> str:
        packed = _CURSOR.pack(_VERSION, self.back, self.seq)
        return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def parse_cursor(text: str) -> Cursor:
    """The cursor of its text. Raises Invalid.

    >>> parse_cursor(str(Cursor(42, back=True)))
    Cursor(seq=42, back=True)
    """
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        version, back, seq = _CURSOR.unpack(packed)
    except (ValueError, binascii.Error, struct.error):
        version, back, seq = 0, 0, 0
    if version != _VERSION or back > 1 or seq >= 2**63:
        raise Invalid([Fault("#cursor", "invalid_cursor", "This is no cursor of a list.")])
    return Cursor(seq, bool(back))


def find(
    db: sqlite3.Connection,
    wanted: Filter,
    *,
    limit: int,
    cursor: Cursor | None,
    oldest_first: bool,
    sending: Collection[str],
) -> Page:
    """The page, as far as it was found when the connection was interrupted."""
    search = Search(db, wanted, find_in_flight(db, sending) if told_apart(wanted) else {})
    back = cursor is not None and cursor.back
    backwards = oldest_first == back  # newest first goes down, and back from there goes up
    tasks, reached = _collect(db, search, cursor.seq if cursor else None, backwards, limit + 1)
    page = _Edges(cursor, back, backwards, tasks[:limit], reached, len(tasks) > limit)
    items = tasks[:limit]
    return Page(items[::-1] if back else items, page.next(), page.prev(), reached is None)


def _collect(
    db: sqlite3.Connection, search: Search, beyond: int | None, backwards: bool, limit: int
) -> tuple[list[Task], int | None]:
    """Tasks in the order of the walk, and the seq (exclusive) from where it would go on if it was interrupted."""
    tasks: list[Task] = []
    reached = beyond if beyond is not None else FARTHEST if backwards else 0
    try:
        for piece in search.windows(backwards, beyond):
            tasks += _fetch(db, search, piece, backwards, limit - len(tasks))
            if len(tasks) >= limit:
                break
            reached = piece[0] + 1 if backwards else piece[1] - 1
            if search.far_enough(piece):
                return tasks, reached
    except sqlite3.OperationalError as error:
        if not interrupted(error):
            raise
        return tasks, reached
    return tasks, None


def _fetch(
    db: sqlite3.Connection, search: Search, piece: tuple[int, int], backwards: bool, limit: int
) -> list[Task]:
    if not search.branches:
        return []
    sql, values = search.within(*piece, backwards, limit)
    (rows,) = db.execute(
        f"SELECT json_group_array({HEAD}) FROM ({sql}) AS hit CROSS JOIN task AS t ON t.seq = hit.seq {JOINS}",
        values,
    ).fetchone()
    tasks = [head_of(row) for row in msgspec.json.decode(rows)]
    return sorted(tasks, key=lambda task: task.seq, reverse=backwards)


class _Edges:
    """The cursors of a page. `items` are in the order of the walk, which for a page back is against the list's."""

    def __init__(
        self,
        cursor: Cursor | None,
        back: bool,
        backwards: bool,
        items: list[Task],
        reached: int | None,
        more: bool,
    ) -> None:
        self._cursor = cursor
        self._back = back
        self._step = -1 if backwards else 1
        self._items = items
        self._reached = reached
        self._more = more

    def next(self) -> str | None:
        return self._behind() if self._back else self._ahead()

    def prev(self) -> str | None:
        return self._ahead() if self._back else self._behind()

    def _ahead(self) -> str | None:
        """Where the walk would go on."""
        if self._more:
            return str(Cursor(self._items[-1].seq, self._back))
        if self._reached is not None:
            return str(Cursor(max(self._reached, 0), self._back))
        return None

    def _behind(self) -> str | None:
        """Where it came from: a page that no cursor led to is the first."""
        if self._cursor is None:
            return None
        seq = self._items[0].seq if self._items else self._cursor.seq + self._step
        return str(Cursor(max(seq, 0), not self._back))
