"""The hub of all event streams: one loop looks twice a second at what has changed and tells each client his part.

    feed ─▶ memory ─▶ bulletin (one reading of the store) ─▶ a parcel for each stream that has taken its last one

A client that is slow is told later, as far as the memory goes back; then `resync`: reload. Without streams nothing is
listened to, but for a minute after the last, so that one that comes back goes on where it was.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from aiohttp import web

from okydrom.errors import Stopping, StoreFailed, Unavailable
from okydrom.web.bulletin import Bulletin, Event, Sights, encode
from okydrom.web.memory import UNKNOWN, Memory
from okydrom.web.stream import Stream
from okydrom.web.wish import Wish

log = structlog.get_logger("okydrom.web")

MOST = 48  # streams: seven tabs of seven people; fewer than the clients that are let in at the least
TICK = 0.5  # s
PERIOD = 2  # ticks between two looks at figures and destinations
QUIET = 28  # ticks without anything to tell, after which there is a comment
LINGER = 120  # ticks that it listens on after the last stream
RETRY = 2_000  # ms that a browser waits before it comes back


class Hub:
    """`sights` is where all is seen, `memory` what has changed of late."""

    def __init__(self, memory: Memory, sights: Sights, most: int = MOST) -> None:
        self._memory = memory
        self._sights = sights
        self._most = most
        self._streams: set[Stream] = set()
        self._wanted = asyncio.Event()
        self._over = False
        self._ticks = 0
        self._alone = 0  # ticks without any stream
        self._waits = False  # the store could not be read

    @property
    def streams(self) -> int:
        """How many are open."""
        return len(self._streams)

    @contextmanager
    def one(self, wish: Wish, last: str | None, transport: asyncio.Transport) -> Iterator[Stream]:
        """A stream for a client whose last event was this one. Raises Unavailable, Stopping."""
        if self._over:
            raise Stopping
        if len(self._streams) >= self._most:
            raise Unavailable("Too many event streams are open.", retry_after=5)
        if not self._memory.listens:
            self._memory.begin(self._sights.conditions())
        place = self._memory.number if last is None else self._memory.place_of(last)
        stream = Stream(wish, place, transport, snapshot=last is None)
        self._streams.add(stream)
        self._wanted.set()
        try:
            yield stream
        finally:
            self._streams.discard(stream)

    def beginning(self, stream: Stream) -> bytes:
        """What a stream begins with: how to come back."""
        return f"retry: {RETRY}\n{self._id(stream.place)}\n\n".encode()

    async def run(self) -> None:
        """Look and tell while there are streams, until cancelled."""
        while True:
            await self._wanted.wait()
            await asyncio.sleep(TICK)
            await self.tick()

    async def tick(self) -> None:
        """One look."""
        self._ticks += 1
        periodic = self._ticks % PERIOD == 0
        self._memory.gather(self._sights.conditions() if periodic else None)
        for stream in [stream for stream in self._streams if stream.gone]:
            stream.end()
        if self._streams:
            self._alone = 0
            await self._tell(stats=periodic)
        else:
            self._rest()

    async def end(self, _: web.Application) -> None:
        """End all streams: they would hold up the end of the process."""
        self._over = True
        for stream in list(self._streams):
            stream.end()

    # --- inside -----------------------------------------------------------------------------------------------------

    async def _tell(self, *, stats: bool) -> None:
        bulletin = Bulletin(self._sights, self._memory)
        ready = [stream for stream in self._streams if stream.ready]
        try:
            await bulletin.read(ready, stats=stats)
        except (Unavailable, StoreFailed) as problem:
            # What can't be read here is no reason to stop delivering.
            if not self._waits:
                log.warning("events_wait", code=problem.code, streams=len(ready))
            self._waits, ready = True, []
        else:
            self._waits = False
        for stream in ready:
            self._give(stream, bulletin)
            await asyncio.sleep(0)  # the loop has other things to do, should there be much to tell
        for stream in self._streams:
            stream.silent += 1
            if stream.silent > QUIET:
                stream.give(f":\n{self._id(stream.place)}\n\n".encode())

    def _give(self, stream: Stream, bulletin: Bulletin) -> None:
        """What it is to be told. The last event alone says that all of it was: whoever got a part is told again."""
        if bulletin.lost(stream):
            reason = "unknown" if stream.place == UNKNOWN else "behind"
            stream.renew(bulletin.number)
            events: list[Event] = [("resync", encode({"reason": reason}))]
        else:
            events = []
        events += bulletin.part(stream)
        places = [stream.place] * (len(events) - 1) + [bulletin.number]
        stream.place, stream.snapshot = bulletin.number, False
        if events:
            frames = [self._frame(*event, place) for event, place in zip(events, places, strict=True)]
            stream.give(b"".join(frames))

    def _frame(self, name: str, data: bytes, place: int) -> bytes:
        return f"event: {name}\n{self._id(place)}\ndata: ".encode() + data + b"\n\n"

    def _id(self, place: int) -> str:
        """The field; none where nothing is known of what the client has, so that he says the same again."""
        return ":" if place == UNKNOWN else f"id: {self._memory.id_of(place)}"

    def _rest(self) -> None:
        self._alone += 1
        if self._alone >= LINGER:
            self._alone = 0
            self._memory.end()
            self._wanted.clear()
