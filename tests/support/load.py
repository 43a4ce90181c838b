"""A load of tasks from many connections, that remembers what was posted and what was acknowledged.

Every body is different, so that an arrival tells which post it comes from. A service that is away or refuses is
tried again: killing it is part of the scenarios.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import aiohttp
import orjson

from tests.support.wait import linger

PAUSE = 0.01  # s after a failure
Fields = Callable[[int], dict[str, Any]]


class Load:
    """Posts tasks to `service` (its base URL). `fields` gives what is posted beside the payload, by number."""

    def __init__(self, service: str, fields: Fields, *, padding: int = 0) -> None:
        self.posted: list[bytes] = []  # bodies, as the recipient should see them
        self.acknowledged: dict[str, bytes] = {}  # body by id
        self.answers: Counter[int] = Counter()  # by status; 0: none
        self.accepted_at: dict[str, float] = {}  # by id, the loop's time at the answer
        self.posted_at: dict[str, float] = {}  # by id, the loop's time before the post
        self.service = service
        self._fields = fields
        self._padding = padding
        self._numbers = count()
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "Load":
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=30)
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    async def post(self) -> tuple[int, dict[str, str]]:
        """Post one task; status and headers of the answer. Raises aiohttp.ClientError when there is none."""
        number = next(self._numbers)
        body = orjson.dumps({"n": number, "pad": "x" * self._padding})
        request = orjson.dumps({**self._fields(number), "payload": orjson.Fragment(body)})
        self.posted.append(body)
        assert self._session is not None
        begun = asyncio.get_running_loop().time()
        async with self._session.post(
            f"{self.service}/api/v1/tasks", data=request, headers={"Content-Type": "application/json"}
        ) as answer:
            text = await answer.read()
        self.answers[answer.status] += 1
        if answer.status == 202:
            task_id = orjson.loads(text)["id"]
            self.acknowledged[task_id] = body
            self.posted_at[task_id] = begun
            self.accepted_at[task_id] = asyncio.get_running_loop().time()
        return answer.status, dict(answer.headers)

    async def send(self, tasks: int, connections: int = 16) -> None:
        """Post until this many more are acknowledged."""
        wanted = len(self.acknowledged) + tasks
        begun = len(self.acknowledged)

        async def worker() -> None:
            nonlocal begun
            while begun < wanted:
                begun += 1
                if not await self._try():
                    begun -= 1

        async with asyncio.TaskGroup() as group:
            for _ in range(connections):
                group.create_task(worker())

    @asynccontextmanager
    async def running(self, connections: int = 16, pause: float = 0.0) -> AsyncIterator["Load"]:
        """Post as fast as answers come (each connection rests `pause` seconds between two), until the block ends."""
        workers = [asyncio.create_task(self._work(pause)) for _ in range(connections)]
        try:
            yield self
        finally:
            for worker in workers:
                worker.cancel()
            ends = await asyncio.gather(*workers, return_exceptions=True)
        for end in ends:
            if not isinstance(end, asyncio.CancelledError):
                raise AssertionError("a worker of the load died") from end

    async def _work(self, pause: float) -> None:
        while True:
            await self._try()
            if pause:
                await linger(pause)

    async def _try(self) -> bool:
        try:
            status, _ = await self.post()
        except (aiohttp.ClientError, ConnectionError, TimeoutError):
            status = 0
            self.answers[0] += 1
        if status != 202:
            await linger(PAUSE)
        return status == 202
