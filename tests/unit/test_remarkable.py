"""Which destinations are not normal: all of them, though most lanes are not even asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest

from okydrom.config.settings import Settings
from okydrom.delivery.condition import State
from okydrom.delivery.flights import Flights
from okydrom.delivery.lane import Lane
from okydrom.delivery.lanes import Lanes
from okydrom.delivery.steering import Steering
from okydrom.store.steering import Hold
from okydrom.task import Failure, Outcome
from tests.support.tasks import CREATED, make_task

DOWN = Outcome(error=Failure.CONNECT)


def failing(lane: Lane) -> None:
    for _ in range(5):
        lane.observe(DOWN, CREATED, CREATED)


def recovering(lane: Lane) -> None:
    failing(lane)
    lane.observe(Outcome(code=200), CREATED, CREATED)


def paced(lane: Lane) -> None:
    lane.limit(64, 0.2)
    for _ in range(9):
        lane.pace(CREATED)


def held(lane: Lane) -> None:
    lane.restore(Hold(CREATED, CREATED + 5_000, 429))


def normal(lane: Lane) -> None:
    lane.observe(Outcome(code=200), CREATED, CREATED)


@pytest.mark.parametrize(
    ("what", "state"),
    [
        (failing, State.HELD),
        (recovering, State.THROTTLED),
        (paced, State.THROTTLED),
        (held, State.HELD),
        (normal, State.NORMAL),
    ],
)
def test_whatever_makes_a_lane_remarkable_is_found(what: Callable[[Lane], None], state: State) -> None:
    lanes = Lanes(Flights(8), concurrency=64, lane_bytes=1 << 20, max_hold=1_000, now=lambda: CREATED)
    steering = Steering(
        cast(Any, None), lanes, Settings(), dispatch=lambda: None, wake=lambda: None, now=lambda: CREATED
    )
    task = make_task()
    lanes.offer(task, fresh=True)
    what(lanes.all[task.destination])
    assert steering.condition(task.destination).state is state
    found = {key: condition.state for key, condition in steering.remarkable().items()}
    assert found == ({} if state is State.NORMAL else {task.destination: state})
