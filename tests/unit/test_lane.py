"""The verdict of one destination, from its last outcomes."""

from __future__ import annotations

import pytest

from okydrom.delivery.lane import ENOUGH, FIRST_SPACING, LONGEST_SPACING, Lane
from okydrom.task import Failure, Outcome

DOWN = Outcome(error=Failure.CONNECT)
OK = Outcome(code=200)


def lane_after(*outcomes: Outcome, ceiling: int = 64) -> Lane:
    lane = Lane("http://a:80", ceiling)
    for at, outcome in enumerate(outcomes):
        lane.observe(outcome, started=at, now=at)
    return lane


@pytest.mark.parametrize("code", [200, 404, 500, 502])
def test_an_answer_of_its_own_says_nothing_of_the_destination(code: int) -> None:
    lane = lane_after(*[Outcome(code=code)] * 20)
    assert not lane.failing
    assert lane.window == 64


@pytest.mark.parametrize(
    "outcome", [DOWN, Outcome(code=429), Outcome(code=503), Outcome(error=Failure.TIMEOUT)]
)
def test_five_signals_are_enough(outcome: Outcome) -> None:
    assert not lane_after(*[outcome] * (ENOUGH - 1)).failing
    lane = lane_after(*[outcome] * ENOUGH)
    assert lane.failing
    assert lane.window == 1
    assert not lane.proven


def test_half_of_the_last_ten_is_not_more_than_half() -> None:
    assert not lane_after(*[OK, DOWN] * 5).failing
    assert lane_after(*[OK, DOWN] * 5, DOWN).failing  # the oldest answer leaves the ten


def test_the_spacing_doubles_to_its_maximum_with_each_further_signal() -> None:
    lane = lane_after(*[DOWN] * ENOUGH)
    assert lane.next_start - (ENOUGH - 1) == FIRST_SPACING
    spacings = []
    for at in range(100, 112):
        lane.observe(DOWN, started=at, now=at)
        spacings.append(lane.next_start - at)
    assert spacings[:3] == [200, 400, 800]
    assert spacings[-1] == LONGEST_SPACING


def test_attempts_from_before_the_trouble_do_not_double_the_spacing() -> None:
    lane = lane_after(*[DOWN] * ENOUGH)
    for _ in range(60):
        lane.observe(DOWN, started=0, now=50)
    assert lane.next_start == 50 + FIRST_SPACING


def test_the_first_answer_ends_the_spacing_and_the_window_grows_from_one() -> None:
    lane = lane_after(*[DOWN] * 20)
    windows = [lane.window]
    for _ in range(3):
        lane.observe(OK, started=90_000, now=90_000)
        windows.append(lane.window)
    assert windows == [1, 2, 3, 4]
    assert not lane.failing
    assert lane.next_start == 0


def test_the_window_never_exceeds_its_ceiling() -> None:
    lane = lane_after(*[DOWN] * 5, *[OK] * 50, ceiling=4)
    assert lane.window == 4
    assert lane_after(*[DOWN] * 5, OK, ceiling=1).window == 1


def test_a_hold_leaves_one_attempt_at_a_time_until_an_answer_comes() -> None:
    lane = lane_after(OK)
    lane.heed(Outcome(code=429, retry_after=1_000), 4_000, 300_000)
    assert (lane.blocked_until, lane.window, lane.troubled) == (5_000, 1, True)
    lane.observe(OK, started=5_000, now=5_001)
    assert (lane.blocked_until, lane.window, lane.troubled) == (0, 2, False)


def test_an_answer_to_what_began_before_a_hold_does_not_end_it() -> None:
    lane = lane_after(OK)
    lane.heed(Outcome(code=429, retry_after=60_000), 4_000, 300_000)
    for at in range(30):
        lane.observe(OK, started=3_999, now=4_000 + at)
    assert (lane.blocked_until, lane.window) == (64_000, 1)
    lane.observe(OK, started=4_000, now=4_100)  # a probe
    assert (lane.blocked_until, lane.window) == (0, 2)


def test_a_503_holds_a_failing_lane_only_and_no_longer_than_allowed() -> None:
    asks = Outcome(code=503, retry_after=3_600_000)
    lane = lane_after(OK)
    lane.heed(asks, 100, 300_000)
    assert lane.held_until == 0
    lane = lane_after(*[DOWN] * 5)
    lane.heed(asks, 100, 300_000)
    assert (lane.held_until, lane.asked, lane.held_code) == (300_100, 3_600_000, 503)


def test_a_release_ends_hold_and_spacing_and_leaves_the_window() -> None:
    lane = lane_after(*[DOWN] * 9)
    lane.heed(Outcome(code=503, retry_after=60_000), 100, 300_000)
    lane.release()
    assert (lane.blocked_until, lane.window, lane.failing) == (0, 1, True)
    lane.observe(DOWN, started=200, now=200)
    assert lane.next_start == 200 + 2 * FIRST_SPACING


def starts(lane: Lane, seconds: int, step: int = 10) -> list[int]:
    """When attempts start, if it is tried every `step` ms."""
    times = []
    for now in range(0, seconds * 1000, step):
        while lane.paced_until <= now:
            lane.pace(now)
            times.append(now)
    return times


@pytest.mark.parametrize("rate", [0.2, 1.0, 7.5, 50.0, 500.0])
def test_a_rate_is_kept_and_a_rest_allows_a_burst_of_a_second_at_most(rate: float) -> None:
    lane = Lane("http://a:80", 64)
    lane.limit(64, rate)
    times = starts(lane, 60)
    burst = max(rate, 1)
    assert 60 * rate - burst <= len(times) <= 60 * rate + burst
    for width in (100, 1_000, 10_000):
        most = max(sum(begin <= at < begin + width for at in times) for begin in range(0, 50_000, 1_000))
        assert most <= rate * (width + 100) / 1000 + burst


def test_time_that_is_kept_coarsely_does_not_slow_a_rate_down() -> None:
    lane = Lane("http://a:80", 64)
    lane.limit(64, 1.5)
    assert len(starts(lane, 200, step=100)) >= 299


def test_limits_move_the_window_unless_it_is_small_after_failures() -> None:
    lane = Lane("http://a:80", 64)
    lane.limit(4, 0.0)
    assert lane.window == 4
    lane.limit(16, 0.0)
    assert lane.window == 16
    for at in range(5):
        lane.observe(DOWN, at, at)
    lane.observe(OK, 10, 10)
    lane.limit(64, 0.0)
    assert (lane.window, lane.ceiling) == (2, 64)
    lane.limit(1, 0.0)
    assert (lane.window, lane.narrow_since) == (1, None)


@pytest.mark.parametrize("trouble", [[DOWN] * ENOUGH, [Outcome(code=429, retry_after=5_000)]])
def test_a_wider_limit_does_not_widen_a_lane_in_trouble(trouble: list[Outcome]) -> None:
    lane = Lane("http://a:80", 1)
    for at, outcome in enumerate(trouble):
        lane.observe(outcome, at, at)
        lane.heed(outcome, at, 60_000)
    lane.limit(64, 0.0)
    assert (lane.window, lane.ceiling) == (1, 64)
    lane.observe(OK, 10_000, 10_000)
    assert lane.window == 2
