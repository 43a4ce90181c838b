"""A machine's clocks as a test wants them: they run on in real time, but may be set, and the machine suspended."""

import time
from dataclasses import dataclass

from okydrom.clock import Clock


@dataclass
class Times:
    """`wrong` is by how many ms the real clock is set wrong, `slept` for how many the machine was suspended."""

    wrong: int = 0
    slept: int = 0

    def wall(self) -> int:
        """What the machine takes for the time, epoch ms."""
        return time.time_ns() // 1_000_000 + self.slept + self.wrong

    def steady(self) -> int:
        """ns since boot, time in suspend included."""
        return time.monotonic_ns() + self.slept * 1_000_000

    def clock(self) -> Clock:
        """A service's clock that is made now."""
        return Clock(self.steady, self.wall)

    def naive(self) -> Clock:
        """One that jumps with the real one: the control."""
        return Clock(lambda: self.wall() * 1_000_000, self.wall)
