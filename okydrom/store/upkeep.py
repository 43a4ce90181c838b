"""Upkeep: how long what is kept, and the loop that sweeps and checks the store."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import structlog

from okydrom.config.settings import DAY, Retention
from okydrom.errors import Unavailable
from okydrom.store.contract import Store
from okydrom.task import Status

log = structlog.get_logger("okydrom.upkeep")

STEP = 250  # tasks of one sweep: the writer is held for some milliseconds
PAUSE = 5.0  # s between passes, and after a step that could not be made
BREATH = 0.05  # s between the steps of a pass: others write meanwhile
CHECK_EVERY = DAY


def cutoffs(retention: Retention, now: int) -> Mapping[Status, int | None]:
    """What ended before this time goes, by status; None: kept for ever.

    >>> cutoffs(Retention(delivered=1000, failed=0), 5000)[Status.DELIVERED]
    4000
    """
    ages = {
        Status.DELIVERED: retention.delivered,
        Status.FAILED: retention.failed,
        Status.CANCELLED: retention.cancelled,
    }
    return {status: now - age if age else None for status, age in ages.items()}


class Upkeep:
    """One loop. `tight` says whether the disk has too little room; `now` in ms."""

    def __init__(
        self, store: Store, now: Callable[[], int], tight: Callable[[], bool] = lambda: False
    ) -> None:
        self.faults: list[str] = []  # that the last check found
        self.one = asyncio.Lock()  # held during a step
        self._store = store
        self._now = now
        self._tight = tight
        self.checked_at: int | None = None  # epoch ms; None: not yet
        self.waits_since = now()  # for the next check

    async def run(self) -> None:
        """Keep the store until cancelled. Raises StoreFailed if it can't go on."""
        while True:
            async with self.one:
                pause = BREATH if await self.step() else PAUSE
            await asyncio.sleep(pause)

    async def step(self) -> bool:
        """Sweep once; check once a day. True: there is more to do at once."""
        try:
            swept = await self._store.sweep(self._now(), STEP, tight=self._tight())
            if swept.expired or swept.pruned:
                log.info("swept", expired=swept.expired, pruned=swept.pruned)
            if not swept.more and self._now() - self.waits_since >= CHECK_EVERY:
                await self.check()
        except Unavailable as problem:
            log.warning("upkeep_waits", code=problem.code)
            return False
        return swept.more

    async def check(self) -> None:
        """Check the store as far as that holds up nobody; what is wrong is logged and kept in `faults`."""
        self.faults = await self._store.check()
        self.checked_at = self.waits_since = self._now()
        for fault in self.faults:
            log.error("store_damaged", fault=fault)
