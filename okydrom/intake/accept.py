"""The promise: when `accept` returns, the task is on stable storage."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

import structlog

from okydrom import record
from okydrom.errors import DiskFull, Overloaded, Stopping
from okydrom.intake.accepted import Accepted
from okydrom.intake.crowds import Crowds
from okydrom.intake.frames import Kind, pack_accept
from okydrom.intake.journal import Journal
from okydrom.intake.keys import framed
from okydrom.intake.pump import Pump
from okydrom.store.entry import Kept
from okydrom.task import Task

log = structlog.get_logger("okydrom.accept")

FOLD = 4  # a record that waits for its sync is held as posted, in its task, in its frame, and in its group


class Accept:
    """Takes tasks while the service can keep them. `free` gives the free bytes of the data directory as last seen."""

    def __init__(
        self,
        journal: Journal,
        pump: Pump,
        crowds: Crowds,
        *,
        max_backlog: int,
        min_free: int,
        free: Callable[[], int],
    ) -> None:
        self.open = False  # set once all that the journal held at boot is in the store
        self._journal = journal
        self._pump = pump
        self._crowds = crowds
        self._max_backlog = max_backlog
        self._min_free = min_free
        self._free = free
        self._unsynced = 0  # bytes of records that wait for their sync
        self._log = log.bind()  # bound once: the module's one is looked up anew at every line

    async def accept(self, task: Task) -> None:
        """Keep one task; returns after the sync of its bytes.

        Raises Stopping, Overloaded, DestinationFull or DiskFull (nothing was promised; it may still be delivered if its
        bytes reached the disk), JournalFailed if the journal can't go on.
        """
        self.check()
        self._crowds.enter(task.destination)
        packed = record.pack(task)
        await self._append(pack_accept((packed,)), ((task, packed, None),), len(packed))
        if self._log.is_enabled_for(logging.DEBUG):
            self._log.debug("accepted", id=task.id, destination=task.destination, size=task.size)

    async def accept_all(self, tasks: Sequence[Task], kept: Kept | None = None) -> None:
        """Keep the tasks of one request, at least one, and the idempotency key that it came with: all or nothing, in
        one frame. Raises as `accept` does."""
        self.check()
        self._crowds.enter_all(task.destination for task in tasks)
        records = [record.pack(task) for task in tasks]
        token: list[Accepted] = [(task, packed, None) for task, packed in zip(tasks, records, strict=True)]
        token[0] = (tasks[0], records[0], kept)
        payload = pack_accept(tuple(records), None if kept is None else framed(kept))
        size = sum(map(len, records)) + (0 if kept is None else len(kept.answer))
        await self._append(payload, token, size)
        self._log.debug("accepted_many", tasks=len(tasks), first=tasks[0].id)

    async def _append(self, payload: bytes, token: Sequence[Accepted], size: int) -> None:
        self._unsynced += size
        try:
            await self._journal.append(Kind.ACCEPT, payload, token)
        finally:
            self._unsynced -= size

    def admit(self, destination: str) -> None:
        """May the store make one more task for it? Raises what `accept` refuses with."""
        self.check()
        self._crowds.enter(destination)

    def check(self) -> None:
        """Can a task be taken now? Raises Stopping, Overloaded or DiskFull."""
        if not self.open:
            raise Stopping(retry_after=1)
        waiting = self._pump.bytes + FOLD * self._unsynced
        if waiting >= self._max_backlog:
            raise Overloaded(retry_after=1, waiting_bytes=waiting, limit=self._max_backlog)
        if self._min_free and self._free() < self._min_free:
            raise DiskFull(
                "Less free disk than storage.min_free: make space, or lower it.",
                retry_after=10,
                free=self._free(),
                min_free=self._min_free,
            )
