"""A whole filter as a stream, by `Accept`: one JSON object a line (NDJSON), or CSV (RFC 4180).

It goes page by page, so that no view of the store is held and a slow client keeps nothing but his connection. What
changes meanwhile may be in it or not; no task is in it twice.
"""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

import msgspec
import structlog
from aiohttp import web

from okydrom.errors import Fault, Invalid
from okydrom.public import task_json
from okydrom.store.query import Filter
from okydrom.web.answers import CLOSED
from okydrom.web.keys import LANES, STORE
from okydrom.web.paging import Paging
from okydrom.web.sending import shown_status
from okydrom.web.streaming import streams

log = structlog.get_logger("okydrom.web")

PIECE = 500  # tasks that are read at once
NDJSON, CSV, JSON = "application/x-ndjson", "text/csv", "application/json"
COLUMNS = (
    *(
        "id",
        "status",
        "group",
        "reason",
        "method",
        "http_method",
        "url",
        "destination",
        "event",
        "source",
        "labels",
    ),
    *("order_key", "parent", "attempts", "max_attempts", "attempts_left", "created_at", "updated_at"),
    *("next_attempt_at", "finished_at", "last_code", "last_error", "size", "version"),
)
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what begins like this a spreadsheet would run

_encode = msgspec.json.Encoder(enc_hook=str).encode


def wanted_type(accept: str) -> str:
    """Which of the three forms a client likes best (RFC 9110, section 12.5.1); JSON, if it does not say.

    >>> wanted_type("text/csv"), wanted_type("*/*"), wanted_type("text/csv;q=0.1, application/x-ndjson")
    ('text/csv', 'application/json', 'application/x-ndjson')
    """
    best, found = 0.0, JSON
    for item in accept.split(","):
        kind, _, rest = item.partition(";")
        kind = kind.strip().lower()
        kind = JSON if kind in ("*/*", "application/*") else CSV if kind == "text/*" else kind
        if kind in (NDJSON, CSV, JSON) and (liked := _quality(rest)) > best:
            best, found = liked, kind
    return found


def _quality(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.strip().partition("=")
        if name.lower() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0


async def export(request: web.Request, wanted: Filter, paging: Paging, kind: str) -> web.StreamResponse:
    """All tasks of a filter. A fault on the way cuts the connection: the client must not take a part for the whole."""
    _check(request)
    response = web.StreamResponse(headers=CLOSED)
    response.content_type = kind
    response.charset = "utf-8" if kind == CSV else None
    suffix = "csv" if kind == CSV else "ndjson"
    response.headers["Content-Disposition"] = f'attachment; filename="tasks.{suffix}"'
    pieces = _pieces(request.app, wanted, paging.oldest_first)
    first = await anext(pieces)  # what fails before anything is sent is answered like any other call
    streams(request)
    await response.prepare(request)
    render: Callable[[list[dict[str, Any]]], bytes] = _csv if kind == CSV else _lines
    try:
        if kind == CSV:
            await response.write(_rows([COLUMNS]))
        await response.write(render(first))
        async for piece in pieces:
            await response.write(render(piece))
        await response.write_eof()
    except ConnectionError:
        raise
    except Exception as error:
        log.error("export_broken", exc_info=error)
        if request.transport is not None:
            request.transport.abort()
        raise ConnectionResetError from error
    return response


def _check(request: web.Request) -> None:
    """It has no pages."""
    faults = [
        Fault(f"#{name}", "not_with_export", "The whole filter is exported: it has no pages.")
        for name in ("limit", "cursor")
        if name in request.query
    ]
    if faults:
        raise Invalid(faults)


async def _pieces(
    app: web.Application, wanted: Filter, oldest_first: bool
) -> AsyncIterator[list[dict[str, Any]]]:
    cursor: str | None = None
    while True:
        flights = app[LANES].flights
        page = await app[STORE].find(
            wanted, limit=PIECE, cursor=cursor, oldest_first=oldest_first, sending=flights.by_id.keys()
        )
        yield [task_json(task, shown_status(flights, task)) for task in page.items]
        cursor = page.next
        if cursor is None:
            return


def _lines(tasks: list[dict[str, Any]]) -> bytes:
    return b"".join(_encode(task) + b"\n" for task in tasks)


def _csv(tasks: list[dict[str, Any]]) -> bytes:
    return _rows([_cell(task[column]) for column in COLUMNS] for task in tasks)


def _rows(rows: Iterable[Iterable[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _cell(value: Any) -> str:
    """A value as a text that no spreadsheet takes for a formula.

    >>> _cell("=1+1"), _cell(None), _cell({"a": "b"}), _cell(-5)
    ("'=1+1", '', '{"a":"b"}', '-5')
    """
    if value is None:
        return ""
    if isinstance(value, int):
        return str(value)
    text = _encode(value).decode() if isinstance(value, dict) else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text
