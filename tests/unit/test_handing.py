"""Pieces of a create that is special: keys, waits, traces, and the timetable."""

from __future__ import annotations

import pytest

from okydrom.delivery.timetable import timetable
from okydrom.errors import Invalid
from okydrom.task import Exponential
from okydrom.web.idempotency import digest_of, parse_key
from okydrom.web.waiting import parse_wait
from tests.support.tasks import CREATED, make_task


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ("a", "a"),
        (' "a" ', "a"),
        ('"a b"', "a b"),
        (r'"\"\\"', '"\\'),
        ("x" * 255, "x" * 255),
        ('"' + "x" * 255 + '"', "x" * 255),
        ("a;b=c", "a;b=c"),
    ],
)
def test_a_key_is_the_same_with_or_without_quotes(given: str, key: str) -> None:
    assert parse_key(given) == key


@pytest.mark.parametrize(
    "given", ["", '""', '"a', "a b", "ключ", "x" * 256, '"' + "x" * 256 + '"', '"a"b', "a\tb"]
)
def test_what_is_no_key_is_said(given: str) -> None:
    with pytest.raises(Invalid):
        parse_key(given)


def test_body_type_and_query_tell_requests_apart() -> None:
    digests = {
        digest_of(b"a", "b", "c"),
        digest_of(b"a", "b", "d"),
        digest_of(b"a", "c", "c"),
        digest_of(b"b", "b", "c"),
    }
    assert len(digests) == 4


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        ("wait=5", 5),
        ('Wait = "5"', 5),
        ("wait=0", 0),
        ("a=b, wait=31;x", 30),
        ("waits=5", 0),
        ("", 0),
        (None, 0),
    ],
)
def test_a_wait_is_at_most_half_a_minute(given: str | None, seconds: int) -> None:
    assert parse_wait(given) == seconds


def test_a_timetable_goes_on_from_what_was_tried() -> None:
    task = make_task(max_attempts=5, attempts_left=3, next_attempt_at=CREATED + 9)
    policy = Exponential(1000, 2.0, 3000)
    assert timetable(task, policy, CREATED) == [
        (3, CREATED + 9),
        (4, CREATED + 3_009),
        (5, CREATED + 6_009),
    ]
    assert timetable(task, policy, CREATED + 50)[0] == (3, CREATED + 50)
