"""The one task that a call is about: its id in the path, the version it has to have, and all that is shown of it."""

from __future__ import annotations

import re
from typing import Any

from aiohttp import web

from okydrom.callback import event_of
from okydrom.errors import BadRequest, NotFound
from okydrom.intake.journal import gone_by
from okydrom.store.contract import Part
from okydrom.store.query import Filter
from okydrom.task import Task
from okydrom.web.answers import json_answer
from okydrom.web.caller import caller_of
from okydrom.web.keys import LANES, NOW, PUMP, SETTINGS, STEERING, STORE
from okydrom.web.ownership import checked, own
from okydrom.web.render import Kin, details_json, etag
from okydrom.web.sending import sending_since

MOST_CHILDREN = 50

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.ASCII)
_ETAG = re.compile(r'"([0-9]{1,18})"', re.ASCII)


def task_id_of(request: web.Request) -> str:
    """The id in the path. Raises NotFound if it is no id of a task."""
    return id_of(request, "task")


def id_of(request: web.Request, kind: str) -> str:
    """The id in the path, of a thing of this kind. Raises NotFound if it is none."""
    found = request.match_info["id"].lower()
    if not _ID.fullmatch(found):
        raise NotFound(f"There is no such {kind}: this is no id of one.")
    return found


def version_of(request: web.Request) -> int | None:
    """What `If-Match` asks for; None: any version."""
    given = request.headers.get("If-Match")
    if given is None or given.strip() == "*":
        return None
    match = _ETAG.fullmatch(given.strip())
    if match is None:
        raise BadRequest('If-Match has to be the ETag of a task, such as "3".')
    return int(match[1])


async def find_task(request: web.Request, part: Part) -> Task:
    """The task that the call is about, once it is in the store, if the caller may see it. Raises NotFound."""
    task_id = task_id_of(request)
    await request.app[PUMP].imported(task_id)
    return checked(request, await request.app[STORE].get(task_id, part))


async def shown(request: web.Request, task: Task, status: int = 200) -> web.Response:
    """The answer that shows all that is known of a task."""
    return json_answer(await details(request, task), status, {"ETag": etag(task)})


async def details(request: web.Request, task: Task) -> dict[str, Any]:
    """All that is known of a task, for this caller."""
    app = request.app
    store, keep = app[STORE], app[SETTINGS].storage.journal_keep
    children = await store.find(own(request, Filter(parent=task.id)), limit=MOST_CHILDREN)
    ahead, behind = await store.in_line(task.id) if task.order_key is not None else (0, 0)
    return details_json(
        task,
        sending_since(app[LANES].flights, task),
        app[SETTINGS].retention,
        app[NOW](),
        Kin(
            role=caller_of(request).role,
            history=await store.history(task.id),
            children=[child.id for child in children.items],
            callback_id=await _callback_id(request, task),
            hold=app[STEERING].of(task.destination).hold,
            journal_until=None if task.erased_at is None else gone_by(task.erased_at, keep),
            ahead=ahead,
            behind=behind,
        ),
    )


async def _callback_id(request: web.Request, task: Task) -> str | None:
    """The task that its end made, as long as that one is kept."""
    at = task.finished_at
    if at is None:
        return None
    wanted = Filter(
        parent=task.id, event=frozenset({event_of(task.status)}), created_from=at, created_to=at + 1
    )
    page = await request.app[STORE].find(own(request, wanted), limit=1)
    return page.items[0].id if page.items else None
