"""When a posted task begins and ends: each field at its bounds, on both sides, and those that contradict each other."""

import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from okydrom.config.settings import DAY, Limits, Retry
from okydrom.delivery.methods import Methods
from okydrom.errors import Invalid
from okydrom.task import Task
from okydrom.web.schema import Schema

NOW = 1_790_000_000_000
YEAR = 365 * DAY
MOMENT = datetime.fromtimestamp(NOW / 1000, UTC)


def at(offset: int) -> str:
    """The time so many ms from now, in RFC 3339."""
    return (MOMENT + timedelta(milliseconds=offset)).isoformat(timespec="milliseconds")


def read(max_age: int = 7 * DAY, **fields: Any) -> Task:
    schema = Schema(Limits(), Retry(max_age=max_age), Methods({}), now=lambda: NOW, rand=random.Random(1))
    return schema.task(json.dumps({"url": "http://127.0.0.1/"} | fields).encode(), "local")


def faults(**fields: Any) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as caught:
        read(**fields)
    return [(fault.pointer, fault.code) for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("fields", "begins", "ends"),
    [
        ({}, None, 7 * DAY),
        ({"delay": 0}, None, 7 * DAY),
        ({"delay": "1ms"}, 1, 7 * DAY + 1),
        ({"delay": 1.5}, 1_500, 7 * DAY + 1_500),
        ({"delay": "365d"}, YEAR, YEAR + 7 * DAY),
        ({"deliver_at": at(1)}, 1, 7 * DAY + 1),
        ({"deliver_at": at(YEAR)}, YEAR, YEAR + 7 * DAY),
        ({"ttl": "1ms"}, None, 1),
        ({"ttl": "365d"}, None, YEAR),
        ({"ttl": "30d"}, None, 30 * DAY),
        ({"expires_at": at(1)}, None, 1),
        ({"expires_at": at(YEAR)}, None, YEAR),
        ({"delay": "1h", "ttl": "1h"}, 3_600_000, 3_600_000),
        ({"delay": "1h", "expires_at": at(3_600_000)}, 3_600_000, 3_600_000),
        ({"deliver_at": at(5), "ttl": "5ms"}, 5, 5),
        ({"deliver_at": at(5), "expires_at": at(6)}, 5, 6),
        ({"delay": None, "deliver_at": at(5), "ttl": None, "expires_at": at(6)}, 5, 6),
    ],
)
def test_a_task_begins_and_ends_as_asked(fields: Any, begins: int | None, ends: int) -> None:
    task = read(**fields)
    assert (task.deliver_at, task.expires_at) == (None if begins is None else NOW + begins, NOW + ends)
    assert task.next_attempt_at == NOW + (begins or 0)


def test_where_no_age_is_the_most_a_task_ends_only_if_it_says_so() -> None:
    assert read(0, delay="1h").expires_at is None
    assert read(0, ttl="1h").expires_at == NOW + 3_600_000


@pytest.mark.parametrize(
    "written", ["2026-09-21T16:13:20.001+02:00", "2026-09-21t14:13:20.001z", "2026-09-21T14:13:20.0010Z"]
)
def test_a_time_may_be_written_in_any_zone(written: str) -> None:
    assert read(deliver_at=written).deliver_at == NOW + 1


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"delay": -1}, [("/delay", "invalid_duration")]),
        ({"delay": "soon"}, [("/delay", "invalid_duration")]),
        ({"delay": "365d", "ttl": "366d"}, [("/ttl", "invalid_duration")]),
        ({"delay": 365 * 86_400 + 1}, [("/delay", "invalid_duration")]),
        ({"delay": 2**64}, [("/delay", "invalid_duration")]),
        ({"delay": True}, [("/delay", "wrong_type")]),
        ({"delay": []}, [("/delay", "wrong_type")]),
        ({"ttl": 0}, [("/ttl", "invalid_duration")]),
        ({"ttl": -1}, [("/ttl", "invalid_duration")]),
        ({"ttl": "365.1d"}, [("/ttl", "invalid_duration")]),
        ({"ttl": {}}, [("/ttl", "wrong_type")]),
        ({"deliver_at": at(0)}, [("/deliver_at", "out_of_range")]),
        ({"deliver_at": at(-1)}, [("/deliver_at", "out_of_range")]),
        ({"deliver_at": at(YEAR + 1)}, [("/deliver_at", "out_of_range")]),
        ({"deliver_at": "9999-12-31T23:59:59Z"}, [("/deliver_at", "out_of_range")]),
        ({"deliver_at": NOW}, [("/deliver_at", "wrong_type")]),
        ({"deliver_at": "tomorrow"}, [("/deliver_at", "invalid_time")]),
        ({"deliver_at": ""}, [("/deliver_at", "invalid_time")]),
        ({"deliver_at": "-1h"}, [("/deliver_at", "invalid_time")]),
        ({"deliver_at": "2026-12-01"}, [("/deliver_at", "invalid_time")]),
        ({"deliver_at": "2026-12-01T12:00:00"}, [("/deliver_at", "invalid_time")]),
        ({"deliver_at": "2026-12-01T12:00:00 01:00"}, [("/deliver_at", "invalid_time")]),
        ({"deliver_at": "2026-02-30T12:00:00Z"}, [("/deliver_at", "invalid_time")]),
        ({"expires_at": at(0)}, [("/expires_at", "out_of_range")]),
        ({"expires_at": at(YEAR + 1)}, [("/expires_at", "out_of_range")]),
        ({"expires_at": "2026-12-01T25:00:00Z"}, [("/expires_at", "invalid_time")]),
        ({"delay": 1, "deliver_at": at(1)}, [("", "conflict")]),
        ({"ttl": 1, "expires_at": at(1)}, [("", "conflict")]),
        ({"delay": "1001ms", "ttl": 1}, [("/delay", "after_deadline")]),
        ({"delay": 2, "expires_at": at(1_999)}, [("/delay", "after_deadline")]),
        ({"deliver_at": at(1_001), "ttl": 1}, [("/deliver_at", "after_deadline")]),
        ({"deliver_at": at(2), "expires_at": at(1)}, [("/deliver_at", "after_deadline")]),
        (
            {"delay": "x", "deliver_at": "y", "ttl": 0, "event": ""},
            [
                ("/event", "empty"),
                ("", "conflict"),
                ("/deliver_at", "invalid_time"),
                ("/ttl", "invalid_duration"),
            ],
        ),
    ],
)
def test_what_can_not_be_kept_is_refused(fields: Any, expected: list[tuple[str, str]]) -> None:
    assert faults(**fields) == expected
