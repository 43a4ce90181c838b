"""What came to match a filter since somebody began to look: the rows that his list lacks."""

from __future__ import annotations

from typing import Any

from okydrom.task import Status
from okydrom.web.trail import Mark

MOST = 1_000  # known by id; beyond it the count is "at least"


class Fresh:
    """New tasks, and those that came by their status. `statuses` are those of the filter (none: any); `began` the
    number of the moment at which it was begun."""

    def __init__(self, statuses: frozenset[Status], began: int) -> None:
        self._statuses = statuses
        self._began = began
        self._ids: set[str] = set()
        self._exact = True
        self._told = 0, True

    def see(self, mark: Mark, *, matches: bool) -> None:
        """A task has changed, and matches or not."""
        if not matches:
            self._ids.discard(mark.key)
        elif mark.born > self._began or (self._statuses and mark.before not in self._statuses | {None}):
            if len(self._ids) < MOST or mark.key in self._ids:
                self._ids.add(mark.key)
            else:
                self._exact = False

    def overlook(self) -> None:
        """More has changed than was looked at."""
        self._exact = False

    def news(self) -> dict[str, Any] | None:
        """How many there are, if that is not what was said last."""
        found = len(self._ids), self._exact
        if found == self._told:
            return None
        self._told = found
        return {"count": found[0], "exact": found[1]}
