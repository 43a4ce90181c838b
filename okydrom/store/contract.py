"""What a store promises. Calls are batches; times are epoch milliseconds; ids are UUIDv7 texts.

Laws that every store keeps, tested by one conformance suite:

* `add` is idempotent by id; its rows and the journal position are one transaction.
* A claimed task is given to nobody else until its result is recorded, it is released, or a new epoch begins.
* A result changes a status only if the task's version and claim match; its attempt row is written all the same.
  The store numbers attempts: the number of a row is how many the task has had, `Attempt.number` is not looked at.
* A command is guarded by the task's present status and version; a conflict is data, not an exception.
* Of the waiting tasks of one source and order key one is ready, the others can't be claimed (and have no
  `next_attempt_at`) until it ends; the next is ready in the transaction of the end. They are never added claimed.
* A task with a callback makes it, once, in the transaction that ends it as `delivered` or `failed`.
* Counts are kept in the transaction that changes them.
* What can't be written now raises `DiskFull` or `StoreBusy` and has changed nothing; all else is `StoreFailed`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Protocol

import msgspec

from okydrom.store.command import Audited, Bulk, Changed, Command, Past, Progress, Slice
from okydrom.store.entry import Entry, Kept, Opened, Recorded
from okydrom.store.minute import Minute
from okydrom.store.query import Filter
from okydrom.store.shift import Shift
from okydrom.store.steering import DestinationRow, Due, Steer, Steered
from okydrom.store.trouble import Troubled
from okydrom.task import Attempt, Result, Status, Task


class Part(StrEnum):
    """How much of a task `get` reads."""

    HEAD = "head"  # the narrow row: no body, headers empty
    FULL = "full"  # with its record: body and headers


class Page(msgspec.Struct, frozen=True):
    """A piece of a list, newest first (or oldest first). `complete` is False if the deadline ended the search."""

    items: list[Task]
    next: str | None  # cursor of what follows in this order
    prev: str | None
    complete: bool


class Counted(msgspec.Struct, frozen=True):
    """How many tasks match a filter, `SENDING` among them; `exact` is False if counting ended at the cap or the
    deadline."""

    by_status: Mapping[Status, int]
    exact: bool


class Frequent(msgspec.Struct, frozen=True):
    """How often values were found in the tasks that were looked at."""

    counts: Mapping[str, int]
    looked_at: int


class Summary(msgspec.Struct, frozen=True):
    """Counts as last committed, stored statuses. Due times are those of unclaimed waiting tasks, held and paused
    destinations included."""

    by_status: Mapping[Status, int]
    oldest_due: int | None  # None: nothing is due
    next_due: int | None  # the earliest yet to come, of destinations that have nothing due
    as_of: int
    last_seq: int = 0  # the highest that was given


class Swept(msgspec.Struct, frozen=True):
    """What one bounded step of upkeep did; `more` if there is more to do at once."""

    expired: int
    pruned: int
    more: bool


class Store(Protocol):
    """See the module's laws. All calls may be made concurrently; the store orders those that write."""

    async def open(self, now: int) -> Opened:
        """Open or create; ends the claims of earlier epochs. Raises DataUnusable; DiskFull or StoreBusy: later."""

    async def close(self) -> None:
        """Write what was handed in, then let go of the files. Idempotent."""

    async def add(self, entries: Sequence[Entry], position: int) -> Mapping[str, int]:
        """Import entries and move the journal position, in one transaction. Returns the `seq` of each id."""

    async def claim(self, wants: Mapping[str, int], now: int) -> list[Task]:
        """Of each destination up to n due, unpaused, unclaimed tasks, earliest due first, with body. A call is
        bounded in bytes too: fewer than wanted does not mean that no more are due.

        A task whose record fails its checksum is failed (`damaged`), logged and left out.
        """

    async def claim_first(self, destination: str, now: int) -> Task | None:
        """Claim one task of a destination, paused or held: the earliest that is due; if none is, the earliest that
        waits for its next attempt (one that was never sent and is not due yet stays)."""

    async def release(self, ids: Sequence[str]) -> None:
        """Give claimed tasks back. Nothing else changes, but that a noted cancel takes effect."""

    async def record(self, results: Sequence[Result]) -> list[Recorded]:
        """Write attempts, and the statuses they lead to."""

    async def change(
        self,
        commands: Sequence[Command],
        *,
        audit: Audited | None = None,
        progress: Progress | None = None,
    ) -> list[Changed]:
        """Carry out commands, each guarded, in one transaction with the audit's row and with the step of the bulk
        operation that they belong to. A single one comes back with its task's record, many with heads."""

    async def history(self, task_id: str) -> list[Past]:
        """What was done to a task by command, oldest first."""

    async def begin_bulk(self, bulk: Bulk, audit: Audited | None = None) -> None:
        """Keep a new bulk operation. Idempotent by id."""

    async def stop_bulk(self, bulk_id: str, at: int, audit: Audited | None = None) -> Bulk | None:
        """End a running one: it stays stopped whatever step comes later. The bulk operation as it now is."""

    async def bulk(self, bulk_id: str) -> Bulk | None:
        """One bulk operation."""

    async def bulks(self, limit: int, cursor: str | None = None) -> Slice:
        """Bulk operations, newest first. Raises Invalid for a cursor that is none."""

    async def running_bulks(self, limit: int, besides: Collection[str] = ()) -> list[Bulk]:
        """Those that have not ended, oldest first, but for some."""

    async def audits(self, limit: int, cursor: str | None = None) -> Slice:
        """The audit log, newest first. Raises Invalid for a cursor that is none."""

    async def crowded(self, least: int) -> Mapping[str, int]:
        """Destinations for which at least so many (and a thousand) tasks wait, with how many."""

    async def recall(self, source: str, key: str) -> Kept | None:
        """What an idempotency key stands for, without the ids of its tasks; None: it is not known (any more)."""

    async def in_line(self, task_id: str) -> tuple[int, int]:
        """How many are ahead of a task in the line of its order key, and how many behind it, at most 10,000 each;
        (0, 0) if it stands in none."""

    async def ahead(self, destination: str, due: int, seq: int) -> int:
        """How many unclaimed waiting tasks of a destination come before this one; counting stops at 10,000."""

    async def due(self, now: int, limit: int) -> list[Due]:
        """Unpaused destinations, at most `limit`, by the time when something may be sent there (a hold puts it off):
        due ones and the nearest coming one. Cost by destinations."""

    async def steer(self, orders: Sequence[Steer], audit: Audited | None = None) -> None:
        """Keep what is to hold for destinations from now on. Durable; in one transaction with the audit's row."""

    async def steered(self) -> list[Steered]:
        """Every destination with a pause, a hold or limits of its own."""

    async def keep_minutes(self, figures: Sequence[Minute], before: int) -> None:
        """Keep figures of minutes, in place of what is kept of the same minutes; those with a number below `before` go.
        What was counted since is lost with the process."""

    async def minutes(self) -> list[Minute]:
        """The figures that are kept, oldest first."""

    async def begin_shift(self, shift: Shift) -> None:
        """The clock is about to be moved: `shift` moves the times of waiting tasks along. Durable; one at a time."""

    async def shift(self, limit: int) -> bool:
        """One bounded step of it: due times, deadlines, and the times of the last change, where these were put down
        before the clock was moved. True: there are more. Goes on where it was after a crash."""

    async def rebase(self, limit: int, after: int = 0) -> int | None:
        """One bounded step over the waiting tasks after a seq: times that were put down in the future, or before any
        clock was set, are moved as if they were put down now. The seq that was reached; None: there is no more."""

    async def sweep(self, now: int, limit: int, *, tight: bool = False) -> Swept:
        """One bounded step: expire unclaimed waiting tasks past their deadline, prune terminal ones by age, and
        delivered ones by size too (`tight`: as if the store were too large, since the disk has no room)."""

    async def get(self, task_id: str, part: Part = Part.HEAD) -> Task | None:
        """One task. A record that fails its checksum is left out: `body` is None while `size` is not 0."""

    async def heads(self, ids: Sequence[str]) -> dict[str, Task]:
        """The heads of those of these ids that are there, by id. Raises Unavailable if it takes too long."""

    async def attempts(self, task_id: str) -> list[Attempt]:
        """A task's attempts, oldest first."""

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
        """A page of heads by keyset on `seq`. `sending` are the ids in flight: they are sought as SENDING, and come
        with their stored status. `deadline` in seconds of run time. Raises Invalid for a cursor that is none.
        """

    async def count(
        self, wanted: Filter, *, cap: int = 10_000, sending: Collection[str] = (), deadline: float = 2.0
    ) -> Counted:
        """How many tasks match; counting stops at about `cap`. Constant time for a filter by status alone."""

    async def summary(self) -> Summary:
        """Counts, in constant time."""

    async def destinations(
        self, limit: int, after: str | None = None, wanted: str = ""
    ) -> list[DestinationRow]:
        """Destinations by key, those containing `wanted`."""

    async def troubles(self, since: int, limit: int, named: Collection[str] = ()) -> list[Troubled]:
        """Destinations with all that is wrong there: those of the `limit` outcomes after which most tasks wait, or have
        failed; and of the `named` ones the `limit` for which most tasks wait. What failed is counted as long as its
        trouble lasts; one that keeps nothing waiting is over when it did not come again `since`. Read from kept
        counts."""

    async def frequent(self, field: str, deadline: float = 0.5) -> Frequent:
        """The values of `event`, `source` or `label.NAME`, or the names of labels (`label`), in the newest 10,000
        tasks, or in as many as the deadline (s) allows; of `destination` the 10,000 with most tasks, from kept counts
        (of the newest 100,000)."""

    async def backup(self, path: str) -> None:
        """A consistent copy while running."""

    async def check(self, *, full: bool = False) -> list[str]:
        """Faults found; empty when all is well. Every record is read and its checksum compared, in short looks.
        `full`: then the files' structure and the kept counts too, in looks that take as long as the store is large
        (what is written meanwhile piles up in its log)."""
