"""The SQLite store's file: settings that took, kinds and formats that are told apart, a schema that holds."""

import os
import sqlite3
import stat
from pathlib import Path

import pytest

from okydrom.config.settings import DAY, KIB, Retention
from okydrom.errors import DataUnusable, DiskFull, StoreBusy, StoreFailed
from okydrom.store.sqlite import connection, schema
from tests.support.sqlite import database_of, readers_of
from tests.support.stores import NOW, Rig, opened, result, sqlite_store
from tests.support.tasks import make_task


async def test_the_settings_took(tmp_path: Path) -> None:
    async with opened(sqlite_store, tmp_path) as rig:
        db = database_of(rig)
        expected = {
            "journal_mode": "wal",
            "synchronous": 2,
            "wal_autocheckpoint": 0,
            "auto_vacuum": 2,
            "secure_delete": 1,
            "mmap_size": 0,
        }
        assert {name: db.execute(f"PRAGMA {name}").fetchone()[0] for name in expected} == expected


async def test_nothing_of_a_pruned_body_stays_in_the_file(tmp_path: Path) -> None:
    async with opened(sqlite_store, tmp_path, Retention(delivered=DAY)) as rig:
        task = make_task(created_at=NOW - 9 * DAY, body=b"canary" * 300)
        await rig.add(task, claimed=True, results=[result(task, at=NOW - 8 * DAY)])
        await rig.store.close()
        assert b"canary" in (tmp_path / "store.db").read_bytes()
        await rig.open()
        assert (await rig.store.sweep(NOW, 10)).pruned == 1
        await rig.store.close()
        assert b"canary" not in (tmp_path / "store.db").read_bytes()


async def test_a_setting_that_did_not_take_is_refused(tmp_path: Path) -> None:
    schema.make_file(tmp_path / "store.db")
    with pytest.raises(DataUnusable, match="cache_size"):
        await connection.connect(tmp_path / "store.db", {"cache_size": 2**40})


async def test_readers_can_not_write(tmp_path: Path) -> None:
    async with opened(sqlite_store, tmp_path) as rig:
        with pytest.raises(StoreFailed, match="READONLY"):
            await readers_of(rig).look(lambda db: db.execute("DELETE FROM task"))


async def test_the_files_are_their_owners_alone(tmp_path: Path) -> None:
    async with opened(sqlite_store, tmp_path):
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
        assert modes == dict.fromkeys(("store.db", "store.db-wal", "store.db-shm"), 0o600)


async def test_closing_leaves_one_whole_file(tmp_path: Path) -> None:
    async with opened(sqlite_store, tmp_path) as rig:
        await rig.add(make_task())
        await rig.store.close()
        await rig.store.close()
        assert [path.name for path in tmp_path.iterdir()] == ["store.db"]


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"this is no database" * 99, "NOTADB"), (b"SQLite format 3\0" + bytes(4096), "NOTADB")],
)
async def test_a_file_that_is_no_database_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "store.db").write_bytes(content)
    with pytest.raises(DataUnusable, match=says):
        await Rig(sqlite_store, tmp_path).open()


async def test_a_database_of_another_program_is_refused_untouched(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "store.db")
    other.execute("CREATE TABLE theirs (x)")
    other.close()
    with pytest.raises(DataUnusable, match="another program"):
        await Rig(sqlite_store, tmp_path).open()
    other = sqlite3.connect(tmp_path / "store.db")
    assert other.execute("SELECT name FROM sqlite_schema").fetchall() == [("theirs",)]
    other.close()


async def test_a_newer_format_is_refused(tmp_path: Path) -> None:
    async with opened(sqlite_store, tmp_path) as rig:
        database_of(rig).execute("PRAGMA user_version = 99")
        await rig.store.close()
        with pytest.raises(DataUnusable, match="format 99"):
            await rig.open()


async def test_a_truncated_database_is_noticed_at_opening(tmp_path: Path) -> None:
    async with opened(sqlite_store, tmp_path) as rig:
        await rig.add(*(make_task(body=bytes(900)) for _ in range(200)))
        await rig.store.close()
        os.truncate(tmp_path / "store.db", 20 * KIB)
        with pytest.raises(DataUnusable):
            await rig.open()


async def test_a_file_that_can_not_be_made_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataUnusable, match="No such file"):
        await Rig(sqlite_store, tmp_path / "missing").open()


def test_a_step_that_fails_leaves_the_version_before_it() -> None:
    db = sqlite3.connect(":memory:", isolation_level=None)
    steps = {1: "CREATE TABLE a (x);", 2: "CREATE TABLE b (x); CREATE TABLE a (x);"}
    with pytest.raises(sqlite3.OperationalError):
        schema.migrate(db, steps)
    db.execute("ROLLBACK")
    assert db.execute("PRAGMA user_version").fetchone() == (1,)
    assert schema.migrate(db, {**steps, 2: "CREATE TABLE b (x);"}) is False
    assert db.execute("PRAGMA user_version").fetchone() == (2,)
    db.close()


async def test_the_schema_refuses_a_status_that_is_not_its_times(tmp_path: Path) -> None:
    async with opened(sqlite_store, tmp_path) as rig:
        await rig.add(make_task())
        for change in (
            "status = 'delivered'",
            "status = 'sending'",
            "due = NULL",
            "finished_at = 5",
            "status = 'failed', due = NULL, finished_at = 5",
            "status = 'delivered', due = NULL, finished_at = 5, reason = 'expired'",
        ):
            with pytest.raises(sqlite3.IntegrityError, match="CHECK"):
                database_of(rig).execute(f"UPDATE task SET {change}")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("SQLITE_FULL", DiskFull),
        ("SQLITE_IOERR_SHMSIZE", DiskFull),
        ("SQLITE_BUSY", StoreBusy),
        ("SQLITE_BUSY_SNAPSHOT", StoreBusy),
        ("SQLITE_IOERR_FSYNC", StoreFailed),
        ("SQLITE_IOERR_WRITE", StoreFailed),
        ("SQLITE_CORRUPT_VTAB", StoreFailed),
        ("SQLITE_READONLY", StoreFailed),
    ],
)
def test_an_error_of_sqlite_means(name: str, kind: type[Exception]) -> None:
    error = sqlite3.OperationalError("what a task holds")
    error.sqlite_errorname = name
    failure = connection.failure_of(error)
    assert type(failure) is kind
    assert "what a task holds" not in f"{failure} {failure.params}"
