"""Which web pages may call: those of our own, and no other site's.

A browser can be made to call a loopback service by any page it shows. It can't be made to lie about two things: the
`Host` it was pointed at (a name rebound to 127.0.0.1 betrays itself) and where an unsafe call comes from.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection

from aiohttp import web

from okydrom.destination import host_and_port
from okydrom.errors import BadRequest, CrossSite, WrongHost

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
REMEMBERED = 1_024


class Access:
    """Checks `Host` and the origin of unsafe calls. `hosts` are further names, with or without a port; `asked`: access
    tokens are asked for, so that what comes with `Authorization` stands for itself."""

    def __init__(
        self, bound: str, hosts: Collection[str], exempt: Collection[str], *, asked: bool = False
    ) -> None:
        self._asked = asked
        self._names = {name.lower() for name in (*hosts, "localhost")}
        self._exempt = frozenset(exempt)
        self._admitted: set[str] = set()
        if not _unspecified(bound):
            self._names.add(f"[{bound}]" if ":" in bound else bound.lower())

    def check(self, request: web.BaseRequest) -> None:
        """Raises WrongHost or CrossSite."""
        headers = request.headers
        if self._asked and "Authorization" in headers:  # no other site's page has a token of ours
            return
        host = headers.get("Host")
        if host not in self._admitted:
            self._admit(host, request)
        if request.method not in SAFE_METHODS:
            site = headers.get("Sec-Fetch-Site")
            origin = headers.get("Origin")
            if site is not None or origin is not None:
                _same_origin(host, site, origin)

    def _admit(self, host: str | None, request: web.BaseRequest) -> None:
        if request.path in self._exempt:
            return
        if host is None:
            raise BadRequest("A Host header is required.")
        if not self._answers_for(host, request):
            raise WrongHost(f"This server does not answer for {host[:255]!r}; see server.hosts.")
        if len(self._admitted) < REMEMBERED:
            self._admitted.add(host)

    def _answers_for(self, host: str, request: web.BaseRequest) -> bool:
        if len(request.headers.getall("Host")) > 1:
            return False
        try:
            name, _ = host_and_port(host)
        except ValueError:
            return False
        if name in self._names or host.lower() in self._names:
            return True
        try:
            address = ipaddress.ip_address(name.strip("[]"))
        except ValueError:
            return False
        return address.is_loopback or str(address) == _local_address(request)


def _same_origin(host: str | None, site: str | None, origin: str | None) -> None:
    if site is not None and site not in ("same-origin", "none"):
        raise CrossSite(site=site[:32])
    if origin is not None and origin.partition("://")[2].lower() != (host or "").lower():
        raise CrossSite(origin=origin[:255])


def _unspecified(bound: str) -> bool:
    try:
        return ipaddress.ip_address(bound).is_unspecified
    except ValueError:
        return not bound


def _local_address(request: web.BaseRequest) -> str | None:
    """The address of ours that the call came in at: a literal one can't be rebound."""
    name = request.transport.get_extra_info("sockname") if request.transport is not None else None
    return str(name[0]).partition("%")[0] if isinstance(name, tuple) else None
