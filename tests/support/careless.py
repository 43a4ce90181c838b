"""A service that breaks the promises: it answers before anything is on disk, and one queue serves all recipients.

The proofs run against it as their control: one that it passes shows nothing. `python -m tests.support.careless
--config FILE` listens on the port of that file.
"""

import asyncio
import sys
import tomllib
import uuid
from pathlib import Path
from typing import Any

import aiohttp
import orjson
from aiohttp import web

SENDERS = 64


class Careless:
    """Accepts into memory, and delivers in the order of acceptance."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[tuple[str, dict[str, Any]]] = asyncio.Queue()

    async def create(self, request: web.Request) -> web.Response:
        """202 without a thought."""
        task_id = str(uuid.uuid4())
        self._queue.put_nowait((task_id, await request.json()))
        return web.json_response({"id": task_id}, status=202)

    async def deliver(self, _: web.Application) -> Any:
        """The senders, for as long as the application runs."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=15)) as session:
            senders = [asyncio.create_task(self._send(session)) for _ in range(SENDERS)]
            yield
            for sender in senders:
                sender.cancel()
            await asyncio.gather(*senders, return_exceptions=True)

    async def _send(self, session: aiohttp.ClientSession) -> None:
        while True:
            task_id, task = await self._queue.get()
            try:
                body = orjson.dumps(task["payload"])
                async with session.post(task["url"], data=body, headers={"webhook-id": task_id}) as answer:
                    await answer.read()
            except (aiohttp.ClientError, TimeoutError):
                self._queue.put_nowait((task_id, task))


async def ready(_: web.Request) -> web.Response:
    """It always is."""
    return web.Response(text="ready")


def main(config: Path) -> None:
    """Serve until a signal."""
    careless = Careless()
    app = web.Application()
    app.router.add_post("/api/v1/tasks", careless.create)
    app.router.add_get("/readyz", ready)
    app.cleanup_ctx.append(careless.deliver)
    port = tomllib.loads(config.read_text("utf-8"))["server"]["port"]
    web.run_app(app, host="127.0.0.1", port=port, print=None)


if __name__ == "__main__":
    main(Path(sys.argv[sys.argv.index("--config") + 1]))
