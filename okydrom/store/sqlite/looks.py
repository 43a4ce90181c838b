"""What a store is asked: calls that change nothing, on connections that only look."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence

from okydrom.errors import Fault, Invalid, Stopping
from okydrom.store.command import Bulk, Past, Slice
from okydrom.store.contract import Counted, Frequent, Page, Part, Summary
from okydrom.store.entry import Kept
from okydrom.store.minute import Minute
from okydrom.store.query import Filter
from okydrom.store.sqlite import (
    audits,
    bulks,
    counting,
    destinations,
    frequent,
    history,
    idempotency,
    lines,
    minutes,
    pages,
    reading,
    steering,
    troubled,
)
from okydrom.store.sqlite.readers import Readers
from okydrom.store.sqlite.rows import id_bytes
from okydrom.store.steering import DestinationRow, Due, Steered
from okydrom.store.trouble import Troubled
from okydrom.task import Attempt, Task

MOST_AHEAD = 10_000


class Looks:
    """The reading side of a store. `now` in epoch ms."""

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self._open_readers: Readers | None = None

    @property
    def _readers(self) -> Readers:
        if self._open_readers is None:
            raise Stopping("The store is not open.")
        return self._open_readers

    async def due(self, now: int, limit: int) -> list[Due]:
        """Destinations with due work, and the nearest coming one."""
        return await self._readers.look(lambda db: destinations.due(db, now, limit))

    async def steered(self) -> list[Steered]:
        """Every destination with a pause, a hold or limits of its own."""
        return await self._readers.look(steering.steered)

    async def get(self, task_id: str, part: Part = Part.HEAD) -> Task | None:
        """One task."""
        return await self._readers.look(lambda db: reading.get(db, task_id, part))

    async def heads(self, ids: Sequence[str]) -> dict[str, Task]:
        """The heads of those of these ids that are there."""
        return await self._readers.look(lambda db: reading.heads(db, ids))

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

    async def troubles(self, since: int, limit: int, named: Collection[str] = ()) -> list[Troubled]:
        """Where most is wrong, and the named destinations for which most waits."""
        keys = list(named)
        return await self._readers.search(lambda db: troubled.found(db, since, limit, keys), 2.0)

    async def frequent(self, field: str, deadline: float = 0.5) -> Frequent:
        """Which values a field has, and how often."""
        return await self._readers.search(lambda db: frequent.values(db, field), deadline)

    async def history(self, task_id: str) -> list[Past]:
        """What was done to a task by command, oldest first."""
        return await self._readers.look(lambda db: history.of_task(db, task_id))

    async def bulk(self, bulk_id: str) -> Bulk | None:
        """One bulk operation."""
        return await self._readers.look(lambda db: bulks.one(db, bulk_id))

    async def bulks(self, limit: int, cursor: str | None = None) -> Slice:
        """Bulk operations, newest first."""
        before = _before(cursor)
        return await self._readers.look(lambda db: bulks.newest(db, limit, before))

    async def running_bulks(self, limit: int, besides: Collection[str] = ()) -> list[Bulk]:
        """Those that have not ended, oldest first, but for some."""
        others = [bulk_id.replace("-", "").upper() for bulk_id in besides]
        return await self._readers.look(lambda db: bulks.running(db, limit, others))

    async def audits(self, limit: int, cursor: str | None = None) -> Slice:
        """The audit log, newest first."""
        before = _before(cursor)
        return await self._readers.look(lambda db: audits.newest(db, limit, before))

    async def minutes(self) -> list[Minute]:
        """The figures that are kept, oldest first."""
        return await self._readers.look(minutes.kept)

    async def crowded(self, least: int) -> Mapping[str, int]:
        """Destinations for which at least so many (and a thousand) tasks wait, with how many."""
        return await self._readers.look(lambda db: destinations.crowded(db, least))

    async def recall(self, source: str, key: str) -> Kept | None:
        """What an idempotency key stands for."""
        return await self._readers.look(lambda db: idempotency.recall(db, source, key))

    async def in_line(self, task_id: str) -> tuple[int, int]:
        """How many are ahead of a task in the line of its order key, and behind it."""
        return await self._readers.look(lambda db: lines.place(db, id_bytes(task_id)))

    async def ahead(self, destination: str, due: int, seq: int) -> int:
        """How many unclaimed waiting tasks of a destination come before this one; at most 10,000."""
        return await self._readers.look(lambda db: destinations.ahead(db, destination, due, seq, MOST_AHEAD))


def _before(cursor: str | None) -> int:
    """The number that a list of a log goes on before. Raises Invalid."""
    if cursor is None:
        return bulks.FIRST
    if not re.fullmatch("[0-9]{1,18}", cursor, re.ASCII):
        raise Invalid([Fault("#cursor", "invalid_cursor", "This is no cursor of a list.")])
    return int(cursor)
