"""Events over real sockets, on both loops: what is told of a task's life, of destinations and bulk operations."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from okydrom.web import hub as hub_module
from okydrom.web.keys import FEED, HUB
from tests.support.events import Tab, hearing
from tests.support.inside import Inside, inside
from tests.support.ledger import Answer, Ledger
from tests.support.wait import wait_until

BOTH_LOOPS = True


@pytest.fixture
async def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Inside]:
    monkeypatch.setattr(hub_module, "TICK", 0.02)
    async with inside(tmp_path) as running:
        yield running


async def order(service: Inside, key: str, what: str) -> None:
    """An operator's order for a destination."""
    path = f"/api/v1/destinations/{key.replace(':', '%3A').replace('/', '%2F')}/{what}"
    answer = await service.call("POST", path, b"{}", Content_Type="application/json")
    assert answer.status == 200, answer.body


async def test_the_answer_is_a_stream_that_nobody_keeps_or_gathers(service: Inside) -> None:
    async with hearing(service.url) as tab:
        assert tab.status == 200
        assert tab.headers["Content-Type"] == "text/event-stream"
        assert tab.headers["Cache-Control"] == "no-store"
        assert tab.headers["X-Accel-Buffering"] == "no"
        await tab.hears("stats")
        assert tab.last is not None


async def test_head_tells_the_form_and_opens_nothing(service: Inside) -> None:
    asking = b"HEAD /api/v1/events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    head, _, body = (await service.raw(asking)).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert (b"text/event-stream" in head, body) == (True, b"")
    assert not service.app[FEED].heard


async def test_a_typing_error_is_refused(service: Inside) -> None:
    answer = await service.get("/events?topics=list&staus=failed")
    assert (answer.status, answer.faults) == (422, [("#staus", "unknown_parameter")])


async def test_figures_are_those_of_their_own_call(service: Inside) -> None:
    await service.create(delay="1h")
    async with hearing(service.url, "topics=stats") as tab:
        told = await tab.hears("stats", lambda data: data["now"]["queued"] == 1)
        shown = (await service.get("/stats")).json
        assert told["now"] == shown["now"]
        assert {event.name for event in tab.events} == {"stats"}


async def test_a_life_of_a_task_is_told(service: Inside, ledger: Ledger) -> None:
    hang = True
    ledger.answer = lambda _: Answer(500, delay=0.3) if hang else Answer()
    async with hearing(service.url, "topics=list&event=mine") as tab:
        other = await service.create(url=ledger.url(), event="other")
        mine = await service.create(url=ledger.url(), event="mine")
        await tab.shows(mine, "sending")
        told = await tab.shows(mine, "retrying")
        assert told == {name: value for name, value in (await service.task(mine)).items() if name in told}
        hang = False
        await service.call("POST", f"/api/v1/tasks/{mine}/retry")
        await tab.shows(mine, "delivered")
        assert tab.of("fresh") == [{"count": 1, "exact": True}]
        assert other not in {item["id"] for item in tab.items("task")}


async def test_a_row_of_the_page_that_matches_no_more_is_told_so(service: Inside) -> None:
    row = await service.create(delay="1h")
    async with hearing(service.url, f"topics=list&status=queued&task={row}") as tab:
        told = await tab.hears("task")
        assert ([item["id"] for item in told["items"]], told["unmatched"]) == ([row], [])
        await service.call("POST", f"/api/v1/tasks/{row}/cancel")
        await tab.hears("task", lambda data: data["unmatched"] == [row])
        assert tab.of("fresh") == []


async def test_tasks_that_come_to_fail_are_new_ones_of_the_failed(service: Inside, ledger: Ledger) -> None:
    ledger.answer = lambda _: Answer(410)
    old = [await service.create(delay="1h", url=ledger.url()) for _ in range(3)]
    async with hearing(service.url, "topics=list&status=failed") as tab:
        await service.create(delay="1h")
        for task_id in old:
            await service.call("POST", f"/api/v1/tasks/{task_id}/retry")
        await tab.hears("fresh", lambda data: data == {"count": 3, "exact": True})
        assert {item["id"] for item in tab.items("task")} == set(old)


