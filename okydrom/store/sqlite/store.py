"""The SQLite store, as the contract wants it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import structlog

from okydrom.config.settings import Retention
from okydrom.errors import DataUnusable, OkydromError, Stopping, Unavailable
from okydrom.feed import Feed, Progressed
from okydrom.store.command import Audited, Bulk, Changed, Command, Progress
from okydrom.store.contract import Swept
from okydrom.store.entry import Entry, Opened, Recorded
from okydrom.store.minute import Minute, Turnover
from okydrom.store.notes import Notes
from okydrom.store.shift import Shift
from okydrom.store.sqlite import audits, bulks, claims, minutes, schema, shifting, steering, verify
from okydrom.store.sqlite.backup import copy_to
from okydrom.store.sqlite.commands import carry_out
from okydrom.store.sqlite.connection import COMMON, READER, WRITER, Connection, connect
from okydrom.store.sqlite.entries import add_entries
from okydrom.store.sqlite.follow import followed
from okydrom.store.sqlite.looks import Looks
from okydrom.store.sqlite.readers import Readers
from okydrom.store.sqlite.results import record_results
from okydrom.store.sqlite.space import SLACK
from okydrom.store.sqlite.sweeping import Sweeper
from okydrom.store.sqlite.transaction import Book, News, Transaction
from okydrom.store.sqlite.writer import Writer
from okydrom.store.steering import Steer
from okydrom.task import Result, Task

log = structlog.get_logger("okydrom.store")

READERS = 3  # one for what is short, the others for searches


class SqliteStore(Looks):
    """A store in one file. See `okydrom.store.contract.Store` for what its calls promise.

    `now` is the service's clock (epoch ms). In the loop, after each commit and in order: `on_notes` hears what
    the journal is to know, `on_turnover` how many tasks came and ended, `feed` of all changes.
    """

    def __init__(
        self,
        path: Path,
        *,
        retention: Retention,
        now: Callable[[], int],
        feed: Feed | None = None,
        on_notes: Callable[[Notes], None] | None = None,
        on_turnover: Callable[[Turnover], None] | None = None,
    ) -> None:
        super().__init__(now)
        self._path = path
        self._feed = feed or Feed()
        self._on_notes = on_notes
        self._on_turnover = on_turnover
        self._sweeper = Sweeper(retention)
        self._open_writer: Writer | None = None

    async def open(self, now: int) -> Opened:
        """Open or create; ends the claims of earlier epochs. Raises DataUnusable; DiskFull or StoreBusy: later."""
        connection = Connection(self._path)
        try:
            schema.make_file(self._path)
            await connection.open(schema.recognise, WRITER)
            opened = await self._begin(connection, now)
            self._open_readers = Readers([await connect(self._path, READER) for _ in range(READERS)])
        except (OSError, OkydromError) as error:
            await self.close()
            await connection.close()
            raise _unusable(error) from error
        version = sqlite3.sqlite_version
        log.info("store_opened", sqlite=version, epoch=opened.epoch, position=opened.position)
        return opened

    async def _begin(self, connection: Connection, now: int) -> Opened:
        """A new epoch: nothing is claimed yet."""
        fresh = await connection.run(lambda db: schema.migrate(db, schema.migrations()))
        meta = await connection.run(schema.begin_epoch)
        book = Book(meta.last_seq, meta.last_attempt)
        book.followed = await connection.run(followed)
        self._open_writer = Writer(connection, self._path, book, self._feed, self._tell)
        freed = await self._writer.write(lambda transaction: claims.free_all(transaction, now))
        return Opened(meta.epoch, meta.position, meta.instance, fresh, freed)

    async def close(self) -> None:
        """Write what was handed in, then let go of the files. Idempotent."""
        readers, self._open_readers = self._open_readers, None
        if readers is not None:
            await readers.close()
        writer, self._open_writer = self._open_writer, None
        if writer is not None:
            await writer.close()

    # --- changes, in order ------------------------------------------------------------------------------------------

    async def add(self, entries: Sequence[Entry], position: int) -> Mapping[str, int]:
        """Import entries and move the journal position, in one transaction. Returns the `seq` of each id."""
        return await self._writer.write(lambda transaction: add_entries(transaction, entries, position))

    async def claim(self, wants: Mapping[str, int], now: int) -> list[Task]:
        """Due, unpaused, unclaimed tasks of each destination, earliest first, at most 16 MiB of bodies."""
        return await self._writer.write(lambda transaction: claims.claim(transaction, wants, now))

    async def claim_first(self, destination: str, now: int) -> Task | None:
        """One task of a destination that may be paused or held."""
        return await self._writer.write(lambda transaction: claims.claim_first(transaction, destination, now))

    async def release(self, ids: Sequence[str]) -> None:
        """Give claimed tasks back."""
        now = self._now()
        await self._writer.write(lambda transaction: claims.release(transaction, ids, now))

    async def record(self, results: Sequence[Result]) -> list[Recorded]:
        """Write attempts, and the statuses they lead to."""
        return await self._writer.write(lambda transaction: record_results(transaction, results))

    async def change(
        self,
        commands: Sequence[Command],
        *,
        audit: Audited | None = None,
        progress: Progress | None = None,
    ) -> list[Changed]:
        """Carry out commands, each guarded; the audit's row and the bulk operation's step with them."""

        def job(transaction: Transaction) -> list[Changed]:
            changed = carry_out(transaction, commands)
            if progress is not None:
                bulks.step(transaction, progress, changed)
            if any(each.conflict is None for each in changed):
                audits.put(transaction, audit)
            return changed

        answers = await self._writer.write(job)
        if progress is not None:
            self._tell_progress(progress.id)
        return answers

    async def begin_bulk(self, bulk: Bulk, audit: Audited | None = None) -> None:
        """Keep a new bulk operation."""

        def job(transaction: Transaction) -> None:
            bulks.begin(transaction, bulk)
            audits.put(transaction, audit)

        await self._writer.write(job)
        self._tell_progress(bulk.id)

    async def stop_bulk(self, bulk_id: str, at: int, audit: Audited | None = None) -> Bulk | None:
        """End a running one."""

        def job(transaction: Transaction) -> Bulk | None:
            audits.put(transaction, audit)
            return bulks.stop(transaction, bulk_id, at)

        stopped = await self._writer.write(job)
        self._tell_progress(bulk_id)
        return stopped

    async def steer(self, orders: Sequence[Steer], audit: Audited | None = None) -> None:
        """Keep what is to hold for destinations from now on."""

        def job(transaction: Transaction) -> None:
            steering.steer(transaction, orders)
            audits.put(transaction, audit)

        await self._writer.write(job)

    async def keep_minutes(self, figures: Sequence[Minute], before: int) -> None:
        """Keep figures of minutes."""
        await self._writer.write(lambda transaction: minutes.keep(transaction, figures, before))

    async def begin_shift(self, shift: Shift) -> None:
        """The clock is about to be moved."""
        await self._writer.write(lambda transaction: shifting.begin(transaction, shift))

    async def shift(self, limit: int) -> bool:
        """Move the times of some waiting tasks along."""
        now = self._now()
        return await self._writer.write(lambda transaction: shifting.step(transaction, now, limit))

    async def rebase(self, limit: int, after: int = 0) -> int | None:
        """Times that an earlier process can't have put down by this clock."""
        now = self._now()
        return await self._writer.write(lambda transaction: shifting.rebase(transaction, now, limit, after))

    async def sweep(self, now: int, limit: int, *, tight: bool = False) -> Swept:
        """One bounded step: expire, prune; once all is swept, free space is given back."""
        swept = await self._writer.write(
            lambda transaction: self._sweeper.sweep(transaction, now, limit, tight)
        )
        if swept.more:
            return swept
        more = await self._writer.tidy(0 if tight else SLACK)
        return Swept(swept.expired, swept.pruned, more)

    # --- the whole file ---------------------------------------------------------------------------------------------

    async def backup(self, path: str) -> None:
        """A consistent copy while running."""
        connection = await connect(self._path, COMMON)  # it only reads, but SQLite wants it writable
        try:
            await connection.run(lambda db: copy_to(db, Path(path)))
        finally:
            await connection.close()

    async def check(self, *, full: bool = False) -> list[str]:
        """Faults found in the records; `full`: in the file's structure and the kept counts too."""
        connection = await connect(self._path, READER)
        try:
            return await verify.check(connection, full)
        finally:
            await connection.close()

    # --- parts ------------------------------------------------------------------------------------------------------

    @property
    def _writer(self) -> Writer:
        if self._open_writer is None:
            raise Stopping("The store is not open.")
        return self._open_writer

    def _tell(self, news: News) -> None:
        notes, turnover = news.notes, news.turnover
        if notes and self._on_notes is not None:
            self._on_notes(notes)
        if turnover is not None and self._on_turnover is not None:
            self._on_turnover(turnover)
        if news.changes:
            self._feed.publish(news.changes)

    def _tell_progress(self, bulk_id: str) -> None:
        self._feed.publish((Progressed(bulk_id),))


def _unusable(error: OSError | OkydromError) -> OkydromError:
    """What keeps the store from opening, for good or now."""
    if isinstance(error, DataUnusable | Unavailable):
        return error
    if isinstance(error, OSError):
        return DataUnusable(f"The store's file can't be opened: {error.strerror}.", errno=error.errno)
    return DataUnusable(f"The store can't be opened: {error.detail}", **error.params)
