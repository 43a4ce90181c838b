"""Lanes that wait for a time: the end of a spacing, of a hold, or their rate's next attempt."""

from __future__ import annotations

import heapq
from collections.abc import Iterator

from okydrom.delivery.lane import Lane, Place


class Timers:
    """One valid entry for each lane that is TIMED, at its `wake_at`; others are passed over when their time comes."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Lane]] = []
        self._ticket = 0

    def put(self, lane: Lane) -> None:
        """Wait for the lane's time. One that has an entry for it already needs no other."""
        at = lane.blocked_until
        if lane.wake_at != at:
            lane.wake_at = at
            self._ticket += 1
            heapq.heappush(self._heap, (at, self._ticket, lane))

    def due(self, now: int) -> Iterator[Lane]:
        """Those whose time has come."""
        while self._heap and self._heap[0][0] <= now:
            at, _, lane = heapq.heappop(self._heap)
            if lane.wake_at == at:
                lane.wake_at = 0.0
                if lane.place is Place.TIMED:
                    yield lane

    def shift(self) -> None:
        """The clock was moved, and with it all times of the lanes."""
        lanes = {id(lane): lane for _, _, lane in self._heap}.values()
        self._heap.clear()
        for lane in lanes:
            lane.wake_at = 0.0
            if lane.place is Place.TIMED:
                self.put(lane)
