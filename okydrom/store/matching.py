"""What a filter means for one task in memory: the same as a search in the store, whose SQL is compared with it."""

from __future__ import annotations

import msgspec

from okydrom.store.query import Filter
from okydrom.task import TERMINAL, Status, Task

_FOLD = {letter: letter + 32 for letter in range(ord("A"), ord("Z") + 1)}  # as SQLite folds: ASCII alone


def matches(task: Task, wanted: Filter, status: Status, *, held: bool = False) -> bool:
    """Does the filter want this task?

    `status` is the shown one; `held`: its destination is paused or held at the time the filter speaks of.
    """
    return (
        _is_one_of(task, wanted, status)
        and all(task.labels.get(key) in values for key, values in wanted.labels)
        and (not wanted.codes or any(low <= (task.last_code or 0) <= high for low, high in wanted.codes))
        and wanted.parent in (None, task.parent)
        and _within(task.created_at, wanted.created_from, wanted.created_to)
        and _within(task.finished_at, wanted.finished_from, wanted.finished_to)
        and _within(task.next_attempt_at, None, wanted.due_before)
        and task.attempts >= (wanted.attempts_from or 0)
        and (wanted.held is None or wanted.held is (held and task.status not in TERMINAL))
        and (wanted.seq_from is None or task.seq >= wanted.seq_from)
        and (wanted.seq_to is None or task.seq <= wanted.seq_to)
        and (not wanted.words or _mentions(task, wanted.words))
    )


def _is_one_of(task: Task, wanted: Filter, status: Status) -> bool:
    return (
        (not wanted.status or status in wanted.status)
        and (not wanted.reason or task.reason in wanted.reason)
        and (not wanted.method or task.method in wanted.method)
        and (not wanted.destination or task.destination in wanted.destination)
        and (not wanted.source or task.source in wanted.source)
        and (not wanted.event or task.event in wanted.event)
        and (not wanted.error or task.last_error in wanted.error)
        and (not wanted.order_key or task.order_key in wanted.order_key)
        and (not wanted.ids or task.id in wanted.ids)
    )


def _mentions(task: Task, words: tuple[str, ...]) -> bool:
    """Each word in event, URL (but for its query), labels or id."""
    labels = msgspec.json.encode(task.labels).decode() if task.labels else ""
    texts = [text.translate(_FOLD) for text in (task.event or "", task.url.partition("?")[0], labels)]
    digits = task.id.replace("-", "")
    return all(
        any(word in text for text in texts) or word.replace("-", "") in digits
        for word in (word.translate(_FOLD) for word in words)
    )


def _within(value: int | None, low: int | None, high: int | None) -> bool:
    if low is None and high is None:
        return True
    return value is not None and (low is None or value >= low) and (high is None or value < high)
