"""The yardstick `bare`: what accepting and delivering costs when nothing is kept.

The same aiohttp server on uvloop, the same JSON in, the same answer out, and aiohttp's client with 64 senders that
deliver from a queue in memory. It checks nothing, stores nothing and tries once. Prints its URL when it is ready.
"""

import asyncio
import uuid
from typing import Any

import aiohttp
import orjson
import uvloop
from aiohttp import web

SENDERS = 64
Queue = asyncio.Queue[tuple[str, dict[str, Any]]]


def make_app(queue: Queue) -> web.Application:
    """`POST /api/v1/tasks`: queue the task and answer 202."""

    async def create(request: web.Request) -> web.Response:
        task = orjson.loads(await request.read())
        task_id = str(uuid.uuid4())
        queue.put_nowait((task_id, task))
        answer = orjson.dumps({"id": task_id, "status": "queued"})
        return web.Response(status=202, body=answer, content_type="application/json")

    app = web.Application()
    app.router.add_post("/api/v1/tasks", create)
    return app


async def deliver(queue: Queue, session: aiohttp.ClientSession) -> None:
    """One sender: deliver task after task."""
    while True:
        task_id, task = await queue.get()
        headers = {"Content-Type": "application/json", "webhook-id": task_id}
        body = orjson.dumps(task["payload"])
        async with session.post(task["url"], data=body, headers=headers) as answer:
            await answer.read()


async def serve() -> None:
    """Serve until the process is ended, or a sender fails."""
    queue: Queue = asyncio.Queue()
    runner = web.AppRunner(make_app(queue), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    print(f"http://{host}:{port}", flush=True)
    connector = aiohttp.TCPConnector(limit=SENDERS)
    async with aiohttp.ClientSession(connector=connector) as session:
        await asyncio.gather(*(deliver(queue, session) for _ in range(SENDERS)))


if __name__ == "__main__":
    uvloop.run(serve())
