"""Where a URL leads. Its path and query go out octet by octet as they were posted: signed URLs break otherwise.

What is not ASCII is escaped once, and kept and shown so; everything that a reader might take differently is refused.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from urllib.parse import quote

import msgspec

from okydrom.config.settings import KIB
from okydrom.destination import PORTS, host_and_port
from okydrom.errors import Fault, Invalid

_plain = re.compile(r"(https?)://([a-z0-9._:-]+)((?:/[!\"$-~]*)?)").fullmatch
_split = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*)://([^/?#]*)([^#]*)(#.*)?", re.DOTALL).fullmatch
_beyond_ascii = re.compile(r"[^\x00-\x7f]+")


class Target(msgspec.Struct, frozen=True, gc=False):
    """A URL that may be sent to, in its parts."""

    url: str  # ASCII, as it is kept, shown and sent
    scheme: str  # http | https
    host: str  # lower case; an IPv6 address without brackets
    port: int
    authority: str  # for the Host header: the port only if it is not the scheme's
    path: str  # with the query, for the request line; begins with a slash
    destination: str  # scheme://host:port, the port always written, IPv6 in brackets
    numeric: bool  # the host is an address, not a name


class _Origin(msgspec.Struct, frozen=True, gc=False):
    host: str
    port: int
    authority: str
    destination: str
    numeric: bool


class _Refused(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


def parse_url(url: str, pointer: str = "/url", limit: int = 8 * KIB) -> Target:
    """Take a URL apart. Raises Invalid with a fault at `pointer`; its message never holds the URL.

    >>> parse_url("http://Example.com/a%2fb?c=~").destination
    'http://example.com:80'
    >>> parse_url("https://[2001:DB8::1]:8443").authority
    '[2001:db8::1]:8443'
    """
    try:
        if len(url) > limit:
            raise _too_long(limit)
        if match := _plain(url):
            scheme, place, path = match.groups()
            return _target(url, _origin(scheme, place), scheme, path)
        return _parse_slowly(url, limit)
    except _Refused as refused:
        raise Invalid([Fault(pointer, refused.code, refused.message)]) from None


def _parse_slowly(url: str, limit: int) -> Target:
    _refuse_blanks(url)
    match = _split(url)
    if match is None or match[1].lower() not in PORTS:
        raise _Refused("url_scheme", "It must begin with http:// or https://.")
    scheme, place, path, fragment = match.groups()
    if fragment is not None:
        raise _Refused("url_fragment", "It must have no fragment (#...).")
    if "@" in place:
        raise _Refused(
            "url_userinfo", "It must have no user name or password; credentials belong into headers."
        )
    if not place.isascii():
        place = _to_ascii(place)
    path = _beyond_ascii.sub(lambda found: quote(found[0], safe=""), path)
    plain = f"{scheme}://{place}{path}"
    if len(plain) > limit:
        raise _too_long(limit)
    return _target(plain, _origin(scheme.lower(), place), scheme.lower(), path)


def _refuse_blanks(url: str) -> None:
    for character in url:
        if character.isspace() or unicodedata.category(character) in ("Cc", "Cs"):
            raise _Refused(
                "url_characters", "It must have no spaces, line ends, controls or lone surrogates."
            )


def _too_long(limit: int) -> _Refused:
    return _Refused("url_too_long", f"It must have at most {limit} characters, escapes included.")


def _to_ascii(place: str) -> str:
    """A name beyond ASCII in its IDNA form, if the way back leads to the same name: else it is another one."""
    host, colon, port = place.partition(":")
    try:
        encoded = host.encode("idna")
        same = encoded.decode("idna") == unicodedata.normalize("NFC", host).lower()
    except UnicodeError:
        same = False
    if not same:
        raise _Refused(
            "url_host", "Its host name has no clear ASCII form; write that form (xn--...) instead."
        )
    return encoded.decode("ascii") + colon + port


def _target(url: str, origin: _Origin, scheme: str, path: str) -> Target:
    return Target(
        url,
        scheme,
        origin.host,
        origin.port,
        origin.authority,
        path if path.startswith("/") else "/" + path,
        origin.destination,
        origin.numeric,
    )


@lru_cache(maxsize=4096)
def _origin(scheme: str, place: str) -> _Origin:
    try:
        shown, written = host_and_port(place)
    except ValueError as fault:
        raise _Refused("url_host", f"It {fault}.") from None
    port = written or PORTS[scheme]
    return _Origin(
        host=shown.strip("[]"),
        port=port,
        authority=shown if port == PORTS[scheme] else f"{shown}:{port}",
        destination=f"{scheme}://{shown}:{port}",
        numeric=shown.startswith("[") or shown.rpartition(".")[2].isdigit(),
    )
