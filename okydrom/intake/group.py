"""Group commit: while one group is written and synced in the writer's thread, the next one gathers in the loop.

append ─▶ waiting ─┐ submit                     ┌─ landed(numbers, tokens) ─▶ futures resolve
note ───▶ notes ───┴──────▶ thread: write, sync ┤
                                                └─ refused: futures raise, notes wait on, the numbers are burnt
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from okydrom.errors import JournalFailed, OkydromError, Stopping, Unavailable
from okydrom.intake.frames import OPENS_GROUP, Kind, encode, pack_burnt

NOTE_DELAY = 1.0  # s that a note waits for a group to go with

Waiting = tuple[Kind, bytes, Any, asyncio.Future[int]]
Note = tuple[Kind, bytes]
Landed = Callable[[Sequence[tuple[int, Any]]], None]


class Group:
    """Frames that are written at once and share one sync: first what was burnt, then notes, then what is awaited."""

    __slots__ = ("data", "first", "last", "notes", "numbered", "waiting")

    def __init__(
        self, first: int, burnt: tuple[int, int] | None, notes: list[Note], waiting: list[Waiting], seed: int
    ) -> None:
        self.first = first
        self.notes = notes
        self.waiting = waiting
        parts = []
        number = first - 1
        if burnt is not None:
            number += 1
            parts.append(encode(Kind.BURNT | OPENS_GROUP, number, pack_burnt(*burnt), seed))
        for kind, payload in notes:
            number += 1
            parts.append(encode(kind if parts else kind | OPENS_GROUP, number, payload, seed))
        self.numbered: list[tuple[int, Any]] = []
        for kind, payload, token, _ in waiting:
            number += 1
            parts.append(encode(kind if parts else kind | OPENS_GROUP, number, payload, seed))
            self.numbered.append((number, token))
        self.last = number
        self.data = b"".join(parts)

    def land(self) -> None:
        """It is on stable storage: whoever waits for it learns the number."""
        for (number, _), (_, _, _, future) in zip(self.numbered, self.waiting, strict=True):
            if not future.done():
                future.set_result(number)


def refuse(waiting: Sequence[Waiting], problem: OkydromError) -> None:
    """Nothing was promised to these; each gets an exception of its own."""
    for _, _, _, future in waiting:
        if not future.done():
            future.set_exception(type(problem)(problem.detail, **problem.params))


class GroupCommit:
    """Gathers in the loop, writes in one thread of its own. `write` raises Unavailable for a group that can be refused;
    whatever else it raises is final."""

    def __init__(
        self,
        write: Callable[[Group], None],
        landed: Landed,
        *,
        first: int,
        burnt: tuple[int, int] | None,
        seed: int,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._write = write
        self._landed = landed
        self._next = first
        self._burnt = burnt
        self._seed = seed
        self._thread = ThreadPoolExecutor(1, "journal")
        self._waiting: list[Waiting] = []
        self._notes: list[Note] = []
        self._timer: asyncio.TimerHandle | None = None
        self._busy = False
        self._quiet = asyncio.Event()
        self._refusal: OkydromError | None = None
        self.reached = first - 1  # all up to this number has landed, notes too
        self.failed: asyncio.Future[None] = self._loop.create_future()

    def append(self, kind: Kind, payload: bytes, token: Any) -> asyncio.Future[int]:
        """See `Journal.append`."""
        if self._refusal is not None:
            raise type(self._refusal)(self._refusal.detail)
        future: asyncio.Future[int] = self._loop.create_future()
        self._waiting.append((kind, payload, token, future))
        if not self._busy:
            self._begin()
        return future

    def note(self, kind: Kind, payload: bytes) -> None:
        """See `Journal.note`."""
        if self._refusal is None:
            self._notes.append((kind, payload))
            self._arm()

    def fail(self, error: BaseException) -> None:
        """Nothing more can be promised: whoever waits is refused, `failed` tells the owner. The first error counts."""
        if self.failed.done():
            return
        problem = (
            error if isinstance(error, JournalFailed) else JournalFailed(f"The journal failed: {error!r}.")
        )
        self._refusal = problem
        self._notes.clear()
        refuse(self._waiting, problem)
        self._waiting.clear()
        self.failed.set_exception(problem)
        self.failed.exception()  # the owner looks at it when it looks; asyncio need not complain

    async def close(self) -> None:
        """Write what has gathered, then end the thread. Whoever comes later gets Stopping. Idempotent."""
        if self._refusal is None:
            self._refusal = Stopping()
        await self._idle()
        if self._notes:
            self._begin()
            await self._idle()
        self._disarm()
        self._thread.shutdown(wait=False)

    async def _idle(self) -> None:
        while self._busy:
            self._quiet.clear()
            await self._quiet.wait()

    def _arm(self) -> None:
        if not self._busy and self._timer is None:
            self._timer = self._loop.call_later(NOTE_DELAY, self._begin)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _begin(self) -> None:
        """The frames of this turn of the loop make one group."""
        if not self._busy:
            self._busy = True
            self._loop.call_soon(self._submit)

    def _submit(self) -> None:
        self._disarm()
        if not self._waiting and not self._notes:  # refused meanwhile
            self._rest()
            return
        group = Group(self._next, self._burnt, self._notes, self._waiting, self._seed)
        self._next = group.last + 1
        self._notes, self._waiting = [], []
        self._thread.submit(self._run, group)

    def _run(self, group: Group) -> None:
        error: BaseException | None = None
        try:
            self._write(group)
        except BaseException as problem:  # handed to the loop, which tells everybody
            error = problem
        self._loop.call_soon_threadsafe(self._settle, group, error)

    def _settle(self, group: Group, error: BaseException | None) -> None:
        if error is None:
            self._land(group)
        elif isinstance(error, Unavailable):
            self._burnt = (self._burnt[0] if self._burnt else group.first, group.last)
            self._notes[:0] = group.notes
            refuse(group.waiting, error)
        else:
            self.fail(error)
            refuse(group.waiting, JournalFailed())
        if self._waiting:
            self._submit()
        else:
            self._rest()

    def _land(self, group: Group) -> None:
        self._burnt = None
        try:
            if group.numbered:
                self._landed(group.numbered)
        except Exception as error:  # what is on disk can't be carried on: nothing more may be accepted
            self.fail(error)
        self.reached = group.last
        group.land()

    def _rest(self) -> None:
        self._busy = False
        self._quiet.set()
        if self._notes and self._refusal is None:
            self._arm()
