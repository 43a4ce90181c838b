"""What goes into a store, and what became of it."""

from __future__ import annotations

import msgspec

from okydrom.task import Reason, Result, Status, Task


class Opened(msgspec.Struct, frozen=True):
    """`epoch` grows with every opening; `position` is the last journal number that is imported (0: none)."""

    epoch: int
    position: int
    instance: str  # shared with the journal
    fresh: bool  # made by this opening
    freed: int  # claims of earlier epochs that were ended


class Kept(msgspec.Struct, frozen=True, gc=False):
    """An idempotency key, the request that it came with, and the answer that it stands for.

    It is kept for 24 h from `created_at` (epoch ms) at least, and as long as one of its tasks `ids`.
    """

    source: str
    key: str
    hash: bytes  # of body bytes, content type and query
    status: int  # of the answer
    answer: bytes  # its JSON
    ids: tuple[str, ...]
    created_at: int


class Entry(msgspec.Struct, frozen=True, gc=False):
    """A task to add: its state, its record (see `okydrom.record`), its claim, and what already came of it.

    `results` are those of attempts that ended before the import; they are applied in order, so that the row is
    written once, in its final state. `kept` comes with the first task of a request that had an idempotency key.
    """

    task: Task
    record: bytes
    claimed: bool
    results: tuple[Result, ...] = ()
    kept: Kept | None = None


class Recorded(msgspec.Struct, frozen=True, gc=False):
    """What became of a result: the task's status as now stored, and whether this result wrote it."""

    id: str
    status: Status | None  # None: no such task
    applied: bool


def reason_of(result: Result, cancel_noted: bool) -> tuple[Status, Reason | None]:
    """The status that a result leads to: a noted cancel ends everything but a delivery.

    >>> from okydrom.task import Result, Status
    >>> r = Result(id="x", version=1, at=0, status=Status.RETRYING, attempts_left=1, next_attempt_at=5, attempt=None)
    >>> reason_of(r, True)[0].value, reason_of(r, False)[0].value
    ('cancelled', 'retrying')
    """
    if cancel_noted and result.status is not Status.DELIVERED:
        return Status.CANCELLED, None
    return result.status, result.reason
