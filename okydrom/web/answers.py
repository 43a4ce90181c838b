"""Answers: JSON with the headers that every answer of the API carries.

Nothing here may be cached, framed, sniffed or run by a browser, whatever it holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from aiohttp import web

SAFE = {
    "Server": "Okydrom",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
CLOSED = SAFE | {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}

_JSON = web.Response(
    headers=CLOSED | {"Content-Type": "application/json"}
).headers  # cheaper to copy than a dict
_encode = msgspec.json.Encoder(enc_hook=str).encode


def json_answer(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """`value` as JSON; what JSON has no form for becomes a string."""
    try:
        body = _encode(value)
    except UnicodeEncodeError:  # it quotes a header that holds more than ASCII
        body = _encode(_readable(value))
    return raw_json_answer(body, status, headers)


def _readable(value: Any) -> Any:
    """The same with a question mark for each octet that is no text."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {_readable(name): _readable(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_readable(inner) for inner in value]
    return value


def raw_json_answer(body: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """JSON that is rendered already."""
    response = web.Response(body=body, status=status, headers=_JSON)
    if headers:
        response.headers.update(headers)
    return response


def close_off(response: web.StreamResponse) -> None:
    """Add what every answer carries to one that was not made here."""
    if "X-Content-Type-Options" not in response.headers:
        response.headers.update(CLOSED)
