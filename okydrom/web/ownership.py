"""What is whose: a source sees its own tasks and no others, and of an attempt not what the recipient answered,
nor at which address; of a destination not what others met there, nor what operators said of it.

(Else a GET task would be a way to read services that only Okydrom can reach.)
"""

from __future__ import annotations

import msgspec
from aiohttp import web

from okydrom.delivery.explain import Place
from okydrom.errors import NotFound
from okydrom.store.query import Filter
from okydrom.task import Attempt, Task
from okydrom.web.caller import Role, caller_of

NOT_FOUND = "There is no such task, or retention removed it."


def own(request: web.Request, wanted: Filter) -> Filter:
    """The filter, narrowed to what the caller may see."""
    caller = caller_of(request)
    if caller.role is not Role.SOURCE:
        return wanted
    if wanted.source and caller.name not in wanted.source:
        return msgspec.structs.replace(wanted, source=frozenset({caller.name}), ids=frozenset({NOBODY}))
    return msgspec.structs.replace(wanted, source=frozenset({caller.name}))


NOBODY = "00000000-0000-7000-8000-000000000000"  # the id of no task


def checked(request: web.Request, task: Task | None) -> Task:
    """The task, if it is there and the caller may see it. Raises NotFound, which does not say which it was."""
    caller = caller_of(request)
    if task is None or (caller.role is Role.SOURCE and task.source != caller.name):
        raise NotFound(NOT_FOUND)
    return task


def unsaid(request: web.Request, place: Place) -> Place:
    """How it stands with a destination, as the caller may know it."""
    if caller_of(request).role is not Role.SOURCE:
        return place
    return msgspec.structs.replace(place, code=None, value=None, note=None, by=None)


def unanswered(request: web.Request, attempt: Attempt) -> Attempt:
    """The attempt as the caller may see it."""
    if caller_of(request).role is not Role.SOURCE:
        return attempt
    outcome = attempt.outcome
    outcome = msgspec.structs.replace(
        outcome,
        address=None,
        rule=outcome.rule and outcome.rule.partition(" ")[0],
        response_headers=(),
        response_body=b"",
        response_size=0,
        truncated=False,
    )
    return msgspec.structs.replace(attempt, outcome=outcome)
