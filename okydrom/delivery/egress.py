"""What may go out. Addresses are judged here; `target` judges URLs, `fields` request headers.

A rule that refuses an address is a text, its first word a class, then what it is about: `metadata
169.254.169.254/32`, `private 10.0.0.0/8`, `deny 203.0.113.0/24`, `own_address 127.0.0.1:8080`.
"""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterable

from okydrom.delivery.fields import check_headers
from okydrom.delivery.networks import NEVER, PRIVATE, Address, Table, forms, parse_address
from okydrom.delivery.target import Target, parse_url

__all__ = ["Egress", "Target", "check_headers", "parse_url"]

_never = Table(NEVER)
_private = Table(PRIVATE)


class Egress:
    """Which addresses may be dialled.

    In this order: our own listening address and the networks that are never dialled; the operator's lists, of which
    the narrowest network speaks (of equal ones the denial); `networks`: "any", or "public" for the Internet alone.
    """

    def __init__(self, networks: str = "any", allow: Iterable[str] = (), deny: Iterable[str] = ()) -> None:
        """`allow` and `deny` are CIDRs or single addresses. Raises ValueError."""
        if networks not in ("any", "public"):
            raise ValueError("networks is any or public")
        self._public = networks == "public"
        self._listed = Table([*(("deny", each) for each in deny), *(("allow", each) for each in allow)])
        self._own: list[tuple[Address, int]] = []

    def listening(self, host: str, port: int) -> None:
        """From now on refuse this address: Okydrom itself listens there (numeric, as the socket says)."""
        self._own.append((forms(parse_address(host))[0], port))

    def check(self, address: str, port: int) -> str | None:
        """The rule that refuses a numeric address, or None if it may be dialled. ValueError if it is none."""
        standing_for = forms(parse_address(address))
        for each in standing_for:
            if rule := self._always(each, port):
                return rule
        for each in standing_for:
            if rule := self._configured(each):
                return rule
        return None

    def _always(self, address: Address, port: int) -> str | None:
        for own, own_port in self._own:
            if own_port == port and (own == address or (own.is_unspecified and _is_here(address))):
                return f"own_address {_join(address, port)}"
        return _never.find(address)

    def _configured(self, address: Address) -> str | None:
        if listed := self._listed.find(address):
            return listed if listed.startswith("deny") else None
        return _private.find(address) if self._public else None


def _is_here(address: Address) -> bool:
    """Is it an address of this host? The kernel knows: only those can be bound."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((str(address), 0))
    except OSError as failure:
        return failure.errno not in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
    return True


def _join(address: Address, port: int) -> str:
    return f"[{address}]:{port}" if address.version == 6 else f"{address}:{port}"
