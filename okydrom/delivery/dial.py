"""From a target to an open connection: resolve, judge every address, connect to one that is allowed, TLS.

What was judged is what is dialled, for literal addresses too: no name is resolved twice on the way.

A destination, or a method, may have a way of its own. The operator who names a proxy has allowed its address; names
are looked up by the proxy then, so that only literal addresses can be judged here, and are.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections.abc import Callable, Sequence
from errno import EADDRNOTAVAIL, EAFNOSUPPORT, EHOSTUNREACH, ENETUNREACH
from functools import cache
from time import monotonic
from typing import TypeVar

import aiohappyeyeballs
import msgspec
from aiohappyeyeballs import AddrInfoType

from okydrom.config.reach import Proxy, tls_context
from okydrom.delivery.egress import Egress
from okydrom.delivery.failures import SHORTAGES, DialFailed, Shortage, errno_of, out_of_ports
from okydrom.delivery.networks import is_address
from okydrom.delivery.resolver import Names, Resolver
from okydrom.delivery.target import Target
from okydrom.delivery.tunnel import open_tunnel
from okydrom.delivery.ways import STRAIGHT, Way
from okydrom.task import Failure, Parts

RACE_DELAY = 0.25  # seconds until the next address is tried too (RFC 8305)
GOODBYE = 1.0  # seconds that closing TLS may take

P = TypeVar("P", bound=asyncio.Protocol)
Context = Callable[[Target], ssl.SSLContext]

_number = re.compile(r"\[Errno (\d+)\]")
_elsewhere = (ENETUNREACH, EHOSTUNREACH, EAFNOSUPPORT, EADDRNOTAVAIL)  # often: no such family here


class Judged(msgspec.Struct, frozen=True):
    """One address of a target, and the rule that refuses it."""

    address: str
    rule: str | None


@cache
def public_trust() -> ssl.SSLContext:
    """Certificates are verified against the host's authorities, names too."""
    return tls_context(None, None, None)


class Dialer:
    """Opens connections. `context` gives the TLS context of a target; by default the host's trust."""

    def __init__(
        self,
        egress: Egress,
        *,
        resolver: Resolver | None = None,
        context: Context | None = None,
    ) -> None:
        self._egress = egress
        self._resolver = Names() if resolver is None else resolver
        self._context = context or (lambda _: public_trust())

    async def close(self) -> None:
        """Stop resolving. Idempotent."""
        await self._resolver.close()

    async def examine(self, target: Target, way: Way = STRAIGHT) -> list[Judged]:
        """All addresses of a target, judged; none of a name that a proxy looks up. Raises DialFailed (dns) and
        Shortage."""
        found: Sequence[str]
        if target.numeric:
            found = [target.host]
        elif way.proxy is not None:
            found = []
        else:
            found = await self._resolver.addresses(target.host)
        return [Judged(address, self._egress.check(address, target.port)) for address in found]

    async def dial(
        self, target: Target, make: Callable[[str], P], timeout: float, way: Way = STRAIGHT
    ) -> tuple[P, Parts]:
        """An open connection, made by `make(address)`, and how long the steps took; `timeout` in seconds.

        Raises DialFailed, with the parts so far, and Shortage.
        """
        steps = _Steps()
        try:
            async with asyncio.timeout(timeout):
                return await self._dial(target, way, make, steps), steps.parts()
        except DialFailed as failed:
            failed.address = failed.address or steps.address
            failed.parts = steps.parts()
            raise
        except TimeoutError:
            failure = Failure.DNS if steps.now == "dns" else Failure.TIMEOUT
            raise DialFailed(failure, address=steps.address, parts=steps.parts()) from None

    async def _dial(self, target: Target, way: Way, make: Callable[[str], P], steps: _Steps) -> P:
        if not target.numeric:
            steps.begin("dns")
        judged = await self.examine(target, way)
        allowed = [each.address for each in judged if each.rule is None]
        if judged and not allowed:
            address = join(judged[0].address, target.port)
            raise DialFailed(Failure.BLOCKED, address=address, rule=judged[0].rule)
        port = target.port
        if way.proxy is not None:
            allowed, port = await self._addresses(way.proxy, steps), way.proxy.port
        steps.begin("connect")
        steps.address = join(allowed[0], port)
        sock = await _connect(allowed, port)
        if len(allowed) > 1:
            steps.address = _peer(sock) or steps.address
        protocol = make(steps.address)
        if target.scheme == "http":
            return await _attach(protocol, sock)
        if way.proxy is not None:
            await open_tunnel(sock, target, way.proxy)
        steps.begin("tls")
        return await _secure(protocol, sock, target, way.context or self._context(target))

    async def _addresses(self, proxy: Proxy, steps: _Steps) -> list[str]:
        if is_address(proxy.host):
            return [proxy.host]
        steps.begin("dns")
        return list(await self._resolver.addresses(proxy.host))


