"""Retry policies: both forms, their bounds, and that a table is read back."""

import pytest

from okydrom.policy import MAX_WAIT, parse_policy, policy_table
from okydrom.task import Exponential, Policy, Schedule


@pytest.mark.parametrize(
    ("table", "policy"),
    [
        ({"schedule": ["5s", 300, "1h"]}, Schedule((5_000, 300_000, 3_600_000))),
        ({"schedule": ["0s"]}, Schedule((0,))),
        ({"first": "5s", "factor": 3, "max": "6h"}, Exponential(5_000, 3.0, 21_600_000)),
        ({"first": "5s"}, Exponential(5_000, 2.0, MAX_WAIT)),
        ({"first": "2d"}, Exponential(2 * MAX_WAIT, 2.0, 2 * MAX_WAIT)),
    ],
)
def test_a_policy_is_read_and_written(table: object, policy: Policy) -> None:
    assert parse_policy(table) == policy
    assert parse_policy(policy_table(policy)) == policy


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (["5s"], "must be"),
        ({}, "must have a schedule or name the first wait"),
        ({"schedule": []}, "a list of 1 to 100 waits"),
        ({"schedule": "5s"}, "a list of 1 to 100 waits"),
        ({"schedule": ["5s"] * 101}, "a list of 1 to 100 waits"),
        ({"schedule": ["5 weeks"]}, "a duration such as"),
        ({"schedule": ["366d"]}, "at most 365 d"),
        ({"schedule": ["5s"], "first": "5s"}, "either a schedule or first"),
        ({"factor": 2}, "name the first wait"),
        ({"first": "0s"}, "more than 0"),
        ({"first": "2h", "max": "1h"}, "at most max"),
        ({"first": "5s", "factor": 0.5}, "from 1 to 100"),
        ({"first": "5s", "factor": True}, "from 1 to 100"),
        ({"frist": "5s"}, "must be"),
    ],
)
def test_what_is_no_policy_is_refused(table: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_policy(table)
