"""How many tasks a second one source may hand in: a bucket each, that fills at the rate and holds the burst."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from okydrom.errors import SourceLimit

REMEMBERED = 4_096  # sources; a bucket that was not used the longest is full again


class Quota:
    """`rate` in tasks a second (0: no limit), `burst` in tasks; `now` in ms, of a clock that nobody sets."""

    def __init__(self, rate: float, burst: int, now: Callable[[], int]) -> None:
        self._rate = rate
        self._burst = burst
        self._now = now
        self._buckets: OrderedDict[str, tuple[float, int]] = OrderedDict()  # what is in it, and since when

    def take(self, source: str, count: int = 1) -> None:
        """Raises SourceLimit when the bucket does not hold so many. More than the burst is let in by a full one, which
        is in debt then."""
        if not self._rate:
            return
        now = self._now()
        level, since = self._buckets.pop(source, (float(self._burst), now))
        level = min(level + (now - since) / 1000 * self._rate, self._burst)
        wanted = min(count, self._burst)
        short = level < wanted
        self._buckets[source] = (level if short else level - count, now)
        if len(self._buckets) > REMEMBERED:
            self._buckets.popitem(last=False)
        if short:
            wait = int((wanted - level) / self._rate) + 1
            raise SourceLimit(retry_after=wait, rate=self._rate, burst=self._burst)
