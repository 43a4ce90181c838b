"""The SQLite store, as the contract wants it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

import structlog

from okydrom.config.settings import Retention
from okydrom.errors import DataUnusable, OkydromError, Stopping, Unavailable
from okydrom.feed import Change, Feed
from okydrom.store.command import Audited, Changed, Command
from okydrom.store.contract import Counted, Page, Part, Summary, Swept
from okydrom.store.entry import Entry, Opened, Recorded
from okydrom.store.notes import Notes
from okydrom.store.query import Filter
from okydrom.store.sqlite import claims, counting, destinations, pages, reading, schema, steering, verify
from okydrom.store.sqlite.backup import copy_to
from okydrom.store.sqlite.commands import carry_out
from okydrom.store.sqlite.connection import COMMON, READER, WRITER, Connection, connect
from okydrom.store.sqlite.entries import add_entries
from okydrom.store.sqlite.readers import Readers
from okydrom.store.sqlite.results import record_results
from okydrom.store.sqlite.space import SLACK
from okydrom.store.sqlite.sweeping import Sweeper
from okydrom.store.sqlite.transaction import Book
from okydrom.store.sqlite.writer import Writer
from okydrom.store.steering import DestinationRow, Due, Steer, Steered
from okydrom.task import Attempt, Result, Task

log = structlog.get_logger("okydrom.store")

READERS = 3  # one for what is short, the others for searches


class SqliteStore:
    """A store in one file. See `okydrom.store.contract.Store` for what its calls promise.

    `now` is the service's clock (epoch ms). In the loop, after each commit and in order: `on_notes` hears what
    the journal is to know, `feed` of all changes.
    """

    def __init__(
        self,
        path: Path,
        *,
        retention: Retention,
        now: Callable[[], int],
        feed: Feed | None = None,
        on_notes: Callable[[Notes], None] | None = None,
    ) -> None:
        self._path = path
        self._now = now
        self._feed = feed or Feed()
        self._on_notes = on_notes
        self._sweeper = Sweeper(retention)
        self._open_writer: Writer | None = None
        self._open_readers: Readers | None = None

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

    async def release(self, ids: Sequence[str]) -> None:
        """Give claimed tasks back."""
        now = self._now()
        await self._writer.write(lambda transaction: claims.release(transaction, ids, now))

    async def record(self, results: Sequence[Result]) -> list[Recorded]:
        """Write attempts, and the statuses they lead to."""
        return await self._writer.write(lambda transaction: record_results(transaction, results))

    async def change(self, commands: Sequence[Command]) -> list[Changed]:
        """Carry out commands, each guarded."""
        return await self._writer.write(lambda transaction: carry_out(transaction, commands))

    async def steer(self, orders: Sequence[Steer], audit: Audited | None = None) -> None:
        """Keep what is to hold for destinations from now on."""
        await self._writer.write(lambda transaction: steering.steer(transaction, orders))

    async def sweep(self, now: int, limit: int, *, tight: bool = False) -> Swept:
        """One bounded step: expire, prune; once all is swept, free space is given back."""
        swept = await self._writer.write(
            lambda transaction: self._sweeper.sweep(transaction, now, limit, tight)
        )
        if swept.more:
            return swept
        more = await self._writer.tidy(0 if tight else SLACK)
        return Swept(swept.expired, swept.pruned, more)

    # --- looks ------------------------------------------------------------------------------------------------------

    async def due(self, now: int, limit: int) -> list[Due]:
        """Destinations with due work, and the nearest coming one."""
        return await self._readers.look(lambda db: destinations.due(db, now, limit))

    async def steered(self) -> list[Steered]:
        """Every destination with a pause, a hold or limits of its own."""
        return await self._readers.look(steering.steered)

    async def get(self, task_id: str, part: Part = Part.HEAD) -> Task | None:
        """One task."""
        return await self._readers.look(lambda db: reading.get(db, task_id, part))

    async def attempts(self, task_id: str) -> list[Attempt]:
        """A task's attempts, oldest first."""
        return await self._readers.look(lambda db: reading.attempts(db, task_id))

    async def summary(self) -> Summary:
        """Counts, in constant time."""
        now = self._now()
        return await self._readers.look(lambda db: counting.summary(db, now))

    async def find(
        self,
        wanted: Filter,
        *,
        limit: int,
        cursor: str | None = None,
        oldest_first: bool = False,
        sending: Collection[str] = (),
        deadline: float = 2.0,
    ) -> Page:
        """A page of heads by keyset on `seq`."""
        start = pages.parse_cursor(cursor) if cursor is not None else None
        ids = list(sending)  # it may change while another thread reads
        return await self._readers.search(
            lambda db: pages.find(
                db, wanted, limit=limit, cursor=start, oldest_first=oldest_first, sending=ids
            ),
            deadline,
        )

    async def count(
        self, wanted: Filter, *, cap: int = 10_000, sending: Collection[str] = (), deadline: float = 2.0
    ) -> Counted:
        """How many tasks match."""
        ids = list(sending)
        return await self._readers.search(lambda db: counting.count(db, wanted, cap, ids), deadline)

    async def destinations(
        self, limit: int, after: str | None = None, wanted: str = ""
    ) -> list[DestinationRow]:
        """Destinations by key, those containing `wanted`."""
        return await self._readers.search(lambda db: destinations.listed(db, limit, after, wanted), 2.0)

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

    @property
    def _readers(self) -> Readers:
        if self._open_readers is None:
            raise Stopping("The store is not open.")
        return self._open_readers

    def _tell(self, notes: Notes, changes: Sequence[Change]) -> None:
        if notes and self._on_notes is not None:
            self._on_notes(notes)
        if changes:
            self._feed.publish(changes)


def _unusable(error: OSError | OkydromError) -> OkydromError:
    """What keeps the store from opening, for good or now."""
    if isinstance(error, DataUnusable | Unavailable):
        return error
    if isinstance(error, OSError):
        return DataUnusable(f"The store's file can't be opened: {error.strerror}.", errno=error.errno)
    return DataUnusable(f"The store can't be opened: {error.detail}", **error.params)
