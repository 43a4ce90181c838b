"""A recipient whose paths name their fate, and which writes down all that arrives.

/ok /echo /201 /500 …   an answer with that status      /429?after=2        with Retry-After (any text)
/redirect?to=URL        302                             /huge               an answer without end
/hang                   no answer, ever                 /slow?ms=50         200, later
/reset                  the connection is reset         /lost               taken in, then closed without an answer
/close                  200 and `Connection: close`     /fail-then-ok?n=2&key=a   500 n times, then 200
"""

import asyncio
import socket
import ssl
import struct
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import ClassVar

from aiohttp import web

from tests.support.wait import linger

RESET = struct.pack("ii", 1, 0)  # SO_LINGER: what is open when it is closed is reset


@dataclass(frozen=True)
class Arrival:
    """One request that arrived in full. `at` is the loop's time, `target` the octets of the request line."""

    at: float
    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        """The value of a header, whatever its case."""
        return next((value for each, value in self.headers if each.lower() == name.lower()), None)


class Recipient:
    """Where it listens and what arrived."""

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        self.url = ""
        self.port = 0
        self.gone = asyncio.Event()
        self._failed: Counter[str] = Counter()

    async def take(self, request: web.BaseRequest) -> web.StreamResponse:
        """Write a request down and let its fate happen."""
        body = await request.read()
        headers = tuple(
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in request.raw_headers
        )
        now = asyncio.get_running_loop().time()
        self.arrivals.append(Arrival(now, request.method, request.raw_path, headers, body))
        fate = request.path.strip("/").partition("/")[0]
        if fate.isdigit():
            return _status(request, int(fate))
        return await self._fates.get(fate, _unknown)(self, request, body)

    async def _ok(self, request: web.BaseRequest, body: bytes) -> web.StreamResponse:
        return web.Response(text="ok")

    async def _echo(self, request: web.BaseRequest, body: bytes) -> web.StreamResponse:
        return web.Response(body=body)

    async def _close(self, request: web.BaseRequest, body: bytes) -> web.StreamResponse:
        response = web.Response(text="ok")
        response.force_close()
        return response

    async def _redirect(self, request: web.BaseRequest, body: bytes) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": request.query["to"]})

    async def _slow(self, request: web.BaseRequest, body: bytes) -> web.StreamResponse:
        await linger(int(request.query["ms"]) / 1000)
        return web.Response(text="ok")

    async def _hang(self, request: web.BaseRequest, body: bytes) -> web.StreamResponse:
        await self.gone.wait()
        return web.Response(text="too late")

    async def _reset(self, request: web.BaseRequest, body: bytes) -> web.StreamResponse:
        transport = _transport(request)
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        transport.abort()
        return web.Response()

    async def _lost(self, request: web.BaseRequest, body: bytes) -> web.StreamResponse:
        _transport(request).abort()
        return web.Response()

    async def _huge(self, request: web.BaseRequest, body: bytes) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while not self.gone.is_set():
            await response.write(b"x" * 65536)
        return response

    async def _fail_then_ok(self, request: web.BaseRequest, body: bytes) -> web.StreamResponse:
        key = request.query["key"]
        self._failed[key] += 1
        return web.Response(status=500 if self._failed[key] <= int(request.query["n"]) else 200)

    _fates: ClassVar[
        dict[str, Callable[["Recipient", web.BaseRequest, bytes], Awaitable[web.StreamResponse]]]
    ] = {
        "ok": _ok,
        "echo": _echo,
        "close": _close,
        "redirect": _redirect,
        "slow": _slow,
        "hang": _hang,
        "reset": _reset,
        "lost": _lost,
        "huge": _huge,
        "fail-then-ok": _fail_then_ok,
    }


@asynccontextmanager
async def receiving(
    *, host: str = "127.0.0.1", port: int = 0, context: ssl.SSLContext | None = None
) -> AsyncIterator[Recipient]:
    """A recipient until the block ends; `context` makes it speak TLS."""
    recipient = Recipient()
    runner = web.ServerRunner(web.Server(recipient.take), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, host, port, ssl_context=context).start()
    recipient.port = runner.addresses[0][1]
    shown = f"[{host}]" if ":" in host else host
    recipient.url = f"{'https' if context else 'http'}://{shown}:{recipient.port}"
    try:
        yield recipient
    finally:
        recipient.gone.set()
        await runner.cleanup()


def _status(request: web.BaseRequest, code: int) -> web.Response:
    after = request.query.get("after")
    return web.Response(status=code, headers={} if after is None else {"Retry-After": after})


async def _unknown(recipient: Recipient, request: web.BaseRequest, body: bytes) -> web.StreamResponse:
    return web.Response(status=404, text="no such fate")


def _transport(request: web.BaseRequest) -> asyncio.Transport:
    transport = request.transport
    assert transport is not None
    return transport
