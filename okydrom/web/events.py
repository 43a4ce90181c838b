"""Events of the service as a stream (server-sent events), for the page."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from okydrom.delivery.condition import Condition
from okydrom.errors import OkydromError
from okydrom.feed import Feed
from okydrom.task import Status, Task
from okydrom.web import live
from okydrom.web.answers import CLOSED
from okydrom.web.bulk import bulk_json
from okydrom.web.bulletin import Sights
from okydrom.web.caller import READERS
from okydrom.web.destinations import standing
from okydrom.web.hub import Hub
from okydrom.web.keys import AUTHORITY, HUB, LANES, NOW, SETTINGS, STEERING, STORE
from okydrom.web.memory import Memory
from okydrom.web.middleware import ID, REQUEST_ID
from okydrom.web.sending import shown_status
from okydrom.web.stream import Stream
from okydrom.web.streaming import streams
from okydrom.web.wish import parse_wish

KIND = "text/event-stream"
LAST = "Last-Event-ID"
HEADERS = CLOSED | {"Content-Type": KIND, "X-Accel-Buffering": "no"}  # a proxy is not to gather it


async def index(request: web.Request) -> web.StreamResponse:
    """What changes, as long as the client stays and may read it."""
    app, transport = request.app, request.transport
    wish = parse_wish(request.query.items(), app[NOW]())
    if transport is None:
        raise ConnectionResetError("the client is gone")
    response = web.StreamResponse(headers=HEADERS)
    response.headers[REQUEST_ID] = request[ID]
    response.force_close()
    if request.method == "HEAD":
        await response.prepare(request)
        return response
    with app[HUB].one(wish, request.headers.get(LAST), transport) as stream:
        streams(request)
        _watch(transport, app[SETTINGS].server.body_timeout)
        await response.prepare(request)
        await response.write(app[HUB].beginning(stream))
        await _pass_on(request, response, stream)
    return response


async def _pass_on(request: web.Request, response: web.StreamResponse, stream: Stream) -> None:
    """Parcel after parcel; who calls is asked again before each, as a token may be gone and a session over."""
    authority = request.app[AUTHORITY]
    while (parcel := await stream.take()) is not None:
        try:
            authority.admit(request, READERS)
        except OkydromError:
            return
        await response.write(parcel)


def _watch(transport: asyncio.Transport, patience: int) -> None:
    """Whoever takes nothing for so long (ms) is cut off, be it ever so little; so is who vanished without a word."""
    transport.set_write_buffer_limits(0)  # so that the connection is told of the least that is not taken
    connection = transport.get_extra_info("socket")
    if connection is not None and hasattr(socket, "TCP_USER_TIMEOUT"):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, patience)


def hub_of(app: web.Application, boot: str, feed: Feed) -> Hub:
    """The hub of an application, which need not be filled yet."""
    return Hub(
        Memory(boot, feed),
        Sights(
            tasks=lambda ids: _tasks(app, ids),
            status=lambda task: _status(app, task),
            held=lambda key: _held(app, key),
            stats=lambda: live.moment(app),
            destination=lambda key: standing(app, key),
            bulk=lambda bulk_id: _bulk(app, bulk_id),
            conditions=lambda: _remarkable(app),
        ),
    )


async def _tasks(app: web.Application, ids: Sequence[str]) -> Mapping[str, Task]:
    return await app[STORE].heads(ids)


async def _bulk(app: web.Application, bulk_id: str) -> Mapping[str, Any] | None:
    found = await app[STORE].bulk(bulk_id)
    return None if found is None else bulk_json(found)


def _remarkable(app: web.Application) -> Mapping[str, Condition]:
    return app[STEERING].remarkable()


def _status(app: web.Application, task: Task) -> Status:
    return shown_status(app[LANES].flights, task)


def _held(app: web.Application, key: str) -> bool:
    """As the store's search for it has it."""
    steered = app[STEERING].of(key)
    return steered.pause is not None or (steered.hold is not None and steered.hold.until > app[NOW]())
