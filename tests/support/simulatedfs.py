"""A file system in memory that forgets what was not synced, in every way a real one may.

Names and bytes are durable separately, and strictly: a file's bytes after its sync, its name after the sync of its
directory. `image` is what a power cut may leave: of all that was not synced, each piece is there, missing, torn into
sectors, or zero, in any combination.
"""

from __future__ import annotations

import errno
import os
import random
from pathlib import Path

from okydrom.intake.files import Files

SECTOR = 64
Op = tuple[int, bytes | None]  # write at an offset, or (None) truncate to it


class Inode:
    """One file's bytes: as every process sees them, and as stable storage has them, with what is between."""

    def __init__(self, durable: bytes = b"") -> None:
        self.seen = bytearray(durable)
        self.durable = durable
        self.unsynced: list[Op] = []

    def apply(self, op: Op) -> None:
        self.unsynced.append(op)
        change(self.seen, op)

    def sync(self) -> None:
        self.durable = bytes(self.seen)
        self.unsynced.clear()

    def survivor(self, rand: random.Random, keep: float) -> bytes:
        """What may be left of it. `keep`: the share of unsynced pieces that made it."""
        left = bytearray(self.durable)
        for offset, data in self.unsynced:
            if data is None:
                if rand.random() < keep:
                    change(left, (offset, None))
                continue
            for start in range(0, len(data), SECTOR):
                if rand.random() < keep:
                    change(left, (offset + start, data[start : start + SECTOR]))
        return bytes(left)


def change(content: bytearray, op: Op) -> None:
    """Write (what lies between is zero) or truncate."""
    offset, data = op
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    if data is None:
        del content[offset:]
    else:
        content[offset : offset + len(data)] = data


Link = tuple[
    str | None, str | None, Inode
]  # (old, new): None, new: created; old, None: unlinked; both: renamed


class SimulatedFiles(Files):
    """`Files` in memory. Not safe for threads by itself: put it behind `Hooked`."""

    def __init__(self, content: dict[str, bytes] | None = None) -> None:
        self.names_seen = {name: Inode(data) for name, data in (content or {}).items()}
        self.names_durable = dict(self.names_seen)
        self.unsynced_links: list[Link] = []
        self._open: dict[int, tuple[Inode, list[int]]] = {}
        self._fds = iter(range(1_000, 1 << 30))
        self.space = 1 << 30

    def content(self) -> dict[str, bytes]:
        """What every process sees."""
        return {name: bytes(inode.seen) for name, inode in self.names_seen.items()}

    def image(self, rand: random.Random, keep: float) -> dict[str, bytes]:
        """What a power cut may leave: names, with their bytes."""
        names = dict(self.names_durable)
        for old, new, inode in self.unsynced_links:
            if rand.random() < keep:
                link(names, old, new, inode)
        return {name: inode.survivor(rand, keep) for name, inode in names.items()}

    # --- Files ------------------------------------------------------------------------------------------------------

    def names(self, directory: Path) -> list[str]:
        return [Path(name).name for name in self.names_seen if Path(name).parent == directory]

    def read(self, path: Path, size: int = -1) -> bytes:
        seen = self._inode(path).seen
        return bytes(seen if size < 0 else seen[:size])

    def stat(self, path: Path) -> tuple[int, int]:
        return len(self._inode(path).seen), 0

    def free(self, directory: Path) -> int:
        return self.space

    def make_directory(self, path: Path) -> None:
        """Directories are always there."""

    def create(self, path: Path) -> int:
        if str(path) in self.names_seen:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
        inode = Inode()
        self._link(None, str(path), inode)
        return self._descriptor(inode)

    def open(self, path: Path) -> int:
        return self._descriptor(self._inode(path))

    def write(self, fd: int, data: bytes | memoryview) -> int:
        inode, place = self._open[fd]
        inode.apply((place[0], bytes(data)))
        place[0] += len(data)
        return len(data)

    def seek(self, fd: int, offset: int) -> None:
        self._open[fd][1][0] = offset

    def truncate(self, fd: int, size: int) -> None:
        self._open[fd][0].apply((size, None))

    def allocate(self, fd: int, size: int) -> None:
        self._open[fd][0].apply((size - 1, b"\0"))

    def datasync(self, fd: int) -> None:
        self._open[fd][0].sync()

    sync = datasync

    def close(self, fd: int) -> None:
        del self._open[fd]

    def rename(self, old: Path, new: Path) -> None:
        self._link(str(old), str(new), self._inode(old))

    def unlink(self, path: Path) -> None:
        self._link(str(path), None, self._inode(path))

    def sync_directory(self, path: Path) -> None:
        left = []
        for old, new, inode in self.unsynced_links:
            if Path(new or old or "").parent == path:
                link(self.names_durable, old, new, inode)
            else:
                left.append((old, new, inode))
        self.unsynced_links = left

    def _link(self, old: str | None, new: str | None, inode: Inode) -> None:
        link(self.names_seen, old, new, inode)
        self.unsynced_links.append((old, new, inode))

    def _inode(self, path: Path) -> Inode:
        try:
            return self.names_seen[str(path)]
        except KeyError:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path)) from None

    def _descriptor(self, inode: Inode) -> int:
        fd = next(self._fds)
        self._open[fd] = (inode, [0])
        return fd


def link(names: dict[str, Inode], old: str | None, new: str | None, inode: Inode) -> None:
    """One change of names."""
    if old is not None:
        names.pop(old, None)
    if new is not None:
        names[new] = inode
