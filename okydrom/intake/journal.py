"""The journal: what was accepted, on stable storage before anybody is told.

A `persistqueue.Queue` underneath: its chunk files and their names, head and tail, `info`. What is written into the
chunks, when it is synced, how they are opened and when they leave is ours, since there it promises nothing:

    q00007  imported, kept for a while                        ◀─ tail: the oldest chunk
    q00008  imported up to `commit(position)`
    q00009  written, up to a place behind which zeros follow  ◀─ head: every start opens a new chunk
    next    full of zeros, the head's successor
    info    where head and tail were: a hint, read for nothing but to notice that the head is missing

Three threads: the event loop gathers groups, one writes and syncs them (`group`, `writer`), one fills the next chunk
and removes old ones.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
from persistqueue import Queue

from okydrom.intake.account import Account
from okydrom.intake.chunk import Chunk, leaving
from okydrom.intake.files import FILES, PASSING, Files, remove, replace, unusable
from okydrom.intake.frames import Kind, pack_erased, seed_of
from okydrom.intake.group import Group, GroupCommit, Landed
from okydrom.intake.opening import Recovery, survey, walk
from okydrom.intake.scan import Frame
from okydrom.intake.spare import Spare
from okydrom.intake.stats import Stats
from okydrom.intake.writer import Writer, refusal

TURN = 60_000  # ms after something was erased, for all that is erased meanwhile, until its chunk is written no more
IDLE = 60_000  # ms between two commits, at most


def gone_by(erased_at: int, keep: int) -> int:
    """When no chunk holds any more what was erased then (all in ms), at the latest."""
    return erased_at + TURN + IDLE + keep + IDLE


class Info(msgspec.Struct):
    """`info` as persist-queue shapes it: head and tail are [chunk, frames, offset]."""

    chunksize: int
    size: int
    tail: tuple[int, int, int]
    head: tuple[int, int, int]


class Journal(Queue):
    """Durable, ordered, verified. `open`, `replay` and what is inherited block; the rest belongs to the event loop.

    Sizes are bytes, `keep` is milliseconds: chunks that are imported leave when they are older, or when together they
    are larger than `keep_size`.
    """

    headf: Any = None
    tailf: Any = None
    failed: asyncio.Future[None]  # gets JournalFailed when nothing more can be promised; from `start` on
    _group: GroupCommit

    def __init__(
        self,
        path: Path,
        *,
        chunk_size: int,
        keep: int,
        keep_size: int,
        now: Callable[[], int],
        files: Files = FILES,
        ticks: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.stats = Stats()
        self.path = str(path)
        self._directory = path
        self._chunk_size = chunk_size
        self._keep = keep
        self._keep_size = keep_size
        self._now = now
        self._files = files
        self._spare = Spare(files, path, chunk_size)
        self._writer = Writer(
            files, self._chunk, chunk_size, spare=self._spare, stats=self.stats, now=now, ticks=ticks
        )
        self._prepared_for = -1  # the chunk whose successor was asked for
        self._trimming = False
        self._erased_at: int | None = None  # chunks up to the head hold what was erased since
        self._upkeep: ThreadPoolExecutor | None = None

    # --- opening: blocking, before `start` ----------------------------------------------------------------------------

    def open(self, instance: str, position: int, fresh_store: bool) -> Recovery:
        """Verify what is there and open a new chunk. The store has all up to `position`; `fresh_store`: it is new.

        Raises DataUnusable: no access, another store's journal, a store missing beside a used journal, a later format.
        """
        self._writer.instance = instance
        self._position = position
        self._fresh = fresh_store
        try:
            super().__init__(self.path, chunksize=self._chunk_size, tempdir=self.path)
            if self.headf is not None:
                self._saveinfo()
                for path in self._found.empty:
                    self._files.unlink(path)
        except OSError as error:
            raise unusable(error, self._directory) from error
        recovery = self._found.recovery
        self.stats.damaged, self.stats.gaps = recovery.damaged, len(recovery.gaps)
        return recovery

    def replay(self, after: int) -> Iterator[Frame]:
        """The frames found by `open` with a number beyond `after` (at least the position given there), in order."""
        seed = seed_of(self._writer.instance)
        self._cursor = walk(self._files, self._found.sources, seed, Account(after))
        while (frame := self._get()) is not None:
            yield frame

    # --- in the loop --------------------------------------------------------------------------------------------------

    def start(self, landed: Landed) -> None:
        """Take frames from now on. `landed` gets the numbers and tokens of each group once it is synced, in order, in
        the loop, before those who wait for it go on."""
        first, durable = self._found.recovery.next, self._writer.durable
        burnt = (durable + 1, first - 1) if durable + 1 < first else None
        seed = seed_of(self._writer.instance)
        self._loop = asyncio.get_running_loop()
        self._upkeep = ThreadPoolExecutor(1, "journal-upkeep")
        self._group = GroupCommit(self.put, landed, first=first, burnt=burnt, seed=seed)
        self.failed = self._group.failed

    def append(self, kind: Kind, payload: bytes, token: Any) -> asyncio.Future[int]:
        """Keep a frame: resolves with its number once it is synced, or raises JournalFailed, DiskFull or Unavailable
        (with these nothing was promised, a later one may succeed). Raises Stopping after `close`."""
        return self._group.append(kind, payload, token)

    def note(self, kind: Kind, payload: bytes) -> None:
        """Keep a frame that nobody waits for: it goes with the next group, or alone within a second."""
        if kind is Kind.ERASED and self._erased_at is None:
            self._erased_at = self._now()
        self._group.note(kind, payload)

    @property
    def reached(self) -> int:
        """All up to this number is on stable storage, and told to `landed` where somebody waited for it."""
        return self._group.reached if self._upkeep is not None else 0

    async def commit(self, position: int) -> None:
        """The store has all up to `position` durably: chunks may leave. Cheap unless one does."""
        self._position = max(self._position, position)
        if self._trimming or self._upkeep is None:
            return
        if self._erased_at is not None and self._now() - self._erased_at >= TURN:
            self._erased_at = None
            self._writer.turn = True
            self._group.note(Kind.ERASED, pack_erased((), self._now()))
        retired = self._writer.retired
        # Without a head the newest chunk stays: `info` names it, and its absence would be taken for a loss.
        present = list(retired) if self._writer.head is not None else list(retired)[:-1]
        going = leaving(present, self._position, self._now(), self._keep, self._keep_size)
        if going:
            self._trimming = True
            for _ in going:
                retired.popleft()
            try:
                await asyncio.wrap_future(self._upkeep.submit(self._guarded, lambda: self._trim(going)))
            finally:
                self._trimming = False

    async def close(self) -> None:
        """Write what has gathered, then let go of the files. Idempotent; legal at any time."""
        upkeep, self._upkeep = self._upkeep, None
        if upkeep is not None:
            await self._group.close()
            await asyncio.wrap_future(upkeep.submit(self._finish))
            upkeep.shutdown(wait=False)
        else:
            self._finish()

    # --- upkeep, in a thread of its own -------------------------------------------------------------------------------

    def _later(self, task: Callable[[], None]) -> None:
        if self._upkeep is not None:
            self._upkeep.submit(self._guarded, task)

    def _guarded(self, task: Callable[[], None]) -> None:
        try:
            task()
        except Exception as error:  # as final as an error of the writer
            problem = refusal(error) if isinstance(error, OSError) else error
            self._loop.call_soon_threadsafe(self._group.fail, problem)

    def _trim(self, going: Sequence[Chunk]) -> None:
        left = deque(going)
        try:
            self._saveinfo()
            self._files.sync_directory(self._directory)
            while left:
                remove(self._files, left[0].path)
                left.popleft()
        except OSError as error:
            if error.errno not in PASSING:
                raise
            # Some disks need space to make space: another time.
            self._writer.retired.extendleft(reversed(left))

    def _finish(self) -> None:
        self._spare.drop()
        self._writer.finish()

    # --- what persist-queue calls -------------------------------------------------------------------------------------

    def _init(self, maxsize: int) -> None:
        self._files.make_directory(self._directory)
        self._files.sync_directory(self._directory.parent)
        super()._init(maxsize)

    def _loadinfo(self) -> dict[str, Any]:
        """Head and tail as found by reading the frames; a head that `info` knows and nobody finds is reported."""
        self._spare.clear()
        self._found = survey(
            self._files,
            self._directory,
            self._writer.instance,
            self._position,
            fresh=self._fresh,
            expected=-1 if self._fresh else self._hint(),
        )
        self._writer.durable = self._found.durable
        self._writer.retired.extend(self._found.chunks)
        head = self._found.head
        tail = self._found.chunks[0].number if self._found.chunks else head
        info = Info(self._chunk_size, self._found.recovery.frames, (tail, 0, 0), (head, 0, 0))
        return dict(msgspec.to_builtins(info))

    def _hint(self) -> int:
        try:
            number = msgspec.json.decode(self._files.read(Path(self._infopath())), type=Info).head[0]
        except (FileNotFoundError, ValueError):
            return -1
        return number if 0 <= number < 1 << 32 else -1

    def _openchunk(self, number: int, mode: str = "rb") -> Any:
        """The new head, None for want of space or descriptors. The tail is read by `replay`."""
        if mode == "rb":
            return BytesIO()
        self._spare.prepare()
        return self._writer.open(number)

    def _chunk(self, number: int) -> Path:
        return Path(self._qfile(number))

    def _saveinfo(self) -> None:
        newest = self._writer.number
        kept = list(self._writer.retired)
        tail = kept[0].number if kept else newest
        info = Info(self._chunk_size, self.info["size"], (tail, 0, 0), (newest, 0, 0))
        try:
            replace(self._files, Path(self._infopath()), msgspec.json.encode(info))
        except OSError as error:
            # A hint may be old, and chunks must leave even without space: that makes some.
            if error.errno not in PASSING:
                raise

    def _put(self, group: Group) -> None:
        before = self._writer.number
        self._writer.write(group)
        if self._writer.number != before:
            self._later(self._saveinfo)
        if self._writer.half_full and self._prepared_for != self._writer.number:
            self._prepared_for = self._writer.number
            self._later(self._spare.prepare)

    def _get(self) -> Frame | None:
        """The cursor of `replay`; nothing is acknowledged by reading."""
        return next(self._cursor, None)

    def _task_done(self) -> None:
        """Acknowledges nothing: `commit` does."""
