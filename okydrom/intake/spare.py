"""The next chunk, filled with zeros before it is needed: a sync then has no size and no new blocks to record, and a
disk that fills up meanwhile does not matter to it. One thread prepares it while another takes the one before.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

from okydrom.intake.files import PASSING, Files, remove, write_all

NAME = "next"
FILL_FROM = 1 << 20  # smaller chunks are not worth it
STEP = 1 << 20
MARGIN = 4  # so many chunks must fit into the free space


class Spare:
    """At most one file of zeros, under a name of its own until it becomes a chunk."""

    def __init__(self, files: Files, directory: Path, size: int) -> None:
        self._files = files
        self._path = directory / NAME
        self._size = size
        self._fd: int | None = None

    def prepare(self) -> None:
        """Make one if there is none and space is plenty. Raises OSError for anything that does not pass."""
        if self._fd is not None or self._size < FILL_FROM:
            return
        if self._files.free(self._path.parent) < MARGIN * self._size:
            return
        try:
            self._fd = self._filled()
        except OSError as error:
            if error.errno not in PASSING:
                raise

    def _filled(self) -> int:
        remove(self._files, self._path)
        fd = self._files.create(self._path)
        try:
            for done in range(0, self._size, STEP):
                write_all(self._files, fd, bytes(min(STEP, self._size - done)))
            self._files.sync(fd)
            self._files.seek(fd, 0)
        except OSError:
            self._discard(fd)
            raise
        return fd

    def take(self, path: Path) -> int | None:
        """Make it the chunk at `path`: its descriptor, at the start of the file. None: there is none."""
        if self._fd is None:
            return None
        self._files.rename(self._path, path)
        fd, self._fd = self._fd, None
        return fd

    def clear(self) -> None:
        """Remove what an earlier process left."""
        remove(self._files, self._path)

    def drop(self) -> None:
        """Remove it; legal more than once."""
        if self._fd is not None:
            fd, self._fd = self._fd, None
            self._discard(fd)

    def _discard(self, fd: int) -> None:
        with contextlib.suppress(OSError):
            self._files.close(fd)
        with contextlib.suppress(OSError):
            self._files.unlink(self._path)
