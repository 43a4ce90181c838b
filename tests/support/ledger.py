"""A recipient that keeps a ledger of every request that reached it, and the judgement over what it holds.

One listener on all of 127/8 serves any number of destinations: 127.0.0.1, 127.0.0.2… are different recipients.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

import httptools

from tests.support.wait import wait_until


@dataclass(frozen=True)
class Arrival:
    """One request that arrived in full. `at` is the loop's time."""

    id: str  # webhook-id
    at: float
    method: str
    target: str
    host: str  # as in `Host`
    headers: Mapping[str, str]  # by lower-case name
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What the recipient does about a request: answers `status` after `delay` seconds; status 0: hangs for ever.

    `cut`: the connection is closed in place of the answer.
    """

    status: int = 204
    delay: float = 0.0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    cut: bool = False


HANG = Answer(0)
RESET = Answer(500, cut=True)  # it refuses, and nobody hears it
LOST = Answer(204, cut=True)  # it takes the task in, and nobody hears it


class Ledger:
    """What arrived, and how to answer: `answer` may be replaced at any time."""

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        self.by_id: dict[str, list[Arrival]] = defaultdict(list)
        self.agreed: Counter[str] = Counter()  # 2xx answers by id
        self.answer: Callable[[Arrival], Answer] = lambda arrival: Answer()
        self.port = 0
        self.open: set[asyncio.Transport] = set()

    def url(self, host: str = "127.0.0.1", path: str = "/hook") -> str:
        """A URL of this recipient; every address in 127/8 is a destination of its own."""
        return f"http://{host}:{self.port}{path}"

    def enter(self, arrival: Arrival) -> Answer:
        """Write it down, say what to answer."""
        self.arrivals.append(arrival)
        self.by_id[arrival.id].append(arrival)
        answer = self.answer(arrival)
        self.agreed[arrival.id] += 200 <= answer.status < 300
        return answer

    def times(self, task_id: str) -> int:
        """How often a task arrived."""
        return len(self.by_id.get(task_id, ()))

    async def holds(self, ids: Iterable[str], timeout: float = 30.0) -> None:
        """Wait until each of these arrived at least once."""
        missing = set(ids)

        def none_missing() -> bool:
            missing.difference_update([task_id for task_id in missing if task_id in self.by_id])
            return not missing

        await wait_until(none_missing, timeout, f"all tasks arrive; missing {sorted(missing)[:3]}…")


@asynccontextmanager
async def listening(ledger: Ledger, port: int = 0) -> AsyncIterator[Ledger]:
    """The recipient, until the block ends; connections that are still open are cut."""
    server = await asyncio.get_running_loop().create_server(
        lambda: _Connection(ledger), "0.0.0.0", port, backlog=4096
    )
    ledger.port = server.sockets[0].getsockname()[1]
    try:
        yield ledger
    finally:
        server.close()
        for transport in list(ledger.open):
            transport.abort()
        await server.wait_closed()


class _Connection(asyncio.Protocol):
    """One connection of an Okydrom: requests one after another."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport | None = None
        self._target = b""
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by its type
        self._ledger.open.add(self._transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._transport is not None:
            self._ledger.open.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    # --- what the parser calls

    def on_url(self, url: bytes) -> None:
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        loop = asyncio.get_running_loop()
        arrival = Arrival(
            id=self._headers.get("webhook-id", ""),
            at=loop.time(),
            method=self._parser.get_method().decode(),
            target=self._target.decode("latin-1"),
            host=self._headers.get("host", ""),
            headers=self._headers,
            body=b"".join(self._body),
        )
        self._target, self._headers, self._body = b"", {}, []
        answer = self._ledger.enter(arrival)
        if answer.status:
            loop.call_later(answer.delay, self._write, answer) if answer.delay else self._write(answer)

    def _write(self, answer: Answer) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        if answer.cut:
            self._transport.abort()
            return
        length = "" if answer.status == 204 else f"Content-Length: {len(answer.body)}\r\n"
        extra = "".join(f"{name}: {value}\r\n" for name, value in answer.headers.items())
        self._transport.write(f"HTTP/1.1 {answer.status} Word\r\n{length}{extra}\r\n".encode() + answer.body)


@dataclass(frozen=True)
class Verdict:
    """What became of the tasks of a load. Only `duplicates` may be more than nothing."""

    acknowledged: int
    lost: tuple[str, ...]  # acknowledged and never arrived
    wrong: tuple[str, ...]  # arrived with other bytes than were posted, or were posted by nobody
    duplicates: int  # arrivals that were answered 2xx, beyond the first of their task

    @property
    def duplicate_share(self) -> str:
        """In percent of what was acknowledged."""
        return f"{100 * self.duplicates / max(self.acknowledged, 1):.1f} % duplicates"


def judge(acknowledged: Mapping[str, bytes], posted: Iterable[bytes], ledger: Ledger) -> Verdict:
    """Compare what was answered 2xx (body by id) and what was posted at all with what arrived.

    What was posted without an answer may arrive or not; but then under one id, with the bytes that were posted.
    """
    lost = tuple(task_id for task_id in acknowledged if task_id not in ledger.by_id)
    return Verdict(
        acknowledged=len(acknowledged),
        lost=lost,
        wrong=tuple(_wrong(acknowledged, set(posted), ledger)),
        duplicates=sum(times - 1 for times in ledger.agreed.values() if times),
    )


def _wrong(acknowledged: Mapping[str, bytes], posted: set[bytes], ledger: Ledger) -> Iterator[str]:
    owners: dict[bytes, str] = {body: task_id for task_id, body in acknowledged.items()}
    for arrival in ledger.arrivals:
        owner = owners.setdefault(arrival.body, arrival.id)
        if arrival.body not in posted or owner != arrival.id:
            yield arrival.id
