"""Who is next: the lanes of all destinations, taking turns, within one budget of memory and one pool of senders.

A task is in at most one place here: queued in its lane, or in flight (until its result is committed). All of it runs
in the event loop, in steps that do not await, so a task that was withdrawn is never sent.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Mapping
from enum import Enum

from okydrom.delivery.flights import Flight, Flights
from okydrom.delivery.lane import Lane, Place, cost
from okydrom.delivery.memory import Memory, most_of
from okydrom.delivery.recent import Recent, Remembered
from okydrom.delivery.turns import Turns
from okydrom.store.shift import shifted
from okydrom.task import Outcome, Task

IDLE = 60_000  # ms until an unused lane is forgotten


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
        self.on_open: Callable[[Lane, bool], None] = lambda lane, fresh: None  # gives it what was ordered
        self.on_hold: Callable[[Lane], None] = lambda lane: None  # one began, or ended, by an attempt
        self._concurrency = concurrency
        self._max_hold = max_hold
        self._now = now
        self._memory = Memory(lane_bytes)
        self._lanes: dict[str, Lane] = {}
        self._queued: dict[str, Task] = {}
        self._fenced = Counter[str]()  # several commands may have a task fenced at once
        self._unwanted: list[str] = []
        self._turns = Turns(flights, now)
        self._probes: deque[tuple[Lane, Task]] = deque()
        self._remembered = Remembered()

    # --- in and out ---------------------------------------------------------------------------------------------

    def offer(self, task: Task, *, fresh: bool) -> bool:
        """Queue a claimed task; False if it does not fit or is being changed, and so stays in the store alone.

        A fresh one does not overtake due work of its destination that waits in the store.
        """
        if task.id in self._fenced or self.claims(task.id):
            return False
        lane = self._lanes.get(task.destination) or self._open(task.destination, fresh)
        size = cost(task)
        if (fresh and lane.backlog) or not self._memory.fits(lane, size, len(self._lanes)):
            lane.backlog = True
            return False
        lane.queue.append(task)
        self._queued[task.id] = task
        self._memory.count(lane, size)
        self._turns.wake(lane)
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
        if self._probes and (flight := self._probe()) is not None:
            return flight
        ready = self._turns.ready
        while ready and not (self.halted or self.choked or self.short or self.flights.full):
            lane = ready[0]
            task = self._head(lane)
            place = self._turns.place_of(lane) if task is not None else Place.NOWHERE
            if task is not None and place is Place.READY:
                ready.rotate(-1)
                return self._start(lane, task)
            self._turns.put_off(place)
        return None

    def finish(self, flight: Flight, outcome: Outcome | None, now: int) -> None:
        """An attempt ended (None: none was made). Its task stays in flight until it is settled."""
        lane = flight.lane
        self.flights.land(flight)
        lane.used_at = now
        if outcome is not None:
            lane.recent.add(now, outcome.ok, outcome.duration)
            self._judge(lane, flight, outcome, now)
        self._settle(lane)
        self._turns.landed()

    def put_back(self, flight: Flight) -> None:
        """An attempt that could not be made for a want of our own: the store knows whether it is due again."""
        self.finish(flight, None, self._now())
        self.flights.settle((flight.task.id,))
        self.give_back((flight.task.id,))

    def give_back(self, ids: Iterable[str]) -> None:
        """These are claimed and in no lane: the refill is to release them."""
        self._unwanted.extend(ids)
        self.on_hungry()

    def tick(self) -> None:
        """What time brings: attempts grow slow, what was to be waited for is over."""
        self._turns.tick(self._now())

    # --- orders and refill --------------------------------------------------------------------------------------

    def change(self, destination: str, change: Callable[[Lane], None]) -> None:
        """Change what holds for a lane, if it is in memory; what it may not keep goes back to the store."""
        lane = self._lanes.get(destination)
        if lane is not None:
            troubled = lane.troubled
            change(lane)
            if lane.troubled is not troubled:
                self._memory.reckon(lane)
            if lane.place is Place.TIMED:
                lane.place = Place.NOWHERE  # it may have to wait for another time now
            self._settle(lane)

    def probe(self, destination: str, task: Task | None = None) -> bool:
        """Let a task that was claimed for it go next, whatever its lane waits for; without one the first in the queue.

        False: nothing is queued, or the task is here already or being changed.
        """
        lane = self._lanes.get(destination) or self._open(destination, False)
        if task is None:
            task = self._head(lane)
            if task is None:
                return False
            lane.queue.popleft()
        elif task.id in self._fenced or self.claims(task.id):
            return False
        else:
            self._memory.count(lane, cost(task))
            self._queued[task.id] = task
        self._probes.append((lane, task))
        return True

    def shift(self, by: int) -> None:
        """The clock was moved by so many ms: all that waits for a time waits as long as it would have."""
        self.flights.shift(by)
        self._queued = {task_id: shifted(task, by) for task_id, task in self._queued.items()}
        for lane in self._lanes.values():
            lane.shift(by)
            lane.queue = deque(self._queued[task.id] for task in lane.queue if task.id in self._queued)
        self._probes = deque(
            (lane, self._queued[task.id]) for lane, task in self._probes if task.id in self._queued
        )
        self._turns.shift()

    def room(self, destination: str) -> int:
        """How many more tasks of this destination are wanted from the store now."""
        return self._memory.room(self._lanes.get(destination), len(self._lanes))

    def set_backlogs(self, destinations: Collection[str]) -> None:
        """Due work waits in the store for these and for no others."""
        waits = frozenset(destinations)
        for key, lane in self._lanes.items():
            lane.backlog = key in waits

    def take_unwanted(self) -> list[str]:
        """Tasks that are claimed and in no lane: to be released in the store, or given back until they can be."""
        unwanted, self._unwanted = self._unwanted, []
        return [task_id for task_id in dict.fromkeys(unwanted) if not self.claims(task_id)]

    def forget_idle(self) -> None:
        """Drop lanes that were not used for a minute."""
        before = self._now() - IDLE
        for key in [key for key, lane in self._lanes.items() if lane.unused_since(before)]:
            self._remembered.keep(key, self._lanes.pop(key).recent)

    # --- to look at ---------------------------------------------------------------------------------------------

    def get(self, destination: str) -> Lane | None:
        """The lane of a destination, if it is in memory."""
        return self._lanes.get(destination)

    @property
    def all(self) -> Mapping[str, Lane]:
        """Every lane in memory by destination."""
        return self._lanes

    def recent(self, destination: str) -> Recent:
        """How its last attempts went, as far as it is remembered."""
        lane = self._lanes.get(destination)
        return lane.recent if lane is not None else self._remembered.get(destination)

    @property
    def bytes(self) -> int:
        """Memory that queued tasks take."""
        return self._memory.bytes

    @property
    def queued(self) -> int:
        """Tasks queued in memory."""
        return len(self._queued)

    # --- inside -------------------------------------------------------------------------------------------------

    def _open(self, destination: str, fresh: bool) -> Lane:
        lane = self._lanes[destination] = Lane(destination, self._concurrency)
        lane.used_at = self._now()
        lane.recent = self._remembered.take(destination)
        self.on_open(lane, fresh)
        return lane

    def _head(self, lane: Lane) -> Task | None:
        while lane.queue:
            task = lane.queue[0]
            if self._queued.get(task.id) is task:
                return task
            lane.queue.popleft()  # it was withdrawn
        return None

    def _settle(self, lane: Lane) -> None:
        """Something has changed for it: it keeps what it may, and goes on if it can."""
        if lane.troubled:
            self._shed_from(lane)
        self._turns.settle(lane)

    def _start(self, lane: Lane, task: Task) -> Flight:
        lane.queue.popleft()
        self._forget(task)
        if lane.backlog and len(lane.queue) < most_of(lane) // 2:
            self.on_hungry()
        now = self._now()
        if lane.rate:
            lane.pace(now)
        return self.flights.start(task, lane, now)

    def _probe(self) -> Flight | None:
        while self._probes and not (self.halted or self.choked or self.short or self.flights.full):
            lane, task = self._probes.popleft()
            if self._queued.get(task.id) is task:  # it was not withdrawn
                lane.queue.appendleft(task)
                return self._start(lane, task)
        return None

    def _forget(self, task: Task) -> None:
        del self._queued[task.id]
        self._memory.count(self._lanes[task.destination], -cost(task))

    def _judge(self, lane: Lane, flight: Flight, outcome: Outcome, now: int) -> None:
        troubled, held = lane.troubled, lane.held_until
        lane.observe(outcome, flight.started, now)
        if outcome.retry_after:
            lane.heed(outcome, now, self._max_hold)
        if lane.troubled is not troubled:
            self._memory.reckon(lane)
        if lane.held_until != held:
            self.on_hold(lane)

    def _shed_from(self, lane: Lane) -> None:
        """A lane in trouble keeps a few; with too many such lanes, or while it is paused, none."""
        shed: list[str] = []
        while self._memory.surplus(lane):
            task = lane.queue.pop()
            if self._queued.get(task.id) is task:
                self._forget(task)
                shed.append(task.id)
        if shed:
            lane.backlog = True
            self.give_back(shed)
