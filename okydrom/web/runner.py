"""aiohttp's server with what it lacks: a deadline for a request's head, and answers of ours to what is no HTTP.

Its `keepalive_timeout` bounds idle connections and half a head alike; behind a balancer the first has to be long, and
the second short. What its parser refuses never reaches the application: it would be answered with the versions of
Python and aiohttp, and logged with a traceback each time.

Clients that only hold connections would take the descriptors that the journal needs: beyond a limit each is told to
come again.

    Runner ─▶ Doors (one per process) ─▶ Connection (one per client)
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, cast

import structlog
from aiohttp import web
from aiohttp.http import RawRequestMessage

from okydrom.config.settings import Server
from okydrom.errors import BadRequest, OkydromError, Unavailable
from okydrom.web.answers import close_off
from okydrom.web.exports import cut_off
from okydrom.web.handing import PATH as CREATE_PATH
from okydrom.web.keys import CREATE, SETTINGS
from okydrom.web.problems import problem, problem_of_http
from okydrom.web.shortcut import shortcut
from okydrom.web.unsent import unsent

log = structlog.get_logger("okydrom.web")

LOG_EVERY = 1.0  # s between two lines about clients that are turned away
LINGER = 2.0  # s that the rest of a refused body is read and thrown away, so that the client sees the answer


class Connection(web.RequestHandler):
    """One client's connection.

    It is closed when a head takes longer than `head_timeout` (s) from its first byte, and when an answer that the
    client is slow to take is not through within `answer_timeout` (s); a stream, when nothing of it is taken for so
    long.
    """

    __slots__ = (
        "_answer_timeout",
        "_answer_timer",
        "_doors",
        "_head_timeout",
        "_head_timer",
        "_unsent",
        "streams",
    )

    def __init__(
        self,
        doors: Doors,
        *,
        head_timeout: float,
        answer_timeout: float,
        loop: asyncio.AbstractEventLoop,
        **options: Any,
    ) -> None:
        super().__init__(doors, loop=loop, **options)
        self._doors = doors
        self._head_timeout = head_timeout
        self._head_timer: asyncio.TimerHandle | None = None
        self._answer_timeout = answer_timeout
        self._answer_timer: asyncio.TimerHandle | None = None
        self._unsent = 0  # bytes, when it was last looked
        self.streams = False  # the answer under way takes as long as it takes

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The client came: let him in, or tell him to come again."""
        if self._doors.full:
            self._doors.turn_away(transport)
        else:
            super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Parse, and watch a head that is not complete yet."""
        super().data_received(data)
        if self._messages and self._current_request is not None:
            self._end_broken_body(self._current_request)
        if self._head_timer is not None or self._answer_timer is not None:
            if self._messages:
                self._stop_watching(answer=not self._paused)  # who asks ahead has not taken what he was given
        elif not self._messages and self._awaits_head():
            self._head_timer = self._loop.call_later(self._head_timeout, self.force_close)

    def _awaits_head(self) -> bool:
        """Is the next thing a head? So it is before the first one, even if nobody has begun to wait for it yet."""
        waiter = self._waiter
        return not self._request_count or (waiter is not None and not waiter.done())

    def pause_writing(self) -> None:
        """The client takes its answer slowly. A later request of his shows that he has it, if nothing is held back."""
        super().pause_writing()
        if self._answer_timer is None:
            self._watch_answer()

    def resume_writing(self) -> None:
        """He took what was there. That ends his time only if more is to come for as long as he takes it."""
        super().resume_writing()
        if self.streams and self._answer_timer is not None:
            self._answer_timer.cancel()
            self._answer_timer = None

    def _watch_answer(self) -> None:
        self._unsent = unsent(self.transport) if self.streams and self.transport is not None else 0
        self._answer_timer = self._loop.call_later(self._answer_timeout, self._cut_off)

    def _cut_off(self) -> None:
        self._answer_timer = None
        if self.transport is None:
            return
        left = unsent(self.transport) if not self.transport.is_closing() else None
        if left is not None and self.streams and left < self._unsent:
            self._watch_answer()  # he took too little to go on with, and yet something
        elif left != 0 or self._paused:
            cut_off(self.transport)

    def resume_reading(self, resume_parser: bool = True) -> None:
        """Only what was paused: aiohttp does it after each piece of a body, and parses nothing once more."""
        if self._reading_paused:
            super().resume_reading(resume_parser)

    def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> Coroutine[Any, Any, tuple[web.StreamResponse, bool]]:
        """Whatever is answered carries what every answer carries, also what never met our middleware."""
        self.streams = False
        if isinstance(resp, web.HTTPException):
            resp = problem_of_http(resp, "")
        if not getattr(resp, "closed_off", False):
            close_off(resp)
        return super().finish_response(request, resp, start_time)

    def connection_lost(self, exc: BaseException | None) -> None:
        """The client went, or was sent away."""
        self._stop_watching()
        super().connection_lost(exc)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what the parser refused, or what failed outside of the application."""
        if request.writer.output_size > 0:
            raise ConnectionError("half an answer is out already")
        if status == 400:
            error: OkydromError = BadRequest("This is no HTTP request that can be read.")
        else:
            log.error("request_failed", status=status, exc_info=exc)
            error = OkydromError()
        response = problem(error, "")
        response.force_close()
        return response

    def _end_broken_body(self, request: web.BaseRequest) -> None:
        """Tell who reads a body that the parser gave up on it: aiohttp queues a second answer, and has him wait."""
        message = self._messages[-1][0]
        if isinstance(message, RawRequestMessage) or request.content.is_eof():
            return
        self._messages.pop()
        request.content.set_exception(web.RequestPayloadError())
        request.content.feed_eof()
        self.close()

    def _stop_watching(self, *, answer: bool = True) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
        if answer and self._answer_timer is not None:
            self._answer_timer.cancel()
            self._answer_timer = None


