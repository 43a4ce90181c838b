"""What a task's end tells its source: a task of its own, made once for each end.

{"type": "task.delivered" | "task.failed", "timestamp": …, "data": {the task}}
"""

from __future__ import annotations

import hashlib
import random

import msgspec

from okydrom.destination import destination_of
from okydrom.public import task_json
from okydrom.task import Status, Task, new_id
from okydrom.times import rfc3339


class Callback(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where and when a source wants to be told. `Task.callback` holds it as JSON, checked and resolved."""

    url: str
    method: str
    http_method: str
    on: tuple[Status, ...]  # delivered, failed
    attempts: int  # that it has
    max_age: int = 0  # ms until it is given up; 0: never


_decode = msgspec.json.Decoder(Callback).decode
_encode = msgspec.json.Encoder(enc_hook=str).encode


def read_callback(stored: bytes) -> Callback:
    """The callback of `Task.callback`. Raises ValueError."""
    return _decode(stored)


def callback_of(task: Task) -> Task | None:
    """The task that tells of this one's end; None if its source does not want to hear of it.

    The same end gives the same task, whoever asks, however often. It has no callback itself.
    """
    if task.callback is None or task.finished_at is None:
        return None
    callback = read_callback(task.callback)
    if task.status not in callback.on:
        return None
    at, kind = task.finished_at, event_of(task.status)
    payload = {"type": kind, "timestamp": rfc3339(at), "data": task_json(task, task.status)}
    return Task(
        id=callback_id(task),
        source=task.source,
        method=callback.method,
        http_method=callback.http_method,
        url=callback.url,
        destination=destination_of(callback.url),
        created_at=at,
        expires_at=at + callback.max_age if callback.max_age else None,
        max_attempts=callback.attempts,
        body=_encode(payload),
        content_type="application/json",
        event=kind,
        parent=task.id,
        attempts_left=callback.attempts,
        updated_at=at,
        next_attempt_at=at,
    )


def event_of(status: Status) -> str:
    """The event that tells of this end."""
    return f"task.{status}"


def callback_id(task: Task) -> str:
    """A UUIDv7 of the time of the end, its random bits taken from task, life and end: each command begins another
    life, so each end has one of its own."""
    end = f"{task.id} {task.version} {task.status}".encode()
    chance = int.from_bytes(hashlib.sha256(end).digest(), "big")
    return new_id(task.finished_at or 0, random.Random(chance))
