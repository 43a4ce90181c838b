"""A transport for tests, closed at the end; and requests to try it with."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from okydrom.config.settings import Delivery
from okydrom.delivery.dial import Context
from okydrom.delivery.egress import Egress
from okydrom.delivery.resolver import Resolver
from okydrom.delivery.transport import Request, Transport
from okydrom.delivery.ways import Ways

TIMEOUT = 5_000  # ms


@asynccontextmanager
async def sending(
    *,
    egress: Egress | None = None,
    resolver: Resolver | None = None,
    context: Context | None = None,
    ways: Ways | None = None,
    now: int = 0,
    **settings: int,
) -> AsyncIterator[Transport]:
    """A transport; `settings` are those of `[delivery]`, in milliseconds and bytes."""
    transport = Transport(
        Delivery(**settings),
        egress or Egress(),
        now=lambda: now,
        ways=ways,
        resolver=resolver,
        context=context,
    )
    try:
        yield transport
    finally:
        await transport.close()


def post(url: str, body: bytes | None = b"{}", *headers: tuple[str, str]) -> Request:
    """A POST."""
    return Request("POST", url, headers, body)
