"""At boot: what the journal holds beyond the store's position goes into the store, before any create is answered."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import structlog

from okydrom.intake.frames import Kind, unpack_accept
from okydrom.intake.journal import Journal
from okydrom.intake.scan import Frame
from okydrom.record import unpack
from okydrom.store.contract import Entry, Store

log = structlog.get_logger("okydrom.replay")

BATCH = 2_048  # tasks in one transaction
BATCH_BYTES = 8 << 20


async def replay(journal: Journal, store: Store, position: int) -> int:
    """Import all frames with a number above `position`; returns how many tasks they held.

    A task that the store knows already is left as it is there. Raises DiskFull, StoreBusy and StoreFailed.
    """
    frames = journal.replay(position)
    tasks = 0
    while batch := await asyncio.to_thread(_next_batch, frames):
        entries = [entry for frame in batch for entry in _entries(frame)]
        await store.add(entries, batch[-1].number)
        tasks += len(entries)
    return tasks


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
    for record in unpack_accept(frame.payload).records:
        try:
            entries.append(Entry(unpack(record), record, False))
        except ValueError:
            # Its checksum holds, so it was written like this: nothing can be delivered from it, and it is not silent.
            log.error("record_unreadable", number=frame.number, size=len(record))
    return entries
