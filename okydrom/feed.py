"""A bounded broadcast of changes: the store says what changed in it, the senders what is being sent; live listeners
hear it.

A listener that does not keep up loses its oldest news and is told so (`missed`), so that no buffer grows.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import msgspec

from okydrom.task import Status


class Change(msgspec.Struct, frozen=True, gc=False):
    """A task's stored state changed. `before` is its status until then; None: it is new."""

    id: str
    destination: str
    status: Status
    version: int
    before: Status | None


class Moved(msgspec.Struct, frozen=True, gc=False):
    """A task is being sent from now on, or no more; `before` is its stored status."""

    id: str
    before: Status


class Progressed(msgspec.Struct, frozen=True, gc=False):
    """A bulk operation began, came further or ended."""

    id: str


News = Change | Moved | Progressed


class Listener:
    """One listener's window of at most `limit` changes; `missed` counts those that fell out of it."""

    def __init__(self, limit: int) -> None:
        self.missed = 0
        self._news: deque[News] = deque(maxlen=limit)

    def push(self, news: News) -> None:
        """Add one change; the oldest goes when the window is full."""
        if len(self._news) == self._news.maxlen:
            self.missed += 1
        self._news.append(news)

    def take(self) -> list[News]:
        """All news since it was last taken, oldest first."""
        news = list(self._news)
        self._news.clear()
        return news


class Feed:
    """Publishes changes to all present listeners; costs nothing while there are none."""

    def __init__(self, limit: int = 20_000) -> None:
        self._limit = limit
        self._listeners: set[Listener] = set()

    def publish(self, changes: Sequence[News]) -> None:
        """Tell every listener. Never blocks."""
        for listener in self._listeners:
            for change in changes:
                listener.push(change)

    @property
    def heard(self) -> bool:
        """Is anybody listening?"""
        return bool(self._listeners)

    def listen(self) -> Listener:
        """Start listening; end it with `leave`."""
        listener = Listener(self._limit)
        self._listeners.add(listener)
        return listener

    def leave(self, listener: Listener) -> None:
        """Stop listening; legal more than once."""
        self._listeners.discard(listener)
