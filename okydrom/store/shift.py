"""The clock was moved: which times were put down before, and have to be moved along."""

from __future__ import annotations

import sys

import msgspec

from okydrom.task import Result, Task

MARGIN = 1_000  # ms
# No clock that was ever set says less (2024): what was put down before it comes from a clock that was not set yet.
SENSIBLE = 1_704_067_200_000


class Shift(msgspec.Struct, frozen=True):
    """The service's clock was moved `by` so many ms (5 s at least, either way) when it said `at`."""

    by: int
    at: int

    def bounds(self, now: int) -> tuple[int, int]:
        """What was put down at a time below the first or above the second was put down before.

        Forward both are the middle of what was left out. Backward the new times are those from the move until now;
        what was put down at the same times before can't be told from them and stays as it is, for once.

        >>> Shift(by=3_600_000, at=10_000_000).bounds(13_650_000)[0]
        11800000
        >>> Shift(by=-3_600_000, at=10_000_000).bounds(6_450_000)
        (6399000, 6451000)
        """
        if self.by > 0:
            return self.at + self.by // 2, sys.maxsize
        return self.at + self.by - MARGIN, now + MARGIN

    def concerns(self, stamp: int, now: int) -> bool:
        """Was something put down before that bears this time?"""
        low, high = self.bounds(now)
        return not low <= stamp <= high


def sense(now: int) -> tuple[int, int]:
    """The same for what an earlier process put down: times that are still to come, and those of a clock that was not
    set."""
    return (SENSIBLE if now >= SENSIBLE else 0), now + MARGIN


def shifted(task: Task, by: int) -> Task:
    """The task once the clock was moved by so many ms: it waits, and may wait, as long as it would have."""
    return msgspec.structs.replace(
        task,
        updated_at=task.updated_at + by,
        next_attempt_at=_moved(task.next_attempt_at, by),
        expires_at=_moved(task.expires_at, by),
    )


def shifted_result(result: Result, by: int) -> Result:
    """What an attempt led to, once the clock was moved."""
    return msgspec.structs.replace(
        result, at=result.at + by, next_attempt_at=_moved(result.next_attempt_at, by)
    )


def _moved(time: int | None, by: int) -> int | None:
    return None if time is None else time + by
