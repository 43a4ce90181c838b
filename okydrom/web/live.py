"""Figures of this moment, and of what has been going on."""

from __future__ import annotations

from typing import Any

import msgspec
from aiohttp import web

from okydrom.errors import Fault, Invalid
from okydrom.intake.window import USUAL_WINDOW, WINDOWS, Series, Totals, window_of
from okydrom.store.contract import Summary
from okydrom.task import Status
from okydrom.times import earliest, maybe, rfc3339
from okydrom.web.answers import json_answer
from okydrom.web.keys import HEALTH, LANES, MINUTES, NOW, STORE
from okydrom.web.paging import check_names
from okydrom.web.sending import shown_counts


async def stats(request: web.Request) -> web.Response:
    """How much waits and is being sent, what happened within a window, and how the parts of the service are."""
    app, query = request.app, request.query
    check_names(query.items(), ("window",))
    span = WINDOWS.get(query.get("window", USUAL_WINDOW))
    if span is None:
        allowed = list(WINDOWS)
        raise Invalid(
            [Fault("#window", "unknown_value", f"Must be one of {', '.join(allowed)}.", allowed=allowed)]
        )
    summary = await app[STORE].summary()
    found = window_of(app[MINUTES], span, app[NOW]())
    return json_answer(
        {
            "as_of": rfc3339(summary.as_of),
            "now": _now(app, summary),
            "window": _from(found.window),
            "previous": _from(found.previous),
            "series": _from(found.series),
            "health": [msgspec.structs.asdict(check) for check in app[HEALTH].checks()],
        }
    )


async def moment(app: web.Application) -> dict[str, Any]:
    """The figures of this moment, as JSON."""
    summary = await app[STORE].summary()
    return {"as_of": rfc3339(summary.as_of), "now": _now(app, summary)}


def oldest_due(app: web.Application, summary: Summary) -> int | None:
    """Since when the oldest task is due that nobody is sending (epoch ms); None: there is none."""
    return earliest(summary.oldest_due, *(lane.oldest_due for lane in app[LANES].all.values()))


def _now(app: web.Application, summary: Summary) -> dict[str, Any]:
    flights = app[LANES].flights
    counts = shown_counts(flights, summary.by_status)
    return {
        "queued": counts[Status.QUEUED],
        "sending": counts[Status.SENDING],
        "retrying": counts[Status.RETRYING],
        "senders": flights.senders,
        "oldest_due_at": maybe(oldest_due(app, summary)),
        "next_due_at": maybe(summary.next_due),
    }


def _from(figures: Totals | Series) -> dict[str, Any]:
    """`from` is a word of Python's own, so it has another name inside."""
    fields = msgspec.structs.asdict(figures)
    return {"from": rfc3339(fields.pop("begin")), **fields}
