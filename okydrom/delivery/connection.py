"""One HTTP/1.1 connection to a recipient: one request at a time, kept open while that is legal.

    ask ──write──▶ wait for the head ──final head──▶ read the body ──complete──▶ idle (reusable) or closed
                        │  1xx: skipped                   │ too long, 1 s over, garbled, lost:
                        │                                 ▼ the head has decided, truncated, closed
                        └─ lost, garbled, too long, deadline ──▶ Loss, closed

A recipient may answer before it has read the whole request. An early refusal ends the exchange at once. An early 2xx
does not: the rest of the body is still written, as a recipient may answer while it reads.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from time import monotonic
from typing import cast

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from okydrom.delivery.failures import errno_of
from okydrom.delivery.verdict import Answer, Loss, Verdict
from okydrom.task import Failure

HEAD_LIMIT = 64 * 1024  # bytes of an answer's head, interim answers included
BODY_TIME = 1.0  # seconds that a body may take after its head
JOIN_LIMIT = 64 * 1024  # up to this size head and body are one write
SLICE = 64 * 1024  # larger bodies are written in pieces of this size, as fast as the recipient takes them


class Connection(asyncio.Protocol):
    """See the module. Its owner closes it unless `reusable`, and calls `expire` once `deadline` has passed."""

    def __init__(self, address: str, max_answer: int, on_end: Callable[[Connection], None]) -> None:
        self.address = address
        self.opened_at = monotonic()
        self.deadline = 0.0
        self.closed = False
        self._on_end = on_end  # told once, when it is gone
        self._max_answer = max_answer
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[Verdict] | None = None
        self._paused: asyncio.Future[None] | None = None
        self._writing = False
        self._parser = HttpResponseParser(self)
        self._parser.set_dangerous_leniencies(  # as aiohttp's client reads them: some recipients end lines badly
            lenient_optional_cr_before_lf=True, lenient_spaces_after_chunk_size=True
        )
        self._fields: list[tuple[bytes, bytes]] = []
        self._body: list[bytes] = []
        self._begin()

    def _begin(self) -> None:
        self._code = 0  # of the final head, once it is here
        self._size = 0
        self._received = 0
        self._ceiling = HEAD_LIMIT
        self._head_at = 0.0
        self._complete = False  # the whole answer is here…
        self._keep_alive = False  # …and lets the connection go on
        self._truncated = False
        self._held = False  # an early 2xx: it stands once the request is written and the answer is over

    # --- asking --------------------------------------------------------------------------------------------------

    async def ask(self, head: bytes, body: bytes | None, deadline: float) -> Verdict:
        """Send one request and wait for what it brings. Cancelled: the connection is closed."""
        transport = self._transport
        if transport is None or self.closed:
            return Loss(Failure.RESET, unheard=True)
        if self._received:
            self._begin()
        self.deadline = deadline
        waiter: asyncio.Future[Verdict] = asyncio.get_running_loop().create_future()
        self._waiter = waiter
        try:
            if body is None:
                transport.write(head)
            elif len(body) <= JOIN_LIMIT:
                transport.write(head + body)
            else:
                await self._pour(transport, head, body)
            return await waiter
        except BaseException:
            self.abort()
            raise

    async def _pour(self, transport: asyncio.Transport, head: bytes, body: bytes) -> None:
        """Write a large body no faster than it is taken; stop when there is a verdict."""
        self._writing = True
        transport.set_write_buffer_limits(high=1, low=0)  # paused until all is handed on (TLS hangs at 0)
        transport.write(head)
        rest = memoryview(body)
        while rest and self._waiter is not None:
            transport.write(rest[:SLICE])
            rest = rest[SLICE:]
            if self._paused is not None:
                await self._paused
            else:
                await asyncio.sleep(0)  # let an early answer in
        self._writing = False
        if self._waiter is None:
            self._keep_alive = False  # what follows would be taken for the rest of this body
        elif self._complete:
            self._finish()
        elif self._code:
            self.deadline = min(self.deadline, monotonic() + BODY_TIME)

    @property
    def reusable(self) -> bool:
        """May another request follow? Asked after an answer."""
        transport = self._transport
        return (
            self._keep_alive
            and not self.closed
            and transport is not None
            and not transport.get_write_buffer_size()
        )

    def expire(self) -> None:
        """The deadline has passed: what is here decides."""
        self._end(Loss(Failure.TIMEOUT))

    def close(self) -> None:
        """Close politely (TLS says good-bye), unless that meant to wait for a recipient that does not read."""
        if self._transport is not None and not self._transport.get_write_buffer_size():
            self.closed = True
            self._transport.close()
        else:
            self.abort()

    def abort(self) -> None:
        """Close at once, whatever is under way. Legal more than once."""
        self.closed = True
        if self._transport is not None:
            self._transport.abort()

    # --- called by the loop --------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Open (and through with TLS)."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by inheritance

    def data_received(self, data: bytes) -> None:
        """Bytes of an answer; unasked ones end the connection."""
        if self._waiter is None:
            self.abort()
            return
        room = self._ceiling - self._received
        self._received += len(data)
        try:
            if len(data) <= room:
                self._parser.feed_data(data)
            else:
                self._feed_beyond(data, room)
        except (HttpParserError, HttpParserUpgrade):
            self._end(Loss(Failure.PROTOCOL))

    def _feed_beyond(self, data: bytes, room: int) -> None:
        """More has come than a head may have, or than a body of `max_answer` can take in any coding."""
        if self._code:
            self._cut()
            if self._waiter is not None:
                self._parser.feed_data(data)
            return
        self._parser.feed_data(data[:room])
        if self._head_at:
            self._parser.feed_data(data[room:])
        else:
            self._end(Loss(Failure.PROTOCOL))

    def eof_received(self) -> bool:
        """The recipient has ended its side; nothing more will come."""
        self._lose(None)
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Gone."""
        self._lose(exc)
        self._transport = None
        del self._parser  # it holds us too: without the collector neither would go
        self._on_end(self)

    def pause_writing(self) -> None:
        """The recipient takes the request more slowly than it is written."""
        self._paused = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:
        """It has caught up."""
        if self._paused is not None and not self._paused.done():
            self._paused.set_result(None)
        self._paused = None

    # --- called by the parser ------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """An answer begins; one that nobody asked for ends the connection."""
        if self._waiter is None or self._complete:
            self.abort()

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or a trailer after the body, which is dropped."""
        if not self._code:
            self._fields.append((name, value))

    def on_headers_complete(self) -> None:
        """A head is complete: an interim one is skipped, a final one decides."""
        if self._waiter is None or self._code:
            return
        code = self._parser.get_status_code()
        if code < 100:
            self._end(Loss(Failure.PROTOCOL))
        elif 100 <= code < 200 and code != 101:  # nobody asked for another protocol, so 101 is final
            self._fields = []
        else:
            self._code = code
            self._head_at = monotonic()
            self._ceiling = self._received + 8 * self._max_answer + HEAD_LIMIT  # chunks of one byte take six
            self._held = self._writing and code < 300
            if not self._held:
                self.deadline = min(self.deadline, self._head_at + BODY_TIME)

    def on_body(self, body: bytes) -> None:
        """A piece of the body; kept up to `max_answer`."""
        if self._waiter is None or not self._code:
            return
        room = self._max_answer - self._size
        self._size += len(body)
        if len(body) <= room:
            self._body.append(body)
        elif not self._truncated:
            self._body.append(body[:room])
            self._cut()

    def on_message_complete(self) -> None:
        """The answer is complete (so is an interim one)."""
        if self._code and not self._complete and self._waiter is not None:
            self._complete = True
            self._keep_alive = self._parser.should_keep_alive()  # later the parser no longer knows
            if not (self._held and self._writing):
                self._finish()

    # --- the verdict ---------------------------------------------------------------------------------------------

    def _cut(self) -> None:
        """The body is longer than what is kept. Of an early 2xx the rest is read away, else it is not waited for."""
        self._truncated = True
        if not self._held:
            self._finish()

    def _finish(self) -> None:
        """The answer stands."""
        body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        answer = Answer(
            self._code, self._fields, body, self._size, self._truncated, self._received, self._head_at
        )
        self._settle(answer)
        if not self._complete or self._truncated:
            self.abort()

    def _end(self, loss: Loss) -> None:
        """No more will be read: a final head decides, else it is a loss."""
        if self._waiter is not None:
            if self._code:
                self._truncated = self._truncated or not self._complete
                self._finish()
            else:
                self._settle(loss)
        self.abort()

    def _lose(self, exc: Exception | None) -> None:
        if self._waiter is not None and self._code and not self._complete and self._ends_by_close():
            self._complete = True
        failure = Failure.TLS if isinstance(exc, ssl.SSLError) else Failure.RESET
        errno = errno_of(exc) if exc is not None else None
        self._end(Loss(failure, errno, unheard=not self._received))

    def _ends_by_close(self) -> bool:
        """Is the close the end of the body, not its loss? Then no length was given."""
        return not any(name.lower() in (b"content-length", b"transfer-encoding") for name, _ in self._fields)

    def _settle(self, verdict: Verdict) -> None:
        self._fields, self._body = [], []  # an idle connection keeps nothing
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(verdict)
        self.resume_writing()  # whoever pours the body sees that it is over
