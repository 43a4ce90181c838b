"""One client's stream: how far it came, and the one parcel that it is given when it has taken the last.

A slow client has no queue here: it stays where it is, while what changes is remembered once for all.
"""

from __future__ import annotations

import asyncio

from okydrom.web.exports import cut_off
from okydrom.web.fresh import Fresh
from okydrom.web.wish import Wish


class Stream:
    """`place` is the number of the moment until which all was told; `snapshot`: its tasks are to be told as they are.

    `silent` counts the ticks since it was given something.
    """

    def __init__(self, wish: Wish, place: int, transport: asyncio.Transport, *, snapshot: bool) -> None:
        self.wish = wish
        self.place = place
        self.snapshot = snapshot
        self.silent = 0
        self.fresh = Fresh(wish.filter.status, place)
        self._transport = transport
        self._over = False
        self._taker: asyncio.Future[bytes | None] | None = None

    async def take(self) -> bytes | None:
        """The next parcel; None: it is over."""
        if self._over:
            return None
        self._taker = asyncio.get_running_loop().create_future()
        try:
            return await self._taker
        finally:
            self._taker = None

    def give(self, parcel: bytes) -> None:
        """To be called when it is ready; else it is lost."""
        if self.ready and self._taker is not None:
            self._taker.set_result(parcel)
            self.silent = 0

    @property
    def ready(self) -> bool:
        """Has the client taken all that it was given?"""
        waits = self._taker is not None and not self._taker.done()
        return waits and not self._transport.get_write_buffer_size()

    @property
    def gone(self) -> bool:
        """Has the client left?"""
        return self._transport.is_closing()

    def renew(self, place: int) -> None:
        """It begins anew from here: its client reloads."""
        self.place = place
        self.snapshot = False
        self.fresh = Fresh(self.wish.filter.status, place)

    def end(self) -> None:
        """End it at once: in order, or if the client has not taken what it was given, by cutting it off."""
        self._over = True
        if self._taker is None or self._transport.get_write_buffer_size():
            cut_off(self._transport)
        if self._taker is not None and not self._taker.done():
            self._taker.set_result(None)
