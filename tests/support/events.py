"""A browser's tab: opens a stream of events, and puts down what it hears."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import msgspec
import orjson

from tests.support.wait import wait_until


class Event(msgspec.Struct, frozen=True):
    """One event as a browser gets it."""

    name: str
    id: str
    data: Any


class Parser:
    """Takes bytes as they come, and gives what they make; `last` is what a browser would come back with."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.last: str | None = None
        self.comments = 0
        self._rest = b""

    def feed(self, data: bytes) -> None:
        """The next bytes of the stream."""
        *blocks, self._rest = (self._rest + data).split(b"\n\n")
        for block in blocks:
            self._take(block.decode())

    def _take(self, block: str) -> None:
        fields: dict[str, str] = {}
        for line in block.split("\n"):
            name, _, value = line.partition(":")
            self.comments += not name
            fields[name] = value.removeprefix(" ")
        self.last = fields.get("id", self.last)
        if "data" in fields:
            self.events.append(Event(fields["event"], self.last or "", orjson.loads(fields["data"])))


class Tab(Parser):
    """An open stream. `status` and `headers` are those of its answer; `ended`: it is over, `broken`: not in order."""

    def __init__(self, status: int, headers: Any) -> None:
        super().__init__()
        self.status = status
        self.headers = headers
        self.ended = False
        self.broken = False

    async def read(self, answer: aiohttp.ClientResponse) -> None:
        """Until the end."""
        try:
            async for data in answer.content.iter_any():
                self.feed(data)
        except aiohttp.ClientError:
            self.broken = True
        self.ended = True

    def of(self, name: str) -> list[Any]:
        """The data of all events of a name."""
        return [event.data for event in self.events if event.name == name]

    def items(self, name: str) -> list[Any]:
        """What these events list, one after the other."""
        return [item for data in self.of(name) for item in data["items"]]

    async def hears(self, name: str, wanted: Callable[[Any], object] = bool, timeout: float = 5.0) -> Any:
        """Wait for an event of a name whose data is what is wanted; its data."""

        def found() -> list[Any]:
            return [data for data in self.of(name) if wanted(data)]

        await wait_until(found, timeout, f"{name} is heard, and not only {self.events[-3:]}")
        return found()[0]

    async def shows(self, task_id: str, status: str, timeout: float = 5.0) -> Any:
        """Wait until the last that is told of a task is this status; the task."""

        def last() -> Any:
            return next((item for item in self.items("task")[::-1] if item["id"] == task_id), {})

        await wait_until(lambda: last().get("status") == status, timeout, f"{task_id} is {status}: {last()}")
        return last()


@asynccontextmanager
async def hearing(
    service: str, query: str = "", last: str | None = None, **headers: str
) -> AsyncIterator[Tab]:
    """A tab that is open until the block ends."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if last is not None:
        named["Last-Event-ID"] = last
    url = f"{service}/api/v1/events{query and '?'}{query}"
    timeout = aiohttp.ClientTimeout(total=None)
    async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url, headers=named) as answer:
        tab = Tab(answer.status, answer.headers)
        reading = asyncio.create_task(tab.read(answer))
        try:
            yield tab
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
