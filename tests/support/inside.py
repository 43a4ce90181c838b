"""The whole service inside the test's process: real store, journal and lanes, real sockets, any settings."""

import asyncio
import io
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import orjson
from aiohttp import web

from okydrom.app import make_app
from okydrom.clock import Clock
from okydrom.config.settings import KIB, MIB, Settings
from okydrom.intake.journal import Journal
from okydrom.web import keys
from okydrom.web.runner import Runner
from tests.support.wait import wait_until

NOWHERE = "http://127.0.0.1:1/hook"  # nobody listens there


class Answered:
    """Status, headers and body of an answer."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return orjson.loads(self.body)

    @property
    def faults(self) -> list[tuple[str, str]]:
        """Pointer and code of each fault of a problem document."""
        return [(fault["pointer"], fault["code"]) for fault in self.json["errors"]]


class Inside:
    """A service that runs here; `app` is its application, with all its keys."""

    def __init__(
        self, app: web.Application, runner: Runner, port: int, session: aiohttp.ClientSession
    ) -> None:
        self.app = app
        self._runner = runner
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self._session = session

    @property
    def connections(self) -> int:
        """Clients that are connected."""
        assert self._runner.server is not None
        return len(self._runner.server.connections)

    @property
    def journal(self) -> Journal:
        """The log that its accepted tasks are in."""
        return self.app[keys.ACCEPT]._journal

    async def stop_softly(self) -> None:
        """As the process does at a signal, before its sockets are closed."""
        await self.app.shutdown()

    async def call(self, verb: str, path: str, data: bytes | None = None, /, **headers: str) -> Answered:
        """Any call; underscores in the names of headers are hyphens. Of a stream that never ends nothing is read."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        posted = io.BytesIO(data) if data and len(data) >= MIB else data  # as aiohttp's client wants it
        async with self._session.request(
            verb,
            self.url + path,
            data=posted,
            headers=named,
        ) as answer:
            endless = answer.content_type == "text/event-stream"
            return Answered(answer.status, answer.headers, b"" if endless else await answer.read())

    async def get(self, path: str, **headers: str) -> Answered:
        """GET below /api/v1."""
        return await self.call("GET", f"/api/v1{path}", **headers)

    async def post(self, data: bytes, **headers: str) -> Answered:
        """A create with these very bytes."""
        return await self.call(
            "POST", "/api/v1/tasks", data, **{"Content_Type": "application/json"} | headers
        )

    async def create(self, **fields: Any) -> str:
        """The id of an accepted task; to nowhere, if nothing else is said, and not tried again for an hour."""
        answer = await self.post(orjson.dumps({"url": NOWHERE, "retry": {"schedule": ["1h"]}} | fields))
        assert answer.status == 202, answer.body
        return str(answer.json["id"])

    async def task(self, task_id: str) -> Any:
        """The task as it is shown."""
        answer = await self.get(f"/tasks/{task_id}")
        assert answer.status == 200, answer.body
        return answer.json

    async def reaches(self, task_id: str, status: str) -> Any:
        """Wait until the task has this status; the task."""

        async def there() -> bool:
            return bool((await self.task(task_id))["status"] == status)

        await wait_until(there, 10, f"the task is {status}")
        return await self.task(task_id)

    async def raw(self, data: bytes, until: bytes = b"", rest: bytes = b"", timeout: float = 5.0) -> bytes:
        """Bytes to a connection of their own, and all that comes back until it is closed; `rest` is sent once
        `until` has come."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            async with asyncio.timeout(timeout):
                writer.write(data)
                begun = await reader.readuntil(until) if until else b""
                writer.write(rest)
                return begun + await reader.read()
        finally:
            writer.close()


@asynccontextmanager
async def inside(
    directory: Path, clients: int = 1000, clock: Clock | None = None, /, **sections: Mapping[str, Any]
) -> AsyncIterator[Inside]:
    """The service over a directory until the block ends; `clients` may be connected at once, `clock` is its own,
    `sections` are settings that differ from the default."""
    storage = {"path": directory / "data", "min_free": 0, "chunk_size": 64 * KIB}
    settings = with_sections({"storage": storage}, **sections)
    stop = asyncio.Event()
    app = make_app(settings, {}, stop, clock)
    runner = Runner(app, settings.server, clients)
    await runner.setup()
    try:
        site = web.TCPSite(runner, settings.server.host, 0)
        await site.start()
        async with aiohttp.ClientSession(
            auto_decompress=False, headers={"Accept-Encoding": "identity"}
        ) as session:
            yield Inside(app, runner, site.port, session)
    finally:
        await runner.cleanup()


def with_sections(*layers: Mapping[str, Mapping[str, Any]], **sections: Mapping[str, Any]) -> Settings:
    """The default settings with some replaced: keys of a section, or all named tables (methods, destinations)."""
    settings = Settings()
    for layer in (*layers, sections):
        for name, fields in layer.items():
            old = getattr(settings, name)
            new = fields if isinstance(old, Mapping) else msgspec.structs.replace(old, **fields)
            settings = msgspec.structs.replace(settings, **{name: new})
    return settings
