"""Ballast: space that is held while there is plenty and let go of when the disk is full, so that what is already
accepted can still be delivered and recorded.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

from okydrom.intake.files import FILES, Files, remove

SIZE = 16 << 20
LOW = 1  # ballasts of free space: below it, it is let go of
PLENTY = 4  # from there on it is held again


class Ballast:
    """One file of `size` bytes; `tend` is called with the free space now and then. Nothing fails for want of space."""

    def __init__(self, path: Path, size: int = SIZE, files: Files = FILES) -> None:
        self.held = False
        self._path = path
        self._size = size
        self._files = files

    def open(self, free: int) -> None:
        """Take over what an earlier process held, or hold it now if there is plenty. Raises OSError."""
        try:
            self.held = self._files.stat(self._path)[0] == self._size
        except FileNotFoundError:
            self.held = False
        self.tend(free)

    def tend(self, free: int) -> None:
        """Let go of it or hold it again, according to the free bytes. Raises OSError."""
        if self.held and free < LOW * self._size:
            remove(self._files, self._path)
            self.held = False
        elif not self.held and free >= PLENTY * self._size:
            self._hold()

    def _hold(self) -> None:
        remove(self._files, self._path)
        fd = self._files.create(self._path)
        try:
            self._files.allocate(fd, self._size)
            self.held = True
        except OSError:  # somebody else took the space meanwhile, or this file system can't hold any
            with contextlib.suppress(OSError):
                self._files.unlink(self._path)
        finally:
            self._files.close(fd)
