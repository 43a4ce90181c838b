"""`Prefer: wait=N` (RFC 7240): an answer that waits for the first outcome of its task."""

from __future__ import annotations

import asyncio
import re

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
        self._waiting: dict[str, asyncio.Future[bool]] = {}
        self._over = False  # the service stops

    def expect(self, task_id: str) -> None:
        """From now on an outcome of the task is not missed: to be followed by `first`, or by `forget`."""
        if not self._over:
            self._waiting[task_id] = asyncio.get_running_loop().create_future()

    def forget(self, task_id: str) -> None:
        """Nobody waits for it any more. Idempotent."""
        self._waiting.pop(task_id, None)

    async def first(self, task_id: str, seconds: float) -> bool:
        """Did the first outcome come within this time? Not if the service stops."""
        outcome = self._waiting.get(task_id)
        if outcome is None:
            return False
        try:
            async with asyncio.timeout(seconds):
                return await outcome
        except TimeoutError:
            return False
        finally:
            self.forget(task_id)

    def tell(self, task_id: str) -> None:
        """A task had an outcome."""
        if self._waiting:
            self._end(self._waiting.get(task_id), True)

    def end(self) -> None:
        """The service stops: nobody waits any longer."""
        self._over = True
        for outcome in self._waiting.values():
            self._end(outcome, False)

    def _end(self, outcome: asyncio.Future[bool] | None, came: bool) -> None:
        if outcome is not None and not outcome.done():
            outcome.set_result(came)
