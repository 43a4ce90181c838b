"""What operators did before a test begins: cancels, retries, bulk operations, each with its audit row."""

from __future__ import annotations

import random
from collections.abc import Sequence

import msgspec

from okydrom.config.settings import DAY, MINUTE
from okydrom.delivery.plan import Plan, pack_plan
from okydrom.store.command import Action, Audited, Bulk, BulkState, Command, Progress
from okydrom.store.contract import Store
from okydrom.store.entry import Entry
from okydrom.task import Reason, Status, new_id

ONE, OTHER = "m.orlova", "d.petrov"


async def cancel(store: Store, entries: Sequence[Entry], at: int) -> None:
    """Cancel what tells of a promotion: two one by one, then the others."""
    promos = [entry.task.id for entry in entries if _waits(entry, "promo.started")]
    await _each(store, Action.CANCEL, promos[:2], at, OTHER)
    await _bulk(store, Action.CANCEL, {"event": "promo.started"}, promos[2:], at + 4 * MINUTE, ONE)


async def retry_and_delete(store: Store, entries: Sequence[Entry], now: int) -> str:
    """Retry two that failed, delete others; the id of that bulk operation, which was stopped."""
    refused = [entry.task.id for entry in entries if entry.task.reason is Reason.ATTEMPTS_SPENT][1:]
    await _each(store, Action.RETRY, refused[:2], now - 12 * MINUTE, ONE, expires_at=now + 7 * DAY)
    shipments = {"destination": "https://hooks.partner-a.example:443", "group": "failed"}
    expired = [entry.task.id for entry in entries if entry.task.reason is Reason.EXPIRED]
    return await _bulk(store, Action.DELETE, shipments, expired[:2], now - 6 * MINUTE, OTHER, left=5)


def audited(at: int, by: str, action: str, subject: object, count: int = 1) -> Audited:
    """A row of the audit log."""
    return Audited(at=at, by=by, action=action, subject=msgspec.json.encode(subject), count=count)


async def _each(store: Store, action: Action, ids: Sequence[str], at: int, by: str, **fields: int) -> None:
    for number, task_id in enumerate(ids):
        done = at + 4_000 * number
        command = Command(action=action, id=task_id, at=done, by=by, expires_at=fields.get("expires_at"))
        await store.change([command], audit=audited(done, by, action, {"id": task_id}))


async def _bulk(
    store: Store,
    action: Action,
    wanted: dict[str, str],
    ids: Sequence[str],
    at: int,
    by: str,
    *,
    left: int = 0,
) -> str:
    """One that did its work on these tasks, passed over two, and was stopped before the `left` ones."""
    bulk_id = new_id(at, random.Random(at))
    matched = len(ids) + 2 + left
    plan = pack_plan(Plan(action=action, filter=wanted, at=at))
    summary = await store.summary()
    bulk = Bulk(
        id=bulk_id, action=action, plan=plan, by=by, matched=matched, last=summary.last_seq, created_at=at
    )
    await store.begin_bulk(bulk, audited(at, by, action, {"bulk": bulk_id, "filter": wanted}, matched))
    commands = [Command(action=action, id=task_id, at=at + 900, by=by) for task_id in ids]
    state = BulkState.RUNNING if left else BulkState.DONE
    progress = Progress(
        id=bulk_id, cursor=summary.last_seq, skipped={"status": 2}, state=state, at=at + 1_400
    )
    await store.change(commands, progress=progress)
    if left:
        await store.stop_bulk(bulk_id, at + 2_600, audited(at + 2_600, by, "stop", {"bulk": bulk_id}, left))
    return bulk_id


def _waits(entry: Entry, event: str) -> bool:
    return entry.task.event == event and entry.task.status is Status.RETRYING
