"""A window of time up to now: what happened in it, in the one before it, and step by step."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from itertools import accumulate
from struct import Struct

import msgspec

from okydrom.delivery.recent import BUCKETS, middle_of
from okydrom.intake.minutes import MINUTE, Minutes
from okydrom.store.minute import Minute

SHARES = (0.5, 0.95, 0.99)
_BUCKETS = Struct(f"<{BUCKETS}I")

Figure = list[int | None]
Time = list[float | None]


class Span(msgspec.Struct, frozen=True):
    """How long a window is, and its steps: minutes."""

    minutes: int
    step: int


# At most 300 steps each.
WINDOWS: Mapping[str, Span] = {
    "15m": Span(15, 1),
    "1h": Span(60, 1),
    "6h": Span(6 * 60, 2),
    "24h": Span(24 * 60, 5),
}
USUAL_WINDOW = "1h"


class Totals(msgspec.Struct, frozen=True):
    """What happened from a time on (epoch ms). `first_attempt_share` of those delivered; None: none was."""

    begin: int
    accepted: int
    delivered: int
    failed: int
    cancelled: int
    first_attempt_share: float | None


class Series(msgspec.Struct):
    """The same in steps of `step_s` seconds, oldest first; the last is under way. None: not known."""

    begin: int
    step_s: int
    accepted: list[int] = []
    delivered: list[int] = []
    not_2xx: list[int] = []
    waiting: Figure = []
    p50_ms: Time = []
    p95_ms: Time = []
    p99_ms: Time = []


class Window(msgspec.Struct, frozen=True):
    """`previous` is the window before: as many whole steps."""

    window: Totals
    previous: Totals
    series: Series


def window_of(minutes: Minutes, span: Span, now: int) -> Window:
    """The steps up to the one that is under way (`now` in epoch ms)."""
    count, step = span.minutes // span.step, span.step
    begin = (now // MINUTE // step - count + 1) * step
    before = begin - span.minutes
    return Window(
        _totals(minutes.of(begin, span.minutes), begin),
        _totals(minutes.of(before, span.minutes), before),
        _series(minutes, begin, count, step),
    )


def _totals(minutes: Sequence[Minute], begin: int) -> Totals:
    total = _sum(minutes)
    share = min(total.first / total.delivered, 1.0) if total.delivered else None
    return Totals(begin * MINUTE, total.accepted, total.delivered, total.failed, total.cancelled, share)


def _series(minutes: Minutes, begin: int, count: int, step: int) -> Series:
    series = Series(begin * MINUTE, step * MINUTE // 1000)
    waiting = minutes.waiting_before(begin)
    for first in range(begin, begin + count * step, step):
        total = _sum(minutes.of(first, step))
        waiting = waiting if total.waiting is None else total.waiting
        series.accepted.append(total.accepted)
        series.delivered.append(total.delivered)
        series.not_2xx.append(total.not_2xx)
        series.waiting.append(waiting)
        p50, p95, p99 = percentiles(total.times)
        series.p50_ms.append(p50)
        series.p95_ms.append(p95)
        series.p99_ms.append(p99)
    return series


def _sum(minutes: Sequence[Minute]) -> Minute:
    total = Minute(number=0)
    for minute in minutes:
        total.add(minute)
    return total


def percentiles(times: int) -> Sequence[float | None]:
    """The time in ms that each of `SHARES` of the attempts stayed within, as exact as buckets are; None: no attempt.

    >>> percentiles(98 << 32 * 16 | 2 << 32 * 42)
    [1.125, 1.125, 104.0]
    """
    if not times:
        return [None] * len(SHARES)
    reached = list(accumulate(_BUCKETS.unpack(times.to_bytes(_BUCKETS.size, "little"))))
    return [middle_of(bisect_left(reached, share * reached[-1])) for share in SHARES]
