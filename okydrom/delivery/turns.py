"""Whose turn it is: lanes that may start an attempt stand in a ring; the others wait for what will bring them back."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from okydrom.delivery.flights import Flights
from okydrom.delivery.lane import Lane, Place
from okydrom.delivery.timers import Timers


class Turns:
    """Keeps each lane in its place. `now` in ms of the service's clock."""

    def __init__(self, flights: Flights, now: Callable[[], int]) -> None:
        self.ready: deque[Lane] = deque()
        self._flights = flights
        self._now = now
        self._shared: deque[Lane] = deque()
        self._timers = Timers()

    def place_of(self, lane: Lane) -> Place:
        """Where a lane with something to send belongs now."""
        if lane.full:
            return Place.NOWHERE
        if (until := lane.blocked_until) and until > self._now():
            return Place.TIMED
        return Place.READY if self._flights.share_left(lane) else Place.SHARED

    def wake(self, lane: Lane) -> None:
        """It may have something to send: it gets its turn, unless it waits for something else."""
        if lane.place is Place.NOWHERE and lane.queue and not lane.full:
            lane.place = Place.READY
            self.ready.append(lane)

    def put_off(self, place: Place) -> None:
        """The first of the ring can't start one now: it goes where it belongs."""
        lane = self.ready.popleft()
        lane.place = place
        if place is Place.TIMED:
            self._timers.put(lane)
        elif place is Place.SHARED:
            self._shared.append(lane)

    def settle(self, lane: Lane) -> None:
        """Something has changed for it: it goes on if it can."""
        if lane.place is Place.TIMED and lane.blocked_until <= self._now():
            lane.place = Place.NOWHERE  # its time came earlier; the entry among the timers is void
        self.wake(lane)

    def landed(self) -> None:
        """A sender is free: one that waits for its share asks again."""
        if self._shared:
            self._unshare()

    def tick(self, now: int) -> None:
        """What time brings: spacings, holds and pauses of a rate end; attempts grow slow, so that shares change."""
        self._flights.age(now)
        for lane in self._timers.due(now):
            lane.place = Place.NOWHERE
            self.wake(lane)
        for _ in range(len(self._shared)):
            self._unshare()

    def shift(self) -> None:
        """The clock was moved, and with it all times of the lanes."""
        self._timers.shift()

    def _unshare(self) -> None:
        lane = self._shared.popleft()
        lane.place = Place.NOWHERE
        self.wake(lane)