class Doors(web.Server):
    """Makes the connections, and lets at most `limit` clients in."""

    def __init__(self, app: web.Application, inner: web.Server, limit: int, options: dict[str, Any]) -> None:
        handler: Any = inner.request_handler
        if CREATE in app:
            path = app[SETTINGS].server.url_prefix + CREATE_PATH
            handler = shortcut(app, path, app[CREATE], handler)
        super().__init__(handler, request_factory=inner.request_factory)
        self._options = options
        self._limit = limit
        self._turned_away = 0  # since the last line about it
        self._told_at = -LOG_EVERY
        self._refusal = written(problem(Unavailable("Too many clients are connected.", retry_after=1), ""))

    @property
    def full(self) -> bool:
        """Is there no place for one more?"""
        return len(self._connections) >= self._limit

    def turn_away(self, transport: Any) -> None:
        """Answer 503 whatever it wants to ask, and close. Nothing is read, and nothing else is kept for it."""
        transport.write(self._refusal)
        transport.close()
        self._turned_away += 1
        now = self._loop.time()
        if now - self._told_at >= LOG_EVERY:
            log.warning("too_many_clients", limit=self._limit, turned_away=self._turned_away)
            self._told_at, self._turned_away = now, 0

    def __call__(self) -> Connection:
        """A connection for a client that just came."""
        return Connection(self, loop=self._loop, **self._options)


def written(response: web.Response) -> bytes:
    """An answer as it goes over the wire, the last one of its connection."""
    body = cast(bytes, response.body)
    lines = [f"HTTP/1.1 {response.status} {response.reason}"]
    lines += [f"{name}: {value}" for name, value in response.headers.items()]
    lines += [f"Content-Length: {len(body)}", "Connection: close", "\r\n"]
    return "\r\n".join(lines).encode() + body


class Runner(web.AppRunner):
    """An AppRunner for our application; `shutdown_grace` of the settings is its `shutdown_timeout`, and at most
    `clients` are connected at once."""

    def __init__(self, app: web.Application, settings: Server, clients: int) -> None:
        self._clients = clients
        super().__init__(app, access_log=None, shutdown_timeout=settings.shutdown_grace / 1000)
        self._options = {
            "head_timeout": settings.header_timeout / 1000,
            "answer_timeout": settings.body_timeout / 1000,
            "keepalive_timeout": settings.keepalive_timeout / 1000,
            "lingering_time": LINGER,
            "auto_decompress": False,  # what is compressed is refused, not unpacked first
            "access_log": None,
        }

    async def _make_server(self) -> web.Server:
        return Doors(self.app, await super()._make_server(), self._clients, self._options)
