"""What has changed of late: tasks, destinations, bulk operations. One for all streams, within a bound.

A moment at which something had changed has a number. An event's id is `<boot>-<number>`: all until then was told.

    1 ······ horizon ───────────▶ number        behind the horizon or of another boot: nobody knows what came since
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from okydrom.delivery.condition import Cause, Condition
from okydrom.feed import Change, Feed, Listener, News, Progressed
from okydrom.task import Status
from okydrom.web.trail import Trail

TASKS = 10_000
DESTINATIONS = 2_000
BULKS = 200
UNKNOWN = -1  # where somebody stands of whom nobody knows


class Memory:
    """Listens to the feed between `begin` and `end`."""

    def __init__(self, boot: str, feed: Feed, tasks: int = TASKS) -> None:
        self.number = 0
        self.tasks = Trail(tasks)
        self.destinations = Trail(DESTINATIONS)
        self.bulks = Trail(BULKS)
        self._boot = boot
        self._id = re.compile(rf"{re.escape(boot)}-([0-9]{{1,15}})", re.ASCII)
        self._feed = feed
        self._listener: Listener | None = None
        self._missed = 0
        self._conditions: Mapping[str, Condition] = {}

    @property
    def listens(self) -> bool:
        """Is what changes put down?"""
        return self._listener is not None

    def begin(self, conditions: Mapping[str, Condition]) -> None:
        """Listen from now on. What changed until now is not known. `conditions` are those that are not normal."""
        self._listener, self._missed = self._feed.listen(), 0
        self._conditions = _steady(conditions)
        self._forget()

    def end(self) -> None:
        """Listen no more. Idempotent."""
        if self._listener is not None:
            self._feed.leave(self._listener)
            self._listener = None

    def id_of(self, number: int) -> str:
        """The id of an event that tells what changed until then."""
        return f"{self._boot}-{number}"

    def place_of(self, event_id: str) -> int:
        """How far the receiver of this event came; UNKNOWN: it is none of ours."""
        match = self._id.fullmatch(event_id)
        number = int(match[1]) if match is not None else UNKNOWN
        return number if number <= self.number else UNKNOWN

    def gather(self, conditions: Mapping[str, Condition] | None = None) -> None:
        """Put down what has changed since this was last done, as one moment."""
        if self._listener is None:
            return
        news = self._listener.take()
        moved = list[str]()
        if conditions is not None:
            before, self._conditions = self._conditions, _steady(conditions)
            keys = before.keys() | self._conditions.keys()
            moved = [key for key in keys if before.get(key) != self._conditions.get(key)]
        if self._listener.missed != self._missed:
            self._missed = self._listener.missed
            self._forget()
        elif news or moved:
            self.number += 1
            self._note(news)
            for key in moved:
                self.destinations.note(key, self.number)

    def _note(self, news: list[News]) -> None:
        """The first that is heard of a task says what it was before all of it."""
        first: dict[str, Status | None] = {}
        for each in news:
            if isinstance(each, Progressed):
                self.bulks.note(each.id, self.number)
            elif isinstance(each, Change) and each.before is None:
                first[each.id] = None  # what was sent before the store knew of it is new all the same
            else:
                first.setdefault(each.id, each.before)
        for task_id, before in first.items():
            self.tasks.note(task_id, self.number, before, new=before is None)

    def _forget(self) -> None:
        self.number += 1
        for trail in (self.tasks, self.destinations, self.bulks):
            trail.forget(self.number)


def _steady(conditions: Mapping[str, Condition]) -> dict[str, Condition]:
    """Without what moves on all the time: when a rate lets the next attempt start."""
    return {
        key: msgspec.structs.replace(condition, until=None) if condition.cause is Cause.LIMIT else condition
        for key, condition in conditions.items()
    }
