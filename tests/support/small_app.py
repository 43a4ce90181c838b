"""A process around an application of a few lines, to test how a process starts, stops and ends.

    python -m tests.support.small_app --config FILE

`SMALL_APP` says what goes wrong: `start NAME` (an error of `okydrom.errors` while starting), `start_hangs`,
`stop_hangs`. GET /fail?with=NAME lets a background loop die of that error, GET /hang never ends, GET /lose raises
where nobody catches.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import structlog
from aiohttp import web

from okydrom import errors
from okydrom.config.loading import load
from okydrom.config.parameters import Origin
from okydrom.config.settings import Settings
from okydrom.server import process
from okydrom.web.keys import STARTED_AT

WRONG = os.environ.get("SMALL_APP", "")


class Small:
    """The handlers, and one resource."""

    def __init__(self, settings: Settings, stop: asyncio.Event) -> None:
        self._settings = settings
        self._stop = stop
        self._died: list[Exception] = []

    async def readyz(self, _: web.Request) -> web.Response:
        return web.Response(text=str(self._settings.delivery.senders))

    async def fail(self, request: web.Request) -> web.Response:
        self._died.append(_error(request.query["with"]))
        self._stop.set()
        return web.Response()

    async def lose(self, _: web.Request) -> web.Response:
        asyncio.get_running_loop().call_soon(_raise)
        return web.Response()

    async def hang(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await asyncio.Event().wait()
        return response

    async def resource(self, _: web.Application) -> AsyncIterator[None]:
        self._settings.storage.path.mkdir(exist_ok=True)
        if WRONG.startswith("start "):
            raise _error(WRONG.partition(" ")[2])
        if WRONG == "start_hangs":
            await asyncio.Event().wait()
        yield
        while WRONG == "stop_hangs":
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                continue
        if self._died:
            raise self._died[0]


def make_app(settings: Settings, _: Mapping[str, Origin], stop: asyncio.Event) -> web.Application:
    """As `okydrom.app.make_app`."""
    app, small = web.Application(), Small(settings, stop)
    app[STARTED_AT] = 0
    for handler in (small.readyz, small.fail, small.lose, small.hang):
        app.router.add_get(f"/{handler.__name__}", handler)
    app.cleanup_ctx.append(small.resource)
    return app


def listening(_: web.Application, host: str, port: int) -> None:
    """As `okydrom.app.listening`."""
    structlog.get_logger("small_app").info("told", host=host, port=port)


def _raise() -> None:
    raise ValueError("canary")


def _error(name: str) -> Exception:
    kind: type[Exception] = getattr(errors, name, None) or {"ValueError": ValueError}[name]
    return kind("canary") if kind is ValueError else kind()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--config")
    loaded = load(Path(parser.parse_args().config), os.environ)
    sys.exit(process.run(loaded.settings, loaded.origins, make_app, listening))
