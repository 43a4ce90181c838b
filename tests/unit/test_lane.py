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
    lane.hold(5_000)
    assert (lane.blocked_until, lane.window, lane.troubled) == (5_000, 1, True)
    lane.observe(OK, started=5_000, now=5_001)
    assert (lane.blocked_until, lane.window, lane.troubled) == (0, 2, False)
