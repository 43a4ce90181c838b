"""An edit: a JSON merge patch (RFC 7396) over the document that would create the task.

    task ─▶ document ─▶ with the patch ─▶ read like a create ─▶ the task as it will be

What is edited is held to the rules of what is created; what is not, stays as it is. A body is replaced as a whole,
as its bytes may be no JSON. A masked value (as tasks are shown) means the value that there is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from okydrom.callback import read_callback
from okydrom.delivery.fields import escape
from okydrom.errors import Fault, Invalid
from okydrom.masking import MASK, masked_url
from okydrom.policy import policy_table
from okydrom.task import TERMINAL, Task

BODIES = ("payload", "body", "body_base64")
BEGINS = ("deliver_at", "delay")
ENDS = ("expires_at", "ttl")
USUAL_TYPES = ("application/json", "text/plain; charset=utf-8", "application/octet-stream")
FIELDS = frozenset(
    (*BODIES, *BEGINS, *ENDS, "url", "method", "content_type", "headers", "event", "labels", "max_attempts")
) | {"retry", "timeout", "callback", "order_key"}
NULL = b"null"
WAITS = ("first", "factor", "max")  # of a retry policy without a schedule

Read = Callable[[bytes, str], Task]  # of a document and a source; raises Invalid with all faults

_decode = msgspec.json.decode
_encode = msgspec.json.Encoder(enc_hook=str).encode


class Edit(msgspec.Struct, frozen=True):
    """What is to be changed: the JSON of each field; null takes it away."""

    patch: Mapping[str, msgspec.Raw] = {}

    def touches(self, *fields: str) -> bool:
        """Does it speak of one of these?"""
        return not self.patch.keys().isdisjoint(fields)


def edited(task: Task, edit: Edit, read: Read) -> Task:
    """The task as it will be. Raises Invalid with all faults, and what `read` raises."""
    faults: list[Fault] = []
    if "order_key" in edit.patch:
        if _decode(edit.patch["order_key"]) != task.order_key:
            faults.append(Fault("/order_key", "fixed", "The order of a task is fixed once it is accepted."))
        edit = Edit({field: raw for field, raw in edit.patch.items() if field != "order_key"})
    if task.status in TERMINAL:
        faults += [
            Fault(f"/{field}", "ended", "The task has ended: a retry sets its times anew.")
            for field in (*BEGINS, *ENDS)
            if field in edit.patch
        ]
    fresh = _read(task, edit, read, faults)
    made = replace(task, **_asked(task, edit, fresh))
    if task.status in TERMINAL:
        return made
    return _waiting(made, task, edit, fresh)


def copied(task: Task, edit: Edit, read: Read) -> Task:
    """A new task like this one, but for what the edit says. Raises Invalid with all faults, and what `read` raises."""
    fresh = _read(task, edit, read, [])
    order_key = fresh.order_key if "order_key" in edit.patch else task.order_key
    made = replace(
        fresh, **_asked(task, edit, fresh), order_key=order_key, parent=task.id, traceparent=task.traceparent
    )
    return replace(made, attempts_left=made.max_attempts)


def summary(before: Task, after: Task) -> bytes:
    """JSON of what an edit changed, for the history. What may be secret is named, and not shown."""
    shown: dict[str, Any] = {}
    for field in (
        "url",
        "method",
        "content_type",
        "event",
        "max_attempts",
        "timeout",
        "deliver_at",
        "expires_at",
    ):
        old, new = getattr(before, field), getattr(after, field)
        if old != new:
            shown[field] = [masked_url(each) if field == "url" else each for each in (old, new)]
    if before.body != after.body:
        shown["size"] = [before.size, after.size]
    if before.retry != after.retry:
        shown["retry"] = [each and policy_table(each) for each in (before.retry, after.retry)]
    if before.callback != after.callback:
        shown["callback"] = None
    shown |= {f"headers.{name}": None for name in _differ(dict(before.headers), dict(after.headers))}
    old, new = before.labels, after.labels
    shown |= {f"labels.{name}": [old.get(name), new.get(name)] for name in _differ(old, new)}
    return _encode(shown)


def _read(task: Task, edit: Edit, read: Read, faults: list[Fault]) -> Task:
    """The fields of the document that the edit speaks of, read as those of a new task."""
    document = _document(task, edit, faults)
    try:
        fresh = read(_encode(document), task.source)
    except Invalid as invalid:
        raise Invalid([*faults, *invalid.faults]) from None
    if faults:
        raise Invalid(faults)
    return fresh


def _document(task: Task, edit: Edit, faults: list[Fault]) -> dict[str, Any]:
    """The create document. Where the edit does not speak of a field it is left out, if that changes nothing else."""
    document: dict[str, Any] = {"url": task.url, "method": task.method, "max_attempts": task.max_attempts}
    if task.retry is not None:
        document["retry"] = policy_table(task.retry)
    for field, raw in edit.patch.items():
        _merge(document, task, field, raw, faults)
    if (
        _gives_body(edit)
        and "content_type" not in edit.patch
        and task.content_type not in (None, *USUAL_TYPES)
    ):
        document["content_type"] = task.content_type
    return document


def _merge(document: dict[str, Any], task: Task, field: str, raw: msgspec.Raw, faults: list[Fault]) -> None:
    if bytes(raw) == NULL:
        document.pop(field, None)
        if field not in FIELDS:
            document[field] = None  # no task has it, which is to be said
        return
    if field == "payload":
        document[field] = raw  # its very bytes
        return
    value = _decode(raw)
    if field == "url":
        value = _unmasked(task.url, value, faults)
    elif isinstance(value, dict):
        if field == "headers":
            value = merged_headers(task.headers, value, faults)
        elif field == "labels":
            value = merged(task.labels, value)
        elif field == "retry":
            value = _merged_policy(document.get("retry", {}), value)
        elif field == "callback":
            value = _merged_callback(callback_json(task) or {}, value, faults)
    document[field] = value


def merged(old: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """RFC 7396: what is null goes, objects are merged, all else is replaced.

    >>> merged({"a": 1, "b": {"c": 2, "d": 3}}, {"a": None, "b": {"c": None}, "e": 4})
    {'b': {'d': 3}, 'e': 4}
    """
    found = dict(old)
    for name, value in patch.items():
        if value is None:
            found.pop(name, None)
        elif isinstance(value, dict):
            inner = found.get(name)
            found[name] = merged(inner if isinstance(inner, dict) else {}, value)
        else:
            found[name] = value
    return found


def merged_headers(
    old: tuple[tuple[str, str], ...], patch: Mapping[str, Any], faults: list[Fault]
) -> dict[str, Any]:
    """The same for headers, whose names are the same in any case.

    >>> merged_headers((("X-A", "1"), ("X-B", "2")), {"x-a": "3", "X-B": None}, [])
    {'x-a': '3'}
    """
    headers: dict[str, Any] = dict(old)
    spelled = {name.lower(): name for name in headers}
    for name, value in patch.items():
        there = spelled.get(name.lower())
        if value == MASK and there is None:
            message = "There is no such header that could stay as it is."
            faults.append(Fault(f"/headers/{escape(name)}", "masked", message))
        elif value != MASK:
            if there is not None:
                headers.pop(there, None)
            if value is not None:
                headers[name] = value
    return headers


def _unmasked(old: str, new: Any, faults: list[Fault], pointer: str = "/url") -> Any:
    """A masked query stands for the one that there is."""
    if not isinstance(new, str) or not new.endswith(f"?{MASK}"):
        return new
    query = old.partition("?")[2]
    if not query:
        faults.append(Fault(pointer, "masked", "There is no query that could stay as it is."))
    return new.removesuffix(MASK) + query


def _merged_policy(old: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """A schedule takes the place of what is no schedule, and the other way round."""
    kept = dict(old)
    if patch.get("schedule") is not None:
        kept = {name: value for name, value in kept.items() if name not in WAITS}
    elif any(patch.get(name) is not None for name in WAITS):
        kept.pop("schedule", None)
    return merged(kept, patch)


def _merged_callback(old: Mapping[str, Any], patch: Mapping[str, Any], faults: list[Fault]) -> dict[str, Any]:
    found = merged(old, patch)
    if "url" in found:
        found["url"] = _unmasked(old.get("url", ""), found["url"], faults, "/callback/url")
    return found


def callback_json(task: Task) -> dict[str, Any] | None:
    """The callback as it was posted; None: there is none, or it can't be read."""
    if task.callback is None:
        return None
    try:
        callback = read_callback(task.callback)
    except ValueError:
        return None
    return {"url": callback.url, "method": callback.method, "on": list(callback.on)}


