"""Answers that take as long as they take: their client is cut off when he takes nothing, not when he takes long."""

from __future__ import annotations

from typing import Protocol, cast, runtime_checkable

from aiohttp import web


@runtime_checkable
class Streaming(Protocol):
    """A connection that can tell a slow client from one that has stopped."""

    streams: bool


def streams(request: web.Request) -> None:
    """From now on the connection's answer is a stream: whenever its client has taken something his time begins anew."""
    if isinstance(request.protocol, Streaming):
        cast(Streaming, request.protocol).streams = True
