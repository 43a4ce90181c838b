"""Many rows by few statements.

SQLite compiles a statement once per text, and Python hands the interpreter's lock over at each run. So rows go out in
statements of 256, 64, 16, 4 and 1 rows, which stay compiled.

Python binds None and bytes slowly (0.5 us each, against 0.1 of an int or bytearray): NULL is bound as 0 to a
`NULLIF(?, 0)`, and bytes as a bytearray.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

SIZES = (256, 64, 16, 4, 1)
WIDEST = SIZES[0]
OR_NULL = "NULLIF(?, 0)"


class Rows:
    """A statement over VALUES: `head`, a group of `columns` per row (placeholders, or what is in all rows), `tail`."""

    def __init__(self, head: str, columns: Sequence[str], tail: str = "") -> None:
        self.width = sum("?" in column for column in columns)
        group = f"({', '.join(columns)})"
        self._texts = {size: f"{head} VALUES {', '.join([group] * size)} {tail}" for size in SIZES}

    def run(self, db: sqlite3.Connection, values: list[Any]) -> int:
        """Run it for `values`, row after row in one flat list; returns the rows changed."""
        changed = 0
        for start, size in _pieces(len(values) // self.width):
            piece = values[start * self.width : (start + size) * self.width]
            changed += db.execute(self._texts[size], piece).rowcount
        return changed


class Lookup:
    """A statement over a list of keys, read as one row: `head`, `IN (…)`, `tail`."""

    def __init__(self, head: str, tail: str = "") -> None:
        self._texts = {size: f"{head} IN ({places(size)}){tail}" for size in SIZES}

    def run(self, db: sqlite3.Connection, keys: Sequence[Any], before: tuple[Any, ...] = ()) -> Iterator[Any]:
        """The row of each piece; `before` are values of placeholders in `head`."""
        for start in range(0, len(keys), WIDEST):
            piece = fitted(keys[start : start + WIDEST])
            yield db.execute(self._texts[len(piece)], (*before, *piece)).fetchone()

    def change(self, db: sqlite3.Connection, keys: Sequence[Any], before: tuple[Any, ...] = ()) -> int:
        """The same for a statement that changes rows; returns how many."""
        changed = 0
        for start in range(0, len(keys), WIDEST):
            piece = fitted(keys[start : start + WIDEST])
            changed += db.execute(self._texts[len(piece)], (*before, *piece)).rowcount
        return changed


@cache
def places(count: int) -> str:
    """So many placeholders."""
    return ", ".join(["?"] * count)


def fitted(keys: Sequence[Any]) -> Sequence[Any]:
    """The keys, the last repeated up to the next size that stays compiled (a list of keys is a set).

    >>> fitted([7, 8])
    [7, 8, 8, 8]
    """
    size = next(size for size in reversed(SIZES) if size >= len(keys))
    return [*keys, *([keys[-1]] * (size - len(keys)))]


def _pieces(total: int) -> Iterator[tuple[int, int]]:
    """Start and size of each statement."""
    start = 0
    for size in SIZES:
        while total - start >= size:
            yield start, size
            start += size
