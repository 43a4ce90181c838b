"""Background tasks that may not die unseen: when one does, the service stops, and says of what."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


class Background:
    """Starts loops that run until they are cancelled. `stop` is set when one of them ends by itself."""

    def __init__(self, stop: asyncio.Event) -> None:
        self.failure: BaseException | None = None
        self._stop = stop
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def start(self, name: str, loop: Coroutine[Any, Any, None]) -> None:
        """Run a loop under a name."""
        task = asyncio.get_running_loop().create_task(loop, name=name)
        self._tasks[name] = task
        task.add_done_callback(self._ended)

    async def cancel(self, *names: str) -> None:
        """End these (all, if none is named) and wait until they have. Idempotent; legal before any was started."""
        tasks = [self._tasks.pop(name) for name in names or tuple(self._tasks) if name in self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if task.cancelled():
            return
        failure = task.exception() or RuntimeError(f"the {task.get_name()} loop ended by itself")
        if self.failure is None:
            self.failure = failure
        self._stop.set()
