"""The destination of a URL: scheme://host:port, the unit of fairness, limits and pausing.

    http(s) :// host [: port] [/ path] [? query]

The host is a name, a dotted quad or a bracketed IPv6 address. Other spellings of addresses (`0x7f.1`, `2130706433`),
userinfo, fragments, whitespace and anything beyond ASCII are refused: two readers could take them differently.
"""

from __future__ import annotations

import ipaddress
import re

PORTS = {"http": 80, "https": 443}

_URL = re.compile(r"(https?)://([^/?#@\\]*)([/?][!\x22$-~]*)?", re.ASCII | re.IGNORECASE)
_PLACE = re.compile(r"(\[[0-9A-Fa-f:.]*\]|[^:\[\]]*)(?::([0-9]{1,5}))?", re.ASCII)
_LABEL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?", re.ASCII)
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)


def destination_of(url: str) -> str:
    """Scheme, host and port in one spelling; raises ValueError with a sentence that says what is wrong.

    >>> destination_of("https://API.example.com/hook?a=1"), destination_of("http://[::1]:8080")
    ('https://api.example.com:443', 'http://[::1]:8080')
    """
    match = _URL.fullmatch(url)
    if match is None:
        raise ValueError(_what_is_wrong(url))
    scheme = match[1].lower()
    host, port = host_and_port(match[2])
    return f"{scheme}://{host}:{port or PORTS[scheme]}"


def host_and_port(text: str) -> tuple[str, int | None]:
    """The host in one spelling and the port if one is written; raises ValueError.

    >>> host_and_port("Example.com:8443"), host_and_port("10.0.0.1")
    (('example.com', 8443), ('10.0.0.1', None))
    """
    match = _PLACE.fullmatch(text)
    if match is None or not match[1]:
        raise ValueError("must name a host, and a port only as a number")
    port = int(match[2]) if match[2] else None
    if port is not None and not 0 < port < 65_536:
        raise ValueError("must have a port from 1 to 65535")
    return _host(match[1].lower()), port


def _host(host: str) -> str:
    if host.startswith("["):
        return f"[{_address(ipaddress.IPv6Address, host[1:-1])}]"
    labels = host.removesuffix(".").split(".")
    if _NUMBER.fullmatch(labels[-1]):  # whatever ends in a number is meant as an address
        return _address(ipaddress.IPv4Address, host)
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError("must have a host name of letters, digits, hyphens and dots")
    return host.removesuffix(".")


def _address(kind: type[ipaddress.IPv4Address | ipaddress.IPv6Address], text: str) -> str:
    try:
        return str(kind(text))
    except ValueError:
        raise ValueError("must write its address as a dotted quad or a bracketed IPv6 address") from None


def _what_is_wrong(url: str) -> str:
    if not url.lower().startswith(("http://", "https://")):
        return "must begin with http:// or https://"
    if "#" in url:
        return "must have no fragment (#...)"
    if "@" in url.partition("://")[2].partition("/")[0].partition("?")[0]:
        return "must have no user name or password; credentials belong into headers"
    return "must be ASCII without spaces (escape other characters with %)"
