"""One request → one Outcome: over a kept connection or a new one, within one deadline.

A request may go out twice within an attempt, in one case: a reused connection closed before a single byte of an
answer came. Recipients close idle connections whenever they like, so that is not their failure; the repeat goes out
on a new connection and its row says `resent`.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from pathlib import PurePath
from time import monotonic

import structlog

from okydrom.config.settings import MIB, Delivery
from okydrom.delivery.connection import Connection
from okydrom.delivery.course import Course
from okydrom.delivery.dial import Context, Dialer, Judged
from okydrom.delivery.egress import Egress
from okydrom.delivery.failures import DialFailed, Shortage
from okydrom.delivery.pool import Pool
from okydrom.delivery.resolver import Resolver
from okydrom.delivery.sweep import Sweep
from okydrom.delivery.target import Target, parse_url
from okydrom.delivery.verdict import Answer, Loss, Verdict
from okydrom.delivery.ways import STRAIGHT, Way, Ways
from okydrom.delivery.wire import Request, render
from okydrom.task import Outcome

__all__ = ["Request", "Shortage", "Transport"]

TICK = 0.1  # seconds between two looks at the deadlines

_target = lru_cache(maxsize=512)(partial(parse_url, limit=MIB))  # its length was judged at accept
log = structlog.get_logger("okydrom.transport")


class Transport:
    """Sends requests. Holds at most `senders` connections, busy and idle; owns its timers."""

    def __init__(
        self,
        settings: Delivery,
        egress: Egress,
        *,
        now: Callable[[], int],
        ways: Ways | None = None,
        resolver: Resolver | None = None,
        context: Context | None = None,
    ) -> None:
        """`now` is epoch milliseconds (for the dates of Retry-After); `ways` are those of single destinations;
        `context` gives the TLS context of all other targets."""
        self._ways = ways or {}
        self._dialer = Dialer(egress, resolver=resolver, context=context)
        self._pool = Pool(settings.idle_timeout / 1000, settings.connection_age / 1000)
        self._connect_timeout = settings.connect_timeout / 1000
        self._max_answer = settings.max_answer
        self._limit = settings.senders
        self._now = now
        self._busy: set[Connection] = set()
        self._dialling = 0
        self._closed = False
        self._sweep = Sweep(TICK, self._expire)

    async def examine(self, target: Target, way: Way | None = None) -> Sequence[Judged]:
        """Where a target leads, without going there; `way`: that of a method. Raises DialFailed (dns) and Shortage."""
        return await self._dialer.examine(target, self._way(target, way))

    async def send(self, request: Request, timeout: int) -> Outcome:
        """What one attempt brings; `timeout` in milliseconds, for all of it.

        Raises Shortage when Okydrom itself has run out of something, and CancelledError (the connection is closed).
        """
        course = Course(request, timeout / 1000)
        try:
            return await self._send(request, course)
        except Shortage:
            self._pool.clear()  # idle connections hold what is short
            raise
        except DialFailed as failed:
            return course.undialled(failed)
        except Exception as failure:
            _report(failure)
            return course.broken()

    async def close(self) -> None:
        """Close every connection; requests under way end as `reset`. Idempotent."""
        self._closed = True
        self._pool.clear()
        for connection in tuple(self._busy):
            connection.abort()
        await self._dialer.close()

    @property
    def connections(self) -> int:
        """Those that are open, busy and idle, and those being opened."""
        return len(self._busy) + len(self._pool) + self._dialling

    async def _send(self, request: Request, course: Course) -> Outcome:
        target = _target(request.url)
        way = self._way(target, request.way)
        head = render(request, target, way.proxy if target.scheme == "http" else None)
        line = target.destination if not way.method else f"{target.destination} {way.method}"
        connection = self._pool.take(line)
        reused = connection is not None
        if connection is not None:
            verdict = await self._ask(connection, line, head, course)
            if not (isinstance(verdict, Loss) and verdict.unheard):
                return self._conclude(course, verdict, connection)
        connection = await self._dial(target, way, course)
        course.resent = reused
        verdict = await self._ask(connection, line, head, course)
        return self._conclude(course, verdict, connection)

    def _way(self, target: Target, way: Way | None) -> Way:
        return way or self._ways.get(target.destination, STRAIGHT)

    async def _ask(self, connection: Connection, line: str, head: bytes, course: Course) -> Verdict:
        self._busy.add(connection)
        self._sweep.wake()
        try:
            verdict = await connection.ask(head, course.request.body, course.deadline)
        finally:
            self._busy.discard(connection)
        if isinstance(verdict, Answer) and verdict.code < 500 and connection.reusable:
            self._pool.put(line, connection)
        else:  # after a 5xx too, so that a change of the name's addresses is followed
            connection.close()
        return verdict

    async def _dial(self, target: Target, way: Way, course: Course) -> Connection:
        while self.connections >= self._limit and self._pool.evict():
            pass
        self._dialling += 1
        try:
            left = min(course.deadline - monotonic(), self._connect_timeout)
            connection, course.parts = await self._dialer.dial(target, self._make, left, way)
        finally:
            self._dialling -= 1
        course.asked = monotonic()
        if self._closed:
            connection.abort()
        return connection

    def _make(self, address: str) -> Connection:
        return Connection(address, self._max_answer, self._pool.forget)

    def _conclude(self, course: Course, verdict: Verdict, connection: Connection) -> Outcome:
        if isinstance(verdict, Loss):
            return course.lost(verdict, connection.address)
        return course.answered(verdict, connection.address, self._now())

    def _expire(self) -> bool:
        now = monotonic()
        for connection in [each for each in self._busy if each.deadline <= now]:
            connection.expire()
        return bool(self._busy)


def _report(failure: Exception) -> None:
    """Its kind and place; never its text, which may hold a URL with its query."""
    place = traceback.extract_tb(failure.__traceback__)[-1]
    at = f"{PurePath(place.filename).name}:{place.lineno} {place.name}"
    log.error("attempt_broke", error=type(failure).__name__, at=at)
