"""Creates with something special about them, over a real socket: batches, keys, waiting, times, dry runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
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


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Inside]:
    async with inside(tmp_path) as running:
        yield running


async def total(service: Inside) -> int:
    """Tasks that are there."""
    return int((await service.get("/tasks/count")).json["total"])


# --- several at once ------------------------------------------------------------------------------------------------


async def test_each_of_a_batch_is_answered_in_its_place(service: Inside) -> None:
    good, bad = SMALL, b'{"url":"ftp://a/","event":""}'
    groups = service.journal.stats.groups
    answer = await service.post(b"[" + b" ,\n".join([good, bad, b"17", good]) + b"]")
    assert (answer.status, answer.json["duplicate"]) == (202, False)
    assert service.journal.stats.groups == groups + 1
    first, second, third, fourth = answer.json["items"]
    assert [item["index"] for item in answer.json["items"]] == [0, 1, 2, 3]
    assert [fault["pointer"] for fault in second["error"]["errors"]] == ["/url", "/event"]
    assert third["error"]["errors"][0]["code"] == "wrong_type"
    assert {task["id"] for task in (await service.get("/tasks")).json["items"]} == {first["id"], fourth["id"]}


async def test_lines_are_a_batch_too(service: Inside) -> None:
    lines = b"\r\n".join([SMALL, b"", b"{", SMALL, b""])
    answer = await service.post(lines, Content_Type=NDJSON)
    assert answer.status == 202
    assert ["id" in item for item in answer.json["items"]] == [True, False, True]
    assert answer.json["items"][1]["error"]["code"] == "bad_request"


@pytest.mark.parametrize(
    "exact", [b"9007199254740993", b"1.0", b'"\\u0000\\/"', b"18446744073709551616", b" null "]
)
async def test_bytes_arrive_as_they_came(service: Inside, exact: bytes) -> None:
    async with receiving() as recipient:
        item = b'{"url":"' + recipient.url.encode() + b'/ok","payload":' + exact + b"}"
        for body, kind in ((b"[" + item + b"]", "application/json"), (item + b"\n", NDJSON)):
            assert (await service.post(body, Content_Type=kind)).status == 202
        await wait_until(lambda: len(recipient.arrivals) == 2)
        assert {arrival.body for arrival in recipient.arrivals} == {exact.strip()}


async def test_a_batch_has_bounds(service: Inside) -> None:
    most = await service.post(b"[" + b",".join([SMALL] * 1_000) + b"]")
    assert (most.status, len(most.json["items"])) == (202, 1_000)
    over = await service.post(b"[" + b",".join([SMALL] * 1_001) + b"]")
    assert (over.status, over.json["params"]["limit"]) == (413, 1_000)
    for empty in (b"[]", b" [ ] "):
        answer = await service.post(empty)
        assert (answer.status, answer.faults) == (422, [("", "empty")])
    answer = await service.post(b"\n\n", Content_Type=NDJSON)
    assert (answer.status, answer.faults) == (422, [("", "empty")])
    none = await service.post(b"[1,{}]")
    assert (none.status, len(none.json["items"])) == (422, 2)
    for broken in (b"[", b"[{}", b"[\xff]", b"[" * 500):
        assert (await service.post(broken)).status == 400
    assert await total(service) == 1_000


async def test_a_batch_larger_than_its_limit_is_413(tmp_path: Path) -> None:
    async with inside(tmp_path, limits={"batch": 1_000, "body": 1_000}) as service:
        answer = await service.post(b"[" + b",".join([SMALL] * 30) + b"]")
        assert (answer.status, answer.json["params"]["limit"]) == (413, 1_000)


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


async def test_a_batch_is_one_request(service: Inside) -> None:
    body = b"[" + SMALL + b",{}]"
    first = await service.post(body, Idempotency_Key="k")
    again = await service.post(body, Idempotency_Key="k")
    assert (first.status, again.status) == (202, 202)
    assert again.json == {**first.json, "duplicate": True}
    assert await total(service) == 1


async def test_a_request_that_was_refused_leaves_its_key_free(service: Inside) -> None:
    for refused in (b"{}", b"[{}]"):
        assert (await service.post(refused, Idempotency_Key="k")).status == 422
    assert (await service.post(SMALL, Idempotency_Key="k")).status == 202


async def test_what_is_no_key_is_422(service: Inside) -> None:
    for key in ('""', "a b", "x" * 256):
        answer = await service.post(SMALL, Idempotency_Key=key)
        assert (answer.status, answer.faults) == (422, [("#Idempotency-Key", "invalid_key")])
    assert await total(service) == 0


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


async def test_an_answer_may_wait_for_the_outcome(service: Inside) -> None:
    async with receiving() as recipient:
        body = orjson.dumps({"url": f"{recipient.url}/ok"})
        answer = await service.post(body, Prefer="wait=10")
        assert (answer.status, answer.json["status"]) == (200, "delivered")
        assert answer.headers["Preference-Applied"] == "wait=10"
        failing = orjson.dumps({"url": f"{recipient.url}/500", "retry": HOUR})
        answer = await service.post(failing, Prefer="wait=10")
        assert (answer.status, answer.json["status"], answer.json["last_code"]) == (200, "retrying", 500)
        slow = orjson.dumps({"url": f"{recipient.url}/hang", "retry": HOUR})
        answer = await service.post(slow, Prefer="wait=1")
        assert (answer.status, answer.json["status"]) == (202, "queued")
        later = orjson.dumps({"url": f"{recipient.url}/ok", "delay": "1h"})
        async with asyncio.timeout(5):
            assert (await service.post(later, Prefer="wait=30")).status == 202
            assert (await service.post(b"[" + later + b"]", Prefer="wait=30")).status == 202


async def test_who_waits_is_answered_when_the_service_stops(tmp_path: Path) -> None:
    async with receiving() as recipient:
        body = orjson.dumps({"url": f"{recipient.url}/hang", "retry": HOUR})
        async with inside(tmp_path, server={"shutdown_grace": 200}) as service:
            waiting = asyncio.create_task(service.post(body, Prefer="wait=30"))
            await wait_until(lambda: bool(recipient.arrivals))
            await service.stop_softly()
            async with asyncio.timeout(5):
                assert (await waiting).status == 202


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
