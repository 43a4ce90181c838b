"""Destinations: what waits for each, and what its lane makes of it.

normal      sends as it may
throttled   its window is below its ceiling and grows with each success
held        by `Retry-After`, or failing: one attempt at a time
paused      by an operator
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec
from aiohttp import web

from okydrom.delivery.egress import parse_url
from okydrom.delivery.lane import Lane
from okydrom.errors import Fault, Invalid, NotFound
from okydrom.store.steering import DestinationRow
from okydrom.times import earliest, maybe
from okydrom.web.answers import json_answer
from okydrom.web.keys import LANES, NOW, PUMP, SETTINGS, STORE
from okydrom.web.paging import check_names, parse_paging

MOST_STEPS = 50  # rows of the store are looked at in so many pages for one answer
STEP = 200
LONGEST_SEARCH = 255


class State(StrEnum):
    """How it goes with a destination as a whole."""

    NORMAL = "normal"
    THROTTLED = "throttled"
    HELD = "held"
    PAUSED = "paused"


class View(msgspec.Struct, frozen=True):
    """A destination's state, why, since when and until when (epoch ms; None: not known)."""

    state: State
    reason: str | None = None
    since: int | None = None
    until: int | None = None


def view_of(row: DestinationRow, lane: Lane | None, now: int) -> View:
    """The state that a destination's row and lane (if it is in memory) make."""
    if row.paused:
        return View(State.PAUSED, "operator")
    held_until = max(row.held_until or 0, lane.held_until if lane else 0)
    if held_until > now:
        return View(State.HELD, "retry_after", until=held_until)
    if lane is not None and lane.failing:
        return View(State.HELD, "failures", lane.failing_since, lane.next_start or None)
    if lane is not None and lane.window < lane.ceiling:
        return View(State.THROTTLED, "failures")
    return View(State.NORMAL)


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
    try:
        key = parse_url(request.match_info["key"]).destination
    except Invalid:
        raise NotFound(
            "There is no such destination: its key is scheme://host:port, percent-encoded."
        ) from None
    await request.app[PUMP].caught_up()
    row = await _find(request.app, key)
    if row is None:
        raise NotFound("There is no such destination.")
    return json_answer(_shown(request.app, row))


async def overview(app: web.Application, key: str) -> dict[str, Any]:
    """A destination in short, whether it is known or not."""
    row = await _find(app, key)
    if row is None:
        return {"key": key, "state": State.NORMAL, "until": None, "waiting": 0}
    shown = _shown(app, row)
    return {name: shown[name] for name in ("key", "state", "until", "waiting")}


async def _find(app: web.Application, key: str) -> DestinationRow | None:
    rows = await app[STORE].destinations(STEP, None, key)
    return next((row for row in rows if row.destination == key), None)


def _states(given: list[str]) -> set[str]:
    states = {state for text in given for state in text.split(",") if state}
    unknown = states - set(State)
    if unknown:
        raise Invalid(
            [Fault("#state", "unknown_value", f"Must be of {', '.join(State)}.", allowed=list(State))]
        )
    return states


def _shown(app: web.Application, row: DestinationRow) -> dict[str, Any]:
    lane = app[LANES].get(row.destination)
    now = app[NOW]()
    view = view_of(row, lane, now)
    oldest = earliest(row.next_due, lane.oldest_due if lane else None)
    ceiling = app[SETTINGS].recipients.concurrency
    reason = {"kind": view.reason, "code": None, "value": None, "note": None, "by": None}
    return {
        "key": row.destination,
        "state": view.state,
        "reason": reason if view.reason else None,
        "since": maybe(view.since),
        "until": maybe(view.until),
        "waiting": row.waiting,
        "oldest_due_at": maybe(oldest if oldest is not None and oldest <= now else None),
        "in_flight": lane.in_flight if lane else 0,
        "window": lane.window if lane else ceiling,
        "limit": ceiling,
    }
