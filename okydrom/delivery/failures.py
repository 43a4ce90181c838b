"""How a request ends without an answer, and the one case that is Okydrom's own fault.

The `errno` of a failure is that of the layer which failed: the system's for connect, reset and tls; c-ares' for dns
(4: no such name, 12: the nameservers do not answer); for a certificate that was refused OpenSSL's reason (10: expired,
18 and 19: self-signed, 20: unknown issuer, 62: another name).
"""

from __future__ import annotations

import errno
import socket
import ssl
from typing import Any

from okydrom.errors import Unavailable
from okydrom.task import Failure, Parts

_no_parts = Parts()

SHORTAGES = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS})


class Shortage(Unavailable):
    """Okydrom has run out of descriptors, ports or memory of its own: no fault of the recipient."""

    code = "shortage"

    def __init__(self, number: int = 0, **params: Any) -> None:
        super().__init__(errno=number, **params)
        self.errno = number


class DialFailed(Exception):
    """There is no connection: the class of failure, and how far it came. Never leaves `delivery`."""

    def __init__(
        self,
        failure: Failure,
        *,
        number: int | None = None,
        address: str | None = None,
        rule: str | None = None,
        parts: Parts = _no_parts,
    ) -> None:
        super().__init__(failure)
        self.failure = failure
        self.errno = number
        self.address = address
        self.rule = rule
        self.parts = parts


def errno_of(failure: BaseException) -> int | None:
    """The number that says most about a failure of a socket or of TLS."""
    if isinstance(failure, ssl.SSLCertVerificationError):
        return failure.verify_code
    if isinstance(failure, ssl.SSLError):
        return None  # its errno counts OpenSSL's own kinds and would read like one of the system's
    return failure.errno if isinstance(failure, OSError) else None


def own_shortage() -> int | None:
    """Are we out of descriptors or memory just now? Asked where a library does not say why it failed."""
    try:
        socket.socket().close()
    except OSError as failure:
        return failure.errno if failure.errno in SHORTAGES else None
    return None


def out_of_ports(address: tuple[str, int]) -> bool:
    """EADDRNOTAVAIL has two meanings: no free port, or no address of that family here, which is the recipient's matter.

    A datagram socket tells them apart: it needs a source address too, but its ports are others.
    """
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect(address)
    except OSError:
        return False
    return True
