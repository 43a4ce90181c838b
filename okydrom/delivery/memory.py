"""The memory that queued tasks may take: one budget for all lanes, half of it for those in trouble."""

from __future__ import annotations

from okydrom.delivery.lane import Lane, cost, slots_of

QUEUE = 4_096  # tasks of a lane in memory, at most
TROUBLED_QUEUE = 16  # of a lane that can't send now
LEAST = 1_536  # bytes reckoned for a task that is not here yet


class Memory:
    """What is queued, in bytes; `lanes` are how many share the budget."""

    def __init__(self, budget: int) -> None:
        self.bytes = 0
        self.troubled = 0  # of lanes in trouble: at most half of the budget, so that others find room
        self._budget = budget

    def count(self, lane: Lane, size: int) -> None:
        """So many bytes more, or less, are queued in a lane."""
        lane.bytes += size
        self.bytes += size
        if lane.troubled:
            self.troubled += size

    def reckon(self, lane: Lane) -> None:
        """A lane got into trouble, or out of it."""
        self.troubled += lane.bytes if lane.troubled else -lane.bytes

    def fits(self, lane: Lane, size: int, lanes: int) -> bool:
        """May a task of this size be queued?"""
        if lane.troubled:
            few = len(lane.queue) < TROUBLED_QUEUE and not lane.paused
            return few and self.troubled + size <= self._budget // 2
        if not lane.queue and self.bytes + size <= self._budget + self._budget // 8:
            return True  # every lane may hold one, or a full memory would stop it for ever
        return (
            len(lane.queue) < (most_of(lane) if lane.rate else QUEUE)
            and self.bytes + size <= self._budget
            and lane.bytes + size <= self._budget // (lanes + 1)
        )

    def room(self, lane: Lane | None, lanes: int) -> int:
        """How many more tasks are wanted from the store; `lane` is None for one that is not there yet."""
        if lane is None:
            share = self._budget // (lanes + 2)
            return max(1, min(QUEUE, share // LEAST, (self._budget - self.bytes) // LEAST))
        size = max(cost(lane.queue[0]) if lane.queue else 0, LEAST)
        if lane.troubled:
            free = self._budget // 2 - self.troubled
            most = 0 if lane.paused else TROUBLED_QUEUE
            return max(min(most - len(lane.queue), free // size), 0)
        free = min(self._budget // (lanes + 1) - lane.bytes, self._budget - self.bytes)
        return max(min(most_of(lane) - len(lane.queue), free // size), 0 if lane.queue else 1)

    def surplus(self, lane: Lane) -> bool:
        """Is there too much in the queue of a lane in trouble?"""
        if lane.paused:
            return bool(lane.queue)
        return len(lane.queue) > TROUBLED_QUEUE or (bool(lane.queue) and self.troubled > self._budget // 2)


def most_of(lane: Lane) -> int:
    """How many tasks a lane may have in memory while all is well."""
    return min(max(slots_of(lane.rate), TROUBLED_QUEUE), QUEUE) if lane.rate else QUEUE
