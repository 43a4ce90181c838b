"""What a list is filtered by. A field left empty filters nothing; several values of one field mean "or"."""

from __future__ import annotations

import msgspec

from okydrom.task import Failure, Reason, Status


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Fields are joined by "and". Times are epoch milliseconds, from inclusive, to exclusive."""

    status: frozenset[Status] = frozenset()  # groups are resolved into their statuses
    reason: frozenset[Reason] = frozenset()
    method: frozenset[str] = frozenset()
    destination: frozenset[str] = frozenset()
    source: frozenset[str] = frozenset()
    event: frozenset[str] = frozenset()
    labels: tuple[tuple[str, frozenset[str]], ...] = ()
    codes: tuple[tuple[int, int], ...] = ()  # inclusive ranges of the last code: 503 → (503, 503), 5xx → (500, 599)
    error: frozenset[Failure] = frozenset()
    parent: str | None = None
    created_from: int | None = None
    created_to: int | None = None
    finished_from: int | None = None
    finished_to: int | None = None
    due_before: int | None = None
    attempts_from: int | None = None