def _gives_body(edit: Edit) -> bool:
    return any(field in edit.patch and bytes(edit.patch[field]) != NULL for field in BODIES)


def _asked(task: Task, edit: Edit, fresh: Task) -> dict[str, Any]:
    """What the task asks: of the fields that the edit speaks of what was read, of the others what there was."""
    touched = edit.touches
    body, content_type = (
        (fresh.body, fresh.content_type) if touched(*BODIES) else (task.body, task.content_type)
    )
    if touched("content_type") and not touched(*BODIES):
        content_type = fresh.content_type
    return {
        "method": fresh.method,
        "http_method": fresh.http_method,
        "url": fresh.url,
        "destination": fresh.destination,
        "max_attempts": fresh.max_attempts,
        "retry": fresh.retry,
        "body": body,
        "stored_size": 0,
        "content_type": content_type,
        "headers": fresh.headers if touched("headers") else task.headers,
        "event": fresh.event if touched("event") else task.event,
        "labels": fresh.labels if touched("labels") else task.labels,
        "timeout": fresh.timeout if touched("timeout") else task.timeout,
        "callback": fresh.callback if touched("callback") else task.callback,
    }


def _waiting(made: Task, task: Task, edit: Edit, fresh: Task) -> Task:
    """When it is sent, until when, and how often yet."""
    begins, ends = edit.touches(*BEGINS), edit.touches(*ENDS)
    due = fresh.next_attempt_at if begins else task.next_attempt_at
    expires_at = fresh.expires_at if ends else task.expires_at
    faults: list[Fault] = []
    if begins and due is not None and expires_at is not None and due > expires_at:
        field = next(field for field in BEGINS if field in edit.patch)
        message = "The task would be given up before: give it a later expires_at too."
        faults.append(Fault(f"/{field}", "after_deadline", message))
    left = made.max_attempts - task.failures
    if left < 1:
        message = f"{task.failures} attempts of this grant were made already: must be more."
        faults.append(Fault("/max_attempts", "out_of_range", message, min=task.failures + 1, max=100))
    if faults:
        raise Invalid(faults)
    return replace(
        made,
        attempts_left=left,
        deliver_at=fresh.deliver_at if begins else task.deliver_at,
        expires_at=expires_at,
        next_attempt_at=due,
    )


def _differ(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    return [name for name in {**old, **new} if old.get(name) != new.get(name)]
