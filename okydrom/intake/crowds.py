"""How many tasks wait for each destination, so that one whose recipient is gone for good does not fill the disk.

The store is asked every second for destinations that are filling up; what is accepted meanwhile is added. So the bound
is passed by no more than what one second brings.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping

import structlog

from okydrom.errors import DestinationFull, Unavailable
from okydrom.store.contract import Store

log = structlog.get_logger("okydrom.crowds")

LOOK = 1.0  # s
RETRY_AFTER = 60  # s; a crowd does not leave in a moment


class Crowds:
    """`most` tasks may wait for a destination; 0: any number."""

    def __init__(self, store: Store, most: int) -> None:
        self._store = store
        self._most = most
        self._seen: Mapping[str, int] = {}
        self._since: Counter[str] = Counter()

    def enter(self, destination: str) -> None:
        """One more task for it. Raises DestinationFull."""
        if self._most:
            self._check(destination, 1)
            self._since[destination] = self._since.get(destination, 0) + 1

    def enter_all(self, destinations: Iterable[str]) -> None:
        """One more task for each, all or none. Raises DestinationFull."""
        if not self._most:
            return
        more = Counter(destinations)
        for destination, count in more.items():
            self._check(destination, count)
        self._since.update(more)

    def _check(self, destination: str, count: int) -> None:
        waiting = self._seen.get(destination, 0) + self._since.get(destination, 0)
        if waiting + count > self._most:
            raise DestinationFull(
                retry_after=RETRY_AFTER, destination=destination, waiting=waiting, limit=self._most
            )

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK)

    async def look(self) -> None:
        """Ask the store. What is accepted while it answers is counted from before."""
        if not self._most:
            return
        since, self._since = self._since, Counter()
        try:
            self._seen = await self._store.crowded(self._most // 2)
        except Unavailable as problem:
            log.warning("crowds_not_seen", code=problem.code)
            self._since.update(since)
