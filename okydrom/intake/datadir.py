"""The data directory: what lies where, for whom, and who uses it.

    journal/      chunks of what was accepted          server.json   where the running server listens
    damaged/      bytes that were set aside            lock          held by the process that uses it, with its pid
    store.db …    tasks and attempts                   ballast       space to let go of when the disk is full
    session.key   what sessions are signed with

Directories made here are 0700, files 0600; a directory that was there keeps its mode.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from okydrom.errors import DataInUse
from okydrom.intake.files import FILES, PRIVATE_DIRECTORY, PRIVATE_FILE, Files, remove, replace, unusable


class DataDir:
    """`storage.path`. One process at a time: `open` takes the lock, `close` or the process's end lets go of it."""

    def __init__(self, path: Path, files: Files = FILES) -> None:
        self.path = path.absolute()
        self.journal = self.path / "journal"
        self.damaged = self.path / "damaged"
        self.store = self.path / "store.db"
        self.server = self.path / "server.json"
        self.ballast = self.path / "ballast"
        self._lock_path = self.path / "lock"
        self._lock: int | None = None
        self._files = files

    def open(self) -> None:
        """Make the directory if need be and take the lock.

        Raises DataInUse at once if another process holds it, DataUnusable if the directory can't be written.
        """
        if self._lock is not None:
            return
        try:
            self._make()
            self._lock = self._take_lock()
        except OSError as error:
            raise unusable(error, self.path) from error

    def close(self) -> None:
        """Let go of the lock. The file stays: whoever removed it could let two in. Legal at any time, idempotent."""
        if self._lock is not None:
            lock, self._lock = self._lock, None
            os.close(lock)

    def free(self) -> int:
        """Bytes that may still be written here. Raises OSError."""
        return self._files.free(self.path)

    def write(self, path: Path, data: bytes) -> None:
        """Put a file in place, wholly or not at all, durably. Raises OSError."""
        replace(self._files, path, data)
        self._files.sync_directory(path.parent)

    def secret(self, size: int) -> bytes:
        """Random bytes that stay the same over restarts: of a file, made at the first call. Raises DataUnusable."""
        path = self.path / "session.key"
        try:
            kept = self._files.read(path, size + 1) if path.exists() else b""
            if len(kept) != size:  # none, or a torn one: all sessions end
                kept = os.urandom(size)
                self.write(path, kept)
        except OSError as error:
            raise unusable(error, path) from error
        return kept

    def remove(self, path: Path) -> None:
        """Remove a file that may not be there. Raises OSError."""
        remove(self._files, path)

    def _make(self) -> None:
        missing = [path for path in (self.path, *self.path.parents) if not path.exists()]
        for path in reversed(missing):
            path.mkdir(PRIVATE_DIRECTORY, exist_ok=True)
            self._files.sync_directory(path.parent)

    def _take_lock(self) -> int:
        fd = os.open(self._lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, PRIVATE_FILE)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(fd, 0)
            os.write(fd, b"%d\n" % os.getpid())
        except BlockingIOError:
            raise self._in_use(fd) from None
        except OSError:
            os.close(fd)
            raise
        return fd

    def _in_use(self, fd: int) -> DataInUse:
        with os.fdopen(fd, "rb") as file:
            pid = file.read(32).strip()
        who = f"process {int(pid)}" if pid.isdigit() else "another process"
        return DataInUse(
            f"{self.path} is in use by {who}.", path=str(self.path), pid=int(pid) if pid.isdigit() else None
        )
