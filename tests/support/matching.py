"""Tasks and filters by chance, and what matches what: the stores' searches are compared with it."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from typing import Any

from okydrom.store import matching
from okydrom.store.query import Filter
from okydrom.task import TERMINAL, Failure, Reason, Status, Task
from tests.support.tasks import CREATED, make_task

EVENTS = ("user.created", "user.deleted", None)
DESTINATIONS = tuple(f"http://host{number}:80" for number in range(5))
PARENTS = ("018bcfe5-6800-7000-8000-000000000001", None, None)


def shown(task: Task, sending: Collection[str]) -> Status:
    """The status with what is in flight laid over it."""
    return Status.SENDING if task.id in sending and task.status not in TERMINAL else task.status


def matches(task: Task, wanted: Filter, sending: Collection[str] = ()) -> bool:
    """Does the filter want this task?"""
    return matching.matches(task, wanted, shown(task, sending))


def some_tasks(rand: random.Random, count: int) -> list[Task]:
    """Tasks in every state, created in about the order of their import."""
    return [_some_task(rand, CREATED + number * 10 + rand.randrange(-500, 500)) for number in range(count)]


def _some_task(rand: random.Random, created: int) -> Task:
    status = rand.choice([status for status in Status if status is not Status.SENDING])
    ended = status in TERMINAL
    code = rand.choice([None, 200, 204, 302, 404, 500, 503])
    return make_task(
        created_at=created,
        status=status,
        reason=rand.choice(list(Reason)) if status is Status.FAILED else None,
        source=rand.choice(["local", "shop"]),
        method=rand.choice(["POST", "POST", "PUT", "CRM"]),
        destination=rand.choice(DESTINATIONS),
        event=rand.choice(EVENTS),
        order_key=rand.choice([None, None, "a", "b"]),
        labels=rand.choice([{}, {"tenant": "acme"}, {"tenant": "zoo", "tier": "1"}]),
        parent=rand.choice(PARENTS),
        attempts=rand.randrange(4),
        last_code=code,
        last_error=rand.choice(list(Failure)) if code is None else None,
        finished_at=created + rand.randrange(5_000) if ended else None,
        next_attempt_at=None if ended else created + rand.randrange(5_000),
    )


def some_filter(rand: random.Random, count: int) -> Filter:
    """One to three fields of a filter, with values of `some_tasks`."""
    moment = CREATED + rand.randrange(count) * 10
    fields: dict[str, Any] = {
        "status": _some(rand, list(Status)),
        "reason": _some(rand, list(Reason)),
        "method": _some(rand, ["POST", "PUT", "CRM", "none"]),
        "destination": _some(rand, [*DESTINATIONS, "http://unknown:80"]),
        "source": _some(rand, ["local", "shop", "nobody"]),
        "event": _some(rand, ["user.created", "user.deleted", "none"]),
        "labels": (("tenant", _some(rand, ["acme", "zoo", "none"])),),
        "codes": rand.choice([((500, 599),), ((503, 503), (404, 404)), ((200, 299),), ((600, 699),)]),
        "error": _some(rand, list(Failure)),
        "parent": PARENTS[0],
        "created_from": moment,
        "created_to": moment,
        "finished_from": moment,
        "finished_to": moment,
        "due_before": moment,
        "attempts_from": rand.randrange(4),
        "order_key": _some(rand, ["a", "b", "none"]),
        "words": (rand.choice(["User", "deleted", "acme", "hook", "nowhere", "018bcfe5-6800"]),),
    }
    return Filter(**{name: fields[name] for name in rand.sample(sorted(fields), rand.randint(1, 3))})


def _some(rand: random.Random, values: Sequence[Any]) -> frozenset[Any]:
    return frozenset(rand.sample(values, rand.randint(1, min(3, len(values)))))
