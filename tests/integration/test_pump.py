"""The pump between a real journal and a real store: what it carries, what it waits for, when the store can't write."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from okydrom import record
from okydrom.config.settings import MIB, Retention
from okydrom.delivery.flights import Flight, Flights
from okydrom.delivery.lanes import Lanes
from okydrom.delivery.retry import decide
from okydrom.errors import DiskFull, IndexBehind, Overloaded
from okydrom.intake import journal as journal_module
from okydrom.intake import pump as pump_module
from okydrom.intake.accept import Accept
from okydrom.intake.crowds import Crowds
from okydrom.intake.files import FILES
from okydrom.intake.frames import Kind, pack_erased, pack_made
from okydrom.intake.journal import Journal
from okydrom.intake.keys import Keys
from okydrom.intake.pump import Pump
from okydrom.intake.replay import Replay
from okydrom.store.entry import Entry, Kept, Recorded
from okydrom.store.sqlite.store import SqliteStore
from okydrom.task import Attempt, Outcome, Result, Schedule, Status, Task
from tests.support.tasks import CREATED, make_task
from tests.support.wait import wait_until

OK = Outcome(code=200)
DOWN = Outcome(code=500)


class MoodyStore(SqliteStore):
    """A real store that at times says that its disk is full, or takes no work at all."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, retention=Retention(), now=lambda: CREATED)
        self.full = False
        self.mute: asyncio.Event | None = None
        self.added: list[Entry] = []

    async def add(self, entries: Sequence[Entry], position: int) -> Mapping[str, int]:
        """As it is in the mood for."""
        await self._mood()
        seqs = await super().add(entries, position)
        self.added.extend(entries)
        return seqs

    async def record(self, results: Sequence[Result]) -> list[Recorded]:
        """As it is in the mood for."""
        await self._mood()
        return await super().record(results)

    async def _mood(self) -> None:
        if self.full:
            raise DiskFull
        if self.mute is not None:
            await self.mute.wait()


class World:
    """Journal, store, lanes and pump; the test is the sender."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.store = MoodyStore(directory / "store.db")
        self.lanes = Lanes(
            Flights(100), concurrency=64, lane_bytes=64 * MIB, max_hold=1_000, now=lambda: CREATED
        )
        self.woken = 0

    async def open(self) -> None:
        """As the service starts."""
        opened = await self.store.open(CREATED)
        self.journal = Journal(
            self.directory / "journal", chunk_size=MIB, keep=0, keep_size=0, now=lambda: CREATED
        )
        self.journal.open(opened.instance, opened.position, opened.fresh)
        replay = Replay(self.journal, self.store, opened.position)
        assert await replay.attempt()
        self.replayed = replay.tasks
        self.keys = Keys(self.store.recall)
        self.pump = Pump(
            self.store, self.journal, self.lanes, self.keys, dispatch=lambda: None, wake=self._wake, flush=5
        )
        crowds = Crowds(self.store, 0)
        self.accept = Accept(self.journal, self.pump, crowds, max_backlog=MIB, min_free=0, free=lambda: 0)
        self.accept.open = True
        self.journal.start(self.pump.landed)
        self.loop = asyncio.create_task(self.pump.run())

    async def close(self) -> None:
        """As it stops; what the store can't write stays in the journal."""
        self.loop.cancel()
        await asyncio.gather(self.loop, return_exceptions=True)
        await self.journal.close()
        await self.store.close()

    async def given(self, **fields: Any) -> Task:
        """An accepted task."""
        task = make_task(**fields)
        await self.accept.accept(task)
        return task

    def take(self) -> Flight:
        """The next attempt."""
        flight = self.lanes.take()
        assert flight is not None
        return flight

    def end(self, flight: Flight, outcome: Outcome) -> None:
        """An attempt ended."""
        task = flight.task
        decision = decide(task, outcome, Schedule((60_000,)), CREATED, random.Random(1))
        attempt = Attempt(
            number=task.attempts + 1, started_at=CREATED, finished_at=CREATED, waited=0, outcome=outcome
        )
        self.lanes.finish(flight, outcome, CREATED)
        self.pump.note(
            Result(
                id=task.id,
                version=task.version,
                at=CREATED,
                status=decision.status,
                reason=decision.reason,
                attempts_left=decision.attempts_left,
                next_attempt_at=decision.next_attempt_at,
                attempt=attempt,
            )
        )

    async def stored(self, task: Task) -> Task:
        """The task as the store has it, once it knows everything."""
        await self.pump.settled(task.id)
        found = await self.store.get(task.id)
        assert found is not None
        return found

    def _wake(self) -> None:
        self.woken += 1


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = World(tmp_path)
    await made.open()
    yield made
    await made.close()


