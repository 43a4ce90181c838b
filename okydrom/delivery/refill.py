"""Brings due tasks from the store to their lanes: retries, and what did not fit into memory when it came.

Its cost grows with the destinations that have due work, not with their tasks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence

import structlog

from okydrom.delivery.lanes import Lanes
from okydrom.errors import Unavailable
from okydrom.store.contract import Store

log = structlog.get_logger("okydrom.refill")

LONGEST_SLEEP = 1.0  # s; work that became due by other ways is seen after this
SHORTEST_SLEEP = 0.01  # s; between two looks at the store
DESTINATIONS = 100_000  # due ones looked at in one round
BATCH = 4_096  # tasks claimed in one round…
SHARE = 64  # of these for each destination, or as many as there are for each
PIECE = 256  # …and in one call: the writer is held for some ten milliseconds
SPREAD = 10_000  # ms after the start, over which destinations with overdue tasks are opened at most…
AT_ONCE = 1_000  # …but this many of them a second


class Refill:
    """One loop. `dispatch` starts attempts after tasks were offered; `now` in ms."""

    def __init__(
        self, store: Store, lanes: Lanes, dispatch: Callable[[], None], now: Callable[[], int]
    ) -> None:
        self._store = store
        self._lanes = lanes
        self._dispatch = dispatch
        self._now = now
        self._began = now()
        self._opened = 0  # destinations, since then
        self.one = asyncio.Lock()  # held while the store is asked for work
        self._wanted = asyncio.Event()
        lanes.on_hungry = self.wake

    def wake(self) -> None:
        """There may be something due for a lane that has room."""
        self._wanted.set()

    async def run(self) -> None:
        """Fill until cancelled. A store that can't write now is asked again; any other failure of it is raised."""
        while True:
            try:
                async with self.one:
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
        """Release what is unwanted, claim what is due and has room; returns the seconds until the next round."""
        await self._release(self._lanes.take_unwanted())
        now = self._now()
        rows = await self._store.due(now, DESTINATIONS)
        due = [row.destination for row in rows if row.next_due <= now]
        self._lanes.set_backlogs(due)
        wants = self._wants(self._spread(due, now))
        came = 0
        for piece in pieces(wants, PIECE):
            came += await self._claim(piece, now)
            self._dispatch()
        if came:
            return SHORTEST_SLEEP
        coming = min((row.next_due for row in rows if row.next_due > now), default=now + 1000)
        return min(max((coming - now) / 1000, SHORTEST_SLEEP), LONGEST_SLEEP)

    def _spread(self, due: Sequence[str], now: int) -> Sequence[str]:
        """After a start not all that is overdue goes out at once: destinations are opened one after another, those that
        wait longest first. (Within one its lane begins with one attempt at a time.)"""
        gone = now - self._began
        if not 0 <= gone < SPREAD:
            return due
        lanes = self._lanes.all
        new = [key for key in due if key not in lanes]
        left = AT_ONCE // 10 + max(AT_ONCE * gone // 1000, len(new) * gone // SPREAD) - self._opened
        opened = frozenset(new[: max(left, 0)])
        self._opened += len(opened)
        return [key for key in due if key in lanes or key in opened]

    def _wants(self, due: Sequence[str]) -> dict[str, int]:
        wants: dict[str, int] = {}
        left = BATCH
        share = max(BATCH // max(len(due), 1), SHARE)
        for destination in due:
            if not left:
                break
            room = min(self._lanes.room(destination), left, share)
            if room > 0:
                wants[destination] = room
                left -= room
        return wants

    async def _claim(self, wants: Mapping[str, int], now: int) -> int:
        """Claim and offer; returns how many went into lanes. What was withdrawn meanwhile goes back."""
        tasks = await self._store.claim(wants, now)
        back = [
            task.id
            for task in tasks
            if not self._lanes.offer(task, fresh=False) and not self._lanes.claims(task.id)
        ]
        await self._release(back)
        return len(tasks) - len(back)

    async def _release(self, ids: Sequence[str]) -> None:
        """Give claims back; if the store can't do that now, later."""
        if not ids:
            return
        try:
            await self._store.release(ids)
        except Unavailable:
            self._lanes.give_back(ids)
            raise


def pieces(wants: Mapping[str, int], size: int) -> Iterator[dict[str, int]]:
    """The same wants in pieces of at most so many tasks.

    >>> list(pieces({"a": 3, "b": 5}, 4))
    [{'a': 3, 'b': 1}, {'b': 4}]
    """
    piece: dict[str, int] = {}
    left = size
    for key, count in wants.items():
        wanted = count
        while wanted:
            piece[key] = min(wanted, left)
            wanted -= piece[key]
            left -= piece[key]
            if not left:
                yield piece
                piece, left = {}, size
    if piece:
        yield piece
