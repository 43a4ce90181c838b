"""Times as the API writes them: RFC 3339, UTC, milliseconds; and how long something takes."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import lru_cache


@lru_cache(maxsize=4096)
def _second(epoch: int) -> str:
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def steady() -> int:
    """Milliseconds of a clock that nobody sets, and that began at some time."""
    return time.monotonic_ns() // 1_000_000


def rfc3339(milliseconds: int) -> str:
    """The time of epoch milliseconds.

    >>> rfc3339(1_700_000_000_042)
    '2023-11-14T22:13:20.042Z'
    """
    seconds, rest = divmod(milliseconds, 1000)
    return f"{_second(seconds)}.{rest:03d}Z"


def maybe(milliseconds: int | None) -> str | None:
    """The same, where there may be no time."""
    return None if milliseconds is None else rfc3339(milliseconds)


def earliest(*times: int | None) -> int | None:
    """The first of those that there are.

    >>> earliest(None, 7, 5), earliest(None)
    (5, None)
    """
    return min((time for time in times if time is not None), default=None)
