"""POST /tasks: the call that all of Okydrom is for. It answers when the task is on disk.

One task with nothing special about it goes the short way; batches, idempotency keys, waiting and dry runs the other.
"""

from __future__ import annotations

from typing import cast

from aiohttp import web

from okydrom.task import Task
from okydrom.times import rfc3339
from okydrom.web.body import check_json, is_json, read_body
from okydrom.web.caller import caller_of
from okydrom.web.handing import NDJSON, PATH, hand_in
from okydrom.web.keys import ACCEPT, QUOTA, SCHEMA, SETTINGS
from okydrom.web.receipt import Receipt
from okydrom.web.traceparent import traceparent_of


async def create(request: web.Request) -> web.StreamResponse:
    """Keep a task: 202 once its bytes are on stable storage."""
    app = request.app
    schema, server = app[SCHEMA], app[SETTINGS].server
    check_json(request, NDJSON)
    lines = not is_json(request)
    most = app[SETTINGS].limits.batch
    body = await read_body(request, max(schema.largest, most), server.body_timeout)
    if request.query_string or lines or body[:1] != b"{" or _asks(request) or len(body) > schema.largest:
        return await hand_in(request, body, lines)
    source = caller_of(request).name
    trace = request.headers.getall("traceparent", None)
    task = schema.task(body, source, None if trace is None else traceparent_of(trace))
    app[QUOTA].take(source)
    await app[ACCEPT].accept(task)
    return cast(web.StreamResponse, accepted(task, server.url_prefix))


def _asks(request: web.Request) -> bool:
    """Does a header ask for more than to keep it?"""
    headers = request.headers
    return "Idempotency-Key" in headers or "Prefer" in headers


def accepted(task: Task, prefix: str) -> Receipt:
    """The answer to a task that is kept. None of these texts can hold a character that JSON escapes."""
    body = (
        f'{{"id":"{task.id}","status":"queued","created_at":"{rfc3339(task.created_at)}",'
        f'"destination":"{task.destination}","duplicate":false}}'
    )
    return Receipt(body.encode(), f"{prefix}{PATH}/{task.id}")
