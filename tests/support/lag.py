"""How late an event loop ran, so that a crowded machine is not taken for a fault of what is tested."""

import asyncio

STEP = 0.01  # seconds between two looks


class Lag:
    """Watches the running loop from now on. On a quiet machine it stays near nothing."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._worst = 0.0
        self._due = self._loop.time() + STEP
        self._timer = self._loop.call_at(self._due, self._look)

    @property
    def ms(self) -> float:
        """The longest that anything had to wait for its turn."""
        self._worst = max(self._worst, self._loop.time() - self._due)
        return self._worst * 1000

    def stop(self) -> None:
        """Watch no longer."""
        self._timer.cancel()

    def _look(self) -> None:
        now = self._loop.time()
        self._worst = max(self._worst, now - self._due)
        self._due = now + STEP
        self._timer = self._loop.call_at(self._due, self._look)
