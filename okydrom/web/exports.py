"""The exports that run: a few at a time, and none when the service stops."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import web

from okydrom.errors import Unavailable

MOST = 8  # at once: each keeps the loop and the store's readers busy

_RESET = struct.pack("ii", 1, 0)  # linger for 0 s: what is unsent is thrown away


class Exports:
    """Knows the connections of those that run."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._running: set[asyncio.Transport] = set()
        self._over = False

    @contextmanager
    def one(self, transport: asyncio.Transport) -> Iterator[None]:
        """Room for one more. Raises Unavailable."""
        if self._over or len(self._running) >= self._most:
            raise Unavailable("Too many exports are running.", retry_after=5)
        self._running.add(transport)
        try:
            yield
        finally:
            self._running.discard(transport)

    async def end(self, _: web.Application) -> None:
        """Cut off what runs: it would hold up the end of the process."""
        self._over = True
        for transport in list(self._running):
            cut_off(transport)


def cut_off(transport: asyncio.Transport) -> None:
    """Reset a connection: a client to whom its end is the end of the answer (HTTP/1.0) sees that it is broken too."""
    connection = transport.get_extra_info("socket")
    if connection is not None and not transport.is_closing():
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    transport.abort()
