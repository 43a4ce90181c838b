"""The answer to an accepted task, written at once: what aiohttp's Response does for any answer costs a tenth of a
whole create, and here all but three values are always the same.

It stands in for a StreamResponse where aiohttp looks at one: `prepare`, `write_eof`, `keep_alive`, `headers`.
"""

from __future__ import annotations

from email.utils import formatdate
from functools import lru_cache
from time import time
from typing import cast

from aiohttp import web

from okydrom.web.answers import CLOSED

_HEAD = (
    "".join(f"{name}: {value}\r\n" for name, value in CLOSED.items()) + "Content-Type: application/json\r\n"
)


class Receipt:
    """202 with a JSON body that is rendered already, and where the task stands. `headers` may be added to."""

    closed_off = True  # it carries what every answer carries

    def __init__(self, body: bytes, location: str) -> None:
        self.body = body
        self.headers: dict[str, str] = {"Location": location}
        self.keep_alive: bool | None = None
        self._request: web.BaseRequest | None = None

    async def prepare(self, request: web.BaseRequest) -> None:
        """Look at the connection that it goes out on."""
        self.keep_alive = request.keep_alive
        self._request = request

    async def write_eof(self) -> None:
        """Send all of it. Raises ConnectionError if the client is gone."""
        request = cast(web.BaseRequest, self._request)
        transport = request.transport
        if transport is None or transport.is_closing():
            raise ConnectionResetError
        lines = [f"HTTP/{request.version.major}.{request.version.minor} 202 Accepted\r\n", _HEAD]
        lines += [f"{name}: {value}\r\n" for name, value in self.headers.items()]
        lines.append(
            f"Content-Length: {len(self.body)}\r\nDate: {_date(int(time()))}\r\n{self._connection(request)}\r\n"
        )
        transport.write("".join(lines).encode("latin-1") + self.body)
        await request.writer.drain()

    def _connection(self, request: web.BaseRequest) -> str:
        """What is not usual in the client's version has to be said."""
        usual = request.version >= (1, 1)
        if bool(self.keep_alive) is usual:
            return ""
        return "Connection: keep-alive\r\n" if self.keep_alive else "Connection: close\r\n"


@lru_cache(maxsize=2)
def _date(second: int) -> str:
    """The time of an answer (RFC 9110, section 6.6.1)."""
    return formatdate(second, usegmt=True)
