"""GET /tasks/{id}/explain: why a task is where it is, what comes next, and whom else it concerns."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from okydrom.delivery.condition import State
from okydrom.delivery.explain import Around, Explanation, Place, Said, explain
from okydrom.delivery.plan import pairs
from okydrom.store.contract import Part
from okydrom.store.query import parse_filter
from okydrom.task import TERMINAL, Task
from okydrom.times import maybe, rfc3339
from okydrom.web.answers import json_answer
from okydrom.web.keys import LANES, METHODS, NOW, SETTINGS, STEERING, STORE
from okydrom.web.one import find_task
from okydrom.web.ownership import own, unsaid
from okydrom.web.paging import check_names
from okydrom.web.render import keep_until
from okydrom.web.sending import sending_since

MOST_COUNTED = 10_000


async def show(request: web.Request) -> web.Response:
    """The explanation of one task."""
    check_names(request.query.items(), ())
    task = await find_task(request, Part.FULL)
    found = explain(task, await _around(request, task))
    affected = [await _counted(request, said) for said in found.affected]
    return json_answer(_json(found, affected))


async def _around(request: web.Request, task: Task) -> Around:
    app = request.app
    store, settings, lanes = app[STORE], app[SETTINGS], app[LANES]
    method = app[METHODS].get(task.method)
    since = sending_since(lanes.flights, task)
    in_line = await store.in_line(task.id) if task.order_key is not None else (0, 0)
    due, now = task.next_attempt_at, app[NOW]()
    ahead = 0
    if task.status not in TERMINAL and since is None and due is not None and due <= now:
        ahead = min(await store.ahead(task.destination, due, task.seq), MOST_COUNTED)
    return Around(
        now=now,
        policy=task.retry or (method.retry if method else None) or settings.retry.policy,
        timeout=task.timeout or (method.timeout if method else None) or settings.delivery.timeout,
        place=unsaid(request, _place(app, task)),
        sending_since=since,
        senders_busy=lanes.flights.full,
        stopping=lanes.halted,
        ahead=ahead,
        ahead_in_line=in_line[0],
        behind_in_line=in_line[1],
        history=await store.history(task.id),
        keep_until=keep_until(task, settings.retention),
    )


def _place(app: web.Application, task: Task) -> Place:
    condition = app[STEERING].condition(task.destination)
    lane = app[LANES].get(task.destination)
    return Place(
        cause=condition.cause,
        narrow=condition.state is State.THROTTLED,
        code=condition.code,
        value=condition.value,
        note=condition.note,
        by=condition.by,
        since=condition.since,
        until=condition.until,
        in_flight=lane.in_flight if lane else 0,
        window=lane.window if lane else app[STEERING].limits(task.destination)[0],
    )


async def _counted(request: web.Request, said: Said) -> dict[str, Any]:
    """How many it concerns that the caller may see, this task among them; counting stops at 10,000."""
    app = request.app
    wanted = own(request, parse_filter(pairs(said.filter), app[NOW]()))
    counted = await app[STORE].count(wanted, cap=MOST_COUNTED, sending=app[LANES].flights.by_id.keys())
    count = min(sum(counted.by_status.values()), MOST_COUNTED)
    return {"code": said.code, "params": said.params, "count": count, "filter": said.filter}


def _json(found: Explanation, affected: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "why": [{"code": said.code, "params": said.params} for said in found.why],
        "next": [{"code": said.code, "params": said.params, "at": maybe(said.at)} for said in found.next],
        "affected": affected,
        "schedule": [{"attempt": number, "earliest": rfc3339(at)} for number, at in found.schedule],
        "gives_up_at": maybe(found.gives_up_at),
    }
