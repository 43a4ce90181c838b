"""From the journal to the store and the lanes, at boot as in life; and outcomes from the senders to the store.

What is accepted goes to its lane at once and waits here for its import; a result that arrives before the import
travels with it, so that the row is written once, in its final state. One loop writes both, in batches.

    landed ─▶ lanes                                   note ◀─ senders
       └────▶ waiting ─┐                          ┌─ results
                       └─▶ store.add ▸ store.record ◀┘ ─▶ journal.commit
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice

import structlog

from okydrom.delivery.lanes import Lanes
from okydrom.errors import IndexBehind, Unavailable
from okydrom.intake.accepted import Accepted, may_be_due, moved, weight
from okydrom.intake.journal import IDLE, Journal
from okydrom.intake.keys import Keys
from okydrom.store.contract import Store
from okydrom.store.entry import Entry
from okydrom.store.shift import Shift, shifted_result
from okydrom.task import Result, Status

log = structlog.get_logger("okydrom.pump")

BATCH = 4_096  # tasks or results in one transaction
PATIENCE = 2.0  # s that a reader waits for the import
BACKOFF = 0.5  # s until a store that could not write is asked again
RESULTS = 16_384  # results that may wait; beyond it senders stop


class Pump:
    """Owns what is between journal and store. `dispatch` starts attempts after tasks were offered; `wake` says that
    the store may hold something due."""

    def __init__(
        self,
        store: Store,
        journal: Journal,
        lanes: Lanes,
        keys: Keys,
        *,
        dispatch: Callable[[], None],
        wake: Callable[[], None],
        flush: int,
    ) -> None:
        self.bytes = 0  # accepted and not yet imported
        self.trouble: str | None = None  # why the store can't write now, as an error's code
        self._store = store
        self._journal = journal
        self._lanes = lanes
        self._keys = keys
        self._dispatch = dispatch
        self._wake = wake
        self._flush_s = flush / 1000
        self._waiting: deque[tuple[int, Accepted]] = deque()
        self._unimported: dict[str, int] = {}  # id → journal number
        self._results: dict[str, list[Result]] = {}
        self._pending = 0
        self._landed = 0
        self._imported = 0
        self._work = asyncio.Event()
        self._hurry = asyncio.Event()
        self.one = asyncio.Lock()  # held while the store is written
        self._progress: asyncio.Future[None] | None = None
        self._shift: tuple[Shift, int] | None = None

    @property
    def waiting(self) -> int:
        """Tasks accepted and not yet imported."""
        return len(self._unimported)

    @property
    def unrecorded(self) -> int:
        """Results not yet recorded."""
        return self._pending

    def begin(self, position: int) -> None:
        """All that the journal has up to `position` is in the store."""
        self._landed = self._imported = position

    # --- in ---------------------------------------------------------------------------------------------------------

    def landed(self, group: Sequence[tuple[int, Sequence[Accepted] | None]]) -> None:
        """The journal holds these durably: number and tasks of each frame, in order. Offers them to their lanes."""
        for number, accepted in group:
            self._landed = number
            for pair in accepted or ():
                task, record, kept = pair if self._shift is None else moved(pair, *self._shift)
                if task.order_key is None and task.next_attempt_at == task.created_at:
                    self._lanes.offer(task, fresh=True)  # others wait in the store for their turn or time
                if kept is not None:
                    self._keys.landed(kept)
                self._waiting.append((number, (task, record, kept)))
                self._unimported[task.id] = number
                self.bytes += weight(record, kept)
        self._work.set()
        self._dispatch()

    def note(self, result: Result) -> None:
        """A sender's result, to be recorded soon."""
        known = self._results.get(result.id)
        if known is None:
            self._results[result.id] = [result]
        else:
            known.append(result)
        self._pending += 1
        if self._pending >= RESULTS:
            self._lanes.choked = True
        self._work.set()

    def shift(self, shift: Shift | None, now: int = 0) -> None:
        """The clock was moved and says `now`: what waits here is moved along, and so is what the journal is writing;
        None: all of that has come."""
        if shift is None:
            self._shift = None
            return
        self._shift = shift, now
        self._waiting = deque((number, moved(pair, shift, now)) for number, pair in self._waiting)
        self._results = {
            task_id: [shifted_result(result, shift.by) for result in results]
            for task_id, results in self._results.items()
        }

    # --- waiting for it -----------------------------------------------------------------------------------------------

    async def imported(self, task_id: str) -> None:
        """Wait until a task that was just accepted is in the store. Raises IndexBehind after 2 s."""
        if task_id in self._unimported:
            await self._until(lambda: task_id not in self._unimported)

    async def settled(self, task_id: str) -> None:
        """Wait until the store knows all that has happened to a task. Raises IndexBehind after 2 s."""
        if task_id in self._unimported or task_id in self._results:
            await self._until(lambda: task_id not in self._unimported and task_id not in self._results)

    async def caught_up(self) -> None:
        """Wait until all that was accepted before this call is in the store. Raises IndexBehind after 2 s."""
        target = self._landed
        if self._imported < target and self._unimported:
            await self._until(lambda: self._imported >= target)

    async def _until(self, reached: Callable[[], bool]) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                while not reached():
                    self._hurry.set()
                    if self._progress is None:
                        self._progress = asyncio.get_running_loop().create_future()
                    await asyncio.shield(self._progress)
        except TimeoutError:
            raise IndexBehind(retry_after=1) from None

    # --- out --------------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Write until cancelled. Raises StoreFailed or JournalFailed if it can't go on."""
        while True:
            await self._some_work()
            await self._gather()
            await self._flush()

    async def drain(self) -> None:
        """Write all that waits, as far as the store can write now. Before `run` is cancelled this is to be called, so
        that nothing is under way then."""
        await self._flush()
        while (self._waiting or self._results) and self.trouble is None:
            await self._flush()

    async def _some_work(self) -> None:
        """Wait for something to write; meanwhile let chunks leave that only grow old."""
        while not self._work.is_set():
            try:
                async with asyncio.timeout(IDLE / 1000):
                    await self._work.wait()
            except TimeoutError:
                await self._rest()

    async def _rest(self) -> None:
        """All that waited for its import has been: what the journal holds beyond are notes, which need none."""
        reached = self._journal.reached
        if self._imported < reached and not self._waiting:
            try:
                await self._store.add((), reached)
            except Unavailable:  # another time
                return
            self._landed, self._imported = max(self._landed, reached), max(self._imported, reached)
        await self._journal.commit(self._imported)

    async def _flush(self) -> None:
        """Write a batch of what waits, in one transaction; `trouble` is set when the store can't write now."""
        async with self.one:
            self._work.clear()
            done = await asyncio.gather(self._import(), self._record(), return_exceptions=True)
            problem = next((each for each in done if each is not None), None)
            if isinstance(problem, Unavailable):
                await self._back_off(problem)
            elif problem is not None:
                raise problem
            else:
                self.trouble = None
            if self._waiting or self._results:
                self._work.set()
            self._tell()

    async def _back_off(self, problem: Unavailable) -> None:
        if self.trouble is None:
            log.error("store_cannot_write", code=problem.code, waiting=self.waiting, unrecorded=self._pending)
        self.trouble = problem.code
        await asyncio.sleep(BACKOFF)

    async def _gather(self) -> None:
        """Let a batch grow, unless a reader waits for it or it is large already."""
        if len(self._waiting) + self._pending >= BATCH or self._hurry.is_set():
            return
        try:
            async with asyncio.timeout(self._flush_s):
                await self._hurry.wait()
        except TimeoutError:
            return

    async def _import(self) -> None:
        batch = list(islice(self._waiting, BATCH))
        if not batch:
            return
        entries, carried = [], 0
        for _, (task, record, kept) in batch:
            results = self._results.pop(task.id, None)
            if results is None:
                entries.append(Entry(task, record, self._lanes.claims(task.id), (), kept))
            else:
                carried += len(results)
                entries.append(Entry(task, record, True, tuple(results), kept))
        position = self._position_after(batch)
        try:
            await self._store.add(entries, position)
        except Unavailable:
            for entry in entries:  # results that came meanwhile follow those that were carried
                if entry.results:
                    later = self._results.get(entry.task.id, [])
                    self._results[entry.task.id] = [*entry.results, *later]
            raise
        self._imported = position
        self._forget(batch, entries)
        self._recorded(carried)
        if any(may_be_due(entry) for entry in entries):
            self._wake()
        await self._journal.commit(position)

    def _position_after(self, batch: Sequence[tuple[int, Accepted]]) -> int:
        """A frame is imported when its last task is."""
        if len(batch) == len(self._waiting):
            return self._landed
        return self._waiting[len(batch)][0] - 1

    def _forget(self, batch: Sequence[tuple[int, Accepted]], entries: Sequence[Entry]) -> None:
        for _, (task, record, kept) in batch:
            self._waiting.popleft()
            if kept is not None:
                self._keys.imported(kept)
            self._unimported.pop(task.id, None)
            self.bytes -= weight(record, kept)
        self._lanes.flights.settle([entry.task.id for entry in entries if entry.results])

    async def _record(self) -> None:
        ids = list(islice((each for each in self._results if each not in self._unimported), BATCH))
        if not ids:
            return
        results = [result for task_id in ids for result in self._results[task_id]]
        recorded = await self._store.record(results)
        for task_id in ids:
            del self._results[task_id]
        led_on = self._lanes.flights.lead_on(ids)
        self._lanes.flights.settle(ids)
        self._recorded(len(results))
        if led_on or any(result.status is Status.RETRYING for result in results):
            self._wake()
        for row in recorded:
            if not row.applied:
                log.info("result_stale", id=row.id, status=row.status)

    def _recorded(self, count: int) -> None:
        self._pending -= count
        if self._lanes.choked and self._pending < RESULTS // 2:
            self._lanes.choked = False
            self._dispatch()

    def _tell(self) -> None:
        self._hurry.clear()
        if self._progress is not None:
            self._progress.set_result(None)
            self._progress = None
