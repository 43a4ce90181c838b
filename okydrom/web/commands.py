"""What may be done to one task: retry, cancel, edit, resend, erase."""

from __future__ import annotations

from typing import cast

from aiohttp import web

from okydrom.delivery.commands import Order
from okydrom.delivery.edit import Edit
from okydrom.errors import Fault, Invalid, NotFound
from okydrom.store.command import Changed
from okydrom.store.contract import Part
from okydrom.web.body import check_json, read_body
from okydrom.web.caller import Role, caller_of
from okydrom.web.create import accepted
from okydrom.web.keys import COMMANDS, SCHEMA, SETTINGS
from okydrom.web.one import find_task, shown, task_id_of, version_of
from okydrom.web.paging import check_names
from okydrom.web.patch import MERGE_PATCH, read_edit


async def retry(request: web.Request) -> web.Response:
    """A new grant for a terminal one, or due at once."""
    return await _answer(request, await request.app[COMMANDS].retry(_order(request)))


async def cancel(request: web.Request) -> web.Response:
    """Withdraw it; 202 while an attempt is under way, whose outcome decides. A source may, if it is its own."""
    await find_task(request, Part.HEAD)
    return await _answer(request, await request.app[COMMANDS].cancel(_order(request)))


async def delete(request: web.Request) -> web.Response:
    """Erase a terminal one; a tombstone stays."""
    return await _answer(request, await request.app[COMMANDS].delete(_order(request)))


async def edit(request: web.Request) -> web.Response:
    """Change what it asks."""
    order = _order(request)
    check_json(request, MERGE_PATCH)
    changed = await request.app[COMMANDS].edit(order, await _edit(request))
    return await _answer(request, changed)


async def resend(request: web.Request) -> web.StreamResponse:
    """A new task like this one, with a new id; it answers like a create, once the store has it durably."""
    app, order = request.app, _order(request)
    if "Idempotency-Key" in request.headers:
        message = "A resend has no idempotency key."
        raise Invalid([Fault("#Idempotency-Key", "unsupported_header", message)])
    wanted = Edit()
    if request.can_read_body:
        check_json(request, MERGE_PATCH)
        wanted = await _edit(request)
    changed = await app[COMMANDS].resend(order, wanted)
    if changed.task is None:
        raise NotFound
    return cast(web.StreamResponse, accepted(changed.task, app[SETTINGS].server.url_prefix))


def _order(request: web.Request) -> Order:
    check_names(request.query.items(), ())
    caller = caller_of(request)
    return Order(task_id_of(request), caller.name, version_of(request), caller.role is Role.OPERATOR)


async def _edit(request: web.Request) -> Edit:
    settings = request.app[SETTINGS]
    body = await read_body(request, request.app[SCHEMA].largest, settings.server.body_timeout)
    return read_edit(body, settings.limits.depth)


async def _answer(request: web.Request, changed: Changed) -> web.Response:
    if changed.task is None:
        raise NotFound
    return await shown(request, changed.task, 202 if changed.noted else 200)
