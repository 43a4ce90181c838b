"""Tasks: the list, one task, its attempts and bytes; and what may be done to one."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from okydrom.errors import BadRequest, Fault, Invalid, NotFound
from okydrom.public import task_json
from okydrom.store.command import Changed
from okydrom.store.contract import Page, Part
from okydrom.store.query import Filter, parse_filter
from okydrom.task import GROUPS, Group, Status, Task
from okydrom.times import rfc3339
from okydrom.web.answers import json_answer
from okydrom.web.caller import caller_of
from okydrom.web.download import download
from okydrom.web.keys import COMMANDS, LANES, NOW, PUMP, SETTINGS, STORE
from okydrom.web.paging import PAGING, Paging, check_names, parse_paging
from okydrom.web.render import attempt_json, details_json, etag
from okydrom.web.sending import sending_since, shown_status

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.ASCII)
_ETAG = re.compile(r'"([0-9]{1,18})"', re.ASCII)


async def index(request: web.Request) -> web.Response:
    """A page of the tasks that a filter wants, by keyset."""
    app = request.app
    paging, wanted = _wanted(request)
    await app[PUMP].caught_up()
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
    wanted = parse_filter(request.query.items(), now)
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
    task = await _find(request, Part.FULL)
    return json_answer(_details(request.app, task), headers={"ETag": etag(task)})


async def attempts(request: web.Request) -> web.Response:
    """Its attempts, oldest first."""
    task = await _find(request, Part.HEAD)
    return json_answer({"items": [attempt_json(each) for each in await request.app[STORE].attempts(task.id)]})


async def body(request: web.Request) -> web.Response:
    """Its body, byte by byte."""
    task = await _find(request, Part.FULL)
    if task.body is None and task.size:
        raise NotFound("The body is damaged: it does not match its checksum.")
    content = task.body or b""
    digest = hashlib.blake2b(content, digest_size=12).hexdigest()
    return download(request, content, task.content_type, task.id, f'"{digest}"')


async def retry(request: web.Request) -> web.Response:
    """A new grant for a terminal one, or due at once."""
    return await _command(request, request.app[COMMANDS].retry)


async def cancel(request: web.Request) -> web.Response:
    """Withdraw it; 202 while an attempt is under way, whose outcome decides."""
    return await _command(request, request.app[COMMANDS].cancel)


async def _command(
    request: web.Request, command: Callable[[str, str, int | None], Awaitable[Changed]]
) -> web.Response:
    check_names(request.query.items(), ())
    changed = await command(_task_id(request), caller_of(request).name, _version(request))
    if changed.task is None:
        raise NotFound
    return json_answer(
        _details(request.app, changed.task), 202 if changed.noted else 200, {"ETag": etag(changed.task)}
    )


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


async def _find(request: web.Request, part: Part) -> Task:
    task_id = _task_id(request)
    await request.app[PUMP].imported(task_id)
    task = await request.app[STORE].get(task_id, part)
    if task is None:
        raise NotFound("There is no such task, or retention removed it.")
    return task


def _task_id(request: web.Request) -> str:
    task_id = request.match_info["id"].lower()
    if not _ID.fullmatch(task_id):
        raise NotFound("There is no such task: this is no id of one.")
    return task_id


def _version(request: web.Request) -> int | None:
    """What `If-Match` asks for; None: any version."""
    given = request.headers.get("If-Match")
    if given is None or given.strip() == "*":
        return None
    match = _ETAG.fullmatch(given.strip())
    if match is None:
        raise BadRequest('If-Match has to be the ETag of a task, such as "3".')
    return int(match[1])


def _details(app: web.Application, task: Task) -> dict[str, Any]:
    lanes = app[LANES]
    since = sending_since(lanes.flights, task)
    return details_json(task, since, lanes.get(task.destination), app[SETTINGS].retention, app[NOW]())


def _page_json(app: web.Application, page: Page) -> dict[str, Any]:
    flights = app[LANES].flights
    return {
        "items": [task_json(task, shown_status(flights, task)) for task in page.items],
        "next": page.next,
        "prev": page.prev,
        "complete": page.complete,
    }