async def test_an_accepted_task_is_in_its_lane_at_once_and_soon_in_the_store(world: World) -> None:
    task = await world.given()
    assert world.lanes.claims(task.id)
    assert (await world.stored(task)).status is Status.QUEUED
    assert await world.store.claim({task.destination: 5}, CREATED + 1) == [], "it is claimed by its lane"


async def test_a_task_that_ends_before_its_import_is_written_once_in_its_final_state(world: World) -> None:
    world.store.mute = asyncio.Event()
    first = await world.given()  # occupies the store
    task = await world.given()
    world.take()
    world.end(world.take(), OK)
    world.store.mute.set()
    found = await world.stored(task)
    assert (found.status, found.attempts) == (Status.DELIVERED, 1)
    assert [entry.task.id for entry in world.store.added if entry.results] == [task.id]
    assert not world.lanes.claims(task.id)
    assert world.lanes.claims(first.id)


async def test_a_result_after_the_import_is_recorded(world: World) -> None:
    task = await world.given()
    await world.stored(task)
    world.end(world.take(), DOWN)
    found = await world.stored(task)
    assert (found.status, found.attempts, found.attempts_left) == (Status.RETRYING, 1, 9)
    assert world.woken, "the refill hears of it"
    assert world.pump.unrecorded == 0


async def test_what_did_not_fit_into_its_lane_is_given_by_the_store(world: World) -> None:
    world.lanes.set_backlogs([])
    await world.given()
    world.lanes.set_backlogs(["http://127.0.0.1:9000"])
    late = await world.given()
    assert not world.lanes.claims(late.id)
    await world.stored(late)
    claimed = await world.store.claim({late.destination: 5}, CREATED + 1)
    assert [task.id for task in claimed] == [late.id]


async def test_while_the_store_is_full_nothing_is_lost_and_it_goes_on_when_there_is_space(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pump_module, "BACKOFF", 0.01)
    world.store.full = True
    tasks = [await world.given() for _ in range(5)]
    world.end(world.take(), OK)
    await wait_until(lambda: world.pump.trouble == "disk_full")
    world.store.full = False
    found = [await world.stored(task) for task in tasks]
    assert [task.status for task in found] == [Status.DELIVERED] + [Status.QUEUED] * 4
    assert found[0].attempts == 1
    await wait_until(lambda: world.pump.trouble is None)
    assert (world.pump.bytes, world.pump.waiting, world.pump.unrecorded) == (0, 0, 0)


async def test_a_reader_is_told_when_the_store_is_behind(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pump_module, "PATIENCE", 0.05)
    world.store.mute = asyncio.Event()
    task = await world.given()
    for wait in (world.pump.imported(task.id), world.pump.settled(task.id), world.pump.caught_up()):
        with pytest.raises(IndexBehind):
            await wait
    world.store.mute.set()
    monkeypatch.setattr(pump_module, "PATIENCE", 5.0)
    await world.pump.caught_up()
    assert await world.store.get(task.id) is not None


async def test_readers_do_not_wait_for_what_is_accepted_after_them(world: World) -> None:
    task = await world.given()
    caught_up = asyncio.create_task(world.pump.caught_up())
    await asyncio.gather(caught_up, *(world.given() for _ in range(50)))
    assert await world.store.get(task.id) is not None


async def test_too_many_unrecorded_results_stop_the_senders_until_they_are_written(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pump_module, "RESULTS", 4)
    world.store.mute = asyncio.Event()
    for _ in range(6):
        await world.given()
    for _ in range(4):
        world.end(world.take(), OK)
    assert world.lanes.take() is None
    world.store.mute.set()
    await wait_until(lambda: not world.lanes.choked)
    assert world.lanes.take() is not None


async def test_what_was_not_imported_is_replayed_at_the_next_start(world: World) -> None:
    world.store.full = True
    tasks = [await world.given(body=b"\x00\xff" * number) for number in range(20)]
    await world.close()
    again = World(world.directory)
    await again.open()
    assert again.replayed == 20
    for task in tasks:
        found = await again.store.get(task.id)
        assert found is not None
        assert record.pack(found) != b""
        assert found.size == task.size
    await again.close()
    third = World(world.directory)
    await third.open()
    assert third.replayed == 0, "the position moved with the rows"
    await third.close()
    await world.store.open(CREATED)  # for the fixture's end
    world.store.full = False


