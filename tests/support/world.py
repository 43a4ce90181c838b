"""Real store, journal, lanes, pump, refill, commands and bulk operations; the test is the sender, and the clock."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from pathlib import Path

import msgspec

from okydrom.config.settings import MIB, Limits, Retention, Retry
from okydrom.delivery.bulk import Bulks, Means
from okydrom.delivery.commands import Commands
from okydrom.delivery.flights import Flight, Flights
from okydrom.delivery.lanes import Lanes
from okydrom.delivery.methods import Methods
from okydrom.delivery.refill import Refill
from okydrom.delivery.retry import decide
from okydrom.intake.accept import Accept
from okydrom.intake.crowds import Crowds
from okydrom.intake.journal import Journal
from okydrom.intake.keys import Keys
from okydrom.intake.pump import Pump
from okydrom.intake.replay import Replay
from okydrom.store.contract import Part
from okydrom.store.query import Filter
from okydrom.store.sqlite.store import SqliteStore
from okydrom.task import Attempt, Outcome, Result, Schedule, Status, Task
from okydrom.web.schema import Schema
from tests.support.tasks import CREATED

WAIT = 5_000  # ms between two attempts


class World:
    """What a process has, over one directory; `sent` counts attempts by id, `agreed` those that were answered 2xx."""

    def __init__(self, directory: Path) -> None:
        self.now = CREATED
        self.sent: Counter[str] = Counter()
        self.agreed: Counter[str] = Counter()
        self.flying: list[Flight] = []
        self._directory = directory
        self.rand = random.Random(7)

    async def open(self) -> None:
        """As the service starts."""
        self.store = SqliteStore(self._directory / "store.db", retention=Retention(), now=lambda: self.now)
        opened = await self.store.open(self.now)
        self.journal = Journal(
            self._directory / "journal", chunk_size=MIB, keep=0, keep_size=0, now=lambda: self.now
        )
        self.journal.open(opened.instance, opened.position, opened.fresh)
        assert await Replay(self.journal, self.store, opened.position).attempt()
        self.lanes = Lanes(Flights(8), concurrency=4, lane_bytes=MIB, max_hold=1_000, now=lambda: self.now)
        self.refill = Refill(self.store, self.lanes, lambda: None, lambda: self.now)
        self.pump = Pump(
            self.store,
            self.journal,
            self.lanes,
            Keys(self.store.recall),
            dispatch=lambda: None,
            wake=self.refill.wake,
            flush=1,
        )
        self.accept = Accept(
            self.journal, self.pump, Crowds(self.store, 0), max_backlog=MIB, min_free=0, free=lambda: 0
        )
        self.accept.open = True
        self._make_commands()
        self.journal.start(self.pump.landed)
        self._loop = asyncio.create_task(self.pump.run())

    async def crash(self) -> None:
        """All that was in memory is gone."""
        self._loop.cancel()
        await asyncio.gather(self._loop, return_exceptions=True)
        self.flying.clear()
        await self.journal.close()
        await self.store.close()

    def _make_commands(self) -> None:
        read = Schema(Limits(), Retry(), Methods({}), now=lambda: self.now, rand=self.rand).task
        self.commands = Commands(
            self.store,
            self.lanes,
            settled=self.pump.settled,
            wake=self.refill.wake,
            read=read,
            admit=self.accept.admit,
            max_age=0,
            now=lambda: self.now,
        )
        self.bulks = Bulks(
            Means(
                store=self.store,
                lanes=self.lanes,
                admit=self.accept.admit,
                wake=self.refill.wake,
                read=read,
                max_age=0,
                now=lambda: self.now,
            )
        )

    # --- the sender -------------------------------------------------------------------------------------------------

    async def take(self) -> Flight | None:
        """An attempt begins; what is sent is what the store has."""
        flight = self.lanes.take()
        if flight is None:
            return None
        self.flying.append(flight)
        self.sent[flight.task.id] += 1
        stored = await self.store.get(flight.task.id, Part.FULL)
        if stored is not None and flight in self.flying:
            assert (stored.version, stored.body) == (flight.task.version, flight.task.body), (
                "a stale copy was sent"
            )
            assert stored.status in (Status.QUEUED, Status.RETRYING), f"{stored.status} was sent"
        return flight

    def land(self, flight: Flight, outcome: Outcome) -> None:
        """An attempt ends."""
        if flight not in self.flying:
            return
        self.flying.remove(flight)
        task = flight.task
        self.agreed[task.id] += outcome.ok
        decision = decide(task, outcome, Schedule((WAIT,)), self.now, self.rand)
        attempt = Attempt(
            number=task.attempts + 1, started_at=self.now, finished_at=self.now, waited=0, outcome=outcome
        )
        self.lanes.finish(flight, outcome, self.now)
        self.pump.note(
            Result(
                id=task.id,
                version=task.version,
                at=self.now,
                status=decision.status,
                reason=decision.reason,
                attempts_left=decision.attempts_left,
                next_attempt_at=decision.next_attempt_at,
                attempt=attempt,
            )
        )

    async def fill(self) -> None:
        """The refill looks once."""
        self.lanes.tick()
        await self.refill._round()

    # --- what there is ----------------------------------------------------------------------------------------------

    async def tasks(self) -> dict[str, Task]:
        """All tasks, once the store knows everything."""
        await self.pump.drain()
        page = await self.store.find(Filter(), limit=100_000, oldest_first=True)
        return {task.id: task for task in page.items}

    async def finish_all(self) -> dict[str, Task]:
        """Every attempt is answered 200 from now on: whatever waits has to be sent. The tasks."""
        for _ in range(1_000):
            for flight in list(self.flying):
                self.land(flight, Outcome(code=200))
            tasks = await self.tasks()
            if all(task.finished_at is not None for task in tasks.values()):
                return tasks
            await self.fill()
            while await self.take() is not None:
                pass
            self.now += WAIT
        waiting = [msgspec.to_builtins(task) for task in tasks.values() if task.finished_at is None]
        raise AssertionError(f"these are never sent: {waiting[:3]}")
