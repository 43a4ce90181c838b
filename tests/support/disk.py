"""File systems of a test's own: small ones that fill up, and ones that turn read-only. Needs root."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

KIB = 1024
MIB = 1024 * KIB


def require(program: str) -> None:
    """Skip where a program is not installed. In CI nothing may be missing."""
    _require(shutil.which(program) is not None, f"{program} is not installed")


def require_root() -> None:
    """Skip where file systems can't be mounted. In CI they must."""
    _require(os.geteuid() == 0, "mounting needs root")


def _require(met: bool, lack: str) -> None:
    if not met:
        assert os.environ.get("CI") != "true", lack
        pytest.skip(lack)


@contextmanager
def small_disk(path: Path, size: int) -> Iterator[Path]:
    """A file system of `size` bytes in memory, at `path`."""
    require_root()
    path.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "okydrom", path], check=True)
    try:
        yield path
    finally:
        subprocess.run(["umount", "--lazy", path], check=True)


def remount(path: Path, option: str) -> None:
    """Change a mounted file system: `ro`, `rw`, `size=…`."""
    subprocess.run(["mount", "-o", f"remount,{option}", path], check=True)


def free(path: Path) -> int:
    """Bytes that can still be written."""
    state = os.statvfs(path)
    return state.f_bavail * state.f_frsize


def fill(path: Path, leave: int = 0) -> Path:
    """Write a file that leaves `leave` bytes free, to the last byte if others write too; returns it."""
    filler = path / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while (wanted := free(path) - leave) > 0:
            file.write(bytes(min(wanted, MIB)))
    return filler
