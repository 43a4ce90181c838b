"""The one writer: jobs in order, one transaction for those that wait together.

    write(job) ─▶ waiting ─▶ BEGIN · job · job · counts · COMMIT ─▶ tell what was done ─▶ answers

A job that fails takes no other down: the transaction is rolled back and each of its jobs gets one of its own. A job
that was handed in is carried out and told, whether its caller still waits or not.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import structlog

from okydrom.errors import OkydromError, StoreFailed, Unavailable
from okydrom.feed import Feed
from okydrom.store.sqlite.connection import Connection, failure_of
from okydrom.store.sqlite.space import checkpoint, give_back
from okydrom.store.sqlite.transaction import Book, Job, News, Tell, Transaction

log = structlog.get_logger("okydrom.store")

T = TypeVar("T")
Answer = Any  # what a job returned, or the exception that it raised

WAL_SIZE = 8 * 1024**2  # bytes; beyond it the WAL is moved into the database
WAL_GROWTH = WAL_SIZE // 2  # and again after so much more, where readers kept it from starting anew
WAL_ODD = 16 * WAL_SIZE  # somebody holds an old view of the database open


class Writer:
    """Owns the read-write connection. `tell` is called in the loop after each commit, in order."""

    def __init__(self, connection: Connection, path: Path, book: Book, feed: Feed, tell: Tell) -> None:
        self._connection = connection
        self._wal = path.with_name(f"{path.name}-wal")
        self._book = book
        self._feed = feed
        self._tell = tell
        self._waiting: list[tuple[Job[Any], asyncio.Future[Any]]] = []
        self._running: asyncio.Task[None] | None = None
        self._broken: OkydromError | None = None
        self._closed = False
        self._mark = WAL_SIZE

    async def write(self, job: Job[T]) -> T:
        """What the job returns, once it is committed. Raises DiskFull or StoreBusy (nothing has changed, repeat it),
        StoreFailed (for good), or what the job raised."""
        if self._broken is not None:
            raise self._broken
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((job, future))
        if self._running is None:
            self._running = asyncio.create_task(self._drain())
        return await future

    async def close(self) -> None:
        """Carry out what waits, move the WAL into the database, close. Idempotent."""
        while self._running is not None:
            await asyncio.wait([self._running])
        if self._closed:
            return
        self._closed = True
        try:
            if self._broken is None:
                self._broken = StoreFailed("The store is closed.")
                await self._connection.run(lambda db: checkpoint(db, "TRUNCATE"))
        finally:
            await self._connection.close()

    async def tidy(self, slack: int) -> bool:
        """Between transactions: give free pages back but for so many bytes of them, move the WAL into the database.
        True: there are more pages to give back."""
        if self._broken is not None:
            raise self._broken
        more = await self._connection.run(lambda db: give_back(db, slack))
        await self._connection.run(lambda db: checkpoint(db, "PASSIVE"))
        return more

    async def _drain(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                await self._carry_out(batch)
        finally:
            self._running = None

    async def _carry_out(self, batch: Sequence[tuple[Job[Any], asyncio.Future[Any]]]) -> None:
        answers: Sequence[Answer]
        try:
            heard = self._feed.heard
            answers, told = await self._connection.run(
                lambda db: self._run(db, [job for job, _ in batch], heard)
            )
            for news in told:
                self._tell(news)
        except Exception as error:  # of `tell`, or of the connection itself: the callers must hear of it
            answers = [error] * len(batch)
        for (_, future), answer in zip(batch, answers, strict=True):
            if isinstance(answer, StoreFailed):
                self._broken = answer
            if future.cancelled():
                continue
            if isinstance(answer, BaseException):
                future.set_exception(answer)
            else:
                future.set_result(answer)

    # --- on the connection's thread ---------------------------------------------------------------------------------

    def _run(
        self, db: sqlite3.Connection, jobs: Sequence[Job[Any]], heard: bool
    ) -> tuple[list[Answer], list[News]]:
        if self._broken is not None:
            return [self._broken] * len(jobs), []
        try:
            answers, news = self._transact(db, jobs, heard)
            told = [news]
        except Exception as error:
            # After a failed sync nothing more is written: a later one could succeed over pages that were dropped.
            if isinstance(error, StoreFailed):
                self._broken = error
            if len(jobs) == 1 or self._broken is not None:
                return [error] * len(jobs), []
            answers, told = [], []
            for job in jobs:
                (answer,), more = self._run(db, [job], heard)
                answers.append(answer)
                told += more
        self._keep_wal_small(db)
        return answers, told

    def _transact(
        self, db: sqlite3.Connection, jobs: Sequence[Job[Any]], heard: bool
    ) -> tuple[list[Answer], News]:
        try:
            db.execute("BEGIN IMMEDIATE")
            transaction = Transaction(db, self._book, heard)
            answers = [job(transaction) for job in jobs]
            news = transaction.finish()
            db.execute("COMMIT")
        except BaseException as error:
            self._book.forget()
            self._roll_back(db)
            if isinstance(error, sqlite3.IntegrityError):  # a fault of the job's: what is stored is whole
                raise RuntimeError(f"a rule of the store was broken: {error.sqlite_errorname}") from error
            if isinstance(error, sqlite3.Error):
                raise failure_of(error) from error
            raise
        self._book.last_seq = transaction.last_seq
        self._book.last_attempt = transaction.last_attempt
        return answers, news

    @staticmethod
    def _roll_back(db: sqlite3.Connection) -> None:
        if db.in_transaction:  # SQLite may have rolled back by itself
            try:
                db.execute("ROLLBACK")
            except sqlite3.Error as error:
                raise failure_of(error) from error

    def _keep_wal_small(self, db: sqlite3.Connection) -> None:
        size = self._wal.stat().st_size if self._wal.exists() else 0
        if size < WAL_SIZE:
            self._mark = WAL_SIZE
        elif size >= self._mark:
            self._mark = size + WAL_GROWTH
            try:
                moved = checkpoint(db, "PASSIVE")
            except Unavailable as error:  # the data is safe in the WAL; a later commit tries again
                log.warning("checkpoint_waits", code=error.code, bytes=size)
            except StoreFailed as error:  # what was committed stays so; nothing more is written
                self._broken = error
            else:
                if not moved and size > WAL_ODD:
                    log.warning("wal_grows", bytes=size)
