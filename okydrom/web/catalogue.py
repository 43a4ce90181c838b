"""The reference lists: statuses, methods, parameters."""

from __future__ import annotations

from aiohttp import web

from okydrom.config.kinds import seconds
from okydrom.config.parameters import parameters
from okydrom.masking import masked_url
from okydrom.task import GROUPS, TERMINAL, TRANSITIONS, Status
from okydrom.web.answers import json_answer
from okydrom.web.keys import LANES, METHODS, ORIGINS, SETTINGS, STORE
from okydrom.web.sending import shown_counts
from okydrom.web.statuses import WORDINGS


async def statuses(request: web.Request) -> web.Response:
    """The statuses in the order of a task's life, with how many of all kept tasks stand there."""
    summary = await request.app[STORE].summary()
    counts = shown_counts(request.app[LANES].flights, summary.by_status)
    items = [
        {
            "status": status,
            "group": GROUPS[status],
            "terminal": status in TERMINAL,
            "title": WORDINGS[status].title,
            "description": WORDINGS[status].description,
            "transitions": [target for target in Status if target in TRANSITIONS[status]],
            "count": counts[status],
        }
        for status in Status
    ]
    return json_answer({"items": items})


async def methods(request: web.Request) -> web.Response:
    """The methods; what they carry in headers, secrets and queries is not shown."""
    items = [
        {
            "name": method.name,
            "http_method": method.http_method,
            "url": None if method.url is None else masked_url(method.url),
            "builtin": method.builtin,
            "timeout": None if method.timeout is None else seconds(method.timeout),
            "max_attempts": method.max_attempts,
            "signed": method.signed,
            "description": method.description,
        }
        for method in request.app[METHODS].all()
    ]
    return json_answer({"items": items})


async def settings(request: web.Request) -> web.Response:
    """The settings this process runs with, and where each came from."""
    return json_answer({"items": parameters(request.app[SETTINGS], request.app[ORIGINS])})
