"""A whole filter as a stream, by `Accept`: one JSON object a line (NDJSON), or CSV (RFC 4180).

It goes page by page, so that no view of the store is held and a slow client keeps nothing but his connection. Tasks
that come after its beginning are not in it (else it might never end), and none is in it twice.

What can't be finished is cut off: the client sees a broken answer, never a short one that looks whole.
"""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Iterable
from typing import Any

import msgspec
import structlog
from aiohttp import web

from okydrom.errors import Fault, Invalid
from okydrom.public import task_json
from okydrom.store.query import Filter
from okydrom.web.answers import CLOSED
from okydrom.web.exports import cut_off
from okydrom.web.keys import EXPORTS, LANES, STORE
from okydrom.web.middleware import ID, REQUEST_ID
from okydrom.web.paging import Paging
from okydrom.web.sending import shown_status
from okydrom.web.streaming import streams

log = structlog.get_logger("okydrom.web")

PIECE = 500  # tasks that are read at once
NDJSON, CSV, JSON = "application/x-ndjson", "text/csv", "application/json"
FORMS = (JSON, NDJSON, CSV)  # of a list; the first is a page of it
Rows = list[dict[str, Any]]
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


async def export(request: web.Request, wanted: Filter, paging: Paging, kind: str) -> web.StreamResponse:
    """All tasks of a filter, in one of FORMS. What fails before its first line is answered like any other call."""
    _check(request)
    app, transport = request.app, request.transport
    if transport is None:
        raise ConnectionResetError("the client is gone")
    with app[EXPORTS].one(transport):
        last = (await app[STORE].summary()).last_seq
        pieces = _pieces(app, msgspec.structs.replace(wanted, seq_to=last), paging.oldest_first)
        first = await anext(pieces)
        response = _response(kind)
        response.headers[REQUEST_ID] = request[ID]
        streams(request)
        await response.prepare(request)
        if request.method != "HEAD":
            await _write(response, first, pieces, transport)
    return response


async def _write(
    response: web.StreamResponse, first: Rows, pieces: AsyncIterator[Rows], transport: asyncio.Transport
) -> None:
    """Piece after piece; `write` waits while the client is slow."""
    render = _csv if response.content_type == CSV else _lines
    try:
        if render is _csv:
            await response.write(_rows([COLUMNS]))
        await response.write(render(first))
        async for piece in pieces:
            if transport.is_closing():
                raise ConnectionResetError("the client is gone")
            await response.write(render(piece))
    except ConnectionError:
        raise
    except Exception as error:
        log.error("export_broken", exc_info=error)
        cut_off(transport)
        raise ConnectionAbortedError("the export can't be finished") from error


def _response(kind: str) -> web.StreamResponse:
    response = web.StreamResponse(headers=CLOSED)
    response.content_type = kind
    response.charset = "utf-8" if kind == CSV else None
    suffix = "csv" if kind == CSV else "ndjson"
    response.headers["Content-Disposition"] = f'attachment; filename="tasks.{suffix}"'
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


async def _pieces(app: web.Application, wanted: Filter, oldest_first: bool) -> AsyncIterator[Rows]:
    """Page after page; one may be empty, as a search ends at its deadline and goes on from there."""
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


def _lines(tasks: Rows) -> bytes:
    return b"".join(_encode(task) + b"\n" for task in tasks)


def _csv(tasks: Rows) -> bytes:
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
