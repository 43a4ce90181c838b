"""Waiting in tests. The only place in them that sleeps: a test waits for what it wants to see, not for a time."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable

STEP = 0.005


async def wait_until(
    condition: Callable[[], object | Awaitable[object]], timeout: float = 5.0, message: str = ""
) -> None:
    """Return as soon as `condition` (a function or a coroutine function) is true; fail after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not await _holds(condition):
        if time.monotonic() >= deadline:
            raise AssertionError(f"not within {timeout} s: {message or _described(condition)}")
        await asyncio.sleep(STEP)


async def linger(seconds: float) -> None:
    """Take time as part of a scenario (a recipient that answers slowly), never to wait for something to happen."""
    await asyncio.sleep(seconds)


async def _holds(condition: Callable[[], object | Awaitable[object]]) -> bool:
    answer = condition()
    if inspect.isawaitable(answer):
        answer = await answer
    return bool(answer)


def _described(condition: Callable[[], object]) -> str:
    return getattr(condition, "__qualname__", repr(condition))
