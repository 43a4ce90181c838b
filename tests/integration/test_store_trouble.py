"""What the SQLite store does when SQLite, the disk or another program fails it."""

import asyncio
import re
import shutil
import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from okydrom.config.settings import KIB, MIB
from okydrom.errors import DataUnusable, DiskFull, StoreBusy, StoreFailed, Unavailable
from okydrom.record import pack
from okydrom.store import opening
from okydrom.store.contract import Part
from okydrom.store.query import Filter
from okydrom.store.sqlite import connection, readers, verify, writer
from okydrom.store.sqlite.store import SqliteStore
from okydrom.task import Reason, Status
from tests.support.disk import fill, small_disk
from tests.support.sqlite import database_of, readers_of, shell, writer_of
from tests.support.stores import Rig, opened, result, sqlite_store
from tests.support.tasks import make_entry, make_task
from tests.support.wait import wait_until

LAST = "018bcfe5-6800-7000-8000-00000000000f"


async def test_a_full_disk_refuses_and_recovers(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 4 * MIB) as disk:
        async with opened(sqlite_store, disk) as rig:
            kept = make_task()
            await rig.add(kept)
            filler = fill(disk, leave=64 * KIB)
            big = [make_entry(make_task(body=bytes(64 * KIB))) for _ in range(8)]
            for _ in range(3):
                with pytest.raises(DiskFull):
                    await rig.store.add(big, 50)
            assert (await rig.store.summary()).by_status[Status.QUEUED] == 1
            assert len(await rig.claim()) == 1  # what needs little room goes on
            filler.unlink()
            assert len(await rig.store.add(big, 50)) == 8
            assert await rig.store.check(full=True) == []
            assert (await rig.reopen()).position == 50


async def test_on_a_disk_that_fills_up_every_call_works_or_refuses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "WAL_SIZE", 48 * KIB)
    monkeypatch.setattr(writer, "WAL_GROWTH", 16 * KIB)
    with small_disk(tmp_path / "disk", 2 * MIB) as disk:
        for leave in range(0, 400 * KIB, 40 * KIB):
            (disk / str(leave)).mkdir()
            async with opened(sqlite_store, disk / str(leave)) as rig:
                filler = fill(disk, leave=leave)
                refused = 0
                for _ in range(40):
                    for call in (
                        lambda: rig.add(*(make_task(body=bytes(3 * KIB)) for _ in range(5))),
                        lambda: finish(rig),
                        lambda: rig.store.sweep(rig.now, 10),
                    ):
                        try:
                            await call()
                        except DiskFull:
                            refused += 1
                assert refused > 0
                filler.unlink()
                await rig.add(make_task(id=LAST))
                assert await rig.store.check(full=True) == []
                assert (await rig.reopen()).position == rig.position
                assert (await rig.task(LAST)).id == LAST
            shutil.rmtree(disk / str(leave))


async def finish(rig: Rig) -> None:
    """Claim some, and deliver them."""
    await rig.store.record([result(task) for task in await rig.claim(most=3)])


async def test_a_database_at_its_limit_refuses_and_recovers(tmp_path: Path) -> None:
    async with opened(sqlite_store, tmp_path) as rig:
        db = database_of(rig)
        (pages,) = db.execute("PRAGMA page_count").fetchone()
        db.execute(f"PRAGMA max_page_count = {pages + 2}").fetchone()
        big = [make_entry(make_task(body=bytes(64 * KIB)))]
        with pytest.raises(DiskFull):
            await rig.store.add(big, 5)
        db.execute("PRAGMA max_page_count = 1000000").fetchone()
        assert len(await rig.store.add(big, 5)) == 1
        wanted = Filter(destination=frozenset({big[0].task.destination}))
        assert len((await rig.store.find(wanted, limit=5)).items) == 1
        assert await rig.store.check(full=True) == []


