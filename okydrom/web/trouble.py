"""What is wrong now, by destination and outcome."""

from __future__ import annotations

from typing import Any

import msgspec
from aiohttp import web

from okydrom.delivery.problems import Problem, problems
from okydrom.store.trouble import TROUBLE_KEPT, Troubled
from okydrom.times import earliest, maybe, rfc3339
from okydrom.web.answers import json_answer
from okydrom.web.keys import LANES, NOW, PUMP, STEERING, STORE
from okydrom.web.paging import check_names, parse_paging

TIMES = ("first_at", "last_at", "next_attempt_at")


async def index(request: web.Request) -> web.Response:
    """Where tasks wait for another attempt or have failed, and destinations that are not normal; most tasks first."""
    app, query = request.app, request.query.items()
    check_names(query, ("limit",))
    limit = parse_paging(query).limit
    await app[PUMP].caught_up()
    now = app[NOW]()
    unwell = app[STEERING].unwell()
    places = await app[STORE].troubles(now - TROUBLE_KEPT, limit + 1, unwell)
    found = problems(
        (place, app[STEERING].condition(place.destination), _due(app, place)) for place in places
    )
    items = [_shown(problem) for problem in found[:limit]]
    return json_answer({"as_of": rfc3339(now), "items": items, "more": len(found) > limit})


def _due(app: web.Application, place: Troubled) -> int | None:
    """When the earliest waiting task that is not being sent is due."""
    lane = app[LANES].get(place.destination)
    return earliest(place.next_due, lane.oldest_due if lane is not None else None)


def _shown(problem: Problem) -> dict[str, Any]:
    fields = msgspec.structs.asdict(problem)
    return fields | {name: maybe(fields[name]) for name in TIMES}
