"""Is it alive, is it ready, who is it: for supervisors, balancers and the page."""

from __future__ import annotations

from aiohttp import web

from okydrom import __version__
from okydrom.times import rfc3339
from okydrom.web.answers import json_answer
from okydrom.web.caller import caller_of
from okydrom.web.keys import INSTANCE, NOW, SETTINGS, STARTED_AT, TROUBLES


async def livez(_: web.Request) -> web.Response:
    """The event loop turns. It says nothing of whether tasks are taken."""
    return json_answer({"status": "ok"})


async def readyz(request: web.Request) -> web.Response:
    """Tasks are taken; if not (503), why."""
    reasons = [
        {"code": trouble.code, "detail": trouble.detail, "params": trouble.params}
        for trouble in request.app[TROUBLES]()
    ]
    if not reasons:
        return json_answer({"ready": True, "reasons": []})
    return json_answer({"ready": False, "reasons": reasons}, 503, {"Retry-After": "1"})


async def session(request: web.Request) -> web.Response:
    """Who the caller is, and whom he talks to."""
    app = request.app
    caller = caller_of(request)
    return json_answer(
        {
            "auth": "none",
            "name": caller.name,
            "role": caller.role,
            "allowed": ["read", "create", "act"],
            "lang": app[SETTINGS].ui.lang,
            "instance": app[INSTANCE],
            "version": __version__,
            "started_at": rfc3339(app[STARTED_AT]),
            "now": rfc3339(app[NOW]()),
            "ready": not app[TROUBLES](),
        }
    )
