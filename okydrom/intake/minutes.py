"""What has been going on, minute by minute, for two days.

Counted in memory as it happens and kept in the store every ten seconds: a process that is killed loses the figures of
its last seconds, and no more.

    store ─commit─▶ turned ─┐
    senders ───▶ attempted ─┴─▶ minutes ─10 s─▶ store
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

import structlog

from okydrom.delivery.recent import bucket_of
from okydrom.errors import StoreFailed, Unavailable
from okydrom.intake.tally import Tally
from okydrom.store.contract import Store
from okydrom.store.minute import BITS, Minute, Turnover
from okydrom.task import Outcome, Status

log = structlog.get_logger("okydrom.minutes")

MINUTE = 60_000  # ms
KEPT = 2 * 24 * 60 + 60  # minutes: two windows of a day, and some to cut them at full steps
FLUSH = 10.0  # s
LOOK_AT_DISK = 10  # minutes
WAITING = (Status.QUEUED, Status.RETRYING)
NOBODY = Minute(number=-1)


class Minutes:
    """Counts; `now` is the service's clock (epoch ms), `free` the space of the disk in bytes."""

    def __init__(self, now: Callable[[], int], free: Callable[[], int]) -> None:
        self.tally = Tally()  # of all minutes since the start
        self._now = now
        self._free = free
        self._store: Store | None = None
        self._read = False  # what was kept is known
        self._minutes: dict[int, Minute] = {}
        self._changed: set[int] = set()
        self._last = NOBODY  # the one that was counted in last
        self._waiting: int | None = None
        self._looked = 0  # the minute when the disk was looked at

    # --- what happens -----------------------------------------------------------------------------------------------

    def turned(self, turnover: Turnover) -> None:
        """The store took in tasks, or tasks ended."""
        self.tally.turned(turnover)
        self._minute(self._now()).turn(turnover)

    def attempted(self, outcome: Outcome, at: int) -> None:
        """An attempt ended."""
        self.tally.attempted(outcome)
        minute = self._minute(at)
        minute.attempts += 1
        minute.not_2xx += not outcome.ok
        minute.times += 1 << BITS * bucket_of(outcome.duration)

    # --- keeping it ---------------------------------------------------------------------------------------------------

    async def begin(self, store: Store) -> None:
        """Know what was kept; the minutes of before are gone on with. If it can't be read now, `flush` tries again."""
        self._store = store
        try:
            kept = await store.minutes()
        except (Unavailable, StoreFailed) as problem:
            log.warning("minutes_unread", code=problem.code)
            return
        self._read = True
        for minute in kept:
            known = self._minutes.get(minute.number)
            if known is not None:
                known.add(minute)
            else:
                self._minutes[minute.number] = minute

    async def run(self) -> None:
        """Keep what was counted, until cancelled."""
        while True:
            await asyncio.sleep(FLUSH)
            await self.flush()

    async def flush(self) -> None:
        """Keep what has changed; if the store can't write now, later."""
        if self._store is not None and not self._read:
            await self.begin(self._store)
        if self._store is None or not self._read:  # else what is kept would be taken for what is too old
            return
        changed: set[int] = set()
        try:
            await self._look(self._store)
            changed, self._changed = self._changed, set()
            if changed:
                self._drop()
                minutes = [self._minutes[number] for number in sorted(changed) if number in self._minutes]
                await self._store.keep_minutes(minutes, min(self._minutes, default=0))
        except (Unavailable, StoreFailed) as problem:
            log.warning("minutes_wait", code=problem.code)
            self._changed |= changed

    # --- to look at -------------------------------------------------------------------------------------------------

    @property
    def kept(self) -> Mapping[int, Minute]:
        """By number. One that is missing saw nothing happen."""
        return self._minutes

    def of(self, first: int, count: int) -> Sequence[Minute]:
        """Those of so many minutes that saw something happen, in order."""
        found = map(self._minutes.get, range(first, first + count))
        return [minute for minute in found if minute is not None]

    def waiting_before(self, number: int) -> int | None:
        """How many tasks were in progress when a minute began; None: it is not known."""
        for earlier in range(number - 1, number - KEPT, -1):
            minute = self._minutes.get(earlier)
            if minute is not None and minute.waiting is not None:
                return minute.waiting
        return None

    # --- inside -------------------------------------------------------------------------------------------------------

    def _minute(self, at: int) -> Minute:
        number = at // MINUTE
        if self._last.number != number:
            known = self._minutes.get(number)
            if known is None:
                known = self._minutes[number] = Minute(number=number)
            self._last = known
        self._changed.add(number)
        return self._last

    async def _look(self, store: Store) -> None:
        """How many tasks are in progress, and how much room is left, where that has changed."""
        summary = await store.summary()
        now = self._now()
        waiting = sum(summary.by_status.get(status, 0) for status in WAITING)
        if waiting != self._waiting:
            self._waiting = self._minute(now).waiting = waiting
        if abs(now // MINUTE - self._looked) >= LOOK_AT_DISK:
            self._looked = now // MINUTE
            self._minute(now).free = self._free()

    def _drop(self) -> None:
        """What is too old goes. What is still to come stays, since the clock may be wrong; but not without bound."""
        numbers = sorted(self._minutes)
        oldest = max(self._now() // MINUTE - KEPT, numbers[-2 * KEPT :][0])
        for number in numbers:
            if number < oldest:
                del self._minutes[number]
        self._last = NOBODY
