"""POST /tasks: the call that all of Okydrom is for. It answers when the task is on disk."""

from __future__ import annotations

from typing import cast

from aiohttp import web

from okydrom.errors import Fault, Invalid
from okydrom.task import Task
from okydrom.times import rfc3339
from okydrom.web.body import check_json, read_body
from okydrom.web.caller import caller_of
from okydrom.web.keys import ACCEPT, QUOTA, SCHEMA, SETTINGS
from okydrom.web.paging import check_names
from okydrom.web.receipt import Receipt
from okydrom.web.traceparent import traceparent_of

PATH = "/api/v1/tasks"


async def create(request: web.Request) -> web.StreamResponse:
    """Keep a task: 202 once its bytes are on stable storage."""
    app = request.app
    schema = app[SCHEMA]
    server = app[SETTINGS].server
    check_json(request)
    _check_promises(request)
    body = await read_body(request, schema.largest, server.body_timeout)
    source = caller_of(request).name
    trace = request.headers.getall("traceparent", None)
    task = schema.task(body, source, None if trace is None else traceparent_of(trace))
    app[QUOTA].take(source)
    await app[ACCEPT].accept(task)
    return cast(web.StreamResponse, accepted(task, server.url_prefix))


def _check_promises(request: web.Request) -> None:
    """What would promise more than this version keeps is refused, not passed over."""
    if request.query_string:
        check_names(request.query.items(), ())
    if "Idempotency-Key" in request.headers:
        message = "Idempotency keys are not supported in this version."
        raise Invalid([Fault("#Idempotency-Key", "unsupported_header", message)])


def accepted(task: Task, prefix: str) -> Receipt:
    """The answer to a task that is kept. None of these texts can hold a character that JSON escapes."""
    body = (
        f'{{"id":"{task.id}","status":"queued","created_at":"{rfc3339(task.created_at)}",'
        f'"destination":"{task.destination}","duplicate":false}}'
    )
    return Receipt(body.encode(), f"{prefix}{PATH}/{task.id}")
