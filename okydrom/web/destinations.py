"""Destinations as they are listed and shown: what waits for each, and what its lane makes of it."""

from __future__ import annotations

from typing import Any

import msgspec
from aiohttp import web

from okydrom.delivery.condition import Condition, State
from okydrom.delivery.egress import parse_url
from okydrom.delivery.recent import MINUTE, Recent, since
from okydrom.errors import Fault, Invalid, NotFound
from okydrom.store.steering import DestinationRow
from okydrom.times import earliest, maybe, rfc3339
from okydrom.web.answers import json_answer
from okydrom.web.keys import LANES, NOW, PUMP, STARTED_AT, STEERING, STORE
from okydrom.web.paging import check_names, parse_paging

MOST_STEPS = 50  # rows of the store are looked at in so many pages for one answer
STEP = 200
LONGEST_SEARCH = 255


async def index(request: web.Request) -> web.Response:
    """Destinations by key, those of a state or with a text in their key."""
    query = request.query
    check_names(query.items(), ("state", "q", "limit", "cursor"))
    paging = parse_paging(query.items())
    states = _states(query.getall("state", []))
    await request.app[PUMP].caught_up()
    after, items = paging.cursor, list[dict[str, Any]]()
    for _ in range(MOST_STEPS):
        rows = await request.app[STORE].destinations(STEP, after, query.get("q", "")[:LONGEST_SEARCH])
        for row in rows:
            if len(items) == paging.limit:
                return json_answer({"items": items, "next": after, "prev": None, "complete": True})
            after = row.destination
            shown = _shown(request.app, row)
            if not states or shown["state"] in states:
                items.append(shown)
        if len(rows) < STEP:
            return json_answer({"items": items, "next": None, "prev": None, "complete": True})
    return json_answer({"items": items, "next": after, "prev": None, "complete": False})


async def show(request: web.Request) -> web.Response:
    """One destination."""
    check_names(request.query.items(), ())
    return await answer(request, key_of(request))


async def answer(request: web.Request, key: str) -> web.Response:
    """The answer that shows a destination. Raises NotFound."""
    return json_answer(_shown(request.app, await find(request, key)))


async def overview(app: web.Application, key: str) -> dict[str, Any]:
    """A destination in short, whether it is known or not."""
    row = await _find(app, key)
    condition = app[STEERING].condition(key)
    waiting = row.waiting if row is not None else 0
    return {"key": key, "state": condition.state, "until": maybe(condition.until), "waiting": waiting}


async def find(request: web.Request, key: str) -> DestinationRow:
    """A destination that has tasks or orders. Raises NotFound."""
    await request.app[PUMP].caught_up()
    row = await _find(request.app, key)
    if row is None:
        raise NotFound("There is no such destination.")
    return row


async def _find(app: web.Application, key: str) -> DestinationRow | None:
    rows = await app[STORE].destinations(1, None, key)  # keys that contain it begin with it
    return rows[0] if rows and rows[0].destination == key else None


def key_of(request: web.Request) -> str:
    """The key in the path, in its one spelling. Raises NotFound if it is no key of a destination."""
    try:
        return parse_url(request.match_info["key"]).destination
    except Invalid:
        raise NotFound(
            "There is no such destination: its key is scheme://host:port, percent-encoded."
        ) from None


def _states(given: list[str]) -> set[str]:
    states = {state for text in given for state in text.split(",") if state}
    unknown = states - set(State)
    if unknown:
        raise Invalid(
            [Fault("#state", "unknown_value", f"Must be of {', '.join(State)}.", allowed=list(State))]
        )
    return states


def standing(app: web.Application, key: str) -> dict[str, Any]:
    """How it stands with a destination, and why."""
    condition = app[STEERING].condition(key)
    return {
        "key": key,
        "state": condition.state,
        "reason": _reason(condition),
        "since": maybe(condition.since),
        "until": maybe(condition.until),
    }


def _shown(app: web.Application, row: DestinationRow) -> dict[str, Any]:
    key, now = row.destination, app[NOW]()
    lane, steering = app[LANES].get(key), app[STEERING]
    steered = steering.of(key)
    oldest = earliest(row.next_due, lane.oldest_due if lane else None)
    ceiling, rate = steering.limits(key)
    recent = app[LANES].recent(key)
    return standing(app, key) | {
        "waiting": row.waiting,
        "oldest_due_at": maybe(oldest if oldest is not None and oldest <= now else None),
        "in_flight": lane.in_flight if lane else 0,
        "window": lane.window if lane else ceiling,
        "limit": ceiling,
        "rate": rate or None,
        "ordered": {"concurrency": steered.concurrency, "rate": steered.rate},
        "recent": msgspec.to_builtins(recent.figures(now)),
        "series": _series(recent, now, app[STARTED_AT]),
    }


def _series(recent: Recent, now: int, started: int) -> dict[str, Any] | None:
    """What was delivered, minute by minute; of the time before the service started nothing is known."""
    delivered, begin = recent.delivered(now), since(now)
    if delivered is None:
        return None
    first = next((minute for minute, count in enumerate(delivered) if count), len(delivered) - 1)
    unknown = min(max((started - begin) // MINUTE, 0), first)
    return {
        "from": rfc3339(begin + unknown * MINUTE),
        "step_s": MINUTE // 1000,
        "delivered": delivered[unknown:],
    }


def _reason(condition: Condition) -> dict[str, Any] | None:
    if condition.cause is None:
        return None
    return {
        "kind": condition.cause,
        "code": condition.code,
        "value": condition.value,
        "note": condition.note,
        "by": condition.by,
    }