async def test_a_job_that_fails_takes_no_other_down(tmp_path: Path) -> None:
    def fails(_: Any) -> None:
        raise LookupError

    async with opened(sqlite_store, tmp_path) as rig:
        writes = writer_of(rig)
        first, second = make_task(), make_task()
        answers: Sequence[Any] = await asyncio.gather(
            rig.store.add([make_entry(first)], 1),
            rig.store.add([make_entry(second)], 2),
            writes.write(fails),
            rig.claim(),
            return_exceptions=True,
        )
        assert [type(answer) for answer in answers] == [dict, dict, LookupError, list]
        assert [task.id for task in answers[3]] == [first.id, second.id]
        assert (await rig.store.summary()).by_status[Status.QUEUED] == 2
        assert await rig.store.check(full=True) == []


async def test_a_database_that_another_program_writes_is_busy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "PATIENCE", 0.02)
    async with opened(sqlite_store, tmp_path) as rig:
        other = shell(rig)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy):
            await rig.add(make_task())
        other.execute("ROLLBACK")
        other.close()
        await rig.add(make_task())
        assert (await rig.store.summary()).by_status[Status.QUEUED] == 1


async def test_after_a_failed_sync_nothing_more_is_written(tmp_path: Path) -> None:
    def fails(_: Any) -> None:
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorname = "SQLITE_IOERR_FSYNC"
        raise error

    async with opened(sqlite_store, tmp_path) as rig:
        answers: Sequence[Any] = await asyncio.gather(
            rig.store.add([make_entry(make_task())], 1),
            writer_of(rig).write(fails),
            return_exceptions=True,
        )
        assert [type(answer) for answer in answers] == [StoreFailed, StoreFailed]
        with pytest.raises(StoreFailed, match="IOERR_FSYNC"):
            await rig.add(make_task())
        assert (await rig.store.summary()).by_status[Status.QUEUED] == 0


async def test_what_waits_behind_a_failed_sync_is_not_run(tmp_path: Path) -> None:
    ran: list[str] = []

    async with opened(sqlite_store, tmp_path) as rig:
        writes = writer_of(rig)

        def fails(_: Any) -> None:
            loop.call_soon_threadsafe(handed_in.set)
            assert late.wait(10)
            raise StoreFailed("The disk is gone.")

        loop, handed_in, late = asyncio.get_running_loop(), asyncio.Event(), threading.Event()
        first = asyncio.create_task(writes.write(fails))
        await handed_in.wait()
        behind = [
            asyncio.create_task(writes.write(lambda _: ran.append("behind"))),
            asyncio.create_task(rig.add(make_task())),
        ]
        loop.call_soon(late.set)  # once both are handed in
        answers = await asyncio.gather(first, *behind, return_exceptions=True)
        assert [type(answer) for answer in answers] == [StoreFailed] * 3
        assert (ran, (await rig.store.summary()).by_status[Status.QUEUED]) == ([], 0)


async def test_of_jobs_that_are_run_one_by_one_none_follows_a_failed_sync(tmp_path: Path) -> None:
    ran: list[str] = []

    def refuses(_: Any) -> None:
        raise LookupError  # so that each gets a transaction of its own

    def fails(_: Any) -> None:
        raise StoreFailed("The disk is gone.")

    async with opened(sqlite_store, tmp_path) as rig:
        jobs = [refuses, fails, lambda _: ran.append("behind")]
        answers = await asyncio.gather(*map(writer_of(rig).write, jobs), return_exceptions=True)
        assert [type(answer) for answer in answers] == [LookupError, StoreFailed, StoreFailed]
        assert ran == []


async def test_a_store_that_another_program_has_locked_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "PATIENCE", 0.02)
    monkeypatch.setattr(opening, "AGAIN", 0.01)
    async with opened(sqlite_store, tmp_path) as rig:
        await rig.add(make_task())
        await rig.store.close()
        other = shell(rig)
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreBusy):
            await rig.open()
        tries: list[int] = []

        def now() -> int:
            tries.append(1)
            return rig.now

        waiting = asyncio.create_task(opening.open_unlocked(rig.store, now))
        await wait_until(lambda: len(tries) >= 2)
        assert not waiting.done()
        other.close()
        assert (await waiting).position == 1


