"""The file operations that durability rests on, behind one small object.

Everything the journal and the data directory do to files goes through `Files`, so that a failing or a simulated file
system can take its place. Every method raises OSError as the system does.
"""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path

from okydrom.errors import DataUnusable

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
PASSING = FULL | {errno.EMFILE, errno.ENFILE}  # may come back; every other error is final
PRIVATE_FILE = 0o600
PRIVATE_DIRECTORY = 0o700


class Files:
    """The system's own files. What is made here can be read by its owner only."""

    def names(self, directory: Path) -> list[str]:
        """What a directory holds, in no order."""
        return os.listdir(directory)

    def read(self, path: Path, size: int = -1) -> bytes:
        """The first `size` bytes of a file; -1: all of it."""
        with path.open("rb", buffering=0) as file:
            return file.read(size) if size >= 0 else file.readall()

    def stat(self, path: Path) -> tuple[int, int]:
        """Size in bytes and time of the last change in epoch milliseconds."""
        found = path.stat()
        return found.st_size, found.st_mtime_ns // 1_000_000

    def free(self, directory: Path) -> int:
        """Bytes that this process may still write on the disk of a directory."""
        found = os.statvfs(directory)
        return found.f_bavail * found.f_frsize

    def make_directory(self, path: Path) -> None:
        """Make a directory of our own, or make sure that an existing one is closed to others."""
        try:
            os.mkdir(path, PRIVATE_DIRECTORY)
        except FileExistsError:
            if path.stat().st_mode & 0o077:
                os.chmod(path, PRIVATE_DIRECTORY)

    def create(self, path: Path) -> int:
        """Make a file that is not there yet; its descriptor, for writing."""
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE_FILE)

    def open(self, path: Path) -> int:
        """The descriptor of an existing file, for writing at its start."""
        return os.open(path, os.O_RDWR | os.O_CLOEXEC)

    def write(self, fd: int, data: bytes | memoryview) -> int:
        """Write at the present place; how many bytes were taken."""
        return os.write(fd, data)

    def seek(self, fd: int, offset: int) -> None:
        """Set the present place."""
        os.lseek(fd, offset, os.SEEK_SET)

    def truncate(self, fd: int, size: int) -> None:
        """Cut a file."""
        os.ftruncate(fd, size)

    def allocate(self, fd: int, size: int) -> None:
        """Take real space for a file."""
        os.posix_fallocate(fd, 0, size)

    def datasync(self, fd: int) -> None:
        """Return when the file's bytes and size are on stable storage."""
        os.fdatasync(fd)

    def sync(self, fd: int) -> None:
        """The same with the file's times and mode."""
        os.fsync(fd)

    def close(self, fd: int) -> None:
        """Let go of a descriptor."""
        os.close(fd)

    def rename(self, old: Path, new: Path) -> None:
        """Give a file another name, in place of the one that has it."""
        os.replace(old, new)

    def unlink(self, path: Path) -> None:
        """Remove a name."""
        os.unlink(path)

    def sync_directory(self, path: Path) -> None:
        """Return when the names in a directory are on stable storage."""
        fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


FILES = Files()


def write_all(files: Files, fd: int, data: bytes) -> None:
    """One write; more only if the system takes less than all."""
    written = files.write(fd, data)
    while written < len(data):
        written += files.write(fd, memoryview(data)[written:])


def replace(files: Files, path: Path, data: bytes) -> None:
    """Put a file in place of another, so that whoever looks finds all of one or all of the other.

    Its bytes are on stable storage afterwards, its name once the directory is synced.
    """
    temporary = path.with_name(path.name + ".tmp")
    remove(files, temporary)
    fd = files.create(temporary)
    try:
        write_all(files, fd, data)
        files.sync(fd)
    except OSError:
        with contextlib.suppress(OSError):
            files.unlink(temporary)
        raise
    finally:
        files.close(fd)
    files.rename(temporary, path)


def remove(files: Files, path: Path) -> None:
    """Remove a file that may not be there."""
    with contextlib.suppress(FileNotFoundError):
        files.unlink(path)


def unusable(error: OSError, path: Path) -> DataUnusable:
    """What the system refused, and where, for a start that must fail."""
    where = error.filename if isinstance(error.filename, str) else str(path)
    return DataUnusable(f"Can't use {where}: {error.strerror or error}.", path=where, errno=error.errno)
