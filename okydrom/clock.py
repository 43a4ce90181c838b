"""The clocks: one for all that the service decides, which never jumps, and the real one for what it tells others."""

from __future__ import annotations

import time
from collections.abc import Callable


def service_clock() -> Callable[[], int]:
    """Epoch milliseconds that never jump: the wall time of this moment, carried on by the time since boot."""
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # it runs on in suspend, where there is one
    read = time.clock_gettime_ns
    begin = wall_clock() - read(clock) // 1_000_000
    return lambda: begin + read(clock) // 1_000_000


def wall_clock() -> int:
    """The real clock, epoch milliseconds."""
    return time.time_ns() // 1_000_000
