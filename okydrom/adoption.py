"""When the real clock was set: the service's own follows it, and so does all that waits for a time.

A machine may start in 1970 and learn the time a minute later. A difference of more than 5 s that lasts a minute is
adopted: tasks wait, and may wait, as long as they would have.

    difference lasts ─▶ nothing new is claimed, swept or written ─▶ the store knows of the shift (durable)
      ─▶ clock, lanes, attempts, holds, what waits for its import: in one step ─▶ writing goes on
      ─▶ waiting tasks in the store, some thousands at a time ─▶ claiming and sweeping go on
"""

from __future__ import annotations

import asyncio

import structlog

from okydrom.clock import Clock
from okydrom.delivery.lanes import Lanes
from okydrom.delivery.refill import Refill
from okydrom.delivery.steering import Steering
from okydrom.errors import Unavailable
from okydrom.intake.pump import Pump
from okydrom.store.contract import Store
from okydrom.store.shift import Shift
from okydrom.store.upkeep import Upkeep

log = structlog.get_logger("okydrom.adoption")

LOOK = 5.0  # s between two looks at the real clock
ENOUGH = 5_000  # ms of difference
LASTS = 60_000  # ms
SETTLE = 1.0  # s until what was under way at the move has come to the store
STEP = 2_000  # tasks of one step: the writer is held for some ten milliseconds
BREATH = 0.005  # s between two steps
AGAIN = 1.0  # s until a store that could not write is asked again


class Adoption:
    """Looks at the real clock, and moves what is to be moved."""

    def __init__(
        self,
        clock: Clock,
        store: Store,
        lanes: Lanes,
        refill: Refill,
        upkeep: Upkeep,
        steering: Steering,
        pump: Pump,
    ) -> None:
        self._clock = clock
        self._store = store
        self._lanes = lanes
        self._refill = refill
        self._upkeep = upkeep
        self._steering = steering
        self._pump = pump
        self._found: tuple[int, int] | None = None  # the difference, and when it was first seen
        self._begun = False  # what earlier processes put down is in order

    async def begin(self) -> None:
        """Before anything is claimed or swept: bring what earlier processes put down in order. A store that can't
        write now is asked again by `run`."""
        try:
            more = True
            while more:
                more = await self._store.shift(STEP)
            after: int | None = 0
            while after is not None:
                after = await self._store.rebase(STEP, after)
        except Unavailable as problem:
            log.warning("clock_check_waits", code=problem.code)
        else:
            self._begun = True

    async def run(self) -> None:
        """Look until cancelled. Nothing is claimed or swept before all is in order."""
        if not self._begun:
            async with self._refill.one, self._upkeep.one:
                while not self._begun:
                    await asyncio.sleep(AGAIN)
                    await self.begin()
        while True:
            await asyncio.sleep(LOOK)
            await self.look()

    async def look(self) -> None:
        """Adopt a difference that lasts."""
        now, drift = self._clock.now(), self._clock.drift
        if abs(drift) <= ENOUGH:
            self._found = None
        elif self._found is None or abs(drift - self._found[0]) > ENOUGH:
            self._found = drift, now
        elif now - self._found[1] >= LASTS:
            self._found = None
            await self.adopt(drift)

    async def adopt(self, by: int) -> None:
        """Move the clock by so many ms, and all that waits."""
        log.warning("clock_moves", by_s=by / 1000)
        async with self._refill.one, self._upkeep.one:
            try:
                async with self._pump.one, self._steering.one:
                    shift = Shift(by=by, at=self._clock.now())
                    await self._store.begin_shift(shift)
                    self._move(shift)
            except Unavailable as problem:
                log.warning("clock_waits", code=problem.code)
                return
            await asyncio.sleep(SETTLE)
            self._pump.shift(None)
            steps = await self._finish()
        self._refill.wake()
        log.info("clock_moved", by_s=by / 1000, steps=steps)

    def _move(self, shift: Shift) -> None:
        self._clock.move(shift.by)
        self._lanes.shift(shift.by)
        self._steering.shift(shift.by)
        self._pump.shift(shift, self._clock.now())

    async def _finish(self) -> int:
        """Move what waits in the store; the number of steps."""
        steps = 1
        while True:
            try:
                if not await self._store.shift(STEP):
                    return steps
                steps += 1
                await asyncio.sleep(BREATH)
            except Unavailable as problem:
                log.warning("clock_waits", code=problem.code)
                await asyncio.sleep(AGAIN)
