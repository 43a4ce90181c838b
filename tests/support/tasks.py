"""Tasks for tests: everything filled in, any field replaceable."""

from __future__ import annotations

import random
from typing import Any

import msgspec

from okydrom.record import pack
from okydrom.store.entry import Entry
from okydrom.task import Result, Task, new_id

_RAND = random.Random(20)
CREATED = 1_790_000_000_000


def make_task(**fields: Any) -> Task:
    """A task that waits for its first attempt; `fields` replace what it is made of."""
    created = fields.get("created_at", CREATED)
    attempts = fields.get("max_attempts", 10)
    values: dict[str, Any] = {
        "id": new_id(created, _RAND),
        "source": "local",
        "method": "POST",
        "http_method": "POST",
        "url": "http://127.0.0.1:9000/hook",
        "destination": "http://127.0.0.1:9000",
        "created_at": created,
        "expires_at": None,
        "max_attempts": attempts,
        "attempts_left": attempts,
        "body": b'{"n":1}',
        "content_type": "application/json",
        "updated_at": created,
        "next_attempt_at": created,
    }
    return Task(**{**values, **fields})


def make_entry(task: Task, *, claimed: bool = False, results: tuple[Result, ...] = ()) -> Entry:
    """The task as it is added to a store."""
    return Entry(task, pack(task), claimed, results)


def moved(task: Task, **fields: Any) -> Task:
    """The same task further on."""
    return msgspec.structs.replace(task, **fields)
