"""Names to addresses, by c-ares: it reads /etc/hosts and resolv.conf, and holds no thread that others need.

Nothing is remembered here: c-ares keeps an answer for as long as its TTL says, so that a change is followed. Equal
questions asked at the same time are one.
"""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Sequence
from typing import Any, Protocol

import aiodns
from aiodns.error import ARES_ENODATA, ARES_ENOMEM, DNSError
from pycares import AresError

from okydrom.delivery.failures import DialFailed, Shortage, own_shortage
from okydrom.task import Failure

TIMEOUT = 2.0  # seconds that a nameserver may take; doubled for the second try
TRIES = 2


class Resolver(Protocol):
    """What a dialler asks."""

    async def addresses(self, host: str) -> Sequence[str]:
        """The numeric addresses of a name, best first, at least one. Raises DialFailed (dns) or Shortage."""

    async def close(self) -> None:
        """Stop. Idempotent."""


class Names:
    """The resolver of the host's own configuration; `options` are those of `aiodns.DNSResolver`."""

    def __init__(self, **options: Any) -> None:
        self._options = {"timeout": TIMEOUT, "tries": TRIES, **options}
        self._ares: aiodns.DNSResolver | None = None
        self._asked: dict[str, asyncio.Task[Sequence[str]]] = {}

    async def addresses(self, host: str) -> Sequence[str]:
        """See Resolver. A caller that gives up does not end the question for the others."""
        question = self._asked.get(host)
        if question is None:
            question = asyncio.create_task(self._ask(host))
            self._asked[host] = question
            question.add_done_callback(lambda done: self._answered(host, done))
        return await asyncio.shield(question)

    async def close(self) -> None:
        """See Resolver."""
        for question in self._asked.values():
            question.cancel()
        if self._ares is not None:
            await self._ares.close()
            self._ares = None

    async def _ask(self, host: str) -> Sequence[str]:
        try:
            if self._ares is None:
                self._ares = aiodns.DNSResolver(loop=asyncio.get_running_loop(), **self._options)
            found = await self._ares.getaddrinfo(host, type=socket.SOCK_STREAM)
        except (DNSError, AresError) as failure:
            code = failure.args[0] if isinstance(failure, DNSError) and failure.args else None
            if short := errno.ENOMEM if code == ARES_ENOMEM else own_shortage():
                raise Shortage(short) from None
            raise DialFailed(Failure.DNS, number=code) from None
        addresses = [node.addr[0].decode("ascii") for node in found.nodes]
        if not addresses:
            raise DialFailed(Failure.DNS, number=ARES_ENODATA)
        return addresses

    def _answered(self, host: str, question: asyncio.Task[Sequence[str]]) -> None:
        self._asked.pop(host, None)
        if not question.cancelled():
            question.exception()  # seen, even if everybody has given up
