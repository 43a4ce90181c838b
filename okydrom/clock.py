"""The clocks: one for all that the service decides, which jumps only when it is told to, and the real one for what it
tells others."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

# It runs on in suspend, where there is one.
_steady = partial(time.clock_gettime_ns, getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def wall_clock() -> int:
    """The real clock, epoch milliseconds."""
    return time.time_ns() // 1_000_000


class Clock:
    """The service's clock: the wall time at its making, carried on by the time since boot.

    `steady` reads that in ns, `wall` the real clock in epoch ms.
    """

    now: Callable[[], int]  # epoch ms

    def __init__(
        self,
        steady: Callable[[], int] = _steady,
        wall: Callable[[], int] = wall_clock,
    ) -> None:
        begin = wall() - steady() // 1_000_000

        def now() -> int:
            return begin + steady() // 1_000_000

        def move(by: int) -> None:
            nonlocal begin
            begin += by

        self.now = now
        self.move = move  # by so many ms
        self.wall = wall

    @property
    def drift(self) -> int:
        """By how many ms the real clock is ahead."""
        return self.wall() - self.now()
