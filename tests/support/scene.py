"""A service in the middle of its work: an hour of history, and recipients behind a proxy that knows their names."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from tests.support.flows import CRM, LEDGER, LEGACY, RECOUNT, WMS, shown
from tests.support.history import Known, lay
from tests.support.service import Service, Settings, free_port, serving
from tests.support.times import Times
from tests.support.wait import linger

LIVE = (WMS, CRM, LEDGER)


@dataclass(frozen=True)
class Scene:
    """The service, and ids worth a look."""

    service: Service
    known: Known


@asynccontextmanager
async def playing(directory: Path) -> AsyncIterator[Scene]:
    """A scene until the block ends. What waits for a live recipient is delivered now, but for one that takes its time;
    the recipient that refuses connections does so now."""
    runner = web.ServerRunner(web.Server(_take), shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        async with serving(directory, _settings(runner.addresses[0][1])) as service:
            await service.stop()
            known = await lay(service.data, Times().wall())
            await service.start()
            yield Scene(service, known)
    finally:
        await runner.cleanup()


def _settings(proxy: int) -> Settings:
    """Names are known to the proxy alone; the dead recipient's own is not there."""
    ways = {shown(place): {"proxy": f"http://127.0.0.1:{proxy}"} for place in LIVE}
    dead = {shown(LEGACY): {"proxy": f"http://127.0.0.1:{free_port()}"}}
    return {
        "retry": {"schedule": ["5s", "5min", "30min", "2h", "5h", "10h", "14h", "20h", "24h"]},
        "delivery": {"timeout": "15s"},
        **{f'recipients."{place}"': way for place, way in (ways | dead).items()},
        "methods.sms": {
            "url": "https://sms-gateway.example/v1/messages",
            "timeout": "10s",
            "max_attempts": 4,
            "secrets": ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
            "description": "Short messages to customers",
        },
    }


async def _take(request: web.BaseRequest) -> web.StreamResponse:
    """Any request in absolute form."""
    if request.path == RECOUNT.path:
        await linger(600)
    return web.json_response({"ok": True})
