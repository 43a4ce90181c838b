"""How a destination may be reached: whom to trust, what to show, and which proxy stands in between.

Files are read once, at the start; a change of them needs another start. What is wrong with them is a fault of the
configuration.
"""

from __future__ import annotations

import base64
import ssl
from pathlib import Path
from urllib.parse import unquote_to_bytes

import msgspec

from okydrom.destination import destination_of, host_and_port


class Proxy(msgspec.Struct, frozen=True):
    """A proxy that is spoken to in plain HTTP. `authorization` is the value of its header, a credential."""

    host: str  # an IPv6 address without brackets
    port: int
    authorization: str | None = None

    def __repr__(self) -> str:
        """Where it is, without its credentials."""
        return f"Proxy({self.host!r}, {self.port})"


def parse_proxy(text: str) -> Proxy:
    """`http://[user:password@]host:port`. Raises ValueError, whose sentence does not hold the text.

    >>> parse_proxy("http://u:p@proxy.internal:3128").authorization
    'Basic dTpw'
    """
    scheme, mark, rest = text.partition("://")
    userinfo, at, place = rest.removesuffix("/").rpartition("@")
    if scheme.lower() != "http" or not mark or "/" in place or not place.isascii():
        raise ValueError(
            "must be http://host:port, with user:password@ before the host where it asks for that"
        )
    host, port = host_and_port(place)
    if port is None:
        raise ValueError("must name the port of the proxy")
    authorization = None
    if at:
        user, _, password = userinfo.partition(":")
        pair = unquote_to_bytes(user) + b":" + unquote_to_bytes(password)
        authorization = "Basic " + base64.b64encode(pair).decode("ascii")
    return Proxy(host.strip("[]"), port, authorization)


def checked_proxy(text: str) -> str:
    """The text as it was, if it is the URL of a proxy."""
    parse_proxy(text)
    return text


def destination_key(text: str) -> str:
    """The destination that a table is named by: scheme and host, and the port if it is not the scheme's.

    >>> destination_key("https://API.example.com")
    'https://api.example.com:443'
    """
    place = text.partition("://")[2]
    try:
        if any(mark in place for mark in "/?#"):
            raise ValueError
        return destination_of(text)
    except ValueError:
        raise ValueError('must be named by a destination such as "https://api.example.com:8443"') from None


def tls_context(ca_file: Path | None, cert_file: Path | None, key_file: Path | None) -> ssl.SSLContext:
    """Certificates are verified, names too: against `ca_file`, else the host's authorities. Raises ValueError."""
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except OSError as failure:  # ssl.SSLError is one
        raise ValueError(_told("ca_file", failure, "must hold certificates in PEM")) from None
    if cert_file is not None:
        try:
            context.load_cert_chain(cert_file, key_file, password=b"")
        except (OSError, ValueError) as failure:
            message = "must hold a certificate and its unencrypted key in PEM"
            raise ValueError(_told("client_cert_file", failure, message)) from None
    context.set_alpn_protocols(["http/1.1"])
    return context


def _told(key: str, failure: Exception, message: str) -> str:
    if isinstance(failure, OSError) and not isinstance(failure, ssl.SSLError):
        return f"{key} can't be read: {failure.strerror}"
    return f"{key} {message}"
