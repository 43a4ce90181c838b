"""Tasks and attempts as public JSON. What may be secret in URLs and headers is masked."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import msgspec

from okydrom.config.settings import Retention
from okydrom.delivery.edit import callback_json
from okydrom.masking import masked_headers, masked_url
from okydrom.policy import policy_table
from okydrom.public import task_json
from okydrom.store.command import Past
from okydrom.store.steering import Hold
from okydrom.task import Attempt, Outcome, Status, Task
from okydrom.times import maybe, rfc3339
from okydrom.web.caller import Role

# What may be done with a task, by its shown status: an operator may all of it, a source may cancel.
ALLOWED: dict[Status, tuple[str, ...]] = {
    Status.QUEUED: ("retry", "cancel", "edit", "resend"),
    Status.SENDING: ("cancel", "resend"),
    Status.RETRYING: ("retry", "cancel", "edit", "resend"),
    Status.DELIVERED: ("retry", "resend", "delete"),
    Status.FAILED: ("retry", "edit", "resend", "delete"),
    Status.CANCELLED: ("retry", "edit", "resend", "delete"),
}
OF_ROLE: dict[Role, frozenset[str]] = {
    Role.SOURCE: frozenset({"cancel"}),
    Role.VIEWER: frozenset(),
    Role.OPERATOR: frozenset({"retry", "cancel", "edit", "resend", "delete"}),
}


class Kin(msgspec.Struct, frozen=True, kw_only=True):
    """What is known about a task beside itself, and the role of whom it is shown to."""

    role: Role
    history: Sequence[Past] = ()
    children: Sequence[str] = ()  # ids of tasks made of it, newest first
    callback_id: str | None = None
    hold: Hold | None = None  # of its destination
    journal_until: int | None = None  # what was erased has left the journal then, epoch ms
    ahead: int = 0  # with the same order key
    behind: int = 0


def etag(task: Task) -> str:
    """The entity tag: each command raises the version."""
    return f'"{task.version}"'


def details_json(task: Task, since: int | None, retention: Retention, now: int, kin: Kin) -> dict[str, Any]:
    """One task with all that is known of it; `since`: when the attempt under way began."""
    status = task.status if since is None else Status.SENDING
    hold = kin.hold.until if kin.hold is not None and kin.hold.until > now else 0
    return task_json(task, status) | {
        "etag": etag(task),
        "content_type": task.content_type,
        "headers": masked_headers(task.headers),
        "expires_at": maybe(task.expires_at),
        "hold": {"until": rfc3339(hold), "reason": "retry_after"} if hold else None,
        "sending_since": maybe(since),
        "cancel_noted": task.cancel_noted,
        "keep_until": maybe(keep_until(task, retention)),
        "allowed": allowed(task, status, kin.role),
        "retry": None if task.retry is None else policy_table(task.retry),
        "timeout": None if task.timeout is None else task.timeout / 1000,
        "deliver_at": maybe(task.deliver_at),
        "callback": _callback_json(task),
        "erased_at": maybe(task.erased_at),
        "journal_until": maybe(kin.journal_until),
        "sha256": task.sha256.hex() if task.sha256 is not None else None,
        "ahead": kin.ahead,
        "behind": kin.behind,
        "children": kin.children,
        "callback_id": kin.callback_id,
        "history": [past_json(past) for past in kin.history],
    }


def allowed(task: Task, status: Status, role: Role) -> list[str]:
    """What may be done with a task that is shown with this status, by this role. Nothing is left of an erased one."""
    if task.erased_at is not None:
        return []
    return [action for action in ALLOWED[status] if action in OF_ROLE[role]]


def _callback_json(task: Task) -> dict[str, Any] | None:
    callback = callback_json(task)
    return None if callback is None else callback | {"url": masked_url(callback["url"])}


def past_json(past: Past) -> dict[str, Any]:
    """One entry of a task's history."""
    change = None if past.change is None else msgspec.json.decode(past.change)
    return {"at": rfc3339(past.at), "by": past.by, "action": past.action, "change": change}


def attempt_json(attempt: Attempt) -> dict[str, Any]:
    """One recorded attempt."""
    outcome = attempt.outcome
    parts = outcome.parts
    return {
        "number": attempt.number,
        "started_at": rfc3339(attempt.started_at),
        "finished_at": rfc3339(attempt.finished_at),
        "outcome": _outcome_word(outcome),
        "code": outcome.code,
        "error": outcome.error,
        "errno": outcome.errno,
        "address": outcome.address,
        "rule": outcome.rule,
        "duration_ms": round(outcome.duration, 3),
        "parts_ms": {
            "dns": parts.dns,
            "connect": parts.connect,
            "tls": parts.tls,
            "wait": parts.wait,
            "read": parts.read,
        },
        "waited_s": None if attempt.waited is None else attempt.waited / 1000,
        "resent": outcome.resent,
        "request_headers": masked_headers(outcome.request_headers),
        "response_headers": masked_headers(outcome.response_headers),
        "response_body": base64.b64encode(outcome.response_body).decode(),
        "response_size": outcome.response_size,
        "truncated": outcome.truncated,
    }


def _outcome_word(outcome: Outcome) -> str:
    return str(outcome.code) if outcome.code is not None else str(outcome.error)


def keep_until(task: Task, retention: Retention) -> int | None:
    """When retention removes a terminal task; None: it is in progress, or kept for ever."""
    kept: int = getattr(retention, task.status, 0)
    return task.finished_at + kept if task.finished_at is not None and kept else None
