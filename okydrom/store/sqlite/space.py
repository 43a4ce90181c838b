"""The size of the files: free pages are given back, the WAL is moved into the database."""

from __future__ import annotations

import sqlite3

from okydrom.store.sqlite.connection import failure_of

SLACK = 64 * 1024**2  # bytes of free pages that are kept for what comes next
MOST_PAGES = 256  # given back in one step


def used(db: sqlite3.Connection) -> int:
    """Bytes of the database that hold something."""
    return (number(db, "page_count") - number(db, "freelist_count")) * number(db, "page_size")


def give_back(db: sqlite3.Connection, slack: int) -> bool:
    """Shorten the file by some of its free pages beyond so many bytes; True: there are more."""
    spare = number(db, "freelist_count") - slack // number(db, "page_size")
    if spare > 0:
        # As a script: of a statement without columns Python takes one step only, which is one page.
        db.executescript(f"PRAGMA incremental_vacuum({min(spare, MOST_PAGES)});")
    return spare > MOST_PAGES


def checkpoint(db: sqlite3.Connection, mode: str) -> bool:
    """Move what is in the WAL into the database, as far as readers allow; True: all of it.

    A passive one that moved 2 of 504 frames is not "busy": only the counts say what was done.
    """
    try:
        busy, frames, moved = db.execute(f"PRAGMA wal_checkpoint({mode})").fetchone()
    except sqlite3.Error as error:
        raise failure_of(error) from error
    return not busy and bool(frames == moved)


def number(db: sqlite3.Connection, pragma: str) -> int:
    """What a pragma says."""
    return int(db.execute(f"PRAGMA {pragma}").fetchone()[0])
