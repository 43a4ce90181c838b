"""The attempts under way, and how lanes share the pool of senders, so that hanging recipients never fill it.

*Slow* are attempts older than a second and those of failing lanes. A lane with slow ones starts another only while
slow ones hold less than a quarter of the pool. A lane that is not proven starts its first one only while less than
three quarters are in use, further ones only while less than half are, so that a fresh destination need not wait for
those that hang. Proven lanes may use all.
"""

from __future__ import annotations

from collections.abc import Iterable

from okydrom.delivery.lane import Lane
from okydrom.store.shift import shifted
from okydrom.task import Task

SLOW_AFTER = 1_000  # ms


class Flight:
    """An attempt under way, or ended and not yet recorded. `started` in ms of the service's clock."""

    __slots__ = ("ended", "lane", "slow", "started", "task")

    def __init__(self, task: Task, lane: Lane, started: int) -> None:
        self.task = task
        self.lane = lane
        self.started = started
        self.slow = False
        self.ended = False


class Flights:
    """At most `senders` under way; `by_id` holds those that are not recorded yet as well, oldest first."""

    def __init__(self, senders: int) -> None:
        self.senders = senders
        self.by_id: dict[str, Flight] = {}
        self.under_way = 0
        self.slow = 0

    @property
    def full(self) -> bool:
        """Is every sender in use?"""
        return self.under_way >= self.senders

    def share_left(self, lane: Lane) -> bool:
        """May this lane start one more, seen from the others?"""
        if lane.slow and self.slow * 4 >= self.senders:
            return False
        return lane.proven or self.under_way * 4 < self.senders * (2 if lane.in_flight else 3)

    def start(self, task: Task, lane: Lane, now: int) -> Flight:
        """An attempt begins."""
        flight = self.by_id[task.id] = Flight(task, lane, now)
        lane.in_flight += 1
        self.under_way += 1
        if lane.failing:
            self._mark_slow(flight)
        return flight

    def land(self, flight: Flight) -> None:
        """It ended: its sender is free, its task still spoken for until `settle`."""
        flight.ended = True
        flight.lane.in_flight -= 1
        self.under_way -= 1
        if flight.slow:
            flight.lane.slow -= 1
            self.slow -= 1

    def lead_on(self, ids: Iterable[str]) -> bool:
        """May the end of one of these, if that is what came of it, make another task due?"""
        return any(task_id in self.by_id and self.by_id[task_id].task.leads_on for task_id in ids)

    def settle(self, ids: Iterable[str]) -> None:
        """What came of these is committed."""
        for task_id in ids:
            self.by_id.pop(task_id, None)

    def age(self, now: int) -> None:
        """Attempts of more than a second grow slow."""
        for flight in self.by_id.values():
            if flight.started > now - SLOW_AFTER:
                break
            if not flight.slow and not flight.ended:
                self._mark_slow(flight)

    def shift(self, by: int) -> None:
        """The clock was moved by so many ms."""
        for flight in self.by_id.values():
            flight.started += by
            flight.task = shifted(flight.task, by)

    def _mark_slow(self, flight: Flight) -> None:
        flight.slow = True
        flight.lane.slow += 1
        self.slow += 1
