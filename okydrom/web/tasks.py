"""Tasks: the list, one task, its attempts and bytes."""

from __future__ import annotations

import hashlib
from typing import Any

from aiohttp import web

from okydrom.errors import Erased, Fault, Invalid, NotFound
from okydrom.public import task_json
from okydrom.store.contract import Page, Part
from okydrom.store.query import Filter, parse_filter
from okydrom.task import GROUPS, Group, Status
from okydrom.times import rfc3339
from okydrom.web.answers import json_answer
from okydrom.web.download import download
from okydrom.web.export import FORMS, JSON, export
from okydrom.web.keys import LANES, NOW, PUMP, STORE
from okydrom.web.negotiation import preferred
from okydrom.web.one import find_task, shown
from okydrom.web.ownership import own, unanswered
from okydrom.web.paging import PAGING, Paging, parse_paging
from okydrom.web.render import attempt_json
from okydrom.web.sending import shown_status


async def index(request: web.Request) -> web.StreamResponse:
    """A page of the tasks that a filter wants, by keyset; or all of them as a stream, by `Accept`."""
    app = request.app
    paging, wanted = _wanted(request)
    wanted = own(request, wanted)
    await app[PUMP].caught_up()
    kind = preferred(",".join(request.headers.getall("Accept", ())), FORMS)
    if kind != JSON:
        return await export(request, wanted, paging, kind)
    page = await app[STORE].find(
        wanted,
        limit=paging.limit,
        cursor=paging.cursor,
        oldest_first=paging.oldest_first,
        sending=app[LANES].flights.by_id.keys(),
    )
    return json_answer(_page_json(app, page))


async def count(request: web.Request) -> web.Response:
    """How many tasks a filter wants, by shown status; above a cap it is no longer exact."""
    app = request.app
    now = app[NOW]()
    wanted = own(request, parse_filter(request.query.items(), now))
    await app[PUMP].caught_up()
    counted = await app[STORE].count(wanted, sending=app[LANES].flights.by_id.keys())
    by_group = dict.fromkeys(Group, 0)
    for status, number in counted.by_status.items():
        by_group[GROUPS[status]] += number
    return json_answer(
        {
            "total": sum(counted.by_status.values()),
            "by_group": by_group,
            "by_status": dict.fromkeys(Status, 0) | dict(counted.by_status),
            "exact": counted.exact,
            "as_of": rfc3339(now),
        }
    )


async def show(request: web.Request) -> web.Response:
    """One task with all that is known of it."""
    task = await find_task(request, Part.FULL)
    return await shown(request, task)


async def attempts(request: web.Request) -> web.Response:
    """Its attempts, oldest first."""
    task = await find_task(request, Part.HEAD)
    found = await request.app[STORE].attempts(task.id)
    return json_answer({"items": [attempt_json(unanswered(request, each)) for each in found]})


async def body(request: web.Request) -> web.Response:
    """Its body, byte by byte."""
    task = await find_task(request, Part.FULL)
    if task.erased_at is not None:
        raise Erased(erased_at=rfc3339(task.erased_at), sha256=task.sha256.hex() if task.sha256 else None)
    if task.body is None and task.size:
        raise NotFound("The body is damaged: it does not match its checksum.")
    content = task.body or b""
    digest = hashlib.blake2b(content, digest_size=12).hexdigest()
    return download(request, content, task.content_type, task.id, f'"{digest}"')


def _wanted(request: web.Request) -> tuple[Paging, Filter]:
    """Paging and filter of a query, or the faults of both."""
    query, faults = request.query.items(), list[Fault]()
    try:
        paging = parse_paging(query)
    except Invalid as invalid:
        faults += invalid.faults
    try:
        wanted = parse_filter([pair for pair in query if pair[0] not in PAGING], request.app[NOW]())
    except Invalid as invalid:
        faults += invalid.faults
    if faults:
        raise Invalid(faults)
    return paging, wanted


def _page_json(app: web.Application, page: Page) -> dict[str, Any]:
    flights = app[LANES].flights
    return {
        "items": [task_json(task, shown_status(flights, task)) for task in page.items],
        "next": page.next,
        "prev": page.prev,
        "complete": page.complete,
    }
