"""A process around an application of a few lines, to test how a process starts, stops and ends.

    python -m tests.support.small_app --config FILE

`SMALL_APP` says what goes wrong: `start NAME` (an error of `okydrom.errors` while starting), `start_hangs`,
`stop_hangs`. GET /fail?with=NAME lets a background loop die of that error, GET /hang never ends.
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
from okydrom.config import load
from okydrom.parameters import Origin
from okydrom.server import process
from okydrom.settings import Settings
from okydrom.web.keys import STARTED_AT

WRONG = os.environ.get("SMALL_APP", "")


def make_app(settings: Settings, _: Mapping[str, Origin], stop: asyncio.Event) -> web.Application:
    """As `okydrom.app.make_app`."""
    app = web.Application()
    app[STARTED_AT] = 0
    died: list[Exception] = []

    async def ready(_: web.Request) -> web.Response:
        return web.Response(text=str(settings.delivery.senders))

    async def fail(request: web.Request) -> web.Response:
        died.append(_error(request.query["with"]))
        stop.set()
        return web.Response()

    async def hang(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await asyncio.Event().wait()
        return response

    async def resource(_: web.Application) -> AsyncIterator[None]:
        settings.storage.path.mkdir(exist_ok=True)
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
        if died:
            raise died[0]

    app.add_routes([web.get("/readyz", ready), web.get("/fail", fail), web.get("/hang", hang)])
    app.cleanup_ctx.append(resource)
    return app


def listening(_: web.Application, host: str, port: int) -> None:
    """As `okydrom.app.listening`."""
    structlog.get_logger("small_app").info("told", host=host, port=port)


def _error(name: str) -> Exception:
    kind: type[Exception] = getattr(errors, name, None) or {"ValueError": ValueError}[name]
    return kind("canary") if kind is ValueError else kind()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--config")
    loaded = load(Path(parser.parse_args().config), os.environ)
    sys.exit(process.run(loaded.settings, loaded.origins, make_app, listening))
