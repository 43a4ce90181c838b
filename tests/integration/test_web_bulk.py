"""Bulk operations on the whole service: planned, carried out, stopped, and resumed after an end of any kind."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest

from okydrom.delivery import bulk as bulk_module
from okydrom.errors import DiskFull, StoreFailed
from okydrom.intake import crowds
from okydrom.store.command import Audited
from okydrom.store.contract import Page
from okydrom.store.query import Filter
from okydrom.web import bulk as web_bulk
from okydrom.web import keys
from tests.support.inside import NOWHERE, Answered, Inside, inside
from tests.support.ledger import HANG, Answer, Ledger
from tests.support.times import Times
from tests.support.wait import linger, wait_until

MISSING = "01938f3c-7d2a-7c31-9d3b-0d9c5a1f6e20"


async def post(service: Inside, **fields: Any) -> Answered:
    return await service.call("POST", "/api/v1/bulk", orjson.dumps(fields), Content_Type="application/json")


async def planned(service: Inside, **fields: Any) -> Any:
    answer = await post(service, dry_run=True, **fields)
    assert answer.status == 200, answer.body
    return answer.json


async def begun(service: Inside, **fields: Any) -> Any:
    """A bulk operation that was planned and is under way."""
    plan = await planned(service, **fields)
    answer = await post(service, token=plan["token"], **fields)
    assert answer.status == 202, answer.body
    assert answer.headers["Location"] == f"/api/v1/bulk/{answer.json['id']}"
    return answer.json


async def ended(service: Inside, bulk_id: str, timeout: float = 10) -> Any:
    async def over() -> bool:
        return bool((await service.get(f"/bulk/{bulk_id}")).json["state"] != "running")

    await wait_until(over, timeout, "the bulk operation has ended")
    return (await service.get(f"/bulk/{bulk_id}")).json


async def carried_out(service: Inside, **fields: Any) -> Any:
    return await ended(service, (await begun(service, **fields))["id"])


async def many(service: Inside, count: int, **fields: Any) -> list[str]:
    """Tasks that have all the same status after their first attempt."""
    made = [await service.create(**fields) for _ in range(count)]

    async def quiet() -> bool:
        counted = (await service.get("/tasks/count?status=queued,sending")).json
        return bool(counted["total"] == 0)

    await wait_until(quiet, 20, "each has had its attempt")
    return made


async def statuses(service: Inside, ids: Sequence[str]) -> list[str]:
    return [(await service.task(task_id))["status"] for task_id in ids]


async def test_a_plan_says_what_would_be_done_and_does_nothing(service: Inside) -> None:
    made = await many(service, 7, event="e")
    other = await service.create(event="f")
    plan = await planned(service, action="cancel", filter={"event": "e"})
    assert (plan["count"], plan["exact"], plan["skipped"]) == (7, True, {})
    assert [task["id"] for task in plan["sample"]] == made[:1:-1]
    assert plan["token"]
    assert plan["expires_at"]
    assert "cancelled" not in await statuses(service, [*made, other])
    assert (await service.get("/bulk")).json["items"] == []
    await service.call("POST", f"/api/v1/tasks/{made[0]}/cancel")
    plan = await planned(service, action="delete", filter={"event": "e"})
    assert (plan["count"], plan["skipped"], [task["id"] for task in plan["sample"]]) == (
        1,
        {"status": 6},
        [made[0]],
    )


async def test_what_was_planned_is_carried_out_and_told(service: Inside) -> None:
    made = await many(service, 7, event="e", labels={"tenant": "acme"})
    other = await service.create(event="e", labels={"tenant": "zoo"})
    wanted = {"event": "e", "label": {"tenant": "acme"}}
    done = await carried_out(service, action="cancel", filter=wanted)
    assert (done["state"], done["matched"], done["done"], done["skipped"]) == ("done", 7, 7, {})
    assert (done["action"], done["filter"], done["by"]) == ("cancel", wanted, "local")
    assert done["created_at"] <= done["finished_at"]
    assert set(await statuses(service, made)) == {"cancelled"}
    assert await statuses(service, [other]) != ["cancelled"]
    assert (await service.get("/bulk")).json["items"] == [done]
    (log,) = (await service.app[keys.STORE].audits(10)).items
    assert isinstance(log, Audited)
    assert (log.action, log.by, log.count) == ("cancel", "local", 7)
    assert orjson.loads(log.subject) == {"bulk": done["id"], "filter": wanted}


async def test_each_task_is_looked_at_once_even_if_the_action_changes_what_is_filtered_by(
    service: Inside, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_module, "CHUNK", 3)
    ledger.answer = lambda _: Answer(410)
    made = await many(service, 20, url=ledger.url())
    assert set(await statuses(service, made)) == {"failed"}
    done = await carried_out(service, action="retry", filter={"status": "failed"})
    assert (done["done"], done["skipped"]) == (20, {})
    await wait_until(lambda: len(ledger.arrivals) == 40)
    await many(service, 0)
    assert {ledger.times(task_id) for task_id in made} == {2}
    assert {(await service.task(task_id))["version"] for task_id in made} == {2}


async def test_what_came_after_the_plan_is_not_touched(service: Inside) -> None:
    await many(service, 2)
    fields = {"action": "cancel", "filter": {"group": "in_progress"}}
    plan = await planned(service, **fields)
    late = await many(service, 2)
    answer = await post(service, token=plan["token"], **fields)
    assert (await ended(service, answer.json["id"]))["done"] == 2
    assert "cancelled" not in await statuses(service, late)


async def test_a_token_holds_for_its_plan_alone(service: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    made = await many(service, 1)
    plan = await planned(service, action="cancel", ids=made)
    for fields in (
        {"action": "delete", "ids": made},
        {"action": "cancel", "ids": [MISSING]},
        {"action": "cancel", "ids": made, "rate": 1},
        {"action": "cancel", "filter": {}},
    ):
        answer = await post(service, token=plan["token"], **fields)
        assert (answer.status, answer.json["code"]) == (409, "stale_plan")
    monkeypatch.setattr(web_bulk, "HOLDS", -1)
    old = await planned(service, action="cancel", ids=made)
    assert (await post(service, token=old["token"], action="cancel", ids=made)).status == 409
    first = await post(service, token=plan["token"], action="cancel", ids=made)
    second = await post(service, token=plan["token"], action="cancel", ids=made)
    assert (first.status, second.status) == (202, 202)
    assert first.json["id"] == second.json["id"]
    assert len((await service.get("/bulk")).json["items"]) == 1


async def test_what_is_being_sent_is_passed_over_but_a_cancel_is_noted(
    service: Inside, ledger: Ledger
) -> None:
    ledger.answer = lambda _: HANG
    made = await service.create(url=ledger.url(), timeout=1.5)
    await wait_until(lambda: ledger.times(made))
    for fields in ({"action": "retry"}, {"action": "edit", "set": {"event": "x"}}):
        done = await carried_out(service, ids=[made], **fields)
        assert (done["done"], done["skipped"]) == (0, {"sending": 1})
    done = await carried_out(service, action="cancel", filter={"status": "sending"})
    assert (done["done"], done["skipped"]) == (1, {})
    await many(service, 0)
    assert await statuses(service, [made]) == ["cancelled"]


async def test_an_edit_of_many_is_merged_into_each(service: Inside, ledger: Ledger) -> None:
    made = await many(service, 5, url=f"{NOWHERE}/x?key=1", labels={"a": "1"}, payload=1)
    odd = await service.create(url="http://127.0.0.1:2/hook")
    done = await carried_out(
        service,
        action="edit",
        filter={"status": ["queued", "retrying"]},
        set={"labels": {"b": "2"}},
        rebase={"from": NOWHERE, "to": ledger.url(path="/moved")},
    )
    assert (done["done"], done["skipped"]) == (5, {"rebase": 1})
    assert (done["set"], done["rebase"]["from"]) == ({"labels": {"b": "2"}}, NOWHERE)
    assert (await service.task(odd))["labels"] == {}
    assert (await carried_out(service, action="retry", ids=made))["done"] == 5
    await wait_until(lambda: len(ledger.arrivals) == 5)
    assert {arrival.target for arrival in ledger.arrivals} == {"/moved/x?key=1"}
    task = await service.task(made[0])
    assert task["labels"] == {"a": "1", "b": "2"}
    assert [each["action"] for each in task["history"]] == ["edit", "retry"]


async def test_a_replay_sends_copies_of_a_time_at_a_rate(service: Inside, ledger: Ledger) -> None:
    made = await many(service, 6, url=ledger.url(), payload=1)
    created = sorted([(await service.task(task_id))["created_at"] for task_id in made])
    done = await carried_out(
        service,
        action="resend",
        filter={"destination": ledger.url(path=""), "created_from": created[0]},
        rate=10,
        set={"headers": {"X-Replay": "1"}},
    )
    assert (done["done"], done["matched"], done["rate"]) == (6, 6, 10.0)
    await wait_until(lambda: len(ledger.arrivals) == 12)
    copies = [arrival for arrival in ledger.arrivals if "x-replay" in arrival.headers]
    assert len({arrival.id for arrival in copies} - set(made)) == 6
    parents = {(await service.task(arrival.id))["parent"] for arrival in copies}
    assert parents == set(made)


async def test_a_rate_is_kept(service: Inside) -> None:
    await many(service, 8)
    began = asyncio.get_running_loop().time()
    done = await carried_out(service, action="retry", filter={"group": "in_progress"}, rate=5)
    assert done["done"] == 8
    assert 1.0 <= asyncio.get_running_loop().time() - began < 5


async def test_erasing_many_leaves_tombstones(service: Inside) -> None:
    made = await many(service, 3, max_attempts=1, payload=1)
    assert (await carried_out(service, action="delete", ids=[*made, MISSING]))["done"] == 3
    assert (await service.get(f"/tasks/{made[0]}/body")).status == 410
    for action in ("retry", "resend"):
        done = await carried_out(service, action=action, ids=made)
        assert (done["done"], done["skipped"]) == (0, {"erased": 3})


async def test_a_stopped_one_does_no_more(service: Inside) -> None:
    made = await many(service, 6)
    begun_one = await begun(service, action="cancel", ids=made, rate=2)
    await wait_until(lambda: _done(service, begun_one["id"], 2))
    answer = await service.call("DELETE", f"/api/v1/bulk/{begun_one['id']}")
    assert (answer.status, answer.json["state"]) == (200, "stopped")
    done = answer.json["done"]
    await linger(0.8)
    after = (await service.get(f"/bulk/{begun_one['id']}")).json
    assert 0 < done <= after["done"] <= done + 2
    assert after["state"] == "stopped"
    assert (await statuses(service, made)).count("cancelled") == after["done"]
    assert (await service.call("DELETE", f"/api/v1/bulk/{begun_one['id']}")).json == after
    assert [row.action for row in (await service.app[keys.STORE].audits(9)).items] == ["stop", "cancel"]


async def _done(service: Inside, bulk_id: str, least: int) -> bool:
    return bool((await service.get(f"/bulk/{bulk_id}")).json["done"] >= least)


async def test_one_goes_on_after_a_restart_and_repeats_nothing(
    tmp_path: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_module, "CHUNK", 2)
    ledger.answer = lambda _: Answer(500)
    async with inside(tmp_path) as service:
        made = await many(service, 12, url=ledger.url())
        bulk_id = (await begun(service, action="retry", ids=made, rate=10))["id"]
        await wait_until(lambda: _done(service, bulk_id, 2))
    async with inside(tmp_path) as service:
        before = (await service.get(f"/bulk/{bulk_id}")).json
        assert 2 <= before["done"] < 12
        done = await ended(service, bulk_id)
        assert (done["state"], done["done"], done["skipped"]) == ("done", 12, {})
        assert {(await service.task(task_id))["version"] for task_id in made} == {2}


async def test_a_full_disk_delays_it(service: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_module, "BACKOFF", 0.05)
    store = service.app[keys.STORE]
    made = await many(service, 3)
    change, refused = store.change, 0

    async def full(*_: Any, **__: Any) -> Any:
        nonlocal refused
        refused += 1
        raise DiskFull

    monkeypatch.setattr(store, "change", full)
    bulk_id = (await begun(service, action="cancel", ids=made))["id"]
    await wait_until(lambda: refused > 2)
    monkeypatch.setattr(store, "change", change)
    assert (await ended(service, bulk_id))["done"] == 3


async def test_one_that_can_not_be_read_fails_and_keeps_no_other_waiting(
    service: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await many(service, 1)
    monkeypatch.setattr(web_bulk, "pack_plan", lambda plan: b'{"action":"dance"}')
    broken = (await begun(service, action="cancel", filter={}))["id"]
    monkeypatch.undo()
    assert (await ended(service, broken))["state"] == "failed"
    assert (await carried_out(service, action="cancel", ids=made))["done"] == 1


async def test_one_whose_tasks_can_not_be_read_fails_and_keeps_no_other_waiting(
    service: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    damaged, sound = [await many(service, 1, event=event) for event in ("damaged", "sound")]
    store = service.app[keys.STORE]
    find = store.find

    async def finding(wanted: Filter, **options: Any) -> Page:
        if wanted.seq_from is not None and "damaged" in wanted.event:
            raise StoreFailed
        return await find(wanted, **options)

    monkeypatch.setattr(store, "find", finding)
    assert (await carried_out(service, action="cancel", filter={"event": "damaged"}))["state"] == "failed"
    assert (await carried_out(service, action="cancel", filter={"event": "sound"}))["done"] == 1
    assert await statuses(service, [*damaged, *sound]) == ["retrying", "cancelled"]


async def test_large_bodies_are_taken_a_few_at_a_time(
    service: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_module, "CHUNK_BYTES", 1_000)
    made = await many(service, 6, body="x" * 600)
    assert (await carried_out(service, action="edit", ids=made, set={"event": "e"}))["done"] == 6


async def test_copies_wait_until_there_is_room_for_them_at_their_destination(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_module, "BACKOFF", 0.05)
    async with inside(tmp_path, recipients={"max_waiting": 4}) as service:
        made = [await service.create(delay="1h") for _ in range(3)]
        bulk_id = (await begun(service, action="resend", ids=made, set={"delay": "1h"}))["id"]
        await wait_until(lambda: _done(service, bulk_id, 1))
        answer = await service.call("POST", f"/api/v1/tasks/{made[0]}/resend")
        assert (answer.status, answer.json["code"]) == (429, "destination_full")
        assert (await service.get(f"/bulk/{bulk_id}")).json["done"] == 1
        for task_id in made:
            await service.call("POST", f"/api/v1/tasks/{task_id}/cancel")
        assert (await ended(service, bulk_id))["done"] == 3


async def test_faults_and_what_is_not_there(service: Inside) -> None:
    made = await many(service, 2)
    answer = await post(service, dry_run=True, action="retry", filter={"staus": "failed"})
    assert (answer.status, answer.faults) == (422, [("/filter/staus", "unknown_parameter")])
    answer = await post(service, dry_run=True, action="edit", ids=made, set={"urll": 1, "max_attempts": 0})
    assert (answer.status, sorted(answer.faults)) == (
        422,
        [("/set/max_attempts", "out_of_range"), ("/set/urll", "unknown_field")],
    )
    for verb, path in (("GET", f"/bulk/{MISSING}"), ("GET", "/bulk/x"), ("DELETE", f"/bulk/{MISSING}")):
        assert (await service.call(verb, f"/api/v1{path}")).status == 404
    assert (await service.get("/bulk?staus=1")).status == 422
    assert (await service.get("/bulk?cursor=x")).status == 422
    assert (await post(service)).status == 422
    secret = await begun(
        service,
        action="edit",
        ids=made,
        set={"headers": {"Authorization": "s3", "X-A": "1"}, "payload": "s3"},
    )
    assert secret["set"] == {"headers": {"Authorization": "***", "X-A": "1"}, "payload": "***"}


async def test_one_that_has_to_wait_keeps_no_other_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crowds, "LOOK", 60)  # so that the few that are counted here are not forgotten
    async with inside(tmp_path, recipients={"max_waiting": 4}) as service:
        made = [await service.create(delay="1h") for _ in range(3)]
        waits = [
            (await begun(service, action="resend", ids=made, set={"delay": "1h"}))["id"]
            for _ in range(bulk_module.AT_ONCE + 1)
        ]
        await wait_until(lambda: _done(service, waits[0], 1))
        assert (await carried_out(service, action="cancel", ids=made[:1]))["done"] == 1


async def test_what_it_sets_is_tried_on_the_first_of_the_sample_that_it_concerns(service: Inside) -> None:
    labels = {f"label-{number}": "x" for number in range(16)}
    made = [await service.create(labels=labels), await service.create(url="http://127.0.0.2:1/")]
    rebase = {"from": NOWHERE, "to": "http://127.0.0.3:1/"}
    fields = {"action": "edit", "ids": made, "set": {"labels": {"more": "x"}}, "rebase": rebase}
    answer = await post(service, dry_run=True, **fields)
    assert (answer.status, answer.faults) == (422, [("/set/labels", "too_many")])


async def test_a_rate_goes_on_though_the_clock_is_set_back(tmp_path: Path) -> None:
    times = Times()
    clock = times.clock()
    async with inside(tmp_path, 1000, clock) as service:
        made = [await service.create(delay="2d") for _ in range(6)]
        bulk_id = (await begun(service, action="retry", ids=made, rate=5))["id"]
        await wait_until(lambda: _done(service, bulk_id, 1))
        clock.move(-3_600_000)
        assert (await ended(service, bulk_id))["done"] == 6
