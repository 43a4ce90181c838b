"""Orders for destinations by the API: pause, resume, release, probe, limits; each is kept and audited."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
import pytest

from okydrom.store.command import Audited
from okydrom.task import Status
from okydrom.web import keys
from tests.support.inside import Answered, Inside, inside
from tests.support.ledger import HANG, Answer, Ledger, listening
from tests.support.wait import linger, wait_until

ELSEWHERE = "https://api.example.com:443"
ACTIONS = ("pause", "resume", "release", "probe")


class Place:
    """One destination of a service: orders for it, and what arrives there."""

    def __init__(self, service: Inside, ledger: Ledger) -> None:
        self.service = service
        self.ledger = ledger
        self.key = f"http://127.0.0.1:{ledger.port}"

    async def call(self, verb: str, action: str, fields: Any = None, key: str | None = None) -> Answered:
        """One call about it, or about another destination."""
        path = f"/api/v1/destinations/{quote(key or self.key, safe='')}{action}"
        if fields is None:
            return await self.service.call(verb, path)
        return await self.service.call(verb, path, orjson.dumps(fields), Content_Type="application/json")

    async def order(self, action: str, **fields: Any) -> Any:
        """The destination as it is after an order."""
        answer = await self.call("POST", f"/{action}", fields or None)
        assert answer.status == 200, answer.body
        return answer.json

    async def shown(self) -> Any:
        """The destination."""
        return (await self.call("GET", "")).json

    async def create(self, count: int = 1, **fields: Any) -> list[str]:
        """Tasks for it."""
        return [await self.service.create(url=self.ledger.url(), **fields) for _ in range(count)]

    async def is_held(self) -> bool:
        """Did it ask for time?"""
        shown = await self.shown()
        return bool(shown["state"] == "held" and shown["in_flight"] == 0)


@asynccontextmanager
async def placed(directory: Path, /, **settings: Any) -> AsyncIterator[Place]:
    """A service and a recipient."""
    async with listening(Ledger()) as ledger, inside(directory, **settings) as service:
        yield Place(service, ledger)


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with placed(tmp_path) as one:
        yield one


async def test_a_paused_destination_gets_nothing_and_loses_nothing(place: Place) -> None:
    shown = await place.order("pause", note="deploy until noon")
    assert (shown["state"], shown["waiting"], shown["until"]) == ("paused", 0, None)
    assert shown["reason"] == {
        "kind": "operator",
        "code": None,
        "value": None,
        "note": "deploy until noon",
        "by": "local",
    }
    ids = await place.create(20)
    shown = await place.order("pause")
    assert (shown["waiting"], shown["reason"]["note"]) == (20, None)
    await linger(0.3)
    assert not place.ledger.arrivals
    assert place.service.app[keys.LANES].bytes == 0
    shown = await place.order("resume")
    assert (shown["state"], shown["reason"]) == ("normal", None)
    await place.ledger.holds(ids)
    await linger(0.3)
    assert len(place.ledger.arrivals) == 20


async def test_attempts_under_way_finish_when_it_is_paused(place: Place) -> None:
    place.ledger.answer = lambda _: Answer(delay=0.3)
    (task,) = await place.create()
    await wait_until(lambda: place.ledger.arrivals)
    assert (await place.order("pause"))["in_flight"] == 1

    async def delivered() -> bool:
        return bool((await place.service.task(task))["status"] == "delivered")

    await wait_until(delivered)


async def test_a_queue_goes_back_to_the_store_and_comes_again(tmp_path: Path) -> None:
    async with placed(tmp_path, recipients={"concurrency": 1}) as place:
        place.ledger.answer = lambda _: Answer(delay=0.05)
        ids = await place.create(40)
        await wait_until(lambda: len(place.ledger.arrivals) >= 2)
        await place.order("pause")
        await wait_until(lambda: not place.service.app[keys.LANES].flights.by_id)
        arrived = len(place.ledger.arrivals)
        await linger(0.3)
        assert len(place.ledger.arrivals) == arrived
        await place.order("resume")
        await place.ledger.holds(ids)
        assert all(place.ledger.times(task_id) == 1 for task_id in ids)


async def test_a_release_ends_a_hold(place: Place) -> None:
    place.ledger.answer = lambda _: Answer(429, headers={"Retry-After": "120"})
    await place.create()
    await wait_until(place.is_held)
    place.ledger.answer = lambda _: Answer()
    ids = await place.create(3)
    await linger(0.2)
    assert len(place.ledger.arrivals) == 1
    shown = await place.order("release")
    assert shown["until"] is None
    await place.ledger.holds(ids)
    stored = await place.service.app[keys.STORE].steered()
    assert not any(steered.hold for steered in stored)


async def test_a_probe_of_a_held_destination_that_succeeds_ends_the_hold(place: Place) -> None:
    place.ledger.answer = lambda _: Answer(429, headers={"Retry-After": "120"})
    await place.create()
    await wait_until(place.is_held)
    ids = await place.create(5)
    await place.order("probe")
    await wait_until(lambda: len(place.ledger.arrivals) == 2)
    await wait_until(place.is_held)
    place.ledger.answer = lambda _: Answer()
    await place.order("probe")
    await place.ledger.holds(ids)
    assert (await place.shown())["reason"] != "retry_after"


async def test_a_probe_of_a_paused_destination_is_one_attempt(place: Place) -> None:
    await place.order("pause")
    first, *_ = await place.create(5)
    shown = await place.order("probe")
    assert shown["state"] == "paused"
    await place.ledger.holds([first])
    await linger(0.3)
    assert len(place.ledger.arrivals) == 1
    assert (await place.shown())["waiting"] == 4


async def test_a_probe_takes_what_waits_for_its_next_attempt(
    place: Place,
) -> None:
    assert (await place.call("POST", "/probe")).status == 404
    store = place.service.app[keys.STORE]
    place.ledger.answer = lambda _: Answer(500)
    (task,) = await place.create(max_attempts=5)

    async def retrying() -> bool:
        return bool((await place.service.task(task))["status"] == "retrying")

    await wait_until(retrying)
    await place.order("probe")
    await wait_until(lambda: place.ledger.times(task) == 2)
    place.ledger.answer = lambda _: Answer()
    await wait_until(retrying)
    await place.order("probe")

    async def delivered() -> bool:
        return bool((await store.summary()).by_status[Status.DELIVERED] == 1)

    await wait_until(delivered)
    refused = await place.call("POST", "/probe")
    assert (refused.status, refused.json["code"]) == (409, "conflict")


async def test_limits_are_kept_and_taken_back(tmp_path: Path) -> None:
    async with placed(tmp_path, recipients={"concurrency": 8}, server={"shutdown_grace": 100}) as place:
        place.ledger.answer = lambda _: HANG
        await place.create(20)
        await wait_until(lambda: len(place.ledger.arrivals) == 8)
        limited = (await place.call("PATCH", "", {"concurrency": 12})).json
        assert (limited["limit"], limited["rate"]) == (12, None)
        assert limited["ordered"] == {"concurrency": 12, "rate": None}
        await wait_until(lambda: len(place.ledger.arrivals) == 12)
        both = (await place.call("PATCH", "", {"concurrency": None, "rate": 0.5})).json
        assert (both["limit"], both["window"], both["rate"]) == (8, 8, 0.5)
        same = (await place.call("PATCH", "", {})).json
        assert (same["limit"], same["rate"]) == (8, 0.5)
        none = (await place.call("PATCH", "", {"rate": None})).json
        assert none["ordered"] == {"concurrency": None, "rate": None}
        assert await place.service.app[keys.STORE].steered() == []


async def test_a_rate_is_kept_while_others_go_on(place: Place) -> None:
    await place.call("PATCH", "", {"rate": 10})
    await place.create(50)
    others = [await place.service.create(url=place.ledger.url("127.0.0.2")) for _ in range(100)]
    await place.ledger.holds(others)
    limited = [arrival for arrival in place.ledger.arrivals if arrival.host.startswith("127.0.0.1")]
    assert len(limited) < 50
    shown = await place.shown()
    assert (shown["state"], shown["reason"]["kind"], shown["reason"]["value"]) == (
        "throttled",
        "limit",
        "10/s",
    )
    await wait_until(lambda: len(place.ledger.arrivals) == 150, 10)
    times = [arrival.at for arrival in place.ledger.arrivals if arrival.host.startswith("127.0.0.1")]
    assert 3.9 <= times[-1] - times[0] < 8.0, "ten at once, then ten a second"


async def test_a_destination_without_tasks_may_be_paused_and_limited_and_nothing_else(place: Place) -> None:
    for action in ("/resume", "/release", "/probe"):
        assert (await place.call("POST", action, key=ELSEWHERE)).status == 404
    assert (await place.call("PATCH", "", {}, key=ELSEWHERE)).status == 404
    limited = await place.call("PATCH", "", {"rate": 2}, key="https://API.example.com")
    assert (limited.status, limited.json["key"], limited.json["rate"]) == (200, ELSEWHERE, 2.0)
    assert (await place.call("POST", "/pause", key=ELSEWHERE)).json["state"] == "paused"
    assert (await place.call("POST", "/probe", key=ELSEWHERE)).status == 409
    assert (await place.call("POST", "/resume", key=ELSEWHERE)).json["state"] == "normal"
    assert (await place.call("POST", "/resume", key=ELSEWHERE)).status == 200, "idempotent"


@pytest.mark.parametrize(
    ("fields", "faults"),
    [
        ({"concurrency": 0}, [("/concurrency", "out_of_range")]),
        ({"concurrency": 10_001}, [("/concurrency", "out_of_range")]),
        ({"concurrency": True}, [("/concurrency", "out_of_range")]),
        ({"concurrency": 1.5, "rate": 0}, [("/concurrency", "out_of_range"), ("/rate", "out_of_range")]),
        ({"rate": 0.0009}, [("/rate", "out_of_range")]),
        ({"rate": 100_001}, [("/rate", "out_of_range")]),
        ({"rate": "5/s"}, [("/rate", "out_of_range")]),
        ({"concurency": 5}, [("/concurency", "unknown_field")]),
        ([], [("", "wrong_type")]),
    ],
)
async def test_limits_out_of_bounds_change_nothing(place: Place, fields: Any, faults: list[Any]) -> None:
    answer = await place.call("PATCH", "", fields)
    assert (answer.status, answer.faults) == (422, faults)
    assert await place.service.app[keys.STORE].steered() == []


@pytest.mark.parametrize(
    "fields", [{"concurrency": 1}, {"concurrency": 10_000}, {"rate": 0.001}, {"rate": 100_000}]
)
async def test_limits_at_their_bounds_are_taken(place: Place, fields: Any) -> None:
    assert (await place.call("PATCH", "", fields)).status == 200


async def test_what_can_not_be_read_is_refused(place: Place) -> None:
    await place.create()
    suggested = await place.call("PATCH", "", {"concurency": 5})
    assert suggested.json["errors"][0]["params"] == {"suggestion": "concurrency"}
    for note in (5, "x" * 501, "a\0b", ["x"]):
        answer = await place.call("POST", "/pause", {"note": note})
        assert (answer.status, answer.faults) == (422, [("/note", "wrong_type")])
    assert (await place.call("POST", "/pause", {"note": "x" * 500})).status == 200
    for action in ACTIONS[1:]:
        answer = await place.call("POST", f"/{action}", {"note": "x"})
        assert (answer.status, answer.faults) == (422, [("/note", "unknown_field")])
    for action in ACTIONS:
        assert (await place.call("POST", f"/{action}?force=1")).status == 422
        assert (await place.call("POST", f"/{action}", key="nothing")).status == 404
        assert (await place.call("GET", f"/{action}")).status == 405
    path = f"/api/v1/destinations/{quote(place.key, safe='')}"
    assert (await place.service.call("PATCH", path, b"{", Content_Type="application/json")).status == 400
    assert (await place.service.call("PATCH", path, b"{}", Content_Type="text/plain")).status == 415
    assert (await place.service.call("PATCH", path)).status in (400, 415)


async def test_every_order_is_put_down_with_who_gave_it(place: Place) -> None:
    await place.order("pause", note="n")
    await place.create()
    await place.order("probe")
    await place.call("PATCH", "", {"rate": 5, "concurrency": None})
    await place.order("release")
    await place.order("resume")
    await place.order("resume")
    rows = (await place.service.app[keys.STORE].audits(10)).items
    audited = [row for row in reversed(rows) if isinstance(row, Audited)]
    found = [(row.by, row.action, orjson.loads(row.subject)) for row in audited]
    here = {"destination": place.key}
    assert found == [
        ("local", "pause", here | {"note": "n"}),
        ("local", "probe", here),
        ("local", "limit", here | {"rate": 5.0, "concurrency": None}),
        ("local", "release", here),
        ("local", "resume", here),
    ]
