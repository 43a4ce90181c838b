"""One destination's lane: its queue in memory, and what its last outcomes say about the destination.

    unproven ──answer──▶ proven ──most of the last ten were signals──▶ failing
                            ▲                                            │
                            └──── first answer that is no signal ────────┘   (window 1, then one more per answer)

A *signal* is an outcome that speaks of the destination as a whole: no answer, 429, 503. A failing lane has one
attempt in flight, spaced by 0.1 s, doubling to 30 s with each further signal. Nothing is dropped or charged by it.
"""

from __future__ import annotations

from collections import deque
from enum import Enum

from okydrom.task import Outcome, Task

LAST = 10  # outcomes that make a verdict
ENOUGH = 5  # as few as these may
FIRST_SPACING = 100  # ms
LONGEST_SPACING = 30_000  # ms
OVERHEAD = 1_024  # bytes that a task costs beside its body


class Place(Enum):
    """Where the scheduler keeps a lane."""

    NOWHERE = 0  # nothing queued, or its window is full: an event of its own brings it back
    READY = 1  # in the ring
    TIMED = 2  # waits for a time
    SHARED = 3  # waits for its share of the pool


def cost(task: Task) -> int:
    """Bytes of memory that a queued task is reckoned with."""
    return OVERHEAD + task.size


class Lane:
    """The queue and the verdict of one destination. Times are ms of the service's clock."""

    __slots__ = (
        "backlog",
        "bytes",
        "ceiling",
        "destination",
        "failing_since",
        "held_until",
        "in_flight",
        "next_start",
        "place",
        "proven",
        "queue",
        "recent",
        "slow",
        "spacing",
        "used_at",
        "window",
    )

    def __init__(self, destination: str, ceiling: int) -> None:
        self.destination = destination
        self.ceiling = ceiling
        self.queue: deque[Task] = deque()
        self.bytes = 0
        self.in_flight = 0
        self.slow = 0  # of those in flight
        self.window = ceiling
        self.recent: deque[bool] = deque(maxlen=LAST)  # True: a signal
        self.proven = False
        self.failing_since: int | None = None
        self.spacing = 0
        self.next_start = 0
        self.held_until = 0
        self.backlog = False  # due work waits in the store: fresh tasks queue up behind it there
        self.place = Place.NOWHERE
        self.used_at = 0

    @property
    def failing(self) -> bool:
        """Is the destination as a whole in trouble?"""
        return self.failing_since is not None

    @property
    def troubled(self) -> bool:
        """Can it send next to nothing now?"""
        return self.failing_since is not None or self.held_until > 0

    def unused_since(self, before: int) -> bool:
        """Nothing is here or under way, and nothing has been since; a wait that it was told to keep is over too."""
        busy = self.queue or self.in_flight or self.backlog
        return not busy and max(self.used_at, self.blocked_until) < before

    @property
    def oldest_due(self) -> int | None:
        """When the first in the queue was due (epoch ms); None: nothing is queued."""
        return self.queue[0].next_attempt_at if self.queue else None

    @property
    def blocked_until(self) -> int:
        """No attempt starts before this time."""
        return max(self.next_start, self.held_until)

    @property
    def full(self) -> bool:
        """Has it as many attempts in flight as it may?"""
        return self.in_flight >= self.window

    def observe(self, outcome: Outcome, started: int, now: int) -> None:
        """Take in the outcome of an attempt that started at `started` and ended at `now`."""
        if outcome.signal:
            self._signal(started, now)
        elif self.failing:
            self._recover()
        else:
            self.recent.append(False)
            self.proven = True
            self.held_until = 0
            if self.window < self.ceiling:
                self.window += 1

    def hold(self, until: int) -> None:
        """Start nothing before `until`, then one at a time until an answer comes."""
        self.held_until = max(self.held_until, until)
        self.window = 1

    def release(self) -> None:
        """End a hold and the spacing; the window still grows from where it is."""
        self.held_until = 0
        self.next_start = 0
        self.spacing = FIRST_SPACING if self.failing else 0

    def _signal(self, started: int, now: int) -> None:
        self.recent.append(True)
        if self.failing_since is not None:
            # Attempts that were under way when the trouble began say nothing new.
            if started >= self.failing_since:
                self.spacing = min(self.spacing * 2, LONGEST_SPACING)
        elif len(self.recent) >= ENOUGH and sum(self.recent) * 2 > len(self.recent):
            self.failing_since = now
            self.proven = False
            self.window = 1
            self.spacing = FIRST_SPACING
        if self.failing_since is not None:
            self.next_start = now + self.spacing

    def _recover(self) -> None:
        self.failing_since = None
        self.recent.clear()
        self.recent.append(False)
        self.proven = True
        self.spacing = self.next_start = self.held_until = 0
        self.window = min(2, self.ceiling)
