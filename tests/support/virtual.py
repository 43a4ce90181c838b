"""The sending side in virtual time: the real store, refill, lanes, senders and decisions; recipients of a test.

Days pass in seconds: the clock goes on when nothing is under way that would end now.
"""

from __future__ import annotations

import asyncio
import heapq
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from okydrom.config.settings import Retention
from okydrom.delivery.flights import Flights
from okydrom.delivery.lanes import Lanes
from okydrom.delivery.methods import Methods
from okydrom.delivery.refill import Refill
from okydrom.delivery.sender import Senders
from okydrom.delivery.steering import Steering
from okydrom.delivery.wire import Request
from okydrom.store.sqlite.store import SqliteStore
from okydrom.task import Outcome, Result, Task
from tests.support.inside import with_sections
from tests.support.tasks import CREATED, make_entry
from tests.support.wait import linger

BATCH = 2_000


@dataclass(frozen=True)
class Start:
    """An attempt began: of which task, where, when (epoch ms)."""

    id: str
    destination: str
    at: int
    in_flight: int  # of this destination, itself included


class Virtual:
    """`answer` says what comes of an attempt of a task, and after how many ms."""

    def __init__(
        self, directory: Path, answer: Callable[[str, str, int], tuple[Outcome, int]], rand: random.Random
    ) -> None:
        self.ms = CREATED
        self.starts: list[Start] = []
        self.results: dict[str, Result] = {}  # the last of each task
        self.settings = with_sections()
        self.store = SqliteStore(directory / "store.db", retention=Retention(), now=self.now)
        self._answer = answer
        self._rand = rand
        self._unrecorded: list[Result] = []
        self._ends: list[tuple[int, int, asyncio.Future[None]]] = []
        self.position = 0  # as many tasks were added

    def now(self) -> int:
        """The virtual time."""
        return self.ms

    async def boot(self, *, steered: bool = True) -> None:
        """A process starts over what is in the store."""
        delivery = self.settings.delivery
        self.lanes = Lanes(
            Flights(delivery.senders),
            concurrency=self.settings.recipients.concurrency,
            lane_bytes=delivery.lane_bytes,
            max_hold=delivery.max_hold,
            now=self.now,
        )
        self.senders = Senders(
            self.lanes,
            cast(Any, self),
            Methods({}),
            delivery=delivery,
            retry=self.settings.retry,
            record=self._note,
            now=self.now,
            wall=self.now,
            rand=self._rand,
        )
        self.refill = Refill(self.store, self.lanes, self.senders.dispatch, self.now)
        if steered:
            self.steering = Steering(
                self.store,
                self.lanes,
                self.settings,
                dispatch=self.senders.dispatch,
                wake=self.refill.wake,
                now=self.now,
            )

    async def add(self, tasks: Sequence[Task]) -> None:
        """Tasks that wait in the store."""
        for start in range(0, len(tasks), BATCH):
            piece = tasks[start : start + BATCH]
            self.position += len(piece)
            await self.store.add([make_entry(task) for task in piece], self.position)

    async def step(self, most: int) -> None:
        """Do all that is to be done now; then the clock goes on to the next end of an attempt, by `most` ms at most."""
        await self.work()
        self.ms = min([self.ms + most, *(end for end, _, _ in self._ends[:1])])
        while self._ends and self._ends[0][0] <= self.ms:
            heapq.heappop(self._ends)[2].set_result(None)

    async def work(self) -> None:
        """What a moment brings."""
        self.lanes.tick()
        self.senders.dispatch()
        while await self._round() or await self._landed():
            await self._record()
        await self._record()

    async def _round(self) -> bool:
        """Is there something new in the lanes?"""
        before = len(self.starts)
        await self.refill._round()
        await self._landed()
        return len(self.starts) > before

    async def _landed(self) -> bool:
        """Let attempts that take no time end."""
        before = len(self._unrecorded)
        while self.lanes.flights.under_way > len(self._ends):
            await linger(0)
        return len(self._unrecorded) > before

    async def _record(self) -> None:
        results, self._unrecorded = self._unrecorded, []
        if results:
            await self.store.record(results)
            self.lanes.flights.settle([result.id for result in results])

    def _note(self, result: Result) -> None:
        self._unrecorded.append(result)
        self.results[result.id] = result

    async def send(self, request: Request, _: int) -> Outcome:
        """As the transport."""
        task_id = request.headers[0][1]
        flight = self.lanes.flights.by_id[task_id]
        self.starts.append(Start(task_id, flight.lane.destination, self.ms, flight.lane.in_flight))
        outcome, takes = self._answer(task_id, request.url, self.ms)
        if takes:
            end: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            heapq.heappush(self._ends, (self.ms + takes, len(self.starts), end))
            await end
        return outcome


@asynccontextmanager
async def virtual(
    directory: Path, answer: Callable[[str, str, int], tuple[Outcome, int]], rand: random.Random
) -> AsyncIterator[Virtual]:
    """An empty one, not booted."""
    world = Virtual(directory, answer, rand)
    await world.store.open(world.ms)
    try:
        yield world
        await world.senders.stop(0)
    finally:
        await world.store.close()
