"""The public API as tests call it: JSON in, status and JSON out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import orjson

from tests.support.wait import wait_until


class Api:
    """Calls one service by its base URL."""

    def __init__(self, session: aiohttp.ClientSession, service: str) -> None:
        self._session = session
        self._service = service

    async def call(self, method: str, path: str, data: Any = None) -> tuple[int, Any]:
        """Status and decoded answer (None if it is empty) of a call below /api/v1."""
        body = None if data is None else orjson.dumps(data)
        headers = {} if body is None else {"Content-Type": "application/json"}
        async with self._session.request(
            method, f"{self._service}/api/v1{path}", data=body, headers=headers
        ) as answer:
            text = await answer.read()
            return answer.status, orjson.loads(text) if text else None

    async def get(self, path: str) -> Any:
        """What a GET answers with 200."""
        status, answer = await self.call("GET", path)
        assert status == 200, (status, answer)
        return answer

    async def create(self, **fields: Any) -> str:
        """The id of an accepted task."""
        status, answer = await self.call("POST", "/tasks", fields)
        assert status == 202, (status, answer)
        return str(answer["id"])

    async def task(self, task_id: str) -> Any:
        """The task."""
        return await self.get(f"/tasks/{task_id}")

    async def attempts(self, task_id: str) -> list[Any]:
        """Its recorded attempts, oldest first."""
        return list((await self.get(f"/tasks/{task_id}/attempts"))["items"])

    async def count(self, filters: str = "") -> int:
        """How many tasks match."""
        return int((await self.get(f"/tasks/count?{filters}"))["total"])

    async def reaches(self, task_id: str, status: str, timeout: float = 15.0) -> Any:
        """Wait until the task has this status; the task."""
        seen: Any = None

        async def there() -> bool:
            nonlocal seen
            seen = await self.task(task_id)
            return bool(seen["status"] == status)

        try:
            await wait_until(there, timeout)
        except AssertionError:
            raise AssertionError(f"not {status} within {timeout} s: {seen}") from None
        return seen

    async def settles(self, timeout: float = 60.0) -> None:
        """Wait until no task is in progress."""

        async def quiet() -> bool:
            return await self.count("group=in_progress") == 0

        await wait_until(quiet, timeout, "no task is in progress")


@asynccontextmanager
async def calling(service: str) -> AsyncIterator[Api]:
    """The API of a service, for the time of the block."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session:
        yield Api(session, service)
