"""Is it alive, is it ready, who is it: for supervisors, balancers and the page."""

from __future__ import annotations

from aiohttp import web

from okydrom.web.answers import json_answer
from okydrom.web.keys import TROUBLES


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
