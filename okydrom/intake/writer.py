"""Writing: groups into the head, a new head when it is full. Belongs to one thread."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable
from pathlib import Path

from okydrom.errors import DiskFull, JournalFailed, Unavailable
from okydrom.intake.chunk import Chunk, Head
from okydrom.intake.files import FULL, PASSING, Files
from okydrom.intake.frames import Kind, encode, pack_header
from okydrom.intake.group import Group
from okydrom.intake.spare import Spare
from okydrom.intake.stats import Stats


class Writer:
    """Owns the head. `retired` are the chunks before it, oldest first: appended to here, taken from elsewhere."""

    def __init__(
        self,
        files: Files,
        chunk_path: Callable[[int], Path],
        chunk_size: int,
        *,
        spare: Spare,
        stats: Stats,
        now: Callable[[], int],
        ticks: Callable[[], float],
    ) -> None:
        self.head: Head | None = None  # None: none could be opened for want of space or descriptors
        self.number = 0  # of the newest chunk
        self.durable = 0  # the last journal number on stable storage
        self.retired: deque[Chunk] = deque()
        self.turn = False  # the next group begins a chunk: what the present one holds is to grow old
        self.instance = ""
        self._files = files
        self._chunk_path = chunk_path
        self._chunk_size = chunk_size
        self._spare = spare
        self._stats = stats
        self._now = now
        self._ticks = ticks

    @property
    def half_full(self) -> bool:
        """Will a new chunk be needed soon?"""
        return self.head is not None and self.head.offset * 2 >= self._chunk_size

    def open(self, number: int) -> Head | None:
        """Open the first head with nothing but its header, and sync it. None for want of space or descriptors:
        `write` tries again.

        Raises OSError.
        """
        self.number = number - 1
        head = None
        try:
            head = self._birth(number)
            self.number = number
            head.write(self._header())
            head.sync()
        except OSError as error:
            if head is not None:
                head.close()
            if error.errno not in PASSING:
                raise
            return None
        self.head = head
        return head

    def write(self, group: Group) -> None:
        """One write and one sync. Raises Unavailable if the group is refused, JournalFailed if that was the end."""
        try:
            head = self._room(len(group.data))
            head.write(group.data if head.offset else self._header() + group.data)
            self._sync(head)
        except OSError as error:
            self._stats.refused += 1
            raise refusal(error) from error
        head.last = self.durable = group.last
        self._stats.kept(group.last - group.first + 1, len(group.data))

    def finish(self) -> None:
        """Give back what was filled beforehand, let go of the head. Legal more than once."""
        if self.head is not None and not self.head.closed:
            with contextlib.suppress(OSError):
                self.head.cut()
            self.head.close()

    def _room(self, size: int) -> Head:
        """The chunk that takes so many bytes: the present one, or a new one. A group is never split."""
        if self.head is not None and (not self.head.last or self._fits(self.head, size)):
            return self.head
        new = self._birth(self.number + 1)
        self.number = new.number
        if self.head is not None:
            if self.turn:
                self.head.cut()
            self._retire(self.head)
        self.head, self.turn = new, False
        return new

    def _fits(self, head: Head, size: int) -> bool:
        return not self.turn and head.offset + size <= self._chunk_size

    def _birth(self, number: int) -> Head:
        path = self._chunk_path(number)
        fd = self._spare.take(path)
        return Head(self._files, self._files.create(path) if fd is None else fd, path, number)

    def _sync(self, head: Head) -> None:
        """Sync, once: the system may drop the pages that it could not write, and say so only once."""
        started = self._ticks()
        try:
            head.sync()
        except OSError:
            with contextlib.suppress(OSError):
                head.cut()
            self.head = None
            self._retire(head)
            raise
        finally:
            self._stats.synced((self._ticks() - started) * 1000)

    def _retire(self, head: Head) -> None:
        self.retired.append(Chunk(head.number, head.path, head.offset, head.last, self._now()))
        head.close()

    def _header(self) -> bytes:
        return encode(Kind.HEADER, self.durable + 1, pack_header(self.instance), 0)


def refusal(error: OSError) -> Unavailable | JournalFailed:
    """What an error of the disk means: come again, or the end."""
    if error.errno in FULL:
        return DiskFull()
    if error.errno in PASSING:
        return Unavailable("Too many files are open: nothing can be accepted until some are closed.")
    return JournalFailed(f"The journal can't be written: {error.strerror or error}.", errno=error.errno)
