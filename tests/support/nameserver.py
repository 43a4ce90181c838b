"""A nameserver of made-up names on loopback (RFC 1035, as much as an address query needs)."""

import asyncio
import socket
import struct
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

KINDS = {1: socket.AF_INET, 28: socket.AF_INET6}  # A, AAAA
NO_SUCH_NAME = 3


class Nameserver(asyncio.DatagramProtocol):
    """`zone`: name → answers, one list of addresses per time it is asked, the last one again and again.

    Unknown names do not exist; with `mute` nothing is answered. `asked` counts questions by name.
    """

    def __init__(self, zone: Mapping[str, Sequence[Sequence[str]]], *, mute: bool = False) -> None:
        self.asked: Counter[str] = Counter()
        self.port = 0
        self._zone = zone
        self._mute = mute
        self._served: Counter[tuple[str, int]] = Counter()
        self._transport: asyncio.DatagramTransport | None = None

    @property
    def options(self) -> dict[str, Any]:
        """What makes a resolver ask here."""
        return {"nameservers": [f"127.0.0.1:{self.port}"], "domains": [], "lookups": "b", "timeout": 0.2}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Listening."""
        self._transport = cast(asyncio.DatagramTransport, transport)  # the loops' own are none by inheritance

    def datagram_received(self, data: bytes, addr: Any) -> None:
        """One question."""
        name, kind, end = _question(data)
        self.asked[name] += 1
        if not self._mute and self._transport is not None:
            self._transport.sendto(self._answer(data[:2], data[12:end], name, kind), addr)

    def _answer(self, ident: bytes, question: bytes, name: str, kind: int) -> bytes:
        answers = self._zone.get(name)
        if answers is None:
            return ident + struct.pack("!HHHHH", 0x8180 | NO_SUCH_NAME, 1, 0, 0, 0) + question
        turn = min(self._served[name, kind], len(answers) - 1)
        self._served[name, kind] += 1
        family = KINDS.get(kind)
        wanted = [
            each for each in answers[turn] if (socket.AF_INET6 if ":" in each else socket.AF_INET) == family
        ]
        records = b"".join(_record(kind, socket.inet_pton(KINDS[kind], each)) for each in wanted)
        return ident + struct.pack("!HHHHH", 0x8180, 1, len(wanted), 0, 0) + question + records


def _question(data: bytes) -> tuple[str, int, int]:
    labels, place = [], 12
    while length := data[place]:
        labels.append(data[place + 1 : place + 1 + length].decode("ascii").lower())
        place += 1 + length
    return ".".join(labels), struct.unpack("!H", data[place + 1 : place + 3])[0], place + 5


def _record(kind: int, address: bytes) -> bytes:
    return b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 0, len(address)) + address  # lives 0 seconds


@asynccontextmanager
async def naming(
    zone: Mapping[str, Sequence[Sequence[str]]], *, mute: bool = False
) -> AsyncIterator[Nameserver]:
    """A nameserver until the block ends."""
    server = Nameserver(zone, mute=mute)
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: server, local_addr=("127.0.0.1", 0)
    )
    server.port = transport.get_extra_info("sockname")[1]
    try:
        yield server
    finally:
        transport.close()
