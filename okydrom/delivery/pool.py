"""Idle connections, kept for the next request to the same destination by the same way."""

from __future__ import annotations

from time import monotonic

from okydrom.delivery.connection import Connection
from okydrom.delivery.sweep import Sweep


class Pool:
    """Per line (destination and way) the latest one is taken first, so that the others may grow old and go.

    Times are seconds: `idle` is how long one waits unused, `age` how long any connection lives.
    """

    def __init__(self, idle: float, age: float) -> None:
        self._idle = idle
        self._age = age
        self._lines: dict[str, list[Connection]] = {}
        self._since: dict[Connection, tuple[str, float]] = {}  # in the order in which they became idle
        self._sweep = Sweep(1.0, self._expire)

    def __len__(self) -> int:
        return len(self._since)

    def take(self, line: str) -> Connection | None:
        """An open connection, now the caller's."""
        while waiting := self._lines.get(line):
            connection = waiting[-1]
            self.forget(connection)
            if not connection.closed:
                return connection
        return None

    def put(self, line: str, connection: Connection) -> None:
        """Keep a reusable connection, or close it if it has reached its age."""
        now = monotonic()
        if now - connection.opened_at > self._age:
            connection.close()
            return
        self._lines.setdefault(line, []).append(connection)
        self._since[connection] = line, now
        self._sweep.wake()

    def forget(self, connection: Connection) -> None:
        """It has ended. Legal for one that is not here."""
        if connection in self._since:
            line, _ = self._since.pop(connection)
            waiting = self._lines[line]
            if waiting[-1] is connection:
                waiting.pop()
            else:
                waiting.remove(connection)
            if not waiting:
                del self._lines[line]

    def evict(self) -> bool:
        """Close the one that has been idle longest; False if there is none."""
        for connection in self._since:
            self.forget(connection)
            connection.close()
            return True
        return False

    def clear(self) -> None:
        """Close all. Legal at any time."""
        while self.evict():
            pass
        self._sweep.stop()

    def _expire(self) -> bool:
        now = monotonic()
        spent = [
            connection
            for connection, (_, since) in self._since.items()
            if now - since > self._idle or now - connection.opened_at > self._age
        ]
        for connection in spent:
            self.forget(connection)
            connection.close()
        return bool(self._since)
