"""Brings due tasks from the store to their lanes: retries, and what did not fit into memory when it came.

Its cost grows with the destinations that have due work, not with their tasks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import structlog

from okydrom.delivery.lanes import Lanes
from okydrom.errors import Unavailable
from okydrom.store.contract import Store

log = structlog.get_logger("okydrom.refill")

LONGEST_SLEEP = 1.0  # s; work that became due by other ways is seen after this
SHORTEST_SLEEP = 0.01  # s; between two looks at the store
DESTINATIONS = 20_000  # due ones looked at in one round
BATCH = 4_096  # tasks claimed in one call


class Refill:
    """One loop. `dispatch` starts attempts after tasks were offered; `now` in ms."""

    def __init__(
        self, store: Store, lanes: Lanes, dispatch: Callable[[], None], now: Callable[[], int]
    ) -> None:
        self._store = store
        self._lanes = lanes
        self._dispatch = dispatch
        self._now = now
        self._wanted = asyncio.Event()
        lanes.on_hungry = self.wake

    def wake(self) -> None:
        """There may be something due for a lane that has room."""
        self._wanted.set()

    async def run(self) -> None:
        """Fill until cancelled. A store that can't write now is asked again; any other failure of it is raised."""
        while True:
            try:
                pause = await self._round()
            except Unavailable as problem:
                log.warning("refill_waits", code=problem.code)
                pause = LONGEST_SLEEP
            await asyncio.sleep(SHORTEST_SLEEP)
            if pause > SHORTEST_SLEEP:
                await self._sleep(pause)
            self._wanted.clear()

    async def _sleep(self, pause: float) -> None:
        try:
            async with asyncio.timeout(pause):
                await self._wanted.wait()
        except TimeoutError:
            return

    async def _round(self) -> float:
        """Release what was shed, claim what is due and has room; returns the seconds until the next round."""
        shed = [task_id for task_id in self._lanes.take_shed() if not self._lanes.claims(task_id)]
        if shed:
            await self._store.release(shed)
        now = self._now()
        due = await self._store.due(now, DESTINATIONS)
        wants, pause = self._wants({row.destination: row.next_due for row in due}, now)
        if wants:
            await self._claim(wants, now)
            self._dispatch()
        return pause

    def _wants(self, due: Mapping[str, int], now: int) -> tuple[dict[str, int], float]:
        wants: dict[str, int] = {}
        total, pause = 0, LONGEST_SLEEP
        for destination, next_due in due.items():
            if next_due > now:
                pause = min(pause, (next_due - now) / 1000)
                continue
            room = min(self._lanes.room(destination), BATCH - total)
            if room > 0:
                wants[destination] = room
                total += room
            else:
                self._lanes.backlog(destination, True)
        return wants, pause

    async def _claim(self, wants: Mapping[str, int], now: int) -> None:
        tasks = await self._store.claim(wants, now)
        got = dict.fromkeys(wants, 0)
        back: list[str] = []
        for task in tasks:
            got[task.destination] += 1
            if not self._lanes.offer(task, fresh=False) and not self._lanes.claims(task.id):
                back.append(task.id)
        if back:
            await self._store.release(back)
        for destination, count in got.items():
            self._lanes.backlog(destination, count >= wants[destination])
