"""An export of any length costs the memory of a page."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import aiohttp
import pytest

from tests.e2e.test_memory import MIB, peak, resident
from tests.support.service import serving
from tests.support.wait import wait_until

TASKS = 200_000
SLACK = 24 * MIB  # the store's caches and what the allocator keeps


@pytest.mark.slow
@pytest.mark.proof
@pytest.mark.timeout(300)
async def test_an_export_of_many_tasks_costs_no_memory(tmp_path: Path, figure: Callable[[str], None]) -> None:
    batch = json.dumps(
        [{"url": "http://127.0.0.1:1/x", "delay": "1d", "event": "user.created"}] * 1000
    ).encode()
    async with serving(tmp_path) as service, aiohttp.ClientSession() as session:
        tasks = f"{service.url}/api/v1/tasks"

        async def posted() -> bool:
            async with session.post(
                tasks, data=batch, headers={"Content-Type": "application/json"}
            ) as answer:
                return answer.status == 202  # else the store is behind, and it is asked for again

        async def imported() -> bool:
            async with session.get(tasks) as answer:
                return answer.status == 200

        for _ in range(TASKS // 1000):
            await wait_until(posted, 30)
        await wait_until(imported, 60)
        Path(f"/proc/{service.pid}/clear_refs").write_text("5", "ascii")  # the peak begins anew
        before, began, lines = resident(service), time.monotonic(), 0
        async with session.get(tasks, headers={"Accept": "application/x-ndjson"}) as answer:
            async for line in answer.content:
                lines += line.endswith(b"}\n")
        grown, took = peak(service) - before, time.monotonic() - began
        figure(f"{lines} tasks in {took:.1f} s, {grown / MIB:.1f} MiB more memory at the peak")
        assert lines >= TASKS
        assert grown < SLACK