async def test_what_waits_for_a_paused_destination_is_held(service: Inside) -> None:
    await order(service, "http://127.0.0.1:1", "pause")
    async with (
        hearing(service.url, "topics=list&held=true") as held,
        hearing(service.url, "topics=list&held=false") as free,
    ):
        there = await service.create()
        elsewhere = await service.create(url="http://127.0.0.1:2/", delay="1h")
        await held.shows(there, "queued")
        await free.shows(elsewhere, "queued")
        assert [item["id"] for item in held.items("task")] == [there]
        assert {item["id"] for item in free.items("task")} == {elsewhere}


async def test_destinations_are_told_as_orders_and_failures_change_them(service: Inside) -> None:
    for _ in range(6):
        await service.create()
    key = "http://127.0.0.1:1"
    async with hearing(service.url, "topics=destinations") as tab:

        def states() -> list[Any]:
            return [(item["key"], item["state"]) for item in tab.items("destination")]

        await order(service, key, "pause")
        await wait_until(lambda: (key, "paused") in states())
        await order(service, key, "resume")
        await wait_until(lambda: states()[-1] == (key, "held"))
        shown = (await service.get("/destinations/http%3A%2F%2F127.0.0.1%3A1")).json
        told = tab.items("destination")[-1]
        assert told.keys() == {"key", "state", "reason", "since", "until"}
        assert [told[name] for name in ("reason", "since")] == [shown[name] for name in ("reason", "since")]


async def test_bulk_operations_are_told_from_their_beginning_to_their_end(service: Inside) -> None:
    for _ in range(5):
        await service.create(delay="1h", event="e")
    asked = {"action": "cancel", "filter": {"event": "e"}}
    async with hearing(service.url, "topics=bulk") as tab:
        plan = await service.call("POST", "/api/v1/bulk", orjson.dumps(asked | {"dry_run": True}), **JSON)
        begun = orjson.dumps(asked | {"token": plan.json["token"]})
        bulk = (await service.call("POST", "/api/v1/bulk", begun, **JSON)).json
        await tab.hears("bulk", lambda data: data["items"][0]["state"] == "done")
        assert tab.items("bulk")[-1] == (await service.get(f"/bulk/{bulk['id']}")).json
        assert {item["id"] for item in tab.items("bulk")} == {bulk["id"]}


JSON = {"Content_Type": "application/json"}


async def test_a_stream_goes_on_where_the_last_one_was_lost(service: Inside) -> None:
    async with hearing(service.url, "topics=list") as tab:
        seen = await service.create(delay="1h")
        await tab.shows(seen, "queued")
    missed = [await service.create(delay="1h") for _ in range(3)]
    await wait_until(lambda: service.app[HUB].streams == 0)
    async with hearing(service.url, "topics=list", tab.last) as again:
        for task_id in missed:
            await again.shows(task_id, "queued")
        assert again.of("resync") == []
        assert seen not in {item["id"] for item in again.items("task")}
        assert again.of("fresh")[-1]["count"] == 3


async def test_nobody_listens_where_there_is_no_stream(
    service: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not service.app[FEED].heard
    monkeypatch.setattr(hub_module, "LINGER", 3)
    async with hearing(service.url) as tab:
        await tab.hears("stats")
        assert service.app[FEED].heard
    await wait_until(lambda: not service.app[FEED].heard)
    async with hearing(service.url, "", tab.last) as again:
        assert await again.hears("resync") == {"reason": "behind"}


async def test_seven_tabs_hear_the_same(service: Inside, ledger: Ledger) -> None:
    tabs: list[Tab] = []
    async with (
        hearing(service.url) as one,
        hearing(service.url) as two,
        hearing(service.url) as three,
        hearing(service.url) as four,
        hearing(service.url) as five,
        hearing(service.url) as six,
        hearing(service.url) as seven,
    ):
        tabs += (one, two, three, four, five, six, seven)
        made = [await service.create(url=ledger.url()) for _ in range(20)]
        for tab in tabs:
            for task_id in made:
                await tab.shows(task_id, "delivered")
            assert tab.of("fresh")[-1] == {"count": 20, "exact": True}
