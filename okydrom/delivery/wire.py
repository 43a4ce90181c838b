"""One request as it goes over the wire."""

from __future__ import annotations

import msgspec

from okydrom.config.reach import Proxy
from okydrom.delivery.target import Target
from okydrom.delivery.ways import Way
from okydrom.masking import MASK
from okydrom.task import VERBS

_verbs = frozenset(VERBS)
_without_body = frozenset({"GET", "DELETE"})


class Request(msgspec.Struct, frozen=True, gc=False):
    """What is sent. The headers are complete but for Host and Content-Length; `body` None: none at all."""

    http_method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    hidden: frozenset[str] = frozenset()  # lower-case names of headers whose values are not recorded
    way: Way | None = None  # None: that of its destination

    @property
    def recorded(self) -> tuple[tuple[str, str], ...]:
        """The headers as an attempt's row keeps them."""
        if not self.hidden:
            return self.headers
        return tuple((name, MASK if name.lower() in self.hidden else value) for name, value in self.headers)


def render(request: Request, target: Target, proxy: Proxy | None = None) -> bytes:
    """The head as it goes out, to the target or in plain HTTP to a proxy before it. Raises ValueError (UnicodeError is
    one) rather than writing anything but one request.

    >>> from okydrom.delivery.target import parse_url
    >>> render(Request("GET", "http://a/b?c", (("X", "1"),)), parse_url("http://a/b?c"))
    b'GET /b?c HTTP/1.1\\r\\nHost: a\\r\\nX: 1\\r\\n\\r\\n'
    """
    method = request.http_method
    if method not in _verbs:
        raise ValueError("not a verb that is sent")
    if proxy is None:
        lines = [f"{method} {target.path} HTTP/1.1", f"Host: {target.authority}"]
    else:
        lines = _proxied(method, target, proxy)
    lines += [f"{name}: {value}" for name, value in request.headers]
    if request.body is not None:
        lines.append(f"Content-Length: {len(request.body)}")
    elif method not in _without_body:
        lines.append("Content-Length: 0")
    text = "\r\n".join(lines)
    if text.count("\n") != len(lines) - 1 or text.count("\r") != len(lines) - 1:
        raise ValueError("a line end inside of a line")
    return text.encode("ascii") + b"\r\n\r\n"


def _proxied(method: str, target: Target, proxy: Proxy) -> list[str]:
    """The request line in absolute form (RFC 9112, section 3.2.2)."""
    whole = f"http://{target.authority}{target.path}"
    lines = [f"{method} {whole} HTTP/1.1", f"Host: {target.authority}"]
    if proxy.authorization is not None:
        lines.append(f"Proxy-Authorization: {proxy.authorization}")
    return lines
