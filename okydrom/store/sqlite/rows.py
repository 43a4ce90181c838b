"""Rows of `task` and what they stand for. Rows are read as JSON, many at once."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from okydrom.task import Failure, Reason, Status, Task

# Python binds a plain string ten times faster than a member of an enumeration.
TEXT: Mapping[StrEnum, str] = {
    member: str(member.value) for kind in (Status, Reason, Failure) for member in kind
}
STATUS: Mapping[str, Status] = {status.value: status for status in Status}
REASON: Mapping[str | None, Reason | None] = {None: None, **{reason.value: reason for reason in Reason}}
FAILURE: Mapping[str | None, Failure | None] = {None: None, **{failure.value: failure for failure in Failure}}

OUT_OF_REACH = (
    2**53
)  # the due time of what waits behind another of its order key: it comes in no search for due work

# A task but for its record as a JSON array: of `task` t, its `destination` d and `record` r.
HEAD = """json_array(
  t.seq, hex(t.id), t.status, t.reason, t.version, (SELECT noted FROM claim WHERE claim.seq = t.seq),
  t.source, t.method, coalesce(r.http_method, ''), coalesce(r.url, ''), d.key, t.event, json(r.labels),
  hex(t.parent), t.created_at, t.updated_at, t.due, t.finished_at, t.expires_at, t.attempts, t.attempts_left,
  t.max_attempts, t.last_code, t.last_error, coalesce(r.size, 0), t.order_key,
  (SELECT json_array(at, hex(sha256)) FROM erased WHERE erased.seq = t.seq)
)"""
JOINS = "CROSS JOIN destination AS d ON d.number = t.destination LEFT JOIN record AS r ON r.seq = t.seq"


def id_bytes(task_id: str) -> bytearray:
    """An id as it is stored. Raises ValueError for what is none.

    >>> id_bytes("018bcfe5-6800-7000-8000-000000000001").hex()
    '018bcfe5680070008000000000000001'
    """
    value = bytearray.fromhex(task_id.replace("-", ""))
    if len(value) != 16:
        raise ValueError("not an id")
    return value


def id_text(digits: str) -> str:
    """An id of its hexadecimal digits.

    >>> id_text("018BCFE5680070008000000000000001")
    '018bcfe5-6800-7000-8000-000000000001'
    """
    low = digits.lower()
    return f"{low[:8]}-{low[8:12]}-{low[12:16]}-{low[16:20]}-{low[20:]}"


def head_of(row: list[Any]) -> Task:
    """The task of a `HEAD`: without body and headers."""
    (seq, ident, status, reason, version, noted, source, method, verb, url, destination) = row[:11]
    (event, labels, parent, created, updated, due, finished, expires) = row[11:19]
    (attempts, left, most, code, error, size, order_key, erased) = row[19:]
    return Task(
        id=id_text(ident),
        source=source,
        method=method,
        http_method=verb,
        url=url,
        destination=destination,
        created_at=created,
        expires_at=expires,
        max_attempts=most,
        event=event,
        labels=labels or {},
        parent=id_text(parent) if parent else None,
        seq=seq,
        status=STATUS[status],
        reason=REASON[reason],
        version=version,
        attempts=attempts,
        attempts_left=left,
        updated_at=updated,
        next_attempt_at=None if due == OUT_OF_REACH else due,
        finished_at=finished,
        last_code=code,
        last_error=FAILURE[error],
        cancel_noted=bool(noted),
        stored_size=size,
        order_key=order_key,
        erased_at=erased[0] if erased else None,
        sha256=bytes.fromhex(erased[1]) if erased and erased[1] else None,
    )


def state_of(head: Task) -> dict[str, Any]:
    """Where a task stands, to be joined with its record."""
    return {
        "seq": head.seq,
        "status": head.status,
        "reason": head.reason,
        "version": head.version,
        "attempts": head.attempts,
        "attempts_left": head.attempts_left,
        "updated_at": head.updated_at,
        "next_attempt_at": head.next_attempt_at,
        "expires_at": head.expires_at,
        "finished_at": head.finished_at,
        "last_code": head.last_code,
        "last_error": head.last_error,
        "cancel_noted": head.cancel_noted,
        "stored_size": 0 if head.erased_at is None else head.stored_size,
        "erased_at": head.erased_at,
        "sha256": head.sha256,
    }
