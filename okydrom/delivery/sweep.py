"""One timer for many things to watch, instead of a timer each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Sweep:
    """Calls `step` every `interval` seconds for as long as it answers that there is more to watch.

    `wake` starts it again. A process with nothing to watch is not woken up.
    """

    def __init__(self, interval: float, step: Callable[[], bool]) -> None:
        self._interval = interval
        self._step = step
        self._timer: asyncio.TimerHandle | None = None

    def wake(self) -> None:
        """There is something to watch. Cheap when it runs already."""
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._interval, self._tick)

    def stop(self) -> None:
        """Legal at any time, more than once."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _tick(self) -> None:
        self._timer = None
        if self._step():
            self.wake()