async def test_the_journal_lets_imported_chunks_go(world: World) -> None:
    for _ in range(40):
        await world.given(body=b"x" * 100_000)
        await world.pump.caught_up()
    chunks = [path for path in (world.directory / "journal").iterdir() if path.name.startswith("q")]
    assert len(chunks) <= 3


async def test_while_nothing_happens_old_chunks_leave_all_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.pump.caught_up()
    committed: list[int] = []

    async def commit(position: int) -> None:
        committed.append(position)

    monkeypatch.setattr(pump_module, "IDLE", 10)
    monkeypatch.setattr(world.journal, "commit", commit)
    task = await world.given()
    await world.stored(task)
    await wait_until(lambda: len(committed) > 3)
    assert set(committed) == {1}


async def test_bodies_that_wait_for_their_sync_count_before_they_have_landed(world: World) -> None:
    burst = await asyncio.gather(
        *(world.given(body=b"x" * 100_000) for _ in range(40)), return_exceptions=True
    )
    refused = [each for each in burst if isinstance(each, Overloaded)]
    assert 30 <= len(refused) < 40
    assert all(isinstance(each, Task | Overloaded) for each in burst)
    await world.pump.caught_up()
    await world.given(body=b"x" * 100_000)


async def test_an_end_that_makes_another_due_wakes_the_refill(world: World) -> None:
    for fields in ({"order_key": "k"}, {"callback": b"{}"}, {}):
        task = await world.given(**fields)
        await world.stored(task)
        if task.order_key is not None:
            world.lanes.offer((await world.store.claim({task.destination: 1}, CREATED))[0], fresh=False)
        woken = world.woken
        world.end(world.take(), OK)
        await world.stored(task)
        assert world.woken - woken == (1 if fields else 0), fields


async def test_an_end_before_its_import_that_makes_another_due_wakes_the_refill(world: World) -> None:
    for callback in (None, b"{}"):
        woken = world.woken
        task = await world.given(callback=callback)
        world.end(world.take(), OK)
        await world.stored(task)
        assert world.woken - woken == (callback is not None)


async def test_the_answer_that_a_key_stands_for_counts_until_it_is_in_the_store(world: World) -> None:
    world.store.mute = asyncio.Event()
    task = make_task()
    kept = Kept("local", "k", b"h" * 32, 202, b"x" * 100_000, (task.id,), CREATED)
    await world.accept.accept_all([task], kept)
    assert world.pump.bytes > 100_000
    world.store.mute.set()
    await world.pump.caught_up()
    assert world.pump.bytes == 0


async def test_results_alone_do_not_keep_the_journal_from_being_looked_after(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pump_module, "IDLE", 50)
    task = await world.given()
    await world.stored(task)
    committed = 0

    async def commit(_: int) -> None:
        nonlocal committed
        committed += 1

    monkeypatch.setattr(world.journal, "commit", commit)

    def busy() -> bool:
        world.pump._work.set()
        return committed > 1

    await wait_until(busy)


async def test_a_full_store_does_not_keep_chunks_that_may_leave(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pump_module, "IDLE", 10)
    await world.stored(await world.given())
    committed: list[int] = []

    async def commit(position: int) -> None:
        committed.append(position)

    monkeypatch.setattr(world.journal, "commit", commit)
    world.store.full = True
    world.journal.note(Kind.MADE, pack_made(()))
    await wait_until(lambda: world.journal.reached == 2)
    committed.clear()
    await wait_until(lambda: len(committed) > 2)
    assert set(committed) == {1}


async def test_notes_alone_keep_no_chunk_and_are_no_gap_later(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pump_module, "IDLE", 10)
    secret = await world.given(body=b"secret" * 100)
    await world.stored(secret)
    world.journal.note(Kind.ERASED, pack_erased((secret.id,), CREATED))
    await wait_until(lambda: world.journal.reached == 2)
    monkeypatch.setattr(journal_module, "TURN", 0)

    def left() -> bool:
        names = [name for name in FILES.names(world.directory / "journal") if name.startswith("q")]
        with suppress(FileNotFoundError):  # one may leave meanwhile
            return any(b"secret" in (world.directory / "journal" / name).read_bytes() for name in names)
        return True

    assert left()
    await wait_until(lambda: not left(), 10)
    await world.close()
    await world.open()
    assert (world.journal.stats.gaps, world.replayed) == (0, 0)
