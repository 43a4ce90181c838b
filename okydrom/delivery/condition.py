"""How it stands with a destination as a whole, and why.

normal      sends as it may
throttled   its window is below its ceiling after failures and grows with each success, or its rate holds tasks back
held        by `Retry-After`, or failing: one attempt at a time
paused      by an operator
"""

from __future__ import annotations

import math
from enum import StrEnum

import msgspec

from okydrom.delivery.lane import LATE, Lane
from okydrom.store.steering import Steered


class State(StrEnum):
    """What a destination may do now."""

    NORMAL = "normal"
    THROTTLED = "throttled"
    HELD = "held"
    PAUSED = "paused"


class Cause(StrEnum):
    """What keeps it from being normal."""

    RETRY_AFTER = "retry_after"
    FAILURES = "failures"
    OPERATOR = "operator"
    LIMIT = "limit"


class Condition(msgspec.Struct, frozen=True):
    """The state, why, since when and until when (epoch ms; None: not known).

    `code` is the outcome that brought it ("503", "timeout"); `value` the seconds that were asked for, or the limit
    ("0.2/s"); `note` and `by` are the operator's.
    """

    state: State
    cause: Cause | None = None
    code: str | None = None
    value: str | None = None
    note: str | None = None
    by: str | None = None
    since: int | None = None
    until: int | None = None


NORMAL = Condition(State.NORMAL)


def condition_of(steered: Steered | None, lane: Lane | None, now: int) -> Condition:
    """What is kept about a destination (None: nothing) and its lane (None: it is not in memory) make."""
    if steered is not None and steered.pause is not None:
        pause = steered.pause
        return Condition(State.PAUSED, Cause.OPERATOR, note=pause.note, by=pause.by, since=pause.since)
    if lane is None:
        return _held_by_what_is_kept(steered, now)
    if lane.held_until > now:
        return _held(lane)
    if lane.failing:
        until = lane.next_start if lane.next_start > now else None
        return Condition(State.HELD, Cause.FAILURES, lane.trouble, since=lane.failing_since, until=until)
    if lane.held_until:
        return msgspec.structs.replace(_held(lane), until=None)  # it is probed
    if lane.narrow_since is not None:
        return Condition(State.THROTTLED, Cause.FAILURES, lane.trouble, since=lane.narrow_since)
    if lane.rate and lane.queue and lane.paced_until > now - LATE:
        until = max(math.ceil(lane.paced_until), now)
        return Condition(State.THROTTLED, Cause.LIMIT, value=f"{lane.rate:g}/s", until=until)
    return NORMAL


def _held(lane: Lane) -> Condition:
    return Condition(
        State.HELD,
        Cause.RETRY_AFTER,
        None if lane.held_code is None else str(lane.held_code),
        f"{lane.asked / 1000:g}",
        since=lane.held_since,
        until=lane.held_until,
    )


def _held_by_what_is_kept(steered: Steered | None, now: int) -> Condition:
    hold = steered.hold if steered is not None else None
    if hold is None or hold.until <= now:
        return NORMAL
    lane = Lane("", 1)
    lane.restore(hold)
    return _held(lane)
