"""Creates with something special about them, over a real socket: one key, times, order, callbacks, dry runs."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.support.inside import NOWHERE, Inside, inside
from tests.support.recipient import receiving
from tests.support.wait import wait_until

HOUR = {"schedule": ["1h"]}
SMALL = orjson.dumps({"url": NOWHERE, "retry": HOUR})
NDJSON = "application/x-ndjson"


async def total(service: Inside) -> int:
    """Tasks that are there."""
    return int((await service.get("/tasks/count")).json["total"])


# --- idempotency keys -----------------------------------------------------------------------------------------------


@pytest.mark.proof
async def test_one_key_makes_one_task_whatever_happens(tmp_path: Path, figure: Any) -> None:
    async with inside(tmp_path) as service:
        answers = await asyncio.gather(*(service.post(SMALL, Idempotency_Key="order-1") for _ in range(100)))
        assert {answer.status for answer in answers} == {202}
        assert len({answer.json["id"] for answer in answers}) == 1
        assert sum(answer.json["duplicate"] for answer in answers) == 99
        assert sum("Idempotency-Replayed" in answer.headers for answer in answers) == 99
    async with inside(tmp_path) as service:
        again = await service.post(SMALL, Idempotency_Key='"order-1"')
        assert (again.json["id"], again.json["duplicate"]) == (answers[0].json["id"], True)
        assert again.headers["Location"].endswith(again.json["id"])
        other = await service.post(SMALL + b" ", Idempotency_Key="order-1")
        assert (other.status, other.json["code"]) == (422, "idempotency_key_reused")
        assert await total(service) == 1
        figure("100 requests and a restart, 1 task")


# --- times, order, outcomes -----------------------------------------------------------------------------------------


async def test_a_delayed_task_is_sent_when_its_time_has_come(service: Inside) -> None:
    async with receiving() as recipient:
        early = await service.create(url=f"{recipient.url}/ok", delay="200ms")
        late = await service.create(url=f"{recipient.url}/ok", delay="1h")
        await wait_until(lambda: bool(recipient.arrivals))
        assert [arrival.header("webhook-id") for arrival in recipient.arrivals] == [early]
        task = await service.task(late)
        assert (task["status"], task["attempts"]) == ("queued", 0)


async def test_tasks_of_one_order_key_go_one_after_another(service: Inside) -> None:
    async with receiving() as recipient:
        url = f"{recipient.url}/fail-then-ok?n=2&key=a"
        items = [
            {"url": url, "order_key": "k", "retry": {"schedule": ["10ms"]}, "max_attempts": 5}
            for _ in range(5)
        ]
        answer = await service.post(orjson.dumps(items))
        ids = [item["id"] for item in answer.json["items"]]
        await wait_until(lambda: len(recipient.arrivals) == 7)
        arrived = [arrival.header("webhook-id") for arrival in recipient.arrivals]
        assert arrived == [ids[0]] * 2 + ids


async def test_a_source_is_told_of_the_end(service: Inside) -> None:
    async with receiving() as recipient:
        back = {"url": f"{recipient.url}/ok?told"}
        task = await service.create(url=f"{recipient.url}/ok", callback=back, event="user.created")
        await wait_until(lambda: len(recipient.arrivals) == 2)
        told = orjson.loads(recipient.arrivals[1].body)
        assert (told["type"], told["data"]["id"], told["data"]["status"]) == (
            "task.delivered",
            task,
            "delivered",
        )
        shown = await service.task(task)
        assert shown["callback_id"] == recipient.arrivals[1].header("webhook-id")
        assert shown["children"] == [shown["callback_id"]]


async def test_a_trace_is_passed_on_with_a_new_span(service: Inside) -> None:
    given = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    async with receiving() as recipient:
        await service.post(orjson.dumps({"url": f"{recipient.url}/ok"}), traceparent=given)
        await service.post(orjson.dumps({"url": f"{recipient.url}/ok"}), traceparent="nonsense")
        await wait_until(lambda: len(recipient.arrivals) == 2)
        traces = [arrival.header("traceparent") for arrival in recipient.arrivals]
        sent = next(trace for trace in traces if trace)
        assert (sent[:36], sent[-3:], sent == given) == (given[:36], "-01", False)
        assert None in traces


# --- dry runs -------------------------------------------------------------------------------------------------------


async def rehearse(service: Inside, value: str = "1", **fields: Any) -> Any:
    body = orjson.dumps(fields)
    path = f"/api/v1/tasks?dry_run={value}"
    return await service.call("POST", path, body, Content_Type="application/json")


async def test_a_dry_run_says_what_would_become_of_a_task(service: Inside) -> None:
    fields: dict[str, Any] = {
        "url": "http://127.0.0.1:1/?key=secret",
        "payload": [1],
        "delay": "10s",
        "headers": {"Authorization": "Bearer secret"},
        "retry": {"schedule": ["5s", "1min"]},
    }
    answer = await rehearse(service, **fields)
    assert answer.status == 200
    said = answer.json
    assert (said["valid"], said["errors"], said["body_size"]) == (True, [], 3)
    assert said["addresses"] == [{"address": "127.0.0.1", "allowed": True, "rule": None}]
    assert said["destination"] == {
        "key": "http://127.0.0.1:1",
        "state": "normal",
        "until": None,
        "waiting": 0,
    }
    assert [row["attempt"] for row in said["schedule"]] == [1, 2, 3]
    headers = {name.lower(): value for name, value in said["headers"]}
    assert (headers["authorization"], headers["okydrom-attempt"]) == ("***", "1/3")
    assert b"secret" not in answer.body
    assert await total(service) == 0


async def test_a_dry_run_names_faults_and_rules(service: Inside) -> None:
    said = (await rehearse(service, url="ftp://a/", event="")).json
    assert (said["valid"], [fault["pointer"] for fault in said["errors"]]) == (False, ["/url", "/event"])
    (judged,) = (await rehearse(service, url="http://169.254.169.254/")).json["addresses"]
    assert (judged["allowed"], judged["rule"].split()[0]) == (False, "metadata")
    assert (await rehearse(service, "no", url=NOWHERE)).faults == [("#dry_run", "unknown_value")]
    many = await service.call("POST", "/api/v1/tasks?dry_run=1", b"[]", Content_Type="application/json")
    assert many.status == 422
    assert (
        await service.call("POST", "/api/v1/tasks?dry=1", SMALL, Content_Type="application/json")
    ).status == 422


async def test_a_line_and_a_callback_go_on_without_waiting_for_the_next_look(tmp_path: Path) -> None:
    async with inside(tmp_path, storage={"flush": 5}) as service, receiving() as recipient:
        url = f"{recipient.url}/ok"
        items = [{"url": url, "order_key": "k", "callback": {"url": url}} for _ in range(20)]
        await service.post(orjson.dumps(items))
        await wait_until(lambda: len(recipient.arrivals) == 40, 10, "not one a second")


async def test_a_callback_is_named_whatever_became_of_its_task_since(service: Inside) -> None:
    async with receiving() as recipient:
        back = {"url": f"{recipient.url}/ok?told"}
        task = await service.create(url=f"{recipient.url}/ok", callback=back)
        await wait_until(lambda: len(recipient.arrivals) == 2)
        made = recipient.arrivals[1].header("webhook-id")
        assert (await service.call("DELETE", f"/api/v1/tasks/{task}")).status == 200
        assert (await service.task(task))["callback_id"] == made