class _Steps:
    """A stopwatch with one hand per step; what has not begun stays None."""

    def __init__(self) -> None:
        self.now = ""
        self.address: str | None = None
        self._began = 0.0
        self._spent: dict[str, float] = {}

    def begin(self, step: str) -> None:
        self._stop()
        self.now = step

    def parts(self) -> Parts:
        self._stop()
        return Parts(**self._spent)

    def _stop(self) -> None:
        moment = monotonic()
        if self.now:
            self._spent[self.now] = self._spent.get(self.now, 0.0) + (moment - self._began) * 1000
        self._began = moment


def join(address: str, port: int) -> str:
    """Address and port as shown.

    >>> join("::1", 80)
    '[::1]:80'
    """
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


async def _connect(addresses: Sequence[str], port: int) -> socket.socket:
    infos = [_info(address, port) for address in addresses]
    try:
        sock = await aiohappyeyeballs.start_connection(infos, happy_eyeballs_delay=RACE_DELAY)
    except TimeoutError:
        raise
    except (OSError, RuntimeError) as failure:  # uvloop raises RuntimeError too
        numbers = _numbers(failure)
        if short := next((each for each in numbers if each in SHORTAGES), None):
            raise Shortage(short) from None
        if EADDRNOTAVAIL in numbers and any(out_of_ports((address, port)) for address in addresses):
            raise Shortage(EADDRNOTAVAIL) from None
        telling = [each for each in numbers if each not in _elsewhere] or numbers
        raise DialFailed(Failure.CONNECT, number=telling[0] if telling else None) from None
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def _info(address: str, port: int) -> AddrInfoType:
    if ":" in address:
        return socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port, 0, 0)
    return socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port)


def _peer(sock: socket.socket) -> str | None:
    try:
        return join(*sock.getpeername()[:2])
    except OSError:  # gone already
        return None


def _numbers(failure: Exception) -> list[int]:
    """The errno of a failed race; of different ones the library tells only in its text."""
    number = errno_of(failure)
    return [number] if number else [int(each) for each in _number.findall(str(failure))]


async def _attach(protocol: P, sock: socket.socket) -> P:
    try:
        await asyncio.get_running_loop().create_connection(lambda: protocol, sock=sock)
    except BaseException:
        sock.close()
        raise
    return protocol


async def _secure(protocol: P, sock: socket.socket, target: Target, context: ssl.SSLContext) -> P:
    try:
        await asyncio.get_running_loop().create_connection(
            lambda: protocol,
            sock=sock,
            ssl=context,
            server_hostname=target.host.removesuffix("."),
            ssl_shutdown_timeout=GOODBYE,
        )
    except TimeoutError:
        sock.close()
        raise
    except OSError as failure:  # ssl.SSLError is one
        sock.close()
        raise DialFailed(Failure.TLS, number=errno_of(failure)) from None
    except BaseException:
        sock.close()
        raise
    return protocol
