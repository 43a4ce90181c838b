"""How the attempts of one destination went within the last hour: counts, and how long they took.

Four quarters of an hour, each with a histogram whose buckets are a fifth apart and what was delivered in each of its
minutes; a quarter is dropped when it is an hour old. A busy destination costs less than 4 KiB.
"""

from __future__ import annotations

from array import array
from collections import deque
from math import frexp, ldexp

import msgspec

MINUTE = 60_000  # ms
QUARTER = 15 * MINUTE
HOUR = 4 * QUARTER
BUCKETS = 96
LEAST = 1 / 16  # ms
MOST_REMEMBERED = 4_096
_ZERO = bytes(4 * BUCKETS)
_NONE = bytes(4 * (QUARTER // MINUTE))


class Figures(msgspec.Struct, frozen=True):
    """What is told of it. Durations are ms; None: there was no attempt."""

    delivered: int = 0
    attempts: int = 0
    not_2xx: int = 0
    p50_ms: float | None = None
    p95_ms: float | None = None


class Quarter:
    """What ended within one quarter of an hour."""

    __slots__ = ("begin", "buckets", "delivered", "end")

    def __init__(self, begin: int) -> None:
        self.begin = begin
        self.end = begin + QUARTER
        self.delivered = array("I", _NONE)  # by minute
        self.buckets = array("I", _ZERO)


class Recent:
    """The last quarters, oldest first. Times are epoch ms."""

    __slots__ = ("_quarter", "_quarters")

    def __init__(self) -> None:
        self._quarter: Quarter | None = None
        self._quarters: deque[Quarter] | None = None  # most lanes of a herd never have an attempt

    def add(self, now: int, ok: bool, duration: float) -> None:
        """An attempt ended, after so many ms."""
        quarter = self._quarter
        if quarter is None or not quarter.begin <= now < quarter.end:
            quarter = self._turn(now)
        if ok:
            quarter.delivered[(now - quarter.begin) // MINUTE] += 1
        quarter.buckets[bucket_of(duration)] += 1

    def figures(self, now: int) -> Figures:
        """All of the last hour."""
        quarters = self._of(now)
        counts = [sum(column) for column in zip(*(quarter.buckets for quarter in quarters), strict=True)]
        attempts = sum(counts)
        if not attempts:
            return Figures()
        delivered = sum(sum(quarter.delivered) for quarter in quarters)
        return Figures(
            delivered, attempts, attempts - delivered, _quantile(counts, 0.5), _quantile(counts, 0.95)
        )

    def delivered(self, now: int) -> list[int] | None:
        """How many were delivered in each minute since `since(now)`, the one under way last; None: no attempt."""
        quarters, first = self._of(now), since(now)
        if not quarters:
            return None
        minutes = [0] * ((now - first) // MINUTE + 1)
        for quarter in quarters:
            at = (quarter.begin - first) // MINUTE
            for minute, count in enumerate(
                quarter.delivered, at
            ):  # one to come: the clock was set back since
                minutes[min(minute, len(minutes) - 1)] += count
        return minutes

    def _of(self, now: int) -> list[Quarter]:
        return [quarter for quarter in self._quarters or () if 0 <= now - quarter.begin < HOUR]

    def _turn(self, now: int) -> Quarter:
        if self._quarters is None:
            self._quarters = deque(maxlen=HOUR // QUARTER)
        self._quarter = Quarter(now - now % QUARTER)
        self._quarters.append(self._quarter)
        return self._quarter


class Remembered:
    """What is kept of lanes that are forgotten: those forgotten last, some thousands."""

    def __init__(self) -> None:
        self._recents: dict[str, Recent] = {}

    def keep(self, key: str, recent: Recent) -> None:
        """Remember it; the longest forgotten makes room."""
        self._recents[key] = recent
        if len(self._recents) > MOST_REMEMBERED:
            del self._recents[next(iter(self._recents))]

    def take(self, key: str) -> Recent:
        """It is remembered elsewhere from now on; a new one, if nothing is known."""
        return self._recents.pop(key, None) or Recent()

    def get(self, key: str) -> Recent:
        """To look at."""
        return self._recents.get(key) or Recent()


def since(now: int) -> int:
    """When the quarter began that is dropped next: from 45 minutes to an hour ago (epoch ms).

    >>> since(HOUR), since(HOUR + QUARTER - 1), since(HOUR + QUARTER)
    (900000, 900000, 1800000)
    """
    return now - now % QUARTER - HOUR + QUARTER


def bucket_of(duration: float) -> int:
    """The number of the bucket: four to each doubling, from 1/16 ms on.

    >>> bucket_of(0), bucket_of(1.0), bucket_of(1.25), bucket_of(100), bucket_of(1e9)
    (0, 16, 17, 42, 95)
    """
    if duration < LEAST:
        return 0
    part, doublings = frexp(duration)  # part from 1/2 to 1
    bucket = doublings * 4 + int(part * 8) + 8
    return bucket if bucket < BUCKETS else BUCKETS - 1


def middle_of(bucket: int) -> float:
    """The duration in ms that a bucket stands for.

    >>> middle_of(0), middle_of(16), middle_of(42)
    (0.0, 1.125, 104.0)
    """
    return ldexp(bucket % 4 + 4.5, bucket // 4 - 6) if bucket else 0.0


def _quantile(counts: list[int], share: float) -> float:
    left = share * sum(counts)
    for bucket, count in enumerate(counts):
        left -= count
        if left <= 0:
            return middle_of(bucket)
    return middle_of(len(counts) - 1)
