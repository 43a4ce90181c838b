"""Slows down who gives wrong tokens: an address has a few failures to spend, and earns one anew every few seconds."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from okydrom.errors import TooManyFailures

FAILURES = 10  # that an address may have at once
EARNED = 6_000  # ms until one is forgiven
REMEMBERED = 4_096  # addresses; the one that failed the longest ago is forgotten first


class Throttle:
    """Counts failures by address. `now` in ms, of a clock that nobody sets."""

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self._until: OrderedDict[str, int] = OrderedDict()  # when all failures of an address are forgiven

    def check(self, address: str) -> None:
        """Raises TooManyFailures while an address has spent all of its failures."""
        wait = self._wait(address)
        if wait:
            raise TooManyFailures(retry_after=wait)

    def fail(self, address: str) -> int:
        """One more failure; the seconds to wait if that was one too many, else 0."""
        wait = self._wait(address)
        if not wait:
            now = self._now()
            self._until[address] = max(self._until.get(address, now), now) + EARNED
            self._until.move_to_end(address)
            if len(self._until) > REMEMBERED:
                self._until.popitem(last=False)
        return wait

    def _wait(self, address: str) -> int:
        """Seconds until the address may fail again; 0: it may now."""
        over = self._until.get(address, 0) - self._now() - (FAILURES - 1) * EARNED
        return -(-over // 1000) if over > 0 else 0
