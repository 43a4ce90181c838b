"""What a journal has done since it was opened, in figures."""

from __future__ import annotations

from collections import deque

RECENT = 1_024  # syncs that the percentile looks at


class Stats:
    """Counters. A sync is one of a group, or of one that was refused for it."""

    def __init__(self) -> None:
        self.groups = 0
        self.frames = 0
        self.bytes = 0
        self.syncs = 0
        self.refused = 0  # groups that could not be kept
        self.damaged = 0  # bytes, found at opening
        self.gaps = 0  # found at opening
        self.last_sync = 0.0  # milliseconds
        self._recent: deque[float] = deque(maxlen=RECENT)

    def kept(self, frames: int, size: int) -> None:
        """A group is on stable storage."""
        self.groups += 1
        self.frames += frames
        self.bytes += size

    def synced(self, took: float) -> None:
        """A sync took so many milliseconds."""
        self.syncs += 1
        self.last_sync = took
        self._recent.append(took)

    def percentile(self, share: float) -> float:
        """The sync time in milliseconds that `share` of the recent ones stayed within; 0 if there was none.

        >>> stats = Stats()
        >>> for took in range(1, 101): stats.synced(took)
        >>> stats.percentile(0.5), stats.percentile(0.99), stats.percentile(1)
        (51, 100, 100)
        """
        recent = sorted(self._recent)
        return recent[min(int(len(recent) * share), len(recent) - 1)] if recent else 0.0
