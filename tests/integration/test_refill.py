"""Due work comes from the store to its lane: retries in time, overflow in order, and none is forgotten."""

from __future__ import annotations

from pathlib import Path

from okydrom.delivery import memory
from okydrom.delivery.lane import Lane
from okydrom.web import keys
from tests.support.inside import inside
from tests.support.recipient import receiving
from tests.support.wait import wait_until


async def test_a_failed_attempt_is_made_again_when_it_is_due_and_not_before(tmp_path: Path) -> None:
    async with receiving() as target, inside(tmp_path) as service:
        await service.create(
            url=f"{target.url}/fail-then-ok?n=2&key=a", retry={"schedule": ["100ms", "400ms"]}
        )
        await wait_until(lambda: len(target.arrivals) == 3)
        first, second, third = (arrival.at for arrival in target.arrivals)
        assert 0.1 <= second - first < 0.6
        assert 0.4 <= third - second < 0.9


async def test_what_exceeds_the_memory_waits_in_the_store_and_arrives(tmp_path: Path) -> None:
    tight = {"delivery": {"lane_bytes": 64 * 1024}, "recipients": {"concurrency": 2}}
    async with receiving() as target, inside(tmp_path, **tight) as service:
        ids = [await service.create(url=f"{target.url}/slow?ms=2", payload="x" * 2_000) for _ in range(200)]
        assert service.app[keys.LANES].bytes <= 72 * 1024
        await wait_until(lambda: len(target.arrivals) >= 200, timeout=20)
        arrived = [arrival.header("webhook-id") for arrival in target.arrivals]
        assert sorted(map(str, arrived)) == sorted(ids), "each exactly once"


async def test_a_host_that_was_down_gets_all_of_it_when_it_is_back(tmp_path: Path) -> None:
    async with receiving() as target:
        port = target.port
    async with inside(tmp_path) as service:
        schedule = {"schedule": ["50ms"]}
        ids = [
            await service.create(url=f"http://127.0.0.1:{port}/ok", retry=schedule, max_attempts=100)
            for _ in range(40)
        ]
        lane = service.app[keys.LANES].get(f"http://127.0.0.1:{port}")
        assert lane is not None
        await wait_until(lambda: lane.failing)
        async with receiving(port=port) as back:
            await wait_until(lambda: len(back.arrivals) >= 40, timeout=40)
            assert {arrival.header("webhook-id") for arrival in back.arrivals} == set(ids)
            assert not lane.failing


async def test_a_task_past_its_deadline_fails_without_an_attempt(tmp_path: Path) -> None:
    short = {"retry": {"max_age": 100}, "recipients": {"concurrency": 1}}
    async with receiving() as target, inside(tmp_path, **short) as service:
        await service.create(url=f"{target.url}/slow?ms=400")
        late = await service.create(url=f"{target.url}/ok")

        async def failed() -> bool:
            return bool((await service.task(late))["status"] == "failed")

        await wait_until(failed)
        task = await service.task(late)
        assert (task["reason"], task["attempts"]) == ("expired", 0)


def test_the_reserve_is_asked_for_before_a_lane_runs_dry() -> None:
    assert memory.TROUBLED_QUEUE < memory.most_of(Lane("http://a:80", 64)) // 2 < memory.QUEUE
