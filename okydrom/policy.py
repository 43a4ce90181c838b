"""Retry policies as people write them, and back: in settings, methods and tasks alike.

    {"schedule": ["5s", "5min"]}                    waits after the first, second… failure; the last repeats
    {"first": "5s", "factor": 2, "max": "6h"}       each wait `factor` times the one before, up to `max`

What can't be read raises ValueError with a sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from okydrom.task import Exponential, Policy, Schedule
from okydrom.units import parse_duration, show_duration

MOST_WAITS = 100
LONGEST_WAIT = 365 * 86_400_000
FACTOR = 2.0
MAX_WAIT = 86_400_000


def parse_policy(table: object) -> Policy:
    """The policy that a table describes.

    >>> parse_policy({"first": "5s", "max": "6h"})
    Exponential(first=5000, factor=2.0, max=21600000)
    """
    if not isinstance(table, dict) or not table.keys() <= PARTS.keys():
        raise ValueError('must be {"schedule": [waits]} or {"first": wait, "factor": number, "max": wait}')
    return make_policy({key: PARTS[key](value) for key, value in table.items()})


def make_policy(parts: Mapping[str, Any]) -> Policy:
    """The policy of parts that are read already."""
    if "schedule" in parts:
        if len(parts) > 1:
            raise ValueError("must have either a schedule or first, factor and max")
        return Schedule(parts["schedule"])
    if "first" not in parts:
        raise ValueError("must have a schedule or name the first wait")
    first = parts["first"]
    longest = parts.get("max", max(first, MAX_WAIT))
    if not 0 < first <= longest:
        raise ValueError("must have a first wait of more than 0 and at most max")
    return Exponential(first, parts.get("factor", FACTOR), longest)


def parse_waits(value: object) -> tuple[int, ...]:
    """Milliseconds of each wait."""
    if not isinstance(value, list | tuple) or not 0 < len(value) <= MOST_WAITS:
        raise ValueError(f'must be a list of 1 to {MOST_WAITS} waits such as ["5s", "5min"]')
    return tuple(map(parse_wait, value))


def parse_wait(value: object) -> int:
    """Milliseconds of one wait."""
    wait = parse_duration(value)
    if wait > LONGEST_WAIT:
        raise ValueError(f"must be at most {show_duration(LONGEST_WAIT)}")
    return wait


def parse_factor(value: object) -> float:
    """By how much each wait is longer than the one before."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 1 <= value <= 100:
        raise ValueError("must be a number from 1 to 100")
    return float(value)


PARTS: Mapping[str, Callable[[object], Any]] = {
    "schedule": parse_waits,
    "first": parse_wait,
    "factor": parse_factor,
    "max": parse_wait,
}


def policy_table(policy: Policy) -> dict[str, Any]:
    """The table that describes a policy, waits in seconds; `parse_policy` reads it back."""
    if isinstance(policy, Schedule):
        return {"schedule": [wait / 1000 for wait in policy.waits]}
    return {"first": policy.first / 1000, "factor": policy.factor, "max": policy.max / 1000}
