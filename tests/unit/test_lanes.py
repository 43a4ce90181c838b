"""Who is next: turns, bounds, the sharing of the pool, and withdrawal."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest

from okydrom.delivery.flights import Flight, Flights
from okydrom.delivery.lanes import IDLE, Lanes, Withdrawn
from okydrom.delivery.memory import QUEUE, TROUBLED_QUEUE
from okydrom.task import Failure, Outcome, Task
from tests.support.tasks import make_task

DOWN = Outcome(error=Failure.CONNECT)
OK = Outcome(code=200)


class Clock:
    """Time that moves when told."""

    def __init__(self) -> None:
        self.ms = 1_000_000

    def __call__(self) -> int:
        return self.ms


class World:
    """Lanes with a clock of their own, and what a test does with them."""

    def __init__(self, **settings: Any) -> None:
        self.clock = Clock()
        self.flights = Flights(settings.pop("senders", 100))
        bounds = {"concurrency": 64, "lane_bytes": 64 << 20, "max_hold": 300_000} | settings
        self.lanes = Lanes(self.flights, now=self.clock, **bounds)

    def offer(self, destination: str, count: int = 1, *, fresh: bool = True, **fields: Any) -> list[Task]:
        tasks = [make_task(destination=destination, **fields) for _ in range(count)]
        return [task for task in tasks if self.lanes.offer(task, fresh=fresh)]

    def take_all(self) -> list[Flight]:
        flights = []
        while (flight := self.lanes.take()) is not None:
            flights.append(flight)
        return flights

    def finish(self, flight: Flight, outcome: Outcome) -> None:
        self.lanes.finish(flight, outcome, self.clock.ms)
        self.flights.settle([flight.task.id])

    def order(self, destination: str, name: str, value: Any) -> None:
        """Change something that holds for a lane."""
        self.lanes.change(destination, lambda lane: setattr(lane, name, value))

    def fail(self, destination: str) -> None:
        """Make a lane fail by five outcomes."""
        self.offer(destination, 5)
        for flight in self.take_all():
            self.finish(flight, DOWN)


def test_destinations_take_turns() -> None:
    world = World()
    world.offer("http://big:80", 50)
    world.offer("http://small:80", 2)
    order = [world.lanes.take() for _ in range(4)]
    assert Counter(flight.task.destination for flight in order if flight) == {
        "http://big:80": 2,
        "http://small:80": 2,
    }


def test_within_a_lane_the_first_comes_first() -> None:
    world = World()
    tasks = world.offer("http://a:80", 5)
    assert [flight.task for flight in world.take_all()] == tasks


def test_a_lane_has_no_more_in_flight_than_its_concurrency() -> None:
    world = World(concurrency=3)
    world.offer("http://a:80", 10)
    flights = world.take_all()
    assert len(flights) == 3
    world.finish(flights[0], OK)
    assert len(world.take_all()) == 1


def test_no_more_are_in_flight_than_there_are_senders() -> None:
    world = World(senders=8)
    for number in range(20):
        world.offer(f"http://{number}:80", 5)
    assert len(world.take_all()) == 6  # none is proven: three quarters


def test_a_lane_is_bounded_in_count() -> None:
    world = World()
    assert len(world.offer("http://a:80", QUEUE + 10)) == QUEUE
    assert world.lanes.queued == QUEUE


def test_all_lanes_are_bounded_in_bytes_whatever_the_number_of_destinations() -> None:
    world = World(lane_bytes=1 << 20)
    for number in range(2_000):
        world.offer(f"http://{number}:80", 3, body=b"x" * 5_000)
    assert world.lanes.bytes <= (1 << 20) * 9 // 8


def test_one_destination_can_not_take_all_the_memory() -> None:
    world = World(lane_bytes=1 << 20)
    world.offer("http://big:80", 5_000, body=b"x" * 10_000)
    assert world.offer("http://small:80", 5, body=b"x" * 10_000)


def test_fresh_tasks_do_not_overtake_due_ones_that_wait_in_the_store() -> None:
    world = World()
    world.offer("http://a:80")
    world.lanes.set_backlogs(["http://a:80"])
    assert world.offer("http://a:80") == []
    assert len(world.offer("http://a:80", fresh=False)) == 1
    world.lanes.set_backlogs([])
    assert len(world.offer("http://a:80")) == 1


def test_a_task_is_in_one_place_only() -> None:
    world = World()
    (task,) = world.offer("http://a:80")
    assert not world.lanes.offer(task, fresh=False)
    flight = world.lanes.take()
    assert flight is not None
    assert not world.lanes.offer(task, fresh=False)
    world.lanes.finish(flight, OK, 0)
    assert not world.lanes.offer(task, fresh=False), "its result is not committed yet"
    world.flights.settle([task.id])
    assert world.lanes.offer(task, fresh=False)


def test_a_withdrawn_task_is_not_sent_and_costs_no_memory() -> None:
    world = World()
    tasks = world.offer("http://a:80", 3)
    assert world.lanes.fence(tasks[1].id) is Withdrawn.QUEUED
    assert [flight.task for flight in world.take_all()] == [tasks[0], tasks[2]]
    assert world.lanes.bytes == 0
    assert not world.lanes.offer(tasks[1], fresh=False), "it is fenced"
    world.lanes.unfence(tasks[1].id)
    assert world.lanes.offer(tasks[1], fresh=False)


def test_a_withdrawn_task_that_comes_back_is_sent_once() -> None:
    world = World()
    tasks = world.offer("http://a:80", 2)
    world.lanes.fence(tasks[0].id)
    world.lanes.unfence(tasks[0].id)
    assert world.lanes.offer(make_task(id=tasks[0].id, destination="http://a:80", version=2), fresh=False)
    assert [flight.task.version for flight in world.take_all()] == [1, 2]


def test_what_is_in_flight_or_absent_is_not_withdrawn() -> None:
    world = World()
    (task,) = world.offer("http://a:80")
    world.take_all()
    assert world.lanes.fence(task.id) is Withdrawn.SENDING
    assert world.lanes.fence("elsewhere") is Withdrawn.ABSENT


def test_a_failing_lane_waits_for_its_time_and_then_sends_one() -> None:
    world = World()
    world.fail("http://a:80")
    world.offer("http://a:80", 5)
    assert world.take_all() == []
    world.clock.ms += 99
    world.lanes.tick()
    assert world.take_all() == []
    world.clock.ms += 1
    world.lanes.tick()
    assert len(world.take_all()) == 1


def test_an_answer_from_before_frees_a_lane_that_waits_for_its_time() -> None:
    world = World()
    world.offer("http://a:80", 10)
    flights = world.take_all()
    for flight in flights[:5]:
        world.finish(flight, DOWN)
    world.offer("http://a:80", 10)
    assert world.take_all() == []
    for flight in flights[5:]:
        world.finish(flight, OK)
    assert len(world.take_all()) == 6


def test_a_failing_lane_lets_its_surplus_go_back_to_the_store() -> None:
    world = World()
    world.offer("http://a:80", 500)
    for flight in world.take_all():
        world.finish(flight, DOWN)
    lane = world.lanes.get("http://a:80")
    assert lane is not None
    assert lane.backlog
    assert len(lane.queue) == TROUBLED_QUEUE
    assert len(world.lanes.take_unwanted()) == 500 - 50 - TROUBLED_QUEUE  # half of the pool was sent
    assert world.lanes.take_unwanted() == []


def test_retry_after_of_429_holds_the_lane_at_most_max_hold() -> None:
    world = World(max_hold=10_000)
    world.offer("http://a:80", 3)
    flights = world.take_all()
    world.finish(flights[0], Outcome(code=429, retry_after=3_600_000))
    lane = world.lanes.get("http://a:80")
    assert lane is not None
    assert lane.blocked_until == world.clock.ms + 10_000


def test_retry_after_of_503_holds_only_a_failing_lane() -> None:
    world = World()
    world.offer("http://a:80", 1)
    world.finish(world.take_all()[0], Outcome(code=503, retry_after=60_000))
    lane = world.lanes.get("http://a:80")
    assert lane is not None
    assert lane.blocked_until == 0


def test_hanging_destinations_leave_a_quarter_of_the_pool_to_proven_ones() -> None:
    world = World(senders=100)
    world.offer("http://good:80", 1)
    world.finish(world.take_all()[0], OK)
    for number in range(200):
        world.offer(f"http://hang{number}:80", 5)
    assert len(world.take_all()) == 75
    world.offer("http://good:80", 40)
    assert len(world.take_all()) == 25


def test_a_fresh_destination_need_not_wait_for_those_that_fill_the_pool() -> None:
    world = World(senders=100)
    for number in range(4):
        world.offer(f"http://hang{number}:80", 50)
    assert len(world.take_all()) == 50
    world.offer("http://fresh:80", 2)
    assert [flight.task.destination for flight in world.take_all()] == ["http://fresh:80"]


def test_a_lane_with_slow_attempts_starts_more_only_while_few_are_slow() -> None:
    world = World(senders=100, concurrency=30)
    world.offer("http://slow:80", 1)
    world.finish(world.take_all()[0], OK)
    world.offer("http://slow:80", 30)
    flights = world.take_all()
    assert len(flights) == 30
    world.clock.ms += 1_001
    world.lanes.tick()
    assert world.flights.slow == 30
    world.finish(flights[0], OK)
    world.offer("http://slow:80", 1)
    assert world.take_all() == [], "a quarter of the pool is slow"
    for flight in flights[1:7]:
        world.finish(flight, OK)
    assert len(world.take_all()) == 1


def test_a_fresh_destination_gets_its_turn_as_hanging_attempts_end() -> None:
    world = World(senders=40)
    for number in range(100):
        world.offer(f"http://hang{number}:80", 5)
    hanging = world.take_all()
    world.offer("http://fresh:80", 1)
    started: list[str] = []
    for flight in hanging * 3:
        if not flight.ended:
            world.finish(flight, Outcome(error=Failure.TIMEOUT))
            new = world.take_all()
            hanging.extend(new)
            started.extend(flight.task.destination for flight in new)
    for flight in hanging:
        if not flight.ended:
            world.finish(flight, Outcome(error=Failure.TIMEOUT))
            started.extend(flight.task.destination for flight in world.take_all())
    assert "http://fresh:80" in started


def test_nothing_starts_while_halted_choked_or_short() -> None:
    world = World()
    world.offer("http://a:80", 3)
    for switch in ("halted", "choked", "short"):
        setattr(world.lanes, switch, True)
        assert world.lanes.take() is None
        setattr(world.lanes, switch, False)
    assert world.lanes.take() is not None


def test_an_attempt_that_was_not_made_goes_back_to_the_store_uncharged() -> None:
    world = World(concurrency=1)
    tasks = world.offer("http://a:80", 2)
    flight = world.lanes.take()
    assert flight is not None
    world.lanes.put_back(flight)
    assert world.flights.under_way == 0
    assert world.lanes.take_unwanted() == [tasks[0].id]
    again = world.lanes.take()
    assert again is not None
    assert again.task is tasks[1]


def test_lanes_in_trouble_leave_half_of_the_memory_to_others() -> None:
    world = World(lane_bytes=4 << 20)
    for number in range(60):
        destination = f"http://dead{number}:80"
        world.fail(destination)
        world.offer(destination, 10, fresh=False, body=b"x" * 100_000)
    assert world.lanes.bytes <= 2 << 20
    assert world.lanes.room("http://dead0:80") == 0
    assert len(world.offer("http://healthy:80", 5, body=b"x" * 10_000)) == 5


def test_a_lane_that_gets_into_trouble_lets_go_of_bytes_too() -> None:
    world = World(lane_bytes=40 << 20, concurrency=5)
    for number in range(3):
        world.fail(f"http://dead{number}:80")
        world.offer(f"http://dead{number}:80", 1, fresh=False, body=b"x" * 6_000_000)
    world.offer("http://a:80", 16, body=b"x" * 400_000)
    for flight in world.take_all():
        world.finish(flight, DOWN)
    lane = world.lanes.get("http://a:80")
    assert lane is not None
    assert lane.failing
    assert world.lanes.bytes <= 20 << 20
    assert 0 < len(world.lanes.take_unwanted()) < 11
    assert lane.backlog


def test_a_lane_that_nobody_uses_is_forgotten_however_it_fared() -> None:
    world = World()
    for number in range(50):
        world.offer(f"http://busy{number}:80", 1)
        world.finish(world.take_all()[0], Outcome(code=429, retry_after=10_000))
        world.fail(f"http://dead{number}:80")
    world.clock.ms += IDLE + 1_000
    world.lanes.forget_idle()
    assert len(world.lanes.all) == 50, "holds are kept"
    world.clock.ms += IDLE
    world.lanes.forget_idle()
    assert not world.lanes.all


def test_a_lane_with_a_backlog_says_when_it_is_hungry() -> None:
    world = World()
    asked: list[bool] = []
    world.lanes.on_hungry = lambda: asked.append(True)
    world.offer("http://a:80", 2)
    world.take_all()
    assert asked == []
    world.offer("http://a:80", 2)
    world.lanes.set_backlogs(["http://a:80"])
    world.take_all()
    assert asked


def test_unused_lanes_are_forgotten_and_those_with_a_backlog_are_not() -> None:
    world = World()
    for destination in ("http://bad:80", "http://good:80"):
        world.offer(destination, 1)
        world.finish(world.take_all()[0], OK)
    world.lanes.set_backlogs(["http://bad:80"])
    world.clock.ms += IDLE + 1
    world.lanes.forget_idle()
    assert set(world.lanes.all) == {"http://bad:80"}


def test_a_paused_lane_starts_nothing_and_gives_its_queue_back() -> None:
    world = World()
    world.offer("http://a:80", 100)
    flights = [world.lanes.take(), world.lanes.take()]
    world.order("http://a:80", "paused", True)
    assert world.take_all() == []
    assert len(world.lanes.take_unwanted()) == 98
    assert world.offer("http://a:80", 3) == world.offer("http://a:80", 3, fresh=False) == []
    assert world.lanes.room("http://a:80") == 0
    for flight in flights:
        assert flight is not None
        world.finish(flight, OK)
    assert world.lanes.bytes == 0
    world.order("http://a:80", "paused", False)
    assert len(world.offer("http://a:80", 3, fresh=False)) == 3
    assert len(world.take_all()) == 3


def test_an_order_keeps_the_accounts_of_lanes_in_trouble() -> None:
    world = World(lane_bytes=4 << 20)
    for number in range(20):
        world.offer(f"http://{number}:80", 3)
        world.order(f"http://{number}:80", "paused", True)
        world.order(f"http://{number}:80", "paused", False)
    world.fail("http://dead:80")
    assert len(world.offer("http://dead:80", 20)) == TROUBLED_QUEUE


def test_a_probe_starts_one_attempt_whatever_its_lane_waits_for() -> None:
    world = World()
    world.fail("http://a:80")
    tasks = world.offer("http://a:80", 5)
    assert world.take_all() == []
    assert world.lanes.probe("http://a:80")
    assert [flight.task for flight in world.take_all()] == tasks[:1]
    world.order("http://a:80", "paused", True)
    assert not world.lanes.probe("http://a:80"), "its queue went back to the store"
    claimed = make_task(destination="http://a:80")
    assert world.lanes.probe("http://a:80", claimed)
    assert not world.lanes.probe("http://a:80", claimed), "it is here already"
    assert [flight.task for flight in world.take_all()] == [claimed]
    assert world.lanes.bytes == 0


def test_a_probe_that_is_withdrawn_is_not_sent() -> None:
    world = World()
    world.fail("http://a:80")
    (first, second) = world.offer("http://a:80", 2)
    assert world.lanes.probe("http://a:80")
    assert world.lanes.fence(first.id) is Withdrawn.QUEUED
    assert world.take_all() == []
    assert not world.lanes.probe("http://b:80", first), "it is being changed"
    assert world.lanes.probe("http://a:80")
    assert [flight.task for flight in world.take_all()] == [second]


def test_an_answer_to_a_probe_ends_a_hold_and_what_waits_goes_on() -> None:
    world = World()
    held: list[int] = []
    world.lanes.on_hold = lambda lane: held.append(lane.held_until)
    world.offer("http://a:80", 1)
    world.finish(world.take_all()[0], Outcome(code=429, retry_after=60_000))
    world.offer("http://a:80", 5)
    assert world.take_all() == []
    assert world.lanes.probe("http://a:80")
    world.finish(world.take_all()[0], OK)
    assert held == [world.clock.ms + 60_000, 0]
    assert len(world.take_all()) == 2, "and its window grows from one"


def test_a_rate_holds_back_its_own_lane_only() -> None:
    world = World()
    for destination in ("http://a:80", "http://b:80"):
        world.offer(destination, 40)
    world.lanes.change("http://a:80", lambda lane: lane.limit(64, 2.0))
    flights = world.take_all()
    assert Counter(flight.task.destination for flight in flights) == {"http://a:80": 2, "http://b:80": 40}
    for _ in range(100):
        world.clock.ms += 100
        world.lanes.tick()
        flights += world.take_all()
        for flight in flights:
            if not flight.ended:
                world.finish(flight, OK)
    started = Counter(flight.task.destination for flight in flights)
    assert started["http://a:80"] in (21, 22), "two a second, and a burst of two"


def test_a_lane_of_a_small_rate_takes_little_memory_from_others() -> None:
    world = World()
    world.offer("http://a:80", 1)
    world.lanes.change("http://a:80", lambda lane: lane.limit(64, 1.0))
    assert world.lanes.room("http://a:80") == 59
    assert len(world.offer("http://a:80", 500)) == 59


def test_an_order_that_shortens_a_wait_is_followed_at_once() -> None:
    world = World()
    world.offer("http://a:80", 3)
    world.lanes.change("http://a:80", lambda lane: lane.limit(64, 0.01))
    assert len(world.take_all()) == 1
    world.lanes.change("http://a:80", lambda lane: lane.limit(64, 10.0))
    assert len(world.take_all()) == 2


def test_a_clock_that_is_moved_moves_all_that_waits_for_a_time() -> None:
    world = World()
    world.fail("http://a:80")
    (task,) = world.offer("http://a:80", 1, expires_at=world.clock.ms + 5_000)
    assert world.take_all() == []
    world.offer("http://b:80", 1)
    (flight,) = world.take_all()
    for by in (3 * 86_400_000, -2 * 86_400_000):
        world.clock.ms += by
        world.lanes.shift(by)
        world.lanes.tick()
        assert world.take_all() == [], "its spacing is not over"
    moved = 86_400_000
    assert flight.started == world.clock.ms
    world.clock.ms += 100
    world.lanes.tick()
    (late,) = world.take_all()
    assert late.task.expires_at == (task.expires_at or 0) + moved
    assert late.task.id == task.id


def test_accounts_balance_after_random_work() -> None:
    rand = random.Random(11)
    world = World(senders=20, concurrency=5, lane_bytes=400_000)
    flying: list[Flight] = []
    fenced: list[str] = []
    for _ in range(5_000):
        world.clock.ms += rand.randrange(200)
        action = rand.randrange(6)
        if action == 0:
            offered = world.offer(
                f"http://{rand.randrange(8)}:80", rand.randrange(4), fresh=rand.random() < 0.5
            )
            fenced.extend(task.id for task in offered if rand.random() < 0.2)
        elif action == 1 and fenced:
            task_id = fenced.pop()
            world.lanes.fence(task_id)
            world.lanes.unfence(task_id)
        elif action == 2 and flying:
            world.finish(flying.pop(rand.randrange(len(flying))), rand.choice([OK, DOWN, Outcome(code=500)]))
        elif action == 3:
            world.lanes.tick()
            world.lanes.take_unwanted()
        elif (flight := world.lanes.take()) is not None:
            flying.append(flight)
        assert world.flights.under_way == len(flying) <= 20
    for flight in flying:
        world.finish(flight, OK)
    drained = 0
    for _ in range(3_000):
        world.clock.ms += 31_000
        world.lanes.tick()
        for flight in world.take_all():
            world.finish(flight, OK)
            drained += 1
    assert drained
    assert (world.lanes.queued, world.lanes.bytes, world.flights.slow, world.flights.under_way) == (
        0,
        0,
        0,
        0,
    )
    assert all(lane.bytes == lane.in_flight == lane.slow == 0 for lane in world.lanes.all.values())


@pytest.mark.parametrize(("rate", "asked_at"), [(0.2, 7), (1.0, 29)])
def test_a_lane_of_a_rate_asks_for_more_once_half_of_its_reserve_is_gone(rate: float, asked_at: int) -> None:
    world = World()
    hungry: list[int] = []
    world.offer("http://a:80", 1)
    world.lanes.change("http://a:80", lambda lane: lane.limit(64, rate))
    world.offer("http://a:80", 60)
    lane = world.lanes.all["http://a:80"]
    lane.backlog = True
    world.lanes.on_hungry = lambda: hungry.append(len(lane.queue))
    while lane.queue:
        world.clock.ms += 10_000
        world.lanes.tick()
        for flight in world.take_all():
            world.finish(flight, OK)
    assert max(hungry) == asked_at
