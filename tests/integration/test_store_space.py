"""The SQLite store's files: the WAL stays small, free pages are given back, a copy is whole."""

from pathlib import Path

import pytest

from okydrom.config.settings import KIB, MIB
from okydrom.store.sqlite import space, writer
from okydrom.task import Status
from tests.support.sqlite import database_of, shell
from tests.support.stores import opened, result, sqlite_store
from tests.support.tasks import make_task


async def test_the_wal_stays_small_while_tasks_pour_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "WAL_SIZE", 256 * KIB)
    async with opened(sqlite_store, tmp_path) as rig:
        largest = 0
        for _ in range(30):
            await rig.add(*(make_task(body=bytes(1_000)) for _ in range(60)))
            largest = max(largest, (tmp_path / "store.db-wal").stat().st_size)
        assert 256 * KIB < largest < 2 * MIB
        assert (tmp_path / "store.db").stat().st_size > MIB


async def test_a_reader_that_holds_the_wal_is_seen_and_outlived(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "WAL_SIZE", 256 * KIB)
    monkeypatch.setattr(writer, "WAL_GROWTH", 64 * KIB)
    async with opened(sqlite_store, tmp_path) as rig:
        await rig.add(make_task())
        other = shell(rig)
        other.execute("BEGIN")
        other.execute("SELECT * FROM task").fetchall()
        await rig.add(*(make_task(body=bytes(1_000)) for _ in range(60)))
        assert space.checkpoint(database_of(rig), "PASSIVE") is False  # not busy, and yet not all of it
        other.execute("ROLLBACK")
        other.close()
        await rig.add(*(make_task(body=bytes(1_000)) for _ in range(300)))
        await rig.add(make_task())
        assert (tmp_path / "store.db-wal").stat().st_size < 128 * KIB


async def test_upkeep_moves_the_wal_into_the_database(tmp_path: Path) -> None:
    async with opened(sqlite_store, tmp_path) as rig:
        await rig.add(*(make_task(body=bytes(1_000)) for _ in range(60)))
        before = (tmp_path / "store.db").stat().st_size
        await rig.store.sweep(rig.now, 10)
        assert (tmp_path / "store.db").stat().st_size > before


async def test_a_backup_is_a_whole_store_of_its_moment(tmp_path: Path) -> None:
    async with opened(sqlite_store, tmp_path) as rig:
        tasks = [make_task() for _ in range(50)]
        await rig.add(*tasks)
        (tmp_path / "copy").mkdir()
        (tmp_path / "copy" / "store.db").write_text("an older one")
        await rig.store.backup(str(tmp_path / "copy" / "store.db"))
        await rig.add(make_task())
        async with opened(sqlite_store, tmp_path / "copy") as copy:
            assert (copy.opened.fresh, copy.opened.position) == (False, 50)
            assert copy.opened.instance == rig.opened.instance
            assert await copy.store.check(full=True) == []
            assert (await copy.store.summary()).by_status[Status.QUEUED] == 50
            assert len(await copy.claim()) == 50
        assert [path.name for path in (tmp_path / "copy").iterdir()] == ["store.db"]


async def test_pages_that_are_free_are_given_back(tmp_path: Path) -> None:
    async with opened(sqlite_store, tmp_path) as rig:
        for _ in range(50):
            task = make_task(body=bytes(64 * KIB))
            await rig.add(task, claimed=True, results=[result(task)])
        await rig.store.sweep(rig.now, 10)
        before = (tmp_path / "store.db").stat().st_size
        while (await rig.store.sweep(rig.now, 10, tight=True)).more:
            pass
        assert (tmp_path / "store.db").stat().st_size < before / 4
