"""What has happened since the process began: counters that only grow, for those who keep figures over time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from okydrom.delivery.recent import BUCKETS, bucket_of
from okydrom.store.minute import Turnover
from okydrom.task import Failure, Outcome, Status

CLASSES = tuple(f"{hundreds}xx" for hundreds in range(10))  # of codes
EDGES = tuple(2**power for power in range(17))  # ms: 1 to 65,536


class Tally:
    """Tasks and attempts. `attempts` stand by the class of their code or failure, `total` is the ms of all of them."""

    def __init__(self) -> None:
        self.accepted = 0
        self.ended = {Status.DELIVERED: 0, Status.FAILED: 0, Status.CANCELLED: 0}
        self.attempts = Counter(dict.fromkeys((*CLASSES[2:6], *map(str, Failure)), 0))
        self.total = 0.0
        self._took = [0] * BUCKETS

    def turned(self, turnover: Turnover) -> None:
        """The store took in tasks, or tasks ended."""
        self.accepted += turnover.accepted
        self.ended[Status.DELIVERED] += turnover.delivered
        self.ended[Status.FAILED] += turnover.failed
        self.ended[Status.CANCELLED] += turnover.cancelled

    def attempted(self, outcome: Outcome) -> None:
        """An attempt ended."""
        self.attempts[str(outcome.error) if outcome.code is None else CLASSES[outcome.code // 100]] += 1
        self.total += outcome.duration
        self._took[bucket_of(outcome.duration)] += 1

    def durations(self) -> Iterator[tuple[float, int]]:
        """Bounds in ms, and how many attempts took less (not: as long); the last bound is endless.

        >>> tally = Tally()
        >>> for took in (0.5, 1.5, 3, 70_000): tally.attempted(Outcome(code=200, duration=took))
        >>> [(bound, count) for bound, count in tally.durations() if bound in (1, 2, 4, 65_536, float("inf"))]
        [(1, 1), (2, 2), (4, 3), (65536, 3), (inf, 4)]
        """
        for edge in EDGES:
            yield edge, sum(self._took[: bucket_of(edge)])
        yield float("inf"), sum(self._took)
