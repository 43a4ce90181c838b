"""Who is next: the lanes of all destinations, taking turns, within one budget of memory and one pool of senders.

A task is in at most one place here: queued in its lane, or in flight (until its result is committed). All of it runs
in the event loop, in steps that do not await, so a task that was withdrawn is never sent.
"""

from __future__ import annotations

import heapq
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Mapping
from enum import Enum

from okydrom.delivery.flights import Flight, Flights
from okydrom.delivery.lane import Lane, Place, cost
from okydrom.task import Outcome, Task

QUEUE = 4_096  # tasks of a lane in memory, at most
TROUBLED_QUEUE = 16  # of a lane that can't send now
LOW = 2_048  # below it a lane with a backlog asks for more
IDLE = 60_000  # ms until an unused lane is forgotten
LEAST = 1_536  # bytes reckoned for a task that is not here yet
TOO_MANY_REQUESTS = 429  # RFC 6585, section 4


class Withdrawn(Enum):
    """What a withdrawal met."""

    QUEUED = "queued"  # it was in its lane and is out now, still claimed in the store
    SENDING = "sending"  # an attempt is under way or not recorded yet: left as it is
    ABSENT = "absent"  # not in memory


class Lanes:
    """All lanes. `now` is the service's clock in ms."""

    def __init__(
        self, flights: Flights, *, concurrency: int, lane_bytes: int, max_hold: int, now: Callable[[], int]
    ) -> None:
        self.flights = flights
        self.halted = False  # nothing starts: the service is stopping
        self.choked = False  # nothing starts: too many outcomes wait to be stored
        self.short = False  # nothing starts: descriptors, ports or memory ran out a moment ago
        self.on_hungry: Callable[[], None] = lambda: None
        self.bytes = 0
        self._concurrency = concurrency
        self._budget = lane_bytes
        self._max_hold = max_hold
        self._now = now
        self._lanes: dict[str, Lane] = {}
        self._queued: dict[str, Task] = {}
        self._fenced = Counter[str]()  # several commands may have a task fenced at once
        self._unwanted: list[str] = []
        self._troubled_bytes = 0  # of lanes in trouble: at most half of the budget, so that others find room
        self._ready: deque[Lane] = deque()
        self._shared: deque[Lane] = deque()
        self._timed: list[tuple[int, int, Lane]] = []
        self._ticket = 0

    # --- in and out ---------------------------------------------------------------------------------------------

    def offer(self, task: Task, *, fresh: bool) -> bool:
        """Queue a claimed task; False if it does not fit or is being changed, and so stays in the store alone.

        A fresh one does not overtake due work of its destination that waits in the store.
        """
        if task.id in self._fenced or self.claims(task.id):
            return False
        lane = self._lanes.get(task.destination) or self._open(task.destination)
        size = cost(task)
        if (fresh and lane.backlog) or not self._fits(lane, size):
            lane.backlog = True
            return False
        lane.queue.append(task)
        self._remember(lane, task, size)
        return True

    def claims(self, task_id: str) -> bool:
        """Is the task here, so that the store must give it to nobody?"""
        return task_id in self._queued or task_id in self.flights.by_id

    def fence(self, task_id: str) -> Withdrawn:
        """Withdraw a task and keep it out until `unfence`: no stale copy is sent while a command changes it."""
        self._fenced[task_id] += 1
        if task_id in self.flights.by_id:
            return Withdrawn.SENDING
        task = self._queued.get(task_id)
        if task is None:
            return Withdrawn.ABSENT
        self._forget(task)  # its entry in the lane's queue is passed over by `_head`
        return Withdrawn.QUEUED

    def unfence(self, task_id: str) -> None:
        """The command is done."""
        self._fenced[task_id] -= 1
        if self._fenced[task_id] <= 0:
            del self._fenced[task_id]

    # --- attempts -----------------------------------------------------------------------------------------------

    def take(self) -> Flight | None:
        """The next attempt to make, of the lane whose turn it is; None if there is none now."""
        while self._ready and not (self.halted or self.choked or self.short or self.flights.full):
            lane = self._ready[0]
            task = self._head(lane)
            place = self._place(lane) if task is not None else Place.NOWHERE
            if task is not None and place is Place.READY:
                self._ready.rotate(-1)
                return self._start(lane, task)
            self._ready.popleft()
            self._put(lane, place)
        return None

    def finish(self, flight: Flight, outcome: Outcome | None, now: int) -> None:
        """An attempt ended (None: none was made). Its task stays in flight until it is settled."""
        lane = flight.lane
        self.flights.land(flight)
        lane.used_at = now
        if outcome is not None:
            self._judge(lane, flight, outcome, now)
            if lane.troubled:
                self._shed_from(lane)
            elif lane.place is Place.TIMED:
                lane.place = Place.NOWHERE  # it recovered before its time; the heap's entry is void
        self._make_ready(lane)
        if self._shared:
            self._make_ready(self._unshare())

    def put_back(self, flight: Flight) -> None:
        """An attempt that could not be made for a want of our own: it is due again, uncharged, if nobody has cancelled
        it meanwhile. The store knows."""
        self.finish(flight, None, self._now())
        self.flights.settle((flight.task.id,))
        self.give_back((flight.task.id,))

    def give_back(self, ids: Iterable[str]) -> None:
        """These are claimed and in no lane: the refill is to release them."""
        self._unwanted.extend(ids)
        self.on_hungry()

    def tick(self) -> None:
        """What time brings: attempts grow slow, spacings and holds end."""
        now = self._now()
        self.flights.age(now)
        while self._timed and self._timed[0][0] <= now:
            lane = heapq.heappop(self._timed)[2]
            if lane.place is Place.TIMED:
                lane.place = Place.NOWHERE
                self._make_ready(lane)
        for _ in range(len(self._shared)):
            self._make_ready(self._unshare())

    @property
    def next_time(self) -> int | None:
        """When the earliest lane that waits for a time may go on (ms of the clock)."""
        return self._timed[0][0] if self._timed else None

    # --- refill -------------------------------------------------------------------------------------------------

    def room(self, destination: str) -> int:
        """How many more tasks of this destination are wanted from the store now."""
        lane = self._lanes.get(destination)
        if lane is None:
            share = self._budget // (len(self._lanes) + 2)
            return max(1, min(QUEUE, share // LEAST, (self._budget - self.bytes) // LEAST))
        size = max(cost(lane.queue[0]) if lane.queue else 0, LEAST)
        if lane.troubled:
            free = self._budget // 2 - self._troubled_bytes
            return max(min(TROUBLED_QUEUE - len(lane.queue), free // size), 0)
        free = min(self._share() - lane.bytes, self._budget - self.bytes)
        return max(min(QUEUE - len(lane.queue), free // size), 0 if lane.queue else 1)

    def set_backlogs(self, destinations: Collection[str]) -> None:
        """Due work waits in the store for these and for no others."""
        waits = frozenset(destinations)
        for key, lane in self._lanes.items():
            lane.backlog = key in waits

    def take_unwanted(self) -> list[str]:
        """Tasks that are claimed and in no lane, since theirs can't send now: to be released in the store. Those that
        can't be released now are given back."""
        unwanted, self._unwanted = self._unwanted, []
        return [task_id for task_id in dict.fromkeys(unwanted) if not self.claims(task_id)]

    def forget_idle(self) -> None:
        """Drop lanes that were not used for a minute."""
        before = self._now() - IDLE
        for key in [key for key, lane in self._lanes.items() if lane.unused_since(before)]:
            del self._lanes[key]

    # --- to look at ---------------------------------------------------------------------------------------------

    def get(self, destination: str) -> Lane | None:
        """The lane of a destination, if it is in memory."""
        return self._lanes.get(destination)

    @property
    def all(self) -> Mapping[str, Lane]:
        """Every lane in memory by destination."""
        return self._lanes

    @property
    def queued(self) -> int:
        """Tasks queued in memory."""
        return len(self._queued)

    # --- inside -------------------------------------------------------------------------------------------------

    def _open(self, destination: str) -> Lane:
        lane = self._lanes[destination] = Lane(destination, self._concurrency)
        lane.used_at = self._now()
        return lane

    def _share(self) -> int:
        return self._budget // (len(self._lanes) + 1)

    def _fits(self, lane: Lane, size: int) -> bool:
        if lane.troubled:
            return len(lane.queue) < TROUBLED_QUEUE and self._troubled_bytes + size <= self._budget // 2
        if not lane.queue and self.bytes + size <= self._budget + self._budget // 8:
            return True  # every lane may hold one, or a full memory would stop it for ever
        return (
            len(lane.queue) < QUEUE
            and self.bytes + size <= self._budget
            and lane.bytes + size <= self._share()
        )

    def _head(self, lane: Lane) -> Task | None:
        while lane.queue:
            task = lane.queue[0]
            if self._queued.get(task.id) is task:
                return task
            lane.queue.popleft()  # it was withdrawn
        return None

    def _place(self, lane: Lane) -> Place:
        if lane.full:
            return Place.NOWHERE
        if lane.blocked_until and lane.blocked_until > self._now():
            return Place.TIMED
        return Place.READY if self.flights.share_left(lane) else Place.SHARED

    def _put(self, lane: Lane, place: Place) -> None:
        lane.place = place
        if place is Place.TIMED:
            self._ticket += 1
            heapq.heappush(self._timed, (lane.blocked_until, self._ticket, lane))
        elif place is Place.SHARED:
            self._shared.append(lane)

    def _make_ready(self, lane: Lane) -> None:
        if lane.place is Place.NOWHERE and lane.queue and not lane.full:
            lane.place = Place.READY
            self._ready.append(lane)

    def _unshare(self) -> Lane:
        lane = self._shared.popleft()
        lane.place = Place.NOWHERE
        return lane

    def _start(self, lane: Lane, task: Task) -> Flight:
        lane.queue.popleft()
        self._forget(task)
        if lane.backlog and len(lane.queue) < LOW:
            self.on_hungry()
        return self.flights.start(task, lane, self._now())

    def _remember(self, lane: Lane, task: Task, size: int) -> None:
        self._count(lane, size)
        self._queued[task.id] = task
        self._make_ready(lane)

    def _forget(self, task: Task) -> None:
        del self._queued[task.id]
        self._count(self._lanes[task.destination], -cost(task))

    def _count(self, lane: Lane, size: int) -> None:
        lane.bytes += size
        self.bytes += size
        if lane.troubled:
            self._troubled_bytes += size

    def _judge(self, lane: Lane, flight: Flight, outcome: Outcome, now: int) -> None:
        before = lane.bytes if lane.troubled else 0
        lane.observe(outcome, flight.started, now)
        if outcome.retry_after and (outcome.code == TOO_MANY_REQUESTS or lane.failing):
            lane.hold(now + min(outcome.retry_after, self._max_hold))
        self._troubled_bytes += (lane.bytes if lane.troubled else 0) - before

    def _shed_from(self, lane: Lane) -> None:
        """A lane in trouble keeps a few; with too many such lanes, none."""
        shed: list[str] = []
        while len(lane.queue) > TROUBLED_QUEUE or (lane.queue and self._troubled_bytes > self._budget // 2):
            task = lane.queue.pop()
            if self._queued.get(task.id) is task:
                self._forget(task)
                shed.append(task.id)
        if shed:
            lane.backlog = True
            self.give_back(shed)
