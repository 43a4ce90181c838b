"""How the attempts of the last hour are counted, and forgotten."""

from __future__ import annotations

import random
from itertools import pairwise

from okydrom.delivery.recent import (
    BUCKETS,
    HOUR,
    MINUTE,
    MOST_REMEMBERED,
    QUARTER,
    Figures,
    Recent,
    Remembered,
    bucket_of,
    middle_of,
    since,
)

NOW = 1_790_000_100_000


def test_counts_and_quantiles_of_an_hour() -> None:
    recent = Recent()
    assert recent.figures(NOW) == Figures()
    for n in range(100):
        recent.add(NOW + n, n % 10 != 0, 10.0 if n < 90 else 1_000.0)
    figures = recent.figures(NOW + 200)
    assert (figures.delivered, figures.attempts, figures.not_2xx) == (90, 100, 10)
    assert figures.p50_ms is not None
    assert figures.p95_ms is not None
    assert abs(figures.p50_ms / 10 - 1) < 0.15
    assert abs(figures.p95_ms / 1_000 - 1) < 0.15


def test_an_hour_later_nothing_is_left() -> None:
    recent = Recent()
    for quarter in range(8):
        recent.add(NOW + quarter * QUARTER, True, 1.0)
    last = NOW + 7 * QUARTER
    assert recent.figures(last).attempts == 4
    assert recent.figures(last + HOUR).attempts == 0


def test_a_clock_that_was_moved_does_not_confuse_it() -> None:
    recent = Recent()
    recent.add(NOW, True, 1.0)
    recent.add(NOW - 10 * HOUR, True, 1.0)
    assert recent.figures(NOW - 10 * HOUR).attempts == 1


def test_what_was_delivered_is_known_minute_by_minute_and_adds_up() -> None:
    recent, rand = Recent(), random.Random(5)
    assert recent.delivered(NOW) is None
    now = NOW
    for _ in range(3_000):
        now += rand.randrange(3_000)
        recent.add(now, rand.random() < 0.7, 1.0)
        minutes = recent.delivered(now)
        assert minutes is not None
        assert sum(minutes) == recent.figures(now).delivered
        assert 45 < len(minutes) <= 60
        assert since(now) + (len(minutes) - 1) * MINUTE == now - now % MINUTE, "the last one is under way"


def test_a_delivery_is_counted_in_its_minute() -> None:
    recent, begin = Recent(), NOW - NOW % QUARTER
    for minute, count in {0: 2, 14: 1, 15: 3, 59: 4}.items():
        for _ in range(count):
            recent.add(begin + minute * MINUTE + 59_999, True, 1.0)
        recent.add(begin + minute * MINUTE, False, 1.0)
    assert recent.delivered(begin + HOUR - 1) == [2, *[0] * 13, 1, 3, *[0] * 43, 4]
    assert recent.delivered(begin + HOUR) == [3, *[0] * 43, 4, 0]


def test_a_clock_that_was_moved_back_within_an_hour_loses_nothing_and_counts_nothing_to_come() -> None:
    recent = Recent()
    recent.add(NOW, True, 1.0)
    recent.add(NOW - 10 * MINUTE, True, 1.0)
    recent.add(NOW, True, 1.0)
    assert sum(recent.delivered(NOW) or ()) == recent.figures(NOW).delivered == 3


def test_a_bucket_stands_for_what_is_near_it() -> None:
    rand = random.Random(3)
    for _ in range(2_000):
        duration = 2 ** rand.uniform(-3, 17)
        assert abs(middle_of(bucket_of(duration)) / duration - 1) < 0.13
    assert all(low < high for low, high in pairwise(middle_of(number) for number in range(BUCKETS)))


def test_what_is_remembered_of_lanes_is_bounded() -> None:
    remembered, first = Remembered(), Recent()
    remembered.keep("first", first)
    assert remembered.get("first") is first
    assert remembered.take("first") is first
    assert remembered.get("first") is not first
    for n in range(MOST_REMEMBERED + 10):
        remembered.keep(str(n), Recent())
    kept = remembered.take("10")
    assert kept is not remembered.take("10")
    assert remembered.get("0") is not remembered.get("0"), "the longest forgotten has gone"
