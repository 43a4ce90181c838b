"""The audit log: what operators changed."""

from __future__ import annotations

import msgspec
from aiohttp import web

from okydrom.store.command import Audited
from okydrom.times import rfc3339
from okydrom.web.answers import json_answer
from okydrom.web.keys import STORE
from okydrom.web.paging import check_names, parse_paging


async def index(request: web.Request) -> web.Response:
    """When, who, what, and to which tasks or destination; newest first."""
    query = request.query.items()
    check_names(query, ("limit", "cursor"))
    paging = parse_paging(query)
    found = await request.app[STORE].audits(paging.limit, paging.cursor)
    items = [
        {
            "at": rfc3339(row.at),
            "by": row.by,
            "action": row.action,
            "subject": msgspec.Raw(row.subject),
            "count": row.count,
        }
        for row in found.items
        if isinstance(row, Audited)
    ]
    return json_answer({"items": items, "next": found.next, "prev": None, "complete": True})
