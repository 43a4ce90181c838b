"""One destination's lane: its queue in memory, what its last outcomes say about the destination, and what was ordered.

    unproven ──answer──▶ proven ──most of the last ten were signals──▶ failing
                            ▲                                            │
                            └──── first answer that is no signal ────────┘   (window 1, then one more per answer)

A *signal* is an outcome that speaks of the destination as a whole: no answer, 429, 503. A failing lane has one
attempt in flight, spaced by 0.1 s, doubling to 30 s with each further signal. Nothing is dropped or charged by it.

A *hold* is what a recipient asked for by `Retry-After`: nothing starts until then, and one at a time after it, until
an answer comes to an attempt that was begun after the recipient asked.
"""

from __future__ import annotations

import math
from collections import deque
from enum import Enum

from okydrom.delivery.recent import Recent
from okydrom.store.steering import Hold
from okydrom.task import Outcome, Task

LAST = 10  # outcomes that make a verdict
ENOUGH = 5  # as few as these may
FIRST_SPACING = 100  # ms
LONGEST_SPACING = 30_000  # ms
TOO_MANY_REQUESTS = 429  # RFC 6585, section 4
OVERHEAD = 1_024  # bytes that a task costs beside its body
BURST = 1_000  # ms; so much of what a rate allows may go at once after a rest
LATE = 100  # ms; an attempt that starts so late because time is kept coarsely does not put off the next


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
        "asked",
        "backlog",
        "bytes",
        "ceiling",
        "destination",
        "failing_since",
        "held_code",
        "held_since",
        "held_until",
        "in_flight",
        "narrow_since",
        "next_start",
        "paced_until",
        "paused",
        "place",
        "proven",
        "queue",
        "rate",
        "recent",
        "signals",
        "slow",
        "spacing",
        "trouble",
        "used_at",
        "wake_at",
        "window",
    )

    def __init__(self, destination: str, ceiling: int) -> None:
        self.destination = destination
        self.ceiling = ceiling
        self.rate = 0.0  # attempts a second; 0: as many as there can be
        self.paused = False
        self.queue: deque[Task] = deque()
        self.bytes = 0  # of what is queued
        self.in_flight = 0
        self.slow = 0  # of those in flight
        self.window = ceiling
        self.narrow_since: int | None = None  # the window is below the ceiling after failures
        self.signals: deque[bool] = deque(maxlen=LAST)
        self.trouble: str | None = None  # what the last signal was: "503", "timeout"
        self.proven = False
        self.failing_since: int | None = None
        self.spacing = 0
        self.next_start = 0
        self.held_until = 0  # stands until an answer ends the hold, though its time has passed
        self.held_since = 0
        self.held_code: int | None = None
        self.asked = 0  # ms: what `Retry-After` said
        self.paced_until = 0.0  # its rate allows the next attempt then
        self.backlog = False  # due work waits in the store: fresh tasks queue up behind it there
        self.recent = Recent()
        self.place = Place.NOWHERE
        self.wake_at = 0.0  # of its valid entry among the timers
        self.used_at = 0

    @property
    def failing(self) -> bool:
        """Is the destination as a whole in trouble?"""
        return self.failing_since is not None

    @property
    def troubled(self) -> bool:
        """Can it send next to nothing now?"""
        return self.failing_since is not None or self.held_until > 0 or self.paused

    def unused_since(self, before: int) -> bool:
        """Nothing is here or under way, and nothing has been since; a wait that it was told to keep is over too."""
        busy = self.bytes or self.in_flight or self.backlog
        return not busy and max(self.used_at, self.blocked_until) < before

    @property
    def oldest_due(self) -> int | None:
        """When the first in the queue was due (epoch ms); None: nothing is queued."""
        return self.queue[0].next_attempt_at if self.queue else None

    @property
    def blocked_until(self) -> float:
        """No attempt starts before this time."""
        return max(self.next_start, self.held_until, self.paced_until)

    @property
    def full(self) -> bool:
        """Has it as many attempts in flight as it may?"""
        return self.in_flight >= self.window

    @property
    def hold(self) -> Hold | None:
        """What the recipient asked for, as it is kept."""
        return Hold(self.held_since, self.held_until, self.held_code) if self.held_until else None

    # --- what attempts bring ----------------------------------------------------------------------------------------

    def observe(self, outcome: Outcome, started: int, now: int) -> None:
        """Take in the outcome of an attempt that started at `started` and ended at `now`."""
        if outcome.signal:
            self._signal(outcome, started, now)
            return
        if self.failing_since is not None:
            self._recover()
        self.signals.append(False)
        self.proven = True
        if self.held_until:
            if started < self.held_since:
                return  # it began before the recipient asked for time
            self.held_until = 0
        if self.window < self.ceiling:
            self.window += 1
            if self.window == self.ceiling:
                self.narrow_since = None

    def heed(self, outcome: Outcome, now: int, longest: int) -> None:
        """`Retry-After` of a 429, and of a 503 while the lane is failing, holds it for `longest` ms at most: nothing
        starts before its end, then one at a time until an answer comes."""
        asked = outcome.retry_after or 0
        if not asked or (outcome.code != TOO_MANY_REQUESTS and not self.failing):
            return
        self.held_since = now
        self.held_until = max(self.held_until, now + min(asked, longest))
        self.held_code = outcome.code
        self.asked = asked
        self._narrow(now)

    def pace(self, now: int) -> None:
        """An attempt starts: when does the rate allow the next?"""
        interval = 1000 / self.rate
        self.paced_until = max(self.paced_until, now - max(BURST - interval, LATE)) + interval

    # --- what is ordered --------------------------------------------------------------------------------------------

    def limit(self, ceiling: int, rate: float) -> None:
        """Have at most so many in flight, start at most so many a second (0: no limit). In trouble it stays narrow."""
        if self.failing or self.held_until:
            self.window = min(self.window, ceiling)
        elif self.window >= min(self.ceiling, ceiling):
            self.window = ceiling
            self.narrow_since = None
        self.ceiling = ceiling
        if rate != self.rate:
            self.rate, self.paced_until = rate, 0.0

    def restore(self, hold: Hold) -> None:
        """A hold of before holds still."""
        self.held_until = hold.until
        self.held_since = hold.since
        self.held_code = hold.code
        self.asked = hold.until - hold.since
        self._narrow(hold.since)

    def release(self) -> None:
        """End a hold and the spacing; the window still grows from where it is."""
        self.held_until = 0
        self.next_start = 0
        self.spacing = FIRST_SPACING if self.failing else 0

    def shift(self, by: int) -> None:
        """The clock was moved by so many ms."""
        self.used_at += by
        self.held_since += by
        self.paced_until = self.paced_until and self.paced_until + by
        self.next_start = self.next_start and self.next_start + by
        self.held_until = self.held_until and self.held_until + by
        self.failing_since = None if self.failing_since is None else self.failing_since + by
        self.narrow_since = None if self.narrow_since is None else self.narrow_since + by

    # --- inside -----------------------------------------------------------------------------------------------------

    def _signal(self, outcome: Outcome, started: int, now: int) -> None:
        self.signals.append(True)
        self.trouble = str(outcome.code) if outcome.code is not None else str(outcome.error)
        if self.failing_since is not None:
            # Attempts that were under way when the trouble began say nothing new.
            if started >= self.failing_since:
                self.spacing = min(self.spacing * 2, LONGEST_SPACING)
        elif len(self.signals) >= ENOUGH and sum(self.signals) * 2 > len(self.signals):
            self.failing_since = now
            self.proven = False
            self.spacing = FIRST_SPACING
            self._narrow(now)
        if self.failing_since is not None:
            self.next_start = now + self.spacing

    def _recover(self) -> None:
        self.failing_since = None
        self.signals.clear()
        self.spacing = self.next_start = 0

    def _narrow(self, now: int) -> None:
        self.window = 1
        if self.ceiling > 1 and self.narrow_since is None:
            self.narrow_since = now


def slots_of(rate: float) -> int:
    """How many tasks a lane of this rate needs in memory: those of a minute.

    >>> slots_of(0.2), slots_of(50.0)
    (12, 3000)
    """
    return math.ceil(rate * 60)
