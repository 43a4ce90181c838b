"""Why a task is where it is, what comes next, and whom else it concerns: codes with parameters, which the page words.

Pure: all that is known is handed in. The list of codes is closed; `docs/api.md` explains each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

import msgspec

from okydrom.delivery.retry import wait
from okydrom.store.command import Action, Past
from okydrom.task import TERMINAL, Policy, Status, Task
from okydrom.times import maybe


class Why(StrEnum):
    """What keeps a task where it is."""

    DELAYED = "delayed"
    WAITING_FOR_RETRY = "waiting_for_retry"
    DUE = "due"
    SENDING = "sending"
    CANCEL_NOTED = "cancel_noted"
    DESTINATION_PAUSED = "destination_paused"
    DESTINATION_HELD = "destination_held"
    DESTINATION_FAILING = "destination_failing"
    DESTINATION_THROTTLED = "destination_throttled"
    DESTINATION_RATE = "destination_rate"
    WINDOW_FULL = "window_full"
    SENDERS_BUSY = "senders_busy"
    SERVICE_STOPPING = "service_stopping"
    ORDER_KEY = "order_key"
    TASKS_AHEAD = "tasks_ahead"
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"
    ERASED = "erased"


class Next(StrEnum):
    """What comes next."""

    ATTEMPT = "attempt"
    ATTEMPT_ENDS = "attempt_ends"
    CANCEL = "cancel"
    RESUME = "resume"
    TURN = "turn"
    GIVES_UP = "gives_up"
    REMOVED = "removed"


class Affects(StrEnum):
    """Whom the same concerns."""

    SAME_DESTINATION = "same_destination"
    SAME_ORDER_KEY = "same_order_key"
    SAME_FAILURE = "same_failure"
    ANY_FAILURE = "any_failure"


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """How it stands with the destination. `cause` is None where it is normal; times are epoch ms."""

    cause: str | None = None  # operator, retry_after, failures, limit
    narrow: bool = False  # it only sends less at once
    code: str | None = None  # the outcome that brought it
    value: str | None = None
    note: str | None = None
    by: str | None = None
    since: int | None = None
    until: int | None = None
    in_flight: int = 0
    window: int | None = 1


class Around(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known beside the task. Times are epoch ms, durations ms."""

    now: int
    policy: Policy  # in force for it
    timeout: int
    place: Place = Place()
    sending_since: int | None = None
    senders_busy: bool = False
    stopping: bool = False
    ahead: int = 0  # earlier ones at its destination
    ahead_in_line: int = 0  # with its order key
    behind_in_line: int = 0
    history: Sequence[Past] = ()
    keep_until: int | None = None


class Said(msgspec.Struct, frozen=True):
    """A code and its parameters; `at` (epoch ms) of what comes next, `filter` of whom it concerns."""

    code: str
    params: Mapping[str, Any] = {}
    at: int | None = None
    filter: Mapping[str, Any] = {}


class Explanation(msgspec.Struct, frozen=True):
    """`schedule` are the attempts left and their earliest times, if each fails at once."""

    why: Sequence[Said]
    next: Sequence[Said]
    affected: Sequence[Said]
    schedule: Sequence[tuple[int, int]]
    gives_up_at: int | None


def explain(task: Task, around: Around) -> Explanation:
    """All of it."""
    if task.status in TERMINAL:
        why, coming = _ended(task, around), _after_its_end(around)
        return Explanation(why, coming, list(_failure(task)), (), None)
    schedule = list(_schedule(task, around))
    why = list(_sending(task, around) if around.sending_since is not None else _waiting(task, around))
    coming = list(_coming(task, around))
    return Explanation(why, coming, list(_affected(task, around)), schedule, _gives_up(task, schedule))


# --- why ------------------------------------------------------------------------------------------------------------


def _ended(task: Task, around: Around) -> list[Said]:
    at, said = maybe(task.finished_at), list[Said]()
    if task.status is Status.DELIVERED:
        said.append(Said(Why.DELIVERED, {"at": at, "code": task.last_code, "attempts": task.attempts}))
    elif task.status is Status.FAILED:
        params = {"at": at, "reason": task.reason, "outcome": _outcome(task), "attempts": task.attempts}
        said.append(Said(Why.FAILED, params))
    else:
        said.append(Said(Why.CANCELLED, {"at": at, "by": _by(around.history, Action.CANCEL)}))
    if task.erased_at is not None:
        by = _by(around.history, Action.DELETE)
        said.append(Said(Why.ERASED, {"at": maybe(task.erased_at), "by": by}))
    return said


def _sending(task: Task, around: Around) -> Iterator[Said]:
    number = task.failures + 1
    params = {"since": maybe(around.sending_since), "attempt": number, "max": task.max_attempts}
    yield Said(Why.SENDING, params)
    if task.cancel_noted:
        yield Said(Why.CANCEL_NOTED, {"by": _by(around.history, Action.CANCEL)})


