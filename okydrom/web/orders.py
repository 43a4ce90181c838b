"""What an operator orders for a destination: pause, resume, release, probe, limits."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import orjson
from aiohttp import web
from msgspec import UNSET, UnsetType

from okydrom.errors import BadRequest, Fault, Invalid
from okydrom.web.body import check_json, read_body
from okydrom.web.caller import caller_of
from okydrom.web.destinations import answer, find, key_of
from okydrom.web.draft import pointer_of, suggestion
from okydrom.web.keys import SETTINGS, STEERING
from okydrom.web.paging import check_names
from okydrom.web.patch import MERGE_PATCH

LARGEST = 16_384  # bytes of an order
LONGEST_NOTE = 500  # characters
MOST_CONCURRENCY = 10_000
LEAST_RATE, MOST_RATE = 0.001, 100_000.0  # attempts a second

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]|[\ud800-\udfff]")


class Limits(msgspec.Struct, frozen=True):
    """What is asked for; None: back to what is configured."""

    concurrency: int | UnsetType | None = UNSET
    rate: float | UnsetType | None = UNSET


async def pause(request: web.Request) -> web.Response:
    """Start nothing there; a destination that has no task yet may be paused too."""
    key = key_of(request)
    given = await _fields(request, ("note",))
    note = read_note(given.get("note"))
    await request.app[STEERING].pause(key, note, caller_of(request).name)
    return await answer(request, key)


async def resume(request: web.Request) -> web.Response:
    """End a pause."""
    return await _carry_out(request, request.app[STEERING].resume)


async def release(request: web.Request) -> web.Response:
    """End a hold."""
    return await _carry_out(request, request.app[STEERING].release)


async def probe(request: web.Request) -> web.Response:
    """One attempt now."""
    return await _carry_out(request, request.app[STEERING].probe)


async def _carry_out(request: web.Request, order: Callable[[str, str], Awaitable[None]]) -> web.Response:
    """An order without fields, about a destination that there is."""
    key = await _known(request)
    await order(key, caller_of(request).name)
    return await answer(request, key)


async def limit(request: web.Request) -> web.Response:
    """Limits of its own; a destination that has no task yet may have some too."""
    key = key_of(request)
    limits = read_limits(await _fields(request, ("concurrency", "rate"), needed=True))
    if limits == Limits():
        await find(request, key)  # nothing is asked for, so it has to be there
    by = caller_of(request).name
    await request.app[STEERING].limit(key, by, concurrency=limits.concurrency, rate=limits.rate)
    return await answer(request, key)


def read_note(given: Any) -> str | None:
    """The note of a pause. Raises Invalid.

    >>> read_note(" deploy until noon "), read_note(""), read_note(None)
    ('deploy until noon', None, None)
    """
    if given is None:
        return None
    if not isinstance(given, str) or len(given) > LONGEST_NOTE or _CONTROLS.search(given):
        message = f"Must be a text of at most {LONGEST_NOTE} characters, without control characters."
        raise Invalid([Fault("/note", "wrong_type", message, max=LONGEST_NOTE)])
    return given.strip() or None


def read_limits(given: dict[str, Any]) -> Limits:
    """The limits that are asked for. Raises Invalid with all faults.

    >>> read_limits({"concurrency": 8, "rate": None})
    Limits(concurrency=8, rate=None)
    """
    faults = []
    concurrency, rate = given.get("concurrency", UNSET), given.get("rate", UNSET)
    if concurrency not in (UNSET, None) and (
        not _number(concurrency, int) or not 1 <= concurrency <= MOST_CONCURRENCY
    ):
        message = f"Must be a whole number from 1 to {MOST_CONCURRENCY}, or null."
        faults.append(Fault("/concurrency", "out_of_range", message, min=1, max=MOST_CONCURRENCY))
    if rate not in (UNSET, None) and (not _number(rate, int | float) or not LEAST_RATE <= rate <= MOST_RATE):
        message = f"Must be a number of attempts a second from {LEAST_RATE:g} to {MOST_RATE:g}, or null."
        faults.append(Fault("/rate", "out_of_range", message, min=LEAST_RATE, max=MOST_RATE))
    if faults:
        raise Invalid(faults)
    return Limits(concurrency, float(rate) if isinstance(rate, int) else rate)


def _number(value: object, kind: Any) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool)


async def _known(request: web.Request) -> str:
    """The key of a destination that is there; these orders have no fields."""
    key = key_of(request)
    await _fields(request, ())
    await find(request, key)
    return key


async def _fields(request: web.Request, known: tuple[str, ...], *, needed: bool = False) -> dict[str, Any]:
    """The posted object; without a body, unless it is `needed`, an empty one. Raises Invalid for unknown fields."""
    check_names(request.query.items(), ())
    if not request.can_read_body and not needed:
        return {}
    check_json(request, MERGE_PATCH)
    body = await read_body(request, LARGEST, request.app[SETTINGS].server.body_timeout)
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"The body is not JSON: {error.msg}.") from None
    if not isinstance(given, dict):
        raise Invalid([Fault("", "wrong_type", "Must be an object.")])
    faults = []
    for name in given:
        if name not in known:
            near, params = suggestion(name, known)
            faults.append(
                Fault(pointer_of(name), "unknown_field", f"This call has no such field.{near}", **params)
            )
    if faults:
        raise Invalid(faults)
    return given