async def test_a_store_without_room_to_open_says_so(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", MIB) as disk:
        fill(disk)
        with pytest.raises(DiskFull):
            await Rig(sqlite_store, disk).open()


async def test_a_listener_that_fails_is_heard_of_by_those_who_wrote(tmp_path: Path) -> None:
    def fails(_: object) -> None:
        raise LookupError

    def make(rig: Rig) -> SqliteStore:
        return SqliteStore(
            rig.path / "store.db", retention=rig.retention, now=lambda: rig.now, on_notes=fails
        )

    async with opened(make, tmp_path) as rig:
        task = make_task()
        with pytest.raises(LookupError):
            await rig.add(task, claimed=True, results=[result(task)])
        await rig.add(make_task())


async def test_a_damaged_record_is_never_given_out(tmp_path: Path) -> None:
    async with opened(sqlite_store, tmp_path) as rig:
        tasks = [make_task(body=bytes(50)) for _ in range(4)]
        await rig.add(*tasks)
        flipped = bytearray(pack(tasks[1]))
        flipped[-60] ^= 4
        database_of(rig).execute("UPDATE record SET record = ? WHERE seq = 2", (flipped,))
        database_of(rig).execute("DELETE FROM record WHERE seq = 3")
        assert [task.id for task in await rig.claim()] == [tasks[0].id, tasks[3].id]
        found = await rig.store.get(tasks[1].id, Part.FULL)
        assert found is not None
        assert (found.status, found.reason, found.body, found.size) == (
            Status.FAILED,
            Reason.DAMAGED,
            None,
            50,
        )
        assert [finished[0] for finished in rig.finished] == [tasks[1].id, tasks[2].id]
        assert (await rig.task(tasks[2].id)).reason is Reason.DAMAGED
        assert await rig.store.check(full=True) == [
            "task 2: its record is damaged",
            "task 3: its record is missing",
        ]


async def test_a_full_check_finds_counts_that_are_wrong_and_records_that_are_gone(tmp_path: Path) -> None:
    async with opened(sqlite_store, tmp_path) as rig:
        await rig.add(make_task(destination="http://a:80"), make_task(destination="http://b:80"))
        assert await rig.store.check(full=True) == []
        db = database_of(rig)
        db.execute("UPDATE meta SET queued = 5, failed = 1")
        db.execute("UPDATE destination SET next_due = 9 WHERE key = 'http://b:80'")
        db.execute("DELETE FROM record WHERE seq = 1")
        db.execute("INSERT INTO attempt VALUES (9, 5, 1, 0, x'00')")
        db.execute("INSERT INTO label VALUES ('k', 'v', 5)")
        db.execute("DELETE FROM presence WHERE destination = 1")
        assert await rig.store.check(full=True) == [
            "task 1: its record is missing",
            "count of queued: 5 kept, 2 there",
            "count of failed: 1 kept, 0 there",
            "destination http://b:80: its counts are not those of its tasks",
            "1 tasks are in blocks that do not list their destination",
            "1 attempts belong to nothing",
            "1 labels belong to nothing",
        ]


async def test_the_daily_check_makes_short_looks_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "PIECE", 3)
    monkeypatch.setattr(verify, "PIECE_BYTES", 2 * KIB)
    looks: list[str] = []
    run = connection.Connection.run

    async def traced(self: connection.Connection, work: Any) -> Any:
        await run(self, lambda db: db.set_trace_callback(looks.append))
        return await run(self, work)

    async with opened(sqlite_store, tmp_path) as rig:
        await rig.add(*(make_task() for _ in range(4)), *(make_task(body=bytes(2 * KIB)) for _ in range(2)))
        database_of(rig).execute("UPDATE record SET crc = 1 WHERE seq IN (2, 6)")
        database_of(rig).execute("UPDATE meta SET failed = 1")
        monkeypatch.setattr(connection.Connection, "run", traced)
        faults = ["task 2: its record is damaged", "task 6: its record is damaged"]
        assert await rig.store.check() == faults
        looks = [text for text in looks if "PRAGMA" not in text]
        starts = [re.findall(r"seq > (\d+) .* LIMIT 3", text) for text in looks]
        assert starts == [["0"], ["3"], ["5"], ["6"]]
        assert await rig.store.check(full=True) == [*faults, "count of failed: 1 kept, 0 there"]


