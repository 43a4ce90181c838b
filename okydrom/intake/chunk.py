"""Chunks: the journal's files. One is written at a time (`Head`), the others wait to be imported and to leave."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from pathlib import Path

import msgspec

from okydrom.errors import JournalFailed
from okydrom.intake.files import Files, write_all

NAME = re.compile(r"q(\d{5,})")  # persist-queue's


class Chunk(msgspec.Struct, frozen=True):
    """A chunk that is no longer written."""

    number: int
    path: Path
    size: int
    last: int  # the last journal number in it; 0: it holds none
    ended_at: int  # epoch ms of its last write


def chunk_numbers(files: Files, directory: Path) -> list[int]:
    """The numbers of the chunk files that are there, ascending."""
    found = (NAME.fullmatch(name) for name in files.names(directory))
    return sorted(int(match[1]) for match in found if match)


class Head:
    """The chunk that is written. Nothing in it counts beyond `offset`: all before is synced."""

    def __init__(self, files: Files, fd: int, path: Path, number: int) -> None:
        self.path = path
        self.number = number
        self.offset = 0
        self.last = 0
        self.named = False  # its name is on stable storage
        self.closed = False
        self._files = files
        self._fd = fd
        self._written = 0

    def write(self, data: bytes) -> None:
        """Write behind the last good byte. On OSError the file is cut back to it; JournalFailed if that fails too."""
        try:
            write_all(self._files, self._fd, data)
        except OSError:
            try:
                self.cut()
            except OSError as error:
                raise JournalFailed(f"Can't cut {self.path}: {error.strerror}.") from error
            raise
        self._written = self.offset + len(data)

    def sync(self) -> None:
        """Make what was written good. After an OSError this chunk must not be used again."""
        self._files.datasync(self._fd)
        if not self.named:
            self._files.sync_directory(self.path.parent)
            self.named = True
        self.offset = self._written

    def cut(self) -> None:
        """Drop all beyond the last good byte: refused frames, or zeros that are not needed any more."""
        self._files.truncate(self._fd, self.offset)
        self._files.seek(self._fd, self.offset)

    def close(self) -> None:
        """Let go of the file; legal more than once."""
        if not self.closed:
            self.closed = True
            with contextlib.suppress(OSError):  # all that counts is synced
                self._files.close(self._fd)


def leaving(chunks: Sequence[Chunk], position: int, now: int, keep: int, keep_size: int) -> list[Chunk]:
    """The oldest chunks that are imported up to `position` and outside the window of `keep` ms and `keep_size` bytes.

    >>> three = [Chunk(n, Path(f"q{n}"), 100, n * 10, n * 1000) for n in (1, 2, 3)]
    >>> [chunk.number for chunk in leaving(three, 25, 9_000, 7_500, 10_000)]  # 2 is younger than 7.5 s
    [1]
    >>> [chunk.number for chunk in leaving(three, 25, 9_000, 60_000, 50)]  # 3 is not imported
    [1, 2]
    """
    size = sum(chunk.size for chunk in chunks)
    found = []
    for chunk in chunks:
        if chunk.last > position or (now - chunk.ended_at <= keep and size <= keep_size):
            break
        found.append(chunk)
        size -= chunk.size
    return found
