"""What was accepted and is not imported yet."""

from __future__ import annotations

from okydrom.delivery.lane import OVERHEAD
from okydrom.store.entry import Entry, Kept
from okydrom.store.shift import Shift, shifted
from okydrom.task import Status, Task

Accepted = tuple[Task, bytes, Kept | None]  # with its record; the first of a request with its key


def weight(record: bytes, kept: Kept | None) -> int:
    """Bytes of memory that it is reckoned with: its body is held twice, in the task and in the record."""
    return OVERHEAD + 2 * len(record) + (len(kept.answer) if kept is not None else 0)


def moved(accepted: Accepted, shift: Shift, now: int) -> Accepted:
    """The same after the clock was moved and says `now`."""
    task, record, kept = accepted
    return (shifted(task, shift.by), record, kept) if shift.concerns(task.updated_at, now) else accepted


def may_be_due(entry: Entry) -> bool:
    """Once it is imported, does the store hold something to send that no lane holds?"""
    if not entry.claimed:
        return True
    return bool(entry.results) and (entry.task.leads_on or entry.results[-1].status is Status.RETRYING)
