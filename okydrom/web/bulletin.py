"""What there is to tell at one moment: read once for all streams, and each takes its part."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from okydrom.delivery.condition import Condition
from okydrom.public import task_json
from okydrom.store.matching import matches
from okydrom.task import Status, Task
from okydrom.web.memory import Memory
from okydrom.web.stream import Stream
from okydrom.web.trail import Mark
from okydrom.web.wish import Topic

LOOKED_AT = 1_000  # tasks that changed, beside those that streams have on their page
TOLD = 50  # tasks of a list that are not on the page, in one event
SHOWN = 100  # destinations, bulk operations in one event

BYTES = 256 * 1024  # of those tasks
NAMES = {
    Topic.DESTINATIONS: "destination",
    Topic.BULK: "bulk",
}  # of the events that list what else has changed

Event = tuple[str, bytes]  # its name, and its data as JSON
encode = msgspec.json.Encoder(enc_hook=str).encode


class Sights(msgspec.Struct, frozen=True, kw_only=True):
    """Where it is all seen; what is not there any more is None or left out. Some raise Unavailable."""

    tasks: Callable[[Sequence[str]], Awaitable[Mapping[str, Task]]]
    status: Callable[[Task], Status]  # the shown one
    held: Callable[[str], bool]  # is this destination paused or held?
    stats: Callable[[], Awaitable[Any]]
    destination: Callable[[str], Any]
    bulk: Callable[[str], Awaitable[Any]]
    conditions: Callable[[], Mapping[str, Condition]]  # of destinations that are not normal


class Bulletin:
    """All of one moment, that of `memory` when it is made."""

    def __init__(self, sights: Sights, memory: Memory) -> None:
        self._sights = sights
        self._memory = memory
        self.number = memory.number
        self._marks: Sequence[Mark] = ()
        self._tasks: Mapping[str, Task] = {}
        self._encoded: dict[str, msgspec.Raw] = {}
        self._stats: bytes | None = None
        self._others: dict[Topic, list[Mark]] = {}
        self._trails = {Topic.DESTINATIONS: memory.destinations, Topic.BULK: memory.bulks}

    async def read(self, streams: Sequence[Stream], *, stats: bool) -> None:
        """All that these have to be told, with `stats` the figures too. Raises Unavailable."""
        streams = [stream for stream in streams if not self.lost(stream)]
        topics = frozenset[Topic]().union(*(stream.wish.topics for stream in streams))
        low = min((stream.place for stream in streams), default=self.number)
        await self._read_tasks(streams, low)
        for topic, trail in self._trails.items():
            if topic in topics:
                self._others[topic] = marks = list(trail.since(low))
                await self._read_others(topic, marks[:SHOWN])
        if stats and Topic.STATS in topics:
            self._stats = encode(await self._sights.stats())

    def lost(self, stream: Stream) -> bool:
        """Is it unknown what this one was not told of?"""
        horizons = [trail.horizon for topic, trail in self._trails.items() if topic in stream.wish.topics]
        if stream.wish.list or stream.wish.tasks:
            horizons.append(self._memory.tasks.horizon)
        return stream.place < max(horizons, default=0)

    def part(self, stream: Stream) -> Iterator[Event]:
        """The events for one of them."""
        if stream.wish.list or stream.wish.tasks:
            yield from self._part_of_tasks(stream)
        for topic, marks in self._others.items():
            if topic in stream.wish.topics:
                keys = [mark.key for mark in marks if mark.number > stream.place]
                items = [self._encoded[key] for key in keys[:SHOWN] if key in self._encoded]
                if items:
                    yield NAMES[topic], encode({"items": items, "more": len(keys[SHOWN:])})
        if self._stats is not None and Topic.STATS in stream.wish.topics:
            yield "stats", self._stats

    async def _read_others(self, topic: Topic, marks: Sequence[Mark]) -> None:
        for key in (mark.key for mark in marks):
            if topic is Topic.BULK:
                found = await self._sights.bulk(key)
            else:
                found = self._sights.destination(key)
            if found is not None:
                self._encoded[key] = msgspec.Raw(encode(found))

    # --- tasks ------------------------------------------------------------------------------------------------------

    async def _read_tasks(self, streams: Sequence[Stream], low: int) -> None:
        self._marks = list(self._memory.tasks.since(low))
        changed = {mark.key for mark in self._marks}
        ids = set[str]()
        if any(stream.wish.list for stream in streams):
            ids.update(mark.key for mark in self._marks[:LOOKED_AT])
        for stream in streams:
            ids |= stream.wish.tasks if stream.snapshot else stream.wish.tasks & changed
        self._tasks = await self._sights.tasks(list(ids)) if ids else {}

    def _part_of_tasks(self, stream: Stream) -> Iterator[Event]:
        wish, items, unmatched = stream.wish, list[msgspec.Raw](), list[str]()
        if wish.filter.status and stream.place < self.number - 1:
            stream.fresh.overlook()  # what a task was before the last of these moments is not known
        room, size, more = TOLD, BYTES, 0
        for mark in self._of(stream):
            task = self._tasks.get(mark.key)
            if task is None:
                continue
            mine, fits = mark.key in wish.tasks, wish.list and self._fits(stream, task)
            if wish.list and not mine:
                stream.fresh.see(mark, matches=fits or self._will_fit(stream, task))
            if mine:
                items.append(self._shown(task))
                unmatched += [task.id] if wish.list and not fits else []
            elif fits and room and size > 0:
                items.append(shown := self._shown(task))
                room, size = room - 1, size - len(bytes(shown))
            elif fits:
                more += 1
        if items:
            yield "task", encode({"items": items, "unmatched": unmatched, "more": more})
        if wish.list and (news := stream.fresh.news()) is not None:
            yield "fresh", encode(news)

    def _of(self, stream: Stream) -> Iterator[Mark]:
        """What changed since this one was told; at its beginning its own tasks, whether they did or not."""
        changed = set()
        for place, mark in enumerate(self._marks):
            if mark.number <= stream.place:
                break
            if place == LOOKED_AT:
                stream.fresh.overlook()
            changed.add(mark.key)
            yield mark
        if stream.snapshot:
            yield from (Mark(key, self.number) for key in stream.wish.tasks - changed)

    def _fits(self, stream: Stream, task: Task, status: Status | None = None) -> bool:
        wanted = stream.wish.filter
        held = wanted.held is not None and self._sights.held(task.destination)
        return matches(task, wanted, status or self._sights.status(task), held=held)

    def _will_fit(self, stream: Stream, task: Task) -> bool:
        """It is being sent, and will be back if it is not delivered: it stays counted until then."""
        return self._sights.status(task) is Status.SENDING and self._fits(stream, task, task.status)

    def _shown(self, task: Task) -> msgspec.Raw:
        encoded = self._encoded.get(task.id)
        if encoded is None:
            shown = task_json(task, self._sights.status(task))
            encoded = self._encoded[task.id] = msgspec.Raw(encode(shown))
        return encoded
