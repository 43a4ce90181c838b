"""`?dry_run=1`: what would become of a task, without keeping it."""

from __future__ import annotations

import asyncio
import random
from typing import Any

from aiohttp import web

from okydrom.delivery.egress import parse_url
from okydrom.delivery.failures import DialFailed, Shortage
from okydrom.delivery.request import request_of
from okydrom.delivery.timetable import timetable
from okydrom.delivery.wire import Request
from okydrom.errors import Invalid
from okydrom.masking import MASK, masked_headers
from okydrom.times import maybe, rfc3339
from okydrom.web.answers import json_answer
from okydrom.web.caller import Role, caller_of
from okydrom.web.destinations import overview
from okydrom.web.keys import EXAMINE, METHODS, NOW, SCHEMA, SETTINGS, WALL
from okydrom.web.traceparent import traceparent_of

RESOLVING = 3.0  # s that a name may take


async def dry_run(request: web.Request, body: bytes) -> web.Response:
    """200, whether the task would be taken or not; a body that can't be read at all is refused as at a create."""
    app = request.app
    traceparent = traceparent_of(request.headers.getall("traceparent", ()))
    try:
        task = app[SCHEMA].task(body, caller_of(request).name, traceparent)
    except Invalid as invalid:
        errors = [fault.as_dict() for fault in invalid.faults]
        return json_answer({"valid": False, "errors": errors})
    method = app[METHODS].get(task.method)
    policy = task.retry or (method.retry if method else None) or app[SETTINGS].retry.policy
    sent = request_of(task, method, app[WALL](), random.Random(0))
    return json_answer(
        {
            "valid": True,
            "errors": [],
            "addresses": await _addresses(request, sent),
            "headers": masked_headers(_shown(sent)),
            "body_size": task.size,
            "destination": await overview(app, task.destination),
            "expires_at": maybe(task.expires_at),
            "schedule": [
                {"attempt": number, "earliest": rfc3339(at)}
                for number, at in timetable(task, policy, app[NOW]())
            ],
        }
    )


def _shown(sent: Request) -> list[tuple[str, str]]:
    """The headers, without what a method carries."""
    return [(name, MASK if name.lower() in sent.hidden else value) for name, value in sent.headers]


async def _addresses(request: web.Request, sent: Request) -> list[dict[str, Any]]:
    """Where its name leads, and which of these may be dialled; for operators alone, since it reads our network."""
    if caller_of(request).role is not Role.OPERATOR:
        return []
    try:
        async with asyncio.timeout(RESOLVING):
            judged = await request.app[EXAMINE](parse_url(sent.url), sent.way)
    except (DialFailed, Shortage, TimeoutError):
        return []
    return [{"address": each.address, "allowed": each.rule is None, "rule": each.rule} for each in judged]
