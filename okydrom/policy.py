"""Retry policies as people write them, and back: in settings, methods and tasks alike.

    {"schedule": ["5s", "5min"]}                    waits after the first, second… failure; the last repeats
    {"first": "5s", "factor": 2, "max": "6h"}       each wait `factor` times the one before, up to `max`

What can't be read raises ValueError with a sentence.
"""

from __future__ import annotations

from typing import Any

from okydrom.task import Exponential, Policy, Schedule
from okydrom.units import parse_duration, show_duration

KEYS = ("schedule", "first", "factor", "max")
MOST_WAITS = 100
LONGEST_WAIT = 365 * 86_400_000
FACTOR = 2.0
MAX_WAIT = 86_400_000


def parse_policy(table: object) -> Policy:
    """The policy that a table describes.

    >>> parse_policy({"first": "5s", "max": "6h"})
    Exponential(first=5000, factor=2.0, max=21600000)
    """
    if not isinstance(table, dict) or not table or not table.keys() <= set(KEYS):
        raise ValueError('must be {"schedule": [waits]} or {"first": wait, "factor": number, "max": wait}')
    if "schedule" in table:
        if len(table) > 1:
            raise ValueError("must have either a schedule or first, factor and max")
        return Schedule(parse_waits(table["schedule"]))
    if "first" not in table:
        raise ValueError("must name the first wait")
    first = parse_wait(table["first"])
    # A first wait beyond the usual longest one is that longest one.
    longest = parse_wait(table["max"]) if "max" in table else max(first, MAX_WAIT)
    if not 0 < first <= longest:
        raise ValueError("must have a first wait of more than 0 and at most max")
    return Exponential(first, parse_factor(table.get("factor", FACTOR)), longest)


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


def policy_table(policy: Policy) -> dict[str, Any]:
    """The table that describes a policy, waits in seconds; `parse_policy` reads it back."""
    if isinstance(policy, Schedule):
        return {"schedule": [wait / 1000 for wait in policy.waits]}
    return {"first": policy.first / 1000, "factor": policy.factor, "max": policy.max / 1000}