def _waiting(task: Task, around: Around) -> Iterator[Said]:
    if around.ahead_in_line:
        yield Said(Why.ORDER_KEY, {"order_key": task.order_key, "ahead": around.ahead_in_line})
    due = task.next_attempt_at
    if due is not None and due > around.now:
        if task.status is Status.RETRYING:
            params = {"until": maybe(due), "attempt": task.failures + 1, "outcome": _outcome(task)}
            yield Said(Why.WAITING_FOR_RETRY, params)
        else:
            yield Said(Why.DELAYED, {"until": maybe(due)})
    elif due is not None:
        yield Said(Why.DUE, {"since": maybe(due)})
    yield from _by_its_destination(around.place)
    if due is not None and due <= around.now:
        yield from _by_others(around)


def _by_its_destination(place: Place) -> Iterator[Said]:
    since, until = maybe(place.since), maybe(place.until)
    if place.cause == "operator":
        yield Said(Why.DESTINATION_PAUSED, {"since": since, "by": place.by, "note": place.note})
    elif place.cause == "retry_after":
        params = {"since": since, "until": until, "outcome": place.code, "asked_s": place.value}
        yield Said(Why.DESTINATION_HELD, params)
    elif place.cause == "limit":
        yield Said(Why.DESTINATION_RATE, {"rate": place.value, "until": until})
    elif place.cause == "failures" and place.narrow:
        narrow = {"since": since, "outcome": place.code, "window": place.window}
        yield Said(Why.DESTINATION_THROTTLED, narrow)
    elif place.cause == "failures":
        yield Said(Why.DESTINATION_FAILING, {"since": since, "until": until, "outcome": place.code})


def _by_others(around: Around) -> Iterator[Said]:
    """It is due: what it waits for beside its destination's state."""
    if around.ahead:
        yield Said(Why.TASKS_AHEAD, {"count": around.ahead})
    place = around.place
    if place.window is not None and 0 < place.window <= place.in_flight:
        yield Said(Why.WINDOW_FULL, {"in_flight": place.in_flight, "window": place.window})
    if around.senders_busy:
        yield Said(Why.SENDERS_BUSY)
    if around.stopping:
        yield Said(Why.SERVICE_STOPPING)


# --- what comes next ------------------------------------------------------------------------------------------------


def _coming(task: Task, around: Around) -> Iterator[Said]:
    if around.sending_since is not None:
        yield Said(Next.ATTEMPT_ENDS, {}, around.sending_since + around.timeout)
        if task.cancel_noted:
            yield Said(Next.CANCEL)
            return
    elif around.ahead_in_line:
        yield Said(Next.TURN, {"ahead": around.ahead_in_line})
    elif around.place.cause == "operator":
        yield Said(Next.RESUME)
    else:
        params = {"attempt": task.failures + 1, "max": task.max_attempts}
        yield Said(Next.ATTEMPT, params, _earliest(task, around))
    if task.expires_at is not None:
        yield Said(Next.GIVES_UP, {}, task.expires_at)


def _after_its_end(around: Around) -> list[Said]:
    return [Said(Next.REMOVED, {}, around.keep_until)] if around.keep_until is not None else []


def _earliest(task: Task, around: Around) -> int:
    """When its next attempt may begin."""
    until = around.place.until if around.place.cause is not None else None
    return max(around.now, task.next_attempt_at or 0, until or 0)


def _schedule(task: Task, around: Around) -> Iterator[tuple[int, int]]:
    """Attempts left in this grant, none after the deadline."""
    at = around.sending_since if around.sending_since is not None else _earliest(task, around)
    for number in range(task.failures + 1, task.max_attempts + 1):
        if task.expires_at is not None and at > task.expires_at:
            return
        yield number, at
        at += wait(around.policy, number)


def _gives_up(task: Task, schedule: Sequence[tuple[int, int]]) -> int | None:
    """With its last attempt, if each fails at once; with its deadline if there is none."""
    return schedule[-1][1] if schedule else task.expires_at


# --- whom else it concerns ------------------------------------------------------------------------------------------


def _affected(task: Task, around: Around) -> Iterator[Said]:
    if around.place.cause is not None:
        wanted = {"destination": task.destination, "group": "in_progress"}
        yield Said(Affects.SAME_DESTINATION, {"destination": task.destination}, filter=wanted)
    if around.behind_in_line:
        line = {"order_key": task.order_key, "source": task.source, "group": "in_progress"}
        yield Said(Affects.SAME_ORDER_KEY, {"order_key": task.order_key}, filter=line)
    yield from _failure(task)


def _failure(task: Task) -> Iterator[Said]:
    """Tasks that failed, or wait, at the same destination: those with the same outcome, and all of them."""
    if task.status not in (Status.RETRYING, Status.FAILED) or _outcome(task) is None:
        return
    by = {"error": task.last_error} if task.last_error is not None else {"code": str(task.last_code)}
    there = {"destination": task.destination, "status": [Status.RETRYING, Status.FAILED]}
    yield Said(Affects.SAME_FAILURE, {"outcome": _outcome(task)}, filter=there | by)
    yield Said(Affects.ANY_FAILURE, {"destination": task.destination}, filter=there)


def _outcome(task: Task) -> str | None:
    if task.last_error is not None:
        return str(task.last_error)
    return None if task.last_code is None else str(task.last_code)


def _by(history: Sequence[Past], action: Action) -> str | None:
    return next((past.by for past in reversed(history) if past.action == action), None)
