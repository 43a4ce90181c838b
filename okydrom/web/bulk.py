"""Bulk operations: first a plan is made and shown, then it is carried out as it was shown."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import msgspec
from aiohttp import web

from okydrom.delivery.edit import copied, edited
from okydrom.delivery.plan import MEANT, Plan, pack_plan
from okydrom.errors import Fault, Invalid, NotFound
from okydrom.masking import MASK, masked_headers, masked_url
from okydrom.public import task_json
from okydrom.store.command import Action, Audited, Bulk
from okydrom.store.contract import Part
from okydrom.store.query import Filter
from okydrom.task import Status, Task, new_id
from okydrom.times import maybe, rfc3339
from okydrom.web.answers import json_answer
from okydrom.web.body import check_json, read_body
from okydrom.web.caller import caller_of
from okydrom.web.keys import BULKS, LANES, NOW, PUMP, SCHEMA, SEAL, SETTINGS, STORE
from okydrom.web.one import id_of
from okydrom.web.paging import check_names, parse_paging
from okydrom.web.planning import CHANGING, Posted, read_bulk
from okydrom.web.seal import Sealed
from okydrom.web.sending import shown_status

HOLDS = 600_000  # ms that a plan holds
SAMPLE = 5
MOST_COUNTED = 1_000_000
LONGEST = 256 * 1024  # bytes of a posted operation beside a body
PATH = "/api/v1/bulk"


async def create(request: web.Request) -> web.Response:
    """A plan is shown, or carried out with its token."""
    posted = await _posted(request)
    if posted.token is None:
        return await _plan(request, posted.plan)
    return await _begin(request, posted.plan, posted.token)


async def index(request: web.Request) -> web.Response:
    """Bulk operations, newest first."""
    check_names(request.query.items(), ("limit", "cursor"))
    paging = parse_paging(request.query.items())
    found = await request.app[STORE].bulks(paging.limit, paging.cursor)
    items = [bulk_json(each) for each in found.items if isinstance(each, Bulk)]
    return json_answer({"items": items, "next": found.next, "prev": None, "complete": True})


async def show(request: web.Request) -> web.Response:
    """How far one has come."""
    bulk = await request.app[STORE].bulk(id_of(request, "bulk operation"))
    if bulk is None:
        raise NotFound("There is no such bulk operation.")
    return json_answer(bulk_json(bulk))


async def stop(request: web.Request) -> web.Response:
    """Do no more of it; what is done stays done."""
    app = request.app
    bulk = await app[STORE].bulk(id_of(request, "bulk operation"))
    if bulk is None:
        raise NotFound("There is no such bulk operation.")
    subject = msgspec.json.encode({"bulk": bulk.id})
    audit = Audited(
        at=app[NOW](),
        by=caller_of(request).name,
        action="stop",
        subject=subject,
        count=bulk.matched - bulk.done,
    )
    stopped = await app[STORE].stop_bulk(bulk.id, app[NOW](), audit if bulk.finished_at is None else None)
    return json_answer(bulk_json(stopped or bulk))


def bulk_json(bulk: Bulk) -> dict[str, Any]:
    """One as the public sees it."""
    asked = msgspec.json.decode(bulk.plan)
    return {
        "id": bulk.id,
        "action": bulk.action,
        "filter": asked.get("filter"),
        "ids": asked.get("ids"),
        "set": _masked(asked["set"]) if "set" in asked else None,
        "rebase": _masked_rebase(asked.get("rebase")),
        "rate": asked.get("rate"),
        "state": bulk.state,
        "matched": bulk.matched,
        "done": bulk.done,
        "skipped": bulk.skipped,
        "by": bulk.by,
        "created_at": rfc3339(bulk.created_at),
        "finished_at": maybe(bulk.finished_at),
    }


async def _posted(request: web.Request) -> Posted:
    check_names(request.query.items(), ())
    check_json(request)
    settings = request.app[SETTINGS]
    body = await read_body(request, LONGEST + 3 * settings.limits.body, settings.server.body_timeout)
    return read_bulk(body, settings.limits.depth)


async def _plan(request: web.Request, plan: Plan) -> web.Response:
    """What would be done to how many, and the token that makes it happen."""
    app, now = request.app, request.app[NOW]()
    await app[PUMP].caught_up()
    last = (await app[STORE].summary()).last_seq
    plan = msgspec.structs.replace(plan, at=now)
    wanted = msgspec.structs.replace(plan.wanted(), seq_to=last)
    flying = app[LANES].flights.by_id.keys()
    counted = await app[STORE].count(wanted, cap=MOST_COUNTED, sending=flying)
    meant = MEANT[plan.action]
    sample = await _sample(app, wanted, meant)
    await _try(app, plan, sample)
    count = sum(number for status, number in counted.by_status.items() if status in meant)
    skipped = sum(counted.by_status.values()) - count
    until = now + HOLDS
    sealed = Sealed(now, until, last, count)
    return json_answer(
        {
            "count": count,
            "exact": counted.exact,
            "sample": [task_json(task, shown_status(app[LANES].flights, task)) for task in sample],
            "skipped": {"status": skipped} if skipped else {},
            "token": app[SEAL].token(sealed, _sealed(plan), caller_of(request).name),
            "expires_at": rfc3339(until),
        }
    )


async def _sample(app: web.Application, wanted: Filter, meant: frozenset[Status]) -> list[Task]:
    """The newest tasks that it would be done to."""
    status = (wanted.status or frozenset(Status)) & meant
    if not status:
        return []
    wanted = msgspec.structs.replace(wanted, status=status)
    page = await app[STORE].find(wanted, limit=SAMPLE, sending=app[LANES].flights.by_id.keys())
    return page.items


async def _try(app: web.Application, plan: Plan, sample: Sequence[Task]) -> None:
    """Would it do anything to the sample? Raises Invalid if what it sets is wrong for each of them."""
    if plan.action not in CHANGING:
        return
    act = edited if plan.action is Action.EDIT else copied
    faults: list[Fault] = []
    for head in sample:
        task = await app[STORE].get(head.id, Part.FULL)
        edit = plan.edit_of(task) if task is not None else None
        if task is None or edit is None:
            continue
        try:
            act(task, edit, app[SCHEMA].task)
        except Invalid as invalid:
            faults = invalid.faults
        else:
            return
    if faults:
        raise Invalid(
            [Fault(f"/set{each.pointer}", each.code, each.message, **each.params) for each in faults]
        )


async def _begin(request: web.Request, plan: Plan, token: str) -> web.Response:
    """The same token begins the same operation, which is there once."""
    app, by = request.app, caller_of(request).name
    now = app[NOW]()
    sealed = app[SEAL].open(token, _sealed(plan), by, now)
    plan = msgspec.structs.replace(plan, at=sealed.at)
    packed = pack_plan(plan)
    bulk = Bulk(
        id=new_id(sealed.at, random.Random(token)),
        action=plan.action,
        plan=packed,
        by=by,
        matched=sealed.matched,
        last=sealed.last,
        created_at=now,
    )
    if await app[STORE].bulk(bulk.id) is None:
        audit = Audited(at=now, by=by, action=plan.action, subject=_subject(bulk, plan), count=bulk.matched)
        await app[STORE].begin_bulk(bulk, audit)
        app[BULKS].begun()
    kept = await app[STORE].bulk(bulk.id) or bulk
    location = f"{app[SETTINGS].server.url_prefix}{PATH}/{bulk.id}"
    return json_answer(bulk_json(kept), 202, {"Location": location})


def _sealed(plan: Plan) -> bytes:
    return pack_plan(msgspec.structs.replace(plan, at=0))


def _subject(bulk: Bulk, plan: Plan) -> bytes:
    asked = msgspec.json.decode(pack_plan(plan))
    shown = {name: asked[name] for name in ("filter", "ids") if name in asked}
    if "rebase" in asked:
        shown["rebase"] = _masked_rebase(asked["rebase"])
    return msgspec.json.encode({"bulk": bulk.id, **shown})


def _masked(patch: dict[str, Any]) -> dict[str, Any]:
    """What it sets, but for what may be secret."""
    shown = dict(patch)
    for field in ("payload", "body", "body_base64"):
        if shown.get(field) is not None:
            shown[field] = MASK
    if isinstance(shown.get("url"), str):
        shown["url"] = masked_url(shown["url"])
    callback = shown.get("callback")
    if isinstance(callback, dict) and isinstance(callback.get("url"), str):
        shown["callback"] = callback | {"url": masked_url(callback["url"])}
    headers = shown.get("headers")
    if isinstance(headers, dict):
        masked = {pair[0]: pair[1] for pair in masked_headers((name, "") for name in headers)}
        shown["headers"] = {name: value and (masked[name] or value) for name, value in headers.items()}
    return shown


def _masked_rebase(rebase: dict[str, str] | None) -> dict[str, str] | None:
    return None if rebase is None else {end: masked_url(url) for end, url in rebase.items()}