async def test_garbled_pages_are_noticed_at_opening(tmp_path: Path) -> None:
    async with opened(sqlite_store, tmp_path) as rig:
        await rig.add(*(make_task(body=bytes(900)) for _ in range(300)))
        await rig.store.close()
        content = bytearray((tmp_path / "store.db").read_bytes())
        content[40 * KIB : 200 * KIB] = bytes(160 * KIB)
        (tmp_path / "store.db").write_bytes(content)
        with pytest.raises(DataUnusable, match="CORRUPT"):
            await rig.open()


# --- looks that take long ---------------------------------------------------------------------------------------------

ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n"


async def test_a_look_ends_at_its_deadline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "DEADLINE", 0.05)
    async with opened(sqlite_store, tmp_path) as rig:
        look = readers_of(rig).look
        with pytest.raises(Unavailable):
            await look(lambda db: db.execute(ENDLESS).fetchone())
        assert (await rig.store.summary()).oldest_due is None  # the connection is free again


async def test_searches_that_take_long_hold_up_neither_looks_nor_writes(tmp_path: Path) -> None:
    async with opened(sqlite_store, tmp_path) as rig:
        search = readers_of(rig).search
        running = [
            asyncio.create_task(search(lambda db: db.execute(ENDLESS).fetchone(), 0.5)) for _ in range(5)
        ]
        await rig.add(make_task())
        assert (await rig.store.due(rig.now, 5)) != []
        assert not any(task.done() for task in running)
        answers = await asyncio.gather(*running, return_exceptions=True)
        assert [type(answer) for answer in answers] == [Unavailable] * 5
        assert len((await rig.store.find(Filter(), limit=5)).items) == 1


async def test_a_search_whose_caller_left_holds_its_connection_until_it_ends(tmp_path: Path) -> None:
    async with opened(sqlite_store, tmp_path) as rig:
        left = asyncio.create_task(readers_of(rig).search(lambda db: db.execute(ENDLESS).fetchone(), 30))
        await rig.store.find(Filter(), limit=1)  # on the other one
        left.cancel()
        async with asyncio.timeout(10):
            await asyncio.gather(*(rig.store.find(Filter(), limit=1) for _ in range(4)))
        for each in readers_of(rig)._connections:
            await each.interrupt()


async def test_a_search_that_is_interrupted_goes_on_from_where_it_came(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Clock:
        """Each look at it takes a second, so that time is what SQLite has done."""

        now = 0.0

        @classmethod
        def monotonic(cls) -> float:
            cls.now += 1
            return cls.now

    async with opened(sqlite_store, tmp_path) as rig:
        for _ in range(5):
            await rig.add(*(make_task(attempts=number % 2) for number in range(4_000)))
        monkeypatch.setattr(readers, "time", Clock)
        wanted = Filter(attempts_from=1)
        for oldest_first in (True, False):
            found: list[int] = []
            cursor: str | None = None
            pages = 0
            while pages == 0 or cursor:
                page = await rig.store.find(
                    wanted, limit=99_999, cursor=cursor, oldest_first=oldest_first, deadline=20
                )
                assert page.complete == (page.next is None)
                found += [task.seq for task in page.items]
                cursor, pages = page.next, pages + 1
            assert sorted(found, reverse=not oldest_first) == found
            assert (pages > 2, sorted(found)) == (True, list(range(2, 20_001, 2)))
        counted = await rig.store.count(wanted, cap=99_999, deadline=3)
        assert not counted.exact


async def test_a_job_that_breaks_a_rule_of_the_tables_leaves_the_store_as_it_was(tmp_path: Path) -> None:
    async with opened(sqlite_store, tmp_path) as rig:
        task = make_task()
        await rig.add(task)
        with pytest.raises(RuntimeError, match="SQLITE_CONSTRAINT"):
            await writer_of(rig).write(
                lambda transaction: transaction.db.execute("UPDATE task SET due = NULL")
            )
        await rig.add(make_task())
        assert (await rig.store.summary()).by_status[Status.QUEUED] == 2
        assert await rig.store.check(full=True) == []
