"""What is wrong now, by destination and outcome.

Pure: all that is known is handed in. Of a destination that is not normal each waiting task is counted once: with its
own last outcome, or, if it has none, with what keeps the destination from being normal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from okydrom.delivery.condition import Cause, Condition, State
from okydrom.store.trouble import Trouble, Troubled


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Times are epoch ms; None: not known, or there will be none."""

    destination: str
    outcome: str | None  # a code or a class of failure; None: no attempt says what is wrong
    rule: str | None  # which address rule refused it
    state: State
    waiting: int
    failed: int
    first_at: int | None
    last_at: int | None
    next_attempt_at: int | None  # at this destination, at the earliest
    sample_id: str | None


def problems(places: Iterable[tuple[Troubled, Condition, int | None]]) -> list[Problem]:
    """Of destinations, each with its condition and the time when its next attempt is due; most tasks first."""
    found = [problem for place in places for problem in _of(*place)]
    return sorted(
        found, key=lambda each: (-each.waiting - each.failed, -(each.last_at or 0), each.destination)
    )


def _of(place: Troubled, condition: Condition, due: int | None) -> Iterator[Problem]:
    rest = place.waiting - sum(trouble.retrying for trouble in place.troubles)
    paced = condition.cause is Cause.LIMIT  # as it was ordered: nothing is wrong
    if condition.state is State.NORMAL or paced:
        rest = 0
    begun = condition.code in {trouble.outcome for trouble in place.troubles}
    for trouble in place.troubles:
        same = trouble.outcome == condition.code
        yield _problem(place, trouble, condition, due, rest if same else 0)
    if not begun and condition.state is not State.NORMAL and not paced and (rest > 0 or not place.troubles):
        yield _standing(place, condition, due, rest)


def _problem(place: Troubled, trouble: Trouble, condition: Condition, due: int | None, more: int) -> Problem:
    """Of an outcome; so many more wait because of it."""
    waiting = trouble.retrying + more
    return Problem(
        destination=place.destination,
        outcome=trouble.outcome,
        rule=trouble.rule,
        state=condition.state,
        waiting=waiting,
        failed=trouble.failed,
        first_at=trouble.first_at,
        last_at=trouble.last_at,
        next_attempt_at=_next(condition, due) if waiting else None,
        sample_id=trouble.sample_id,
    )


def _standing(place: Troubled, condition: Condition, due: int | None, waiting: int) -> Problem:
    """Of the destination as a whole: no task has this outcome."""
    return Problem(
        destination=place.destination,
        outcome=condition.code,
        rule=None,
        state=condition.state,
        waiting=waiting,
        failed=0,
        first_at=condition.since,
        last_at=None,
        next_attempt_at=_next(condition, due) if waiting else None,
        sample_id=place.sample_id if waiting else None,
    )


def _next(condition: Condition, due: int | None) -> int | None:
    if condition.state is State.PAUSED or due is None:
        return None
    return max(due, condition.until or 0)
