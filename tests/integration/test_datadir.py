"""The data directory: one process at a time, closed to others, usable or refused with a reason."""

import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from okydrom.errors import DataInUse, DataUnusable
from okydrom.intake.ballast import Ballast
from okydrom.intake.datadir import DataDir
from okydrom.intake.files import FILES
from tests.support.disk import free, remount, small_disk
from tests.support.faultyfs import Hooked, Trace

HOLD = """
import sys
from pathlib import Path
from okydrom.intake.datadir import DataDir
place = DataDir(Path(sys.argv[1]))
place.open()
print("open", flush=True)
sys.stdin.read()
"""
MIB = 1 << 20


def mode(path: Path) -> int:
    """Its permission bits."""
    return stat.S_IMODE(path.stat().st_mode)


def test_it_is_made_with_its_parents_and_closed_to_others(tmp_path: Path) -> None:
    trace = Trace()
    place = DataDir(tmp_path / "a" / "data", Hooked(FILES, trace))
    place.open()
    place.write(place.server, b"{}")
    assert place.server.read_bytes() == b"{}"
    assert [mode(tmp_path / "a" / "data"), mode(place.path / "lock"), mode(place.server)] == [
        0o700,
        0o600,
        0o600,
    ]
    assert trace.done[:2] == [("sync_directory", str(tmp_path)), ("sync_directory", str(tmp_path / "a"))]
    assert trace.done[-1] == ("sync_directory", str(place.path))
    place.close()


def test_a_directory_that_was_there_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o750)
    place = DataDir(tmp_path)
    place.open()
    assert mode(tmp_path) == 0o750
    place.close()


def test_files_are_private_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        place = DataDir(tmp_path / "data")
        place.open()
        place.write(place.server, b"{}")
        assert [mode(place.path), mode(place.server)] == [0o700, 0o600]
    finally:
        os.umask(before)
    place.close()


def test_a_second_process_is_refused_at_once_and_told_by_whom(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        before = time.monotonic()
        with pytest.raises(DataInUse, match=f"process {holder.pid}") as refusal:
            DataDir(tmp_path).open()
        assert time.monotonic() - before < 1
        assert refusal.value.params["pid"] == holder.pid
        holder.kill()
    place = DataDir(tmp_path)
    place.open()  # a lock ends with its process
    assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"
    place.close()


def test_opening_and_closing_twice_is_legal(tmp_path: Path) -> None:
    place = DataDir(tmp_path)
    place.close()
    place.open()
    place.open()
    place.close()
    place.close()
    again = DataDir(tmp_path)
    again.open()
    again.close()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_text("a file"),
        lambda path: (path.mkdir(), (path / "lock").mkdir()),
        lambda path: (path.mkdir(), (path / "lock").symlink_to("/etc/hostname")),
    ],
    ids=["a file", "a directory for a lock", "a link for a lock"],
)
def test_what_cannot_be_used_is_said_with_its_place(tmp_path: Path, spoil: Callable[[Path], object]) -> None:
    spoil(tmp_path / "data")
    with pytest.raises(DataUnusable) as refusal:
        DataDir(tmp_path / "data").open()
    assert str(tmp_path / "data") in refusal.value.detail
    assert refusal.value.params["errno"]


def test_a_read_only_disk_is_refused(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", MIB) as disk:
        remount(disk, "ro")
        with pytest.raises(DataUnusable, match="Read-only file system"):
            DataDir(disk).open()


def test_a_replacement_leaves_nothing_half_done(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", MIB) as disk:
        place = DataDir(disk)
        place.write(place.server, b"old")
        with pytest.raises(OSError, match="No space left"):
            place.write(place.server, bytes(2 * MIB))
        assert place.server.read_bytes() == b"old"
        assert [path.name for path in disk.iterdir()] == ["server.json"]


def holds(ballast: Ballast) -> bool:
    """At this moment."""
    return ballast.held


def test_ballast_is_let_go_of_and_held_again(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", MIB) as disk:
        ballast = Ballast(disk / "ballast", 64 * 1024)
        ballast.open(free(disk))
        assert holds(ballast)
        assert free(disk) == MIB - 64 * 1024
        filler = disk / "filler"
        filler.write_bytes(bytes(free(disk) - 4_096))
        ballast.tend(free(disk))
        assert not holds(ballast)
        assert free(disk) == 64 * 1024 + 4_096
        ballast.tend(free(disk))
        assert not holds(ballast)
        filler.unlink()
        ballast.tend(free(disk))
        assert holds(ballast)
        again = Ballast(disk / "ballast", 64 * 1024)
        again.open(free(disk))
        assert holds(again)


def test_ballast_that_finds_no_space_is_none(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", MIB) as disk:
        ballast = Ballast(disk / "ballast", 64 * 1024)
        (disk / "filler").write_bytes(bytes(free(disk) - 4_096))
        ballast.open(1 << 40)  # what was free a moment ago
        assert not holds(ballast)
        assert not (disk / "ballast").exists()
