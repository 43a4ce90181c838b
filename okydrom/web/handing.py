"""A create with something special about it: several tasks, an idempotency key, an outcome to wait for, a dry run."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from aiohttp import web

from okydrom.errors import Fault, Invalid, TooLarge
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
ACCEPTED, UNPROCESSABLE = 202, 422

_encode = msgspec.json.Encoder(enc_hook=str).encode


class Made(msgspec.Struct, frozen=True):
    """What a request brought: tasks to keep, the answer once they are, its status."""

    tasks: Sequence[Task]
    answer: Mapping[str, Any]
    status: int = ACCEPTED

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
    key = request.headers.get(HEADER)
    if key is None:
        made = await _read(request, body, lines, many)
        return await _accept(request, made, None)
    digest = digest_of(body, request.headers.get("Content-Type", ""), request.query_string)
    source, text = caller_of(request).name, parse_key(key)
    async with request.app[KEYS].entering(source, text, digest) as known:
        if known is not None:
            return _again(request, known)
        made = await _read(request, body, lines, many)
        ids = tuple(task.id for task in made.tasks)
        at = request.app[NOW]()
        kept = Kept(source, text, digest, made.status, _encode(made.answer), ids, at)
        return await _accept(request, made, kept)


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
    items: Sequence[Item] = await read_items(schema, items_of(body, lines, limits.depth), source, traceparent)
    tasks = [item.task for item in items if item.task is not None]
    return Made(tasks, answer(items), ACCEPTED if tasks else UNPROCESSABLE)


async def _accept(request: web.Request, made: Made, kept: Kept | None) -> web.StreamResponse:
    app = request.app
    if not made.tasks:
        return json_answer({**made.answer, "duplicate": False}, made.status)
    app[QUOTA].take(caller_of(request).name, len(made.tasks))
    task, seconds = made.single, parse_wait(request.headers.get("Prefer"))
    if task is None or not seconds or task.deliver_at is not None:
        await app[ACCEPT].accept_all(made.tasks, kept)
        return _kept(request, made)
    async with app[WAITING].outcome(task.id) as outcome:
        await app[ACCEPT].accept_all(made.tasks, kept)
        await asyncio.wait([outcome], timeout=seconds)
        if not outcome.done() or app[WAITING].over:
            return _kept(request, made)
    await app[PUMP].settled(task.id)
    found = await app[STORE].get(task.id, Part.FULL)
    if found is None:
        return _kept(request, made)
    response = await shown(request, found)
    response.headers["Preference-Applied"] = f"wait={seconds}"
    return response


def _kept(request: web.Request, made: Made) -> web.Response:
    response = json_answer({**made.answer, "duplicate": False}, made.status)
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
