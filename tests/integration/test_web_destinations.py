"""Destinations as they are listed and shown: state, why, and what waits."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.support.inside import Inside, inside
from tests.support.ledger import Answer, Ledger, listening
from tests.support.wait import wait_until


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Inside]:
    async with inside(tmp_path, delivery={"connect_timeout": 200}) as running:
        yield running


async def test_destinations_are_listed_by_key_and_found_by_text_and_state(service: Inside) -> None:
    for n in (3, 1, 2):
        await service.create(url=f"http://127.0.0.{n}:1/")
    keys = [f"http://127.0.0.{n}:1" for n in (1, 2, 3)]
    listed = (await service.get("/destinations")).json
    assert [item["key"] for item in listed["items"]] == keys
    assert (listed["next"], listed["complete"]) == (None, True)
    assert all(item["waiting"] == 1 and item["limit"] == 64 for item in listed["items"])
    first = (await service.get("/destinations?limit=2")).json
    assert [item["key"] for item in first["items"]] == keys[:2]
    rest = (await service.get(f"/destinations?limit=2&cursor={quote(first['next'], safe='')}")).json
    assert [item["key"] for item in rest["items"]] == keys[2:]
    assert [item["key"] for item in (await service.get("/destinations?q=0.2:")).json["items"]] == keys[1:2]
    assert (await service.get("/destinations?state=paused,held")).json["items"] == []
    normal = (await service.get("/destinations?state=normal&limit=1")).json
    assert [item["key"] for item in normal["items"]] == keys[:1]


async def test_a_destination_that_asked_for_time_is_held(service: Inside) -> None:
    async with listening(Ledger()) as ledger:
        ledger.answer = lambda _: Answer(429, headers={"Retry-After": "60"})
        await service.create(url=ledger.url())
        key = f"http://127.0.0.1:{ledger.port}"

        async def shown() -> Any:
            return (await service.get(f"/destinations/{quote(key, safe='')}")).json

        await wait_until(lambda: _is(shown, "held"), 10)
        held = await shown()
        assert held["reason"] == {
            "kind": "retry_after",
            "code": "429",
            "value": "60",
            "note": None,
            "by": None,
        }
        assert held["since"] < held["until"]
        figures = {"delivered": 0, "attempts": 1, "not_2xx": 1}
        assert figures.items() <= held["recent"].items()
        assert held["recent"]["p50_ms"] == held["recent"]["p95_ms"] > 0
        assert (held["key"], held["waiting"], held["window"]) == (key, 1, 1)
        assert [item["key"] for item in (await service.get("/destinations?state=held")).json["items"]] == [
            key
        ]


async def _is(shown: Any, state: str) -> bool:
    return bool((await shown())["state"] == state)


async def test_what_was_delivered_is_told_minute_by_minute_since_the_start(service: Inside) -> None:
    async with listening(Ledger()) as ledger:
        await service.create(url=ledger.url())
        path = f"/destinations/{quote(f'http://127.0.0.1:{ledger.port}', safe='')}"
        before = (await service.get(path)).json

        async def delivered() -> bool:
            return bool((await service.get(path)).json["recent"]["delivered"] == 1)

        await wait_until(delivered, 10)
        series = (await service.get(path)).json["series"]
    assert before["series"] is None or sum(before["series"]["delivered"]) <= 1
    assert sum(series["delivered"]) == 1
    begun = (await service.get("/session")).json["started_at"]
    assert (series["from"], series["step_s"]) == (f"{begun[:17]}00.000Z", 60)


async def test_a_destination_that_is_not_there_is_404(service: Inside) -> None:
    for key in ("http%3A%2F%2F127.0.0.9%3A1", "nothing", "%00", "http%3A%2F%2F", "x" * 3000):
        answer = await service.get(f"/destinations/{key}")
        assert (answer.status, answer.json["code"]) == (404, "not_found")


async def test_faults_of_the_query_are_named(service: Inside) -> None:
    queries = {"state=broken": "#state", "stat=held": "#stat", "limit=0": "#limit", "order=newest": "#order"}
    for query, pointer in queries.items():
        answer = await service.get(f"/destinations?{query}")
        assert (answer.status, answer.faults[0][0]) == (422, pointer)
