"""At boot: what the journal holds beyond the store's position goes into the store, before any create is answered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import msgspec
import structlog

from okydrom.errors import Unavailable
from okydrom.intake.frames import Kind, unpack_accept
from okydrom.intake.journal import Journal
from okydrom.intake.keys import kept_of
from okydrom.intake.scan import Frame
from okydrom.record import unpack
from okydrom.store.contract import Store
from okydrom.store.entry import Entry

log = structlog.get_logger("okydrom.replay")

BATCH = 2_048  # tasks in one transaction
BATCH_BYTES = 8 << 20
AGAIN = 1.0  # s until a store that could not write is asked again


class Replay:
    """Imports all frames with a number above `position`. A task that the store knows already is left as it is there.

    `tasks` counts those that were imported; `trouble` says why the rest can't be now.
    """

    def __init__(self, journal: Journal, store: Store, position: int) -> None:
        self.tasks = 0
        self.trouble: Unavailable | None = None
        self._store = store
        self._frames = journal.replay(position)
        self._batch: list[Frame] = []  # read, and not yet imported

    async def attempt(self) -> bool:
        """Go on as far as the store can write now; True: all is imported. Raises StoreFailed."""
        try:
            while batch := self._batch or await asyncio.to_thread(_next_batch, self._frames):
                self._batch = batch
                entries = [entry for frame in batch for entry in _entries(frame)]
                await self._store.add(entries, batch[-1].number)
                self.tasks += len(entries)
                self._batch = []
        except Unavailable as trouble:
            if self.trouble is None:
                log.error("replay_waits", code=trouble.code, replayed=self.tasks)
            self.trouble = trouble
            return False
        self.trouble = None
        return True

    async def run(self, done: Callable[[], None]) -> None:
        """Go on until all is imported; then `done` is called."""
        while True:
            await asyncio.sleep(AGAIN)
            if await self.attempt():
                return done()


def _next_batch(frames: Iterator[Frame]) -> list[Frame]:
    batch: list[Frame] = []
    room = BATCH_BYTES
    while room > 0 and (frame := next(frames, None)) is not None:
        batch.append(frame)
        room -= len(frame.payload) + BATCH_BYTES // BATCH
    return batch


def _entries(frame: Frame) -> list[Entry]:
    """The tasks of a frame. Other kinds say what the store did itself: it knows."""
    if frame.kind != Kind.ACCEPT:
        return []
    entries = []
    accepted = unpack_accept(frame.payload)
    for record in accepted.records:
        try:
            entries.append(Entry(unpack(record), record, False))
        except ValueError:
            # Its checksum holds, so it was written like this: nothing can be delivered from it, and it is not silent.
            log.error("record_unreadable", number=frame.number, size=len(record))
    if accepted.key is not None and entries:
        ids = tuple(entry.task.id for entry in entries)
        entries[0] = msgspec.structs.replace(entries[0], kept=kept_of(accepted.key, ids))
    return entries
