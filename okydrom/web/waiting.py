"""`Prefer: wait=N` (RFC 7240): an answer that waits for the first outcome of its task."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

LONGEST = 30  # s
_WAIT = re.compile(r"wait\s*=\s*\"?([0-9]{1,6})\"?", re.ASCII | re.IGNORECASE)


def parse_wait(given: str | None) -> int:
    """The seconds that a `Prefer` header asks for, at most 30; 0: none. What can't be read is passed over.

    >>> parse_wait("respond-async, wait=10"), parse_wait("wait=900"), parse_wait("wait=x"), parse_wait(None)
    (10, 30, 0, 0)
    """
    for preference in (given or "").split(","):
        if match := _WAIT.fullmatch(preference.partition(";")[0].strip()):
            return min(int(match[1]), LONGEST)
    return 0


class Waiting:
    """Who waits for which task's outcome."""

    def __init__(self) -> None:
        self._waiting: dict[str, asyncio.Future[None]] = {}
        self.over = False  # the service stops

    @asynccontextmanager
    async def outcome(self, task_id: str) -> AsyncIterator[asyncio.Future[None]]:
        """To be entered before the task is accepted: done at its first outcome, or when the service stops."""
        future = self._waiting[task_id] = asyncio.get_running_loop().create_future()
        if self.over:
            future.set_result(None)
        try:
            yield future
        finally:
            self._waiting.pop(task_id, None)

    def tell(self, task_id: str) -> None:
        """A task had an outcome."""
        future = self._waiting.get(task_id)
        if future is not None and not future.done():
            future.set_result(None)

    def end(self) -> None:
        """The service stops: nobody waits any longer."""
        self.over = True
        for future in self._waiting.values():
            if not future.done():
                future.set_result(None)
