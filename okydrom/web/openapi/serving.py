"""GET /openapi.json."""

from __future__ import annotations

from aiohttp import web

from okydrom.web.answers import raw_json_answer
from okydrom.web.keys import OPENAPI


async def show(request: web.Request) -> web.Response:
    """The description of all calls, for machines."""
    return raw_json_answer(request.app[OPENAPI])
