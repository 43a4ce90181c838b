"""A connection to the database, with a thread of its own on which plain functions run."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import aiosqlite

from okydrom.errors import DataUnusable, DiskFull, OkydromError, StoreBusy, StoreFailed

T = TypeVar("T")

PATIENCE = 1.0  # s that another program's lock is waited for
WRITER_CACHE = 8 * 1024  # KiB of pages kept in memory
READER_CACHE = 2 * 1024

# Set, then read back: a setting that did not take raises nothing by itself.
Settings = Mapping[str, int | str]

COMMON: Settings = {
    "temp_store": 2,  # memory: no copies of tasks in files elsewhere
    "mmap_size": 0,
    "trusted_schema": 0,
    "cell_size_check": 1,
}
WRITER: Settings = {
    **COMMON,
    "auto_vacuum": 2,  # incremental; before the first table, and before WAL
    "journal_mode": "wal",
    "synchronous": 2,  # FULL: with NORMAL, commits that were acknowledged roll back on power loss
    "wal_autocheckpoint": 0,  # an error inside an automatic one is invisible
    "journal_size_limit": 0,  # so the size of the WAL file is what is in it
    "secure_delete": 1,
    "cache_size": -WRITER_CACHE,
}
READER: Settings = {**COMMON, "query_only": 1, "cache_size": -READER_CACHE}


class Connection(aiosqlite.Connection):
    """An aiosqlite connection that runs whole functions on its thread: one hop for a batch of statements."""

    def __init__(self, path: Path) -> None:
        super().__init__(lambda: _connect(path), iter_chunk_size=64)
        self._thread.daemon = True  # a process that dies does not wait for its store

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What `work` returns; SQLite's errors come as those of the store."""
        try:
            result: T = await self._execute(work, self._conn)  # type: ignore[no-untyped-call]
        except sqlite3.Error as error:
            raise failure_of(error) from error
        return result

    async def open(self, recognise: Callable[[sqlite3.Connection], None], settings: Settings) -> None:
        """Open; set and assert pragmas once the file is recognised. Raises what `failure_of` says, DataUnusable."""
        try:
            await self
        except sqlite3.Error as error:
            raise failure_of(error) from error
        await self.run(recognise)
        await self.run(lambda db: _configure(db, settings))


async def connect(path: Path, settings: Settings) -> Connection:
    """An open connection to a file that is known."""
    connection = Connection(path)
    try:
        await connection.open(lambda _: None, settings)
    except BaseException:
        await asyncio.shield(connection.close())
        raise
    return connection


def failure_of(error: sqlite3.Error) -> OkydromError:
    """What SQLite's error means for the caller: repeat later, or the store can't go on.

    Its text is not used: it could hold what a task holds.
    """
    name = getattr(error, "sqlite_errorname", None) or type(error).__name__
    if name in {"SQLITE_FULL", "SQLITE_IOERR_SHMSIZE"}:  # the latter: no room for the WAL's index
        return DiskFull(sqlite=name)
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return StoreBusy(sqlite=name)
    return StoreFailed(f"The store failed: {name}.", sqlite=name)


def interrupted(error: sqlite3.Error) -> bool:
    """Did a deadline end the statement?"""
    return getattr(error, "sqlite_errorname", None) == "SQLITE_INTERRUPT"


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        isolation_level=None,
        timeout=PATIENCE,
        check_same_thread=False,
        cached_statements=256,
    )


def _configure(db: sqlite3.Connection, settings: Settings) -> None:
    for name, value in settings.items():
        db.execute(f"PRAGMA {name} = {value}").fetchall()
    for name, value in settings.items():
        (found,) = db.execute(f"PRAGMA {name}").fetchone()
        if found != value:
            raise DataUnusable(f"SQLite's {name} is {found}, not {value}.", pragma=name)
