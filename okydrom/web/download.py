"""Exact bytes for download, whole or in part (RFC 9110, section 14: one range)."""

from __future__ import annotations

import re

from aiohttp import web

from okydrom.web.answers import CLOSED

_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})", re.ASCII)


def download(
    request: web.Request, body: bytes, content_type: str | None, name: str, tag: str
) -> web.Response:
    """The answer that hands `body` out. It is a file, and never a page of ours, whatever it holds."""
    headers = CLOSED | {
        "Content-Type": content_type or "application/octet-stream",
        "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
        "Content-Disposition": f'attachment; filename="{name}"',
        "Accept-Ranges": "bytes",
        "ETag": tag,
    }
    if request.headers.get("If-None-Match") == tag:
        return web.Response(status=304, headers=headers)
    wanted = request.headers.get("Range")
    if wanted is None or request.headers.get("If-Range", tag) != tag:
        return web.Response(body=body, headers=headers)
    return _part(body, wanted, headers)


def _part(body: bytes, wanted: str, headers: dict[str, str]) -> web.Response:
    bounds = span(wanted, len(body))
    if bounds is None:  # more than one, or not in bytes: a server may answer with all of it
        return web.Response(body=body, headers=headers)
    start, stop = bounds
    if start >= stop:
        return web.Response(status=416, headers=headers | {"Content-Range": f"bytes */{len(body)}"})
    headers |= {"Content-Range": f"bytes {start}-{stop - 1}/{len(body)}"}
    return web.Response(body=body[start:stop], status=206, headers=headers)


def span(wanted: str, size: int) -> tuple[int, int] | None:
    """Start and end (exclusive) of a range; None: not one that is understood; empty: nothing of it is there.

    >>> span("bytes=0-3", 10), span("bytes=8-", 10), span("bytes=-3", 10), span("bytes=10-", 10)
    ((0, 4), (8, 10), (7, 10), (10, 10))
    """
    match = _RANGE.fullmatch(wanted.strip())
    if match is None or not (match[1] or match[2]):
        return None
    if not match[1]:
        return max(size - int(match[2]), 0), size
    start = int(match[1])
    stop = min(int(match[2]) + 1, size) if match[2] else size
    if match[2] and int(match[2]) < start:
        return None
    return min(start, size), stop
