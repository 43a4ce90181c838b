"""A create with something special about it: several tasks, an idempotency key, an outcome to wait for, a dry run."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from aiohttp import web

from okydrom.errors import Fault, Invalid, TooLarge, Unavailable
from okydrom.store.contract import Part
from okydrom.store.entry import Kept
from okydrom.task import Task
from okydrom.times import rfc3339
from okydrom.web.answers import json_answer
from okydrom.web.batch import Item, answer, items_of, read_items
from okydrom.web.caller import caller_of
from okydrom.web.dryrun import dry_run
from okydrom.web.idempotency import HEADER, digest_of, parse_key
from okydrom.web.keys import ACCEPT, KEYS, NOW, PUMP, QUOTA, SCHEMA, SETTINGS, STORE, WAITING
from okydrom.web.one import shown
from okydrom.web.paging import check_names
from okydrom.web.traceparent import traceparent_of
from okydrom.web.waiting import parse_wait

NDJSON = "application/x-ndjson"
PATH = "/api/v1/tasks"
ACCEPTED = 202
SMALL = 64 * 1024  # bytes that are hashed at once

_encode = msgspec.json.Encoder(enc_hook=str).encode


class Made(msgspec.Struct, frozen=True):
    """What a request brought: tasks to keep, at least one, and the answer once they are."""

    tasks: Sequence[Task]
    answer: Mapping[str, Any]

    @property
    def single(self) -> Task | None:
        """The task of a request that is no batch."""
        return self.tasks[0] if "items" not in self.answer else None


async def hand_in(request: web.Request, body: bytes, lines: bool) -> web.StreamResponse:
    """Answer a create."""
    query = request.query
    check_names(query.items(), ("dry_run",))
    many = lines or body.lstrip()[:1] == b"["
    if "dry_run" in query:
        return await _rehearse(request, body, many)
    keys = request.headers.getall(HEADER, ())
    if not keys:
        made = await _read(request, body, lines, many)
        await _accept(request, made, None)
        return await _answered(request, made)
    source, key = caller_of(request).name, parse_key(", ".join(keys))
    digest = await _digest(request, body)
    async with request.app[KEYS].entering(source, key, digest) as known:
        if known is not None:
            return _again(request, known)
        made = await _read(request, body, lines, many)
        ids = tuple(task.id for task in made.tasks)
        kept = Kept(source, key, digest, ACCEPTED, _encode(made.answer), ids, request.app[NOW]())
        await _accept(request, made, kept)
    return await _answered(
        request, made
    )  # who waits for an outcome keeps no other request with the key waiting


async def _digest(request: web.Request, body: bytes) -> bytes:
    """Of a large body beside the event loop."""
    told = (request.headers.get("Content-Type", ""), request.query_string)
    if len(body) <= SMALL:
        return digest_of(body, *told)
    return await asyncio.to_thread(digest_of, body, *told)


async def _read(request: web.Request, body: bytes, lines: bool, many: bool) -> Made:
    """The tasks of a request. Raises what is wrong with the only one, or with the batch as a whole."""
    schema, source = request.app[SCHEMA], caller_of(request).name
    traceparent = traceparent_of(request.headers.getall("traceparent", ()))
    if not many:
        if len(body) > schema.largest:
            raise TooLarge(limit=schema.largest, size=len(body))
        task = schema.task(body, source, traceparent)
        return Made([task], _receipt(task))
    limits = request.app[SETTINGS].limits
    if len(body) > limits.batch:
        raise TooLarge(limit=limits.batch, size=len(body))
    items: Sequence[Item] = await read_items(schema, items_of(body, lines), source, traceparent)
    return Made([item.task for item in items if item.task is not None], answer(items))


async def _accept(request: web.Request, made: Made, kept: Kept | None) -> None:
    app = request.app
    app[QUOTA].take(caller_of(request).name, len(made.tasks))
    waits = _patience(request, made)
    if waits:
        app[WAITING].expect(made.tasks[0].id)  # before it is kept, as its outcome may be there at once
    try:
        await app[ACCEPT].accept_all(made.tasks, kept)
    except BaseException:
        app[WAITING].forget(made.tasks[0].id)
        raise


def _patience(request: web.Request, made: Made) -> int:
    """How many seconds the answer waits for an outcome."""
    task = made.single
    if task is None or task.deliver_at is not None:
        return 0
    return parse_wait(",".join(request.headers.getall("Prefer", ())))


async def _answered(request: web.Request, made: Made) -> web.Response:
    """The answer to what is kept: after the first outcome, if that is asked for and comes in time."""
    seconds = _patience(request, made)
    shown_after = await _outcome(request, made.tasks[0].id, seconds) if seconds else None
    if shown_after is None:
        return _kept(request, made)
    shown_after.headers["Preference-Applied"] = f"wait={seconds}"
    shown_after.headers["Location"] = _location(request, made.tasks[0].id)
    return shown_after


async def _outcome(request: web.Request, task_id: str, seconds: int) -> web.Response | None:
    """The task after its first outcome; None: it can't be told, but the task is kept all the same."""
    app = request.app
    if not await app[WAITING].first(task_id, seconds):
        return None
    try:
        await app[PUMP].settled(task_id)
        found = await app[STORE].get(task_id, Part.FULL)
        return None if found is None else await shown(request, found)
    except Unavailable:
        return None


def _kept(request: web.Request, made: Made) -> web.Response:
    response = json_answer({**made.answer, "duplicate": False}, ACCEPTED)
    if made.single is not None:
        response.headers["Location"] = _location(request, made.single.id)
    return response


def _again(request: web.Request, kept: Kept) -> web.Response:
    """What the first request with the key was answered."""
    first = msgspec.json.decode(kept.answer)
    response = json_answer({**first, "duplicate": True}, kept.status, {"Idempotency-Replayed": "true"})
    if "id" in first:
        response.headers["Location"] = _location(request, first["id"])
    return response


def _receipt(task: Task) -> dict[str, Any]:
    return {
        "id": task.id,
        "status": "queued",
        "created_at": rfc3339(task.created_at),
        "destination": task.destination,
    }


def _location(request: web.Request, task_id: str) -> str:
    return f"{request.app[SETTINGS].server.url_prefix}{PATH}/{task_id}"


async def _rehearse(request: web.Request, body: bytes, many: bool) -> web.Response:
    if request.query["dry_run"] not in ("1", "true"):
        raise Invalid([Fault("#dry_run", "unknown_value", "Must be 1.")])
    if many:
        raise Invalid([Fault("", "wrong_type", "A dry run is of one task.")])
    return await dry_run(request, body)
