"""Connections that only look. Every look is one transaction, and ends at its deadline.

A long reader keeps the WAL growing, and searches must not delay what delivery needs: so searches have connections of
their own, and single tasks, counts and due times have another.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from okydrom.errors import Unavailable
from okydrom.store.sqlite.connection import Connection, interrupted

T = TypeVar("T")
Look = Callable[[sqlite3.Connection], T]

DEADLINE = 2.0  # s
STRIDE = 5_000  # instructions of SQLite between two looks at the time: less than a millisecond


class Readers:
    """A first connection for what is short, the others for searches."""

    def __init__(self, connections: Sequence[Connection]) -> None:
        self._connections = connections
        self._short: asyncio.Queue[Connection] = asyncio.Queue()
        self._searches: asyncio.Queue[Connection] = asyncio.Queue()
        self._short.put_nowait(connections[0])
        for connection in connections[1:]:
            self._searches.put_nowait(connection)

    async def look(self, look: Look[T]) -> T:
        """What a short look finds. Raises Unavailable if it takes too long."""
        return await _run(self._short, look, DEADLINE)

    async def search(self, look: Look[T], deadline: float) -> T:
        """What a search finds; its statements are interrupted at the deadline (s)."""
        return await _run(self._searches, look, deadline)

    async def close(self) -> None:
        """Let what runs end, and close."""
        for connection in self._connections:
            await connection.close()


async def _run(free: asyncio.Queue[Connection], look: Look[T], deadline: float) -> T:
    connection = await free.get()
    running = asyncio.ensure_future(connection.run(lambda db: _timed(db, look, deadline)))

    def give_back(done: asyncio.Future[T]) -> None:
        free.put_nowait(connection)
        if not done.cancelled():
            done.exception()  # nobody may be left to hear of it

    running.add_done_callback(give_back)
    return await asyncio.shield(running)  # a caller that leaves does not free the connection


def _timed(db: sqlite3.Connection, look: Look[T], deadline: float) -> T:
    ends = time.monotonic() + deadline
    db.set_progress_handler(lambda: time.monotonic() > ends, STRIDE)
    try:
        db.execute("BEGIN")
        return look(db)
    except sqlite3.OperationalError as error:
        if interrupted(error):
            raise Unavailable("The store took too long to answer.") from error
        raise
    finally:
        db.set_progress_handler(None, 0)
        if db.in_transaction:
            db.execute("ROLLBACK")
