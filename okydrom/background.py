"""Background tasks that may not die unseen: when one does, the service stops, and says of what."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from functools import partial
from typing import Any


class Background:
    """Starts loops that run until they are cancelled. `stop` is set when one of them fails, or ends by itself."""

    def __init__(self, stop: asyncio.Event) -> None:
        self.failure: BaseException | None = None
        self._stop = stop
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def start(self, name: str, loop: Coroutine[Any, Any, None], *, ends: bool = False) -> None:
        """Run a loop under a name; with `ends`, it may end by itself."""
        task = asyncio.get_running_loop().create_task(loop, name=name)
        self._tasks[name] = task
        task.add_done_callback(partial(self._ended, ends))

    async def cancel(self, *names: str) -> None:
        """End these (all, if none is named) and wait until they have. Idempotent; legal before any was started."""
        tasks = [self._tasks.pop(name) for name in names or tuple(self._tasks) if name in self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, ends: bool, task: asyncio.Task[None]) -> None:
        if task.cancelled() or (ends and task.exception() is None):
            return
        failure = task.exception() or RuntimeError(f"the {task.get_name()} loop ended by itself")
        if self.failure is None:
            self.failure = failure
        self._stop.set()
