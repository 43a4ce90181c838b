"""Figures of this moment."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from okydrom.task import Status
from okydrom.times import earliest, maybe, rfc3339
from okydrom.web.answers import json_answer
from okydrom.web.keys import LANES, STORE
from okydrom.web.sending import shown_counts


async def stats(request: web.Request) -> web.Response:
    """How much waits, how much is being sent, since when the oldest is due."""
    return json_answer(await moment(request.app))


async def moment(app: web.Application) -> dict[str, Any]:
    """The figures of this moment, as JSON."""
    summary = await app[STORE].summary()
    lanes = app[LANES]
    flights = lanes.flights
    counts = shown_counts(flights, summary.by_status)
    now = {
        "queued": counts[Status.QUEUED],
        "sending": counts[Status.SENDING],
        "retrying": counts[Status.RETRYING],
        "senders": flights.senders,
        "oldest_due_at": maybe(
            earliest(summary.oldest_due, *(lane.oldest_due for lane in lanes.all.values()))
        ),
        "next_due_at": maybe(summary.next_due),
    }
    return {"as_of": rfc3339(summary.as_of), "now": now}
