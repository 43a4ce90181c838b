"""A task as the public sees it, in lists and in what callbacks tell. What may be secret in its URL is masked."""

from __future__ import annotations

from typing import Any

from okydrom.masking import masked_url
from okydrom.task import GROUPS, Status, Task
from okydrom.times import maybe, rfc3339


def task_json(task: Task, status: Status) -> dict[str, Any]:
    """A task as it stands in lists; `status` is the shown one."""
    return {
        "id": task.id,
        "status": status,
        "group": GROUPS[status],
        "reason": task.reason,
        "method": task.method,
        "http_method": task.http_method,
        "url": masked_url(task.url),
        "destination": task.destination,
        "event": task.event,
        "source": task.source,
        "labels": task.labels,
        "order_key": task.order_key,
        "parent": task.parent,
        "attempts": task.attempts,
        "max_attempts": task.max_attempts,
        "attempts_left": task.attempts_left,
        "created_at": rfc3339(task.created_at),
        "updated_at": rfc3339(task.updated_at),
        "next_attempt_at": None if status is Status.SENDING else maybe(task.next_attempt_at),
        "finished_at": maybe(task.finished_at),
        "last_code": task.last_code,
        "last_error": task.last_error,
        "size": task.size,
        "version": task.version,
    }
