"""A page that is left open while tasks come and change all the time needs no more memory for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from playwright.async_api import expect

from tests.support.desk import Desk
from tests.support.wait import linger, wait_until

pytestmark = pytest.mark.asyncio(loop_scope="module")  # one browser serves all tests
RATE = 100  # changes a second: so many tasks are accepted, or granted attempts anew
ROWS = 50  # of them stand on the page
LAP = 10  # s
LAPS = 1  # in CI; scripts/proof leaks --rounds 60 takes ten minutes
# Bytes of the heap and nodes that it may differ by, once what is over has been collected.
MORE = (1_000_000, 500)


@pytest.mark.proof
@pytest.mark.timeout(180)
async def test_nothing_leaks_under_a_steady_stream_of_changes(
    at: Desk, rounds: Callable[[int], int], figure: Callable[[str], None]
) -> None:
    page, api, loop = at.page, at.api, asyncio.get_running_loop()
    fields = {"url": f"{at.recipient.url}/ok", "payload": {"n": 1}, "event": "order.paid"}
    shown = [await api.create(**fields) for _ in range(ROWS)]
    await api.settles()
    await at.watched.open("/tasks")
    pill = page.locator(".live-text")
    await expect(pill).to_have_text("Live")
    session = await page.context.new_cdp_session(page)
    await session.send("Performance.enable")

    async def size() -> tuple[float, float]:
        """Bytes of the heap and nodes, once it is quiet."""
        await api.settles()
        await expect(page.locator(".tasks tbody .is-delivered.status")).to_have_count(ROWS)
        await session.send("HeapProfiler.collectGarbage")
        found = (await session.send("Performance.getMetrics"))["metrics"]
        by_name = {metric["name"]: metric["value"] for metric in found}
        return by_name["JSHeapUsedSize"], by_name["Nodes"]

    async def lap() -> float:
        """Changes a second that were made in the time of a lap."""
        begun, made = loop.time(), 0
        while loop.time() < begun + LAP:
            await api.call("POST", "/tasks", [fields] * (RATE - ROWS))
            await asyncio.gather(*(api.call("POST", f"/tasks/{task_id}/retry") for task_id in shown))
            made += RATE
            await linger(max(0.0, begun + made / RATE - loop.time()))
        return made / (loop.time() - begun)

    await lap()  # all that is made once has been made
    heap, nodes = await size()
    figure(f"at first {heap / 1e6:.2f} MB of heap, {nodes:,.0f} nodes")
    for number in range(1, rounds(LAPS) + 1):
        rate = await lap()
        later, more = await size()
        if number % 6 == 0 or number == rounds(LAPS):
            figure(f"after {number * LAP / 60:g} min at {rate:.0f}/s {later / 1e6:.2f} MB, {more:,.0f} nodes")
    await expect(pill).to_have_text("Live")

    async def back() -> bool:
        """Is no more kept than at first? The newest description may still be there for a while."""
        later, more = await size()
        return later < heap + MORE[0] and more < nodes + MORE[1]

    await wait_until(back, 30)
