"""How it stands with a destination: which of several reasons is named, and what is told of it."""

from __future__ import annotations

from okydrom.delivery.condition import Cause, State, condition_of
from okydrom.delivery.lane import Lane
from okydrom.store.steering import Hold, Pause, Steered
from okydrom.task import Failure, Outcome
from tests.support.tasks import make_task

KEY = "http://a:80"
OK = Outcome(code=204)
DOWN = Outcome(error=Failure.CONNECT)
PAUSED = Steered(destination=KEY, pause=Pause(1_000, "anna", "deploy"))


def failing(ceiling: int = 64) -> Lane:
    lane = Lane(KEY, ceiling)
    for n in range(5):
        lane.observe(DOWN, n, n)
    return lane


def test_a_pause_outranks_a_hold_and_a_hold_outranks_failures() -> None:
    lane = failing()
    lane.heed(Outcome(code=429, retry_after=500), 10, 300_000)
    paused = condition_of(PAUSED, lane, 20)
    assert (paused.state, paused.cause, paused.by, paused.note) == (
        State.PAUSED,
        Cause.OPERATOR,
        "anna",
        "deploy",
    )
    assert paused.since == 1_000
    held = condition_of(None, lane, 20)
    assert (held.state, held.cause, held.code, held.value) == (State.HELD, Cause.RETRY_AFTER, "429", "0.5")
    assert (held.since, held.until) == (10, 510)
    failed = condition_of(None, failing(), 20)
    assert (failed.state, failed.cause, failed.code) == (State.HELD, Cause.FAILURES, "connect")
    assert (failed.since, failed.until) == (4, 104)


def test_a_lane_whose_hold_is_over_is_held_until_an_answer_comes() -> None:
    lane = Lane(KEY, 64)
    lane.heed(Outcome(code=429, retry_after=500), 10, 300_000)
    probed = condition_of(None, lane, 600)
    assert (probed.state, probed.cause, probed.until) == (State.HELD, Cause.RETRY_AFTER, None)
    lane.observe(OK, 600, 610)
    throttled = condition_of(None, lane, 610)
    assert (throttled.state, throttled.cause, throttled.since) == (State.THROTTLED, Cause.FAILURES, 10)
    for n in range(70):
        lane.observe(OK, n + 620, n + 620)
    assert condition_of(None, lane, 900).state is State.NORMAL


def test_a_rate_is_named_only_while_it_holds_something_back() -> None:
    lane = Lane(KEY, 64)
    lane.limit(64, 0.2)
    assert condition_of(None, lane, 0).state is State.NORMAL
    lane.pace(0)
    assert condition_of(None, lane, 0).state is State.NORMAL, "nothing waits"
    lane.queue.append(make_task())
    limited = condition_of(None, lane, 0)
    assert (limited.state, limited.cause, limited.value) == (State.THROTTLED, Cause.LIMIT, "0.2/s")
    assert limited.until == lane.paced_until


def test_without_a_lane_what_is_kept_speaks() -> None:
    assert condition_of(None, None, 0).state is State.NORMAL
    assert condition_of(PAUSED, None, 5_000).state is State.PAUSED
    kept = Steered(destination=KEY, hold=Hold(1_000, 61_000, 503))
    held = condition_of(kept, None, 5_000)
    assert (held.state, held.code, held.value, held.until) == (State.HELD, "503", "60", 61_000)
    assert condition_of(kept, None, 61_000).state is State.NORMAL


def test_a_window_that_is_small_by_order_is_normal() -> None:
    lane = Lane(KEY, 64)
    lane.limit(2, 0.0)
    assert (lane.window, condition_of(None, lane, 0).state) == (2, State.NORMAL)
