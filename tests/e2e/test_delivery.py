"""What a source posts reaches its recipient, through failures, as the API then tells."""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from pathlib import Path

import pytest

from tests.support.api import Api, calling
from tests.support.ledger import HANG, Answer, Ledger, listening
from tests.support.service import Service, free_port, serving
from tests.support.wait import linger, wait_until


@pytest.fixture
async def ledger() -> AsyncIterator[Ledger]:
    async with listening(Ledger()) as ledger:
        yield ledger


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serving(tmp_path, {"delivery": {"timeout": "1s"}}) as service:
        yield service


@pytest.fixture
async def api(service: Service) -> AsyncIterator[Api]:
    async with calling(service.url) as api:
        yield api


async def test_a_task_is_delivered_with_the_bytes_that_were_posted(api: Api, ledger: Ledger) -> None:
    task_id = await api.create(
        url=ledger.url(path="/a%2fb?x=%7E"),
        body='{ "n": 1.0, "big": 18446744073709551616, "s": "\\u0000é" }',
        content_type="application/json",
        headers={"X-Tenant": "acme"},
        event="user.created",
        labels={"tenant": "acme"},
    )
    task = await api.reaches(task_id, "delivered")
    (arrival,) = ledger.arrivals
    assert (arrival.method, arrival.target) == ("POST", "/a%2fb?x=%7E")
    assert arrival.body.decode() == '{ "n": 1.0, "big": 18446744073709551616, "s": "\\u0000é" }'
    assert arrival.headers["webhook-id"] == task_id
    assert arrival.headers["okydrom-attempt"].startswith("1/")
    assert arrival.headers["x-tenant"] == "acme"
    assert arrival.headers["content-type"] == "application/json"
    assert (task["attempts"], task["last_code"], task["group"]) == (1, 204, "delivered")
    assert (task["event"], task["labels"]) == ("user.created", {"tenant": "acme"})


async def test_a_payload_goes_out_as_it_was_written(api: Api, service: Service, ledger: Ledger) -> None:
    body = b'{"url":"%s","payload":{"n":1.0,  "m":[1e2]}}' % ledger.url().encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
    head = f"POST /api/v1/tasks HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n"
    writer.write(head.encode() + b"Content-Type: application/json\r\n\r\n" + body)
    assert b" 202 " in await reader.readline()
    await wait_until(lambda: bool(ledger.arrivals))
    assert ledger.arrivals[0].body == b'{"n":1.0,  "m":[1e2]}'
    writer.close()


async def test_it_is_tried_until_the_recipient_agrees(api: Api, ledger: Ledger) -> None:
    answers = iter([Answer(500, body=b"not yet"), Answer(302), HANG, Answer(200, body=b"ok")])
    ledger.answer = lambda _: next(answers)
    task_id = await api.create(
        url=ledger.url(), payload={"n": 1}, retry={"schedule": ["100ms"]}, max_attempts=5
    )
    task = await api.reaches(task_id, "delivered")
    assert task["attempts"] == 4
    first, second, third, last = await api.attempts(task_id)
    assert [a["number"] for a in (first, second, third, last)] == [1, 2, 3, 4]
    assert [a["outcome"] for a in (first, second, third, last)] == ["500", "302", "timeout", "200"]
    assert (first["code"], first["error"], third["code"], third["error"]) == (500, None, None, "timeout")
    assert base64.b64decode(first["response_body"]) == b"not yet"
    assert first["address"] == f"127.0.0.1:{ledger.port}"
    assert 900 <= third["duration_ms"] <= 1_500
    assert [arrival.headers["okydrom-attempt"] for arrival in ledger.arrivals] == ["1/5", "2/5", "3/5", "4/5"]
    assert {arrival.id for arrival in ledger.arrivals} == {task_id}
    for before, after in ((first, second), (second, third), (third, last)):
        gap = moment(after["started_at"]) - moment(before["finished_at"])
        assert gap >= 0.099, "never early"


def moment(text: str) -> float:
    """Seconds of an RFC 3339 time."""
    return datetime.fromisoformat(text).timestamp()


async def test_it_fails_when_its_attempts_are_spent_and_a_retry_grants_new_ones(
    api: Api, ledger: Ledger
) -> None:
    ledger.answer = lambda _: Answer(500)
    task_id = await api.create(url=ledger.url(), payload=1, retry={"schedule": ["50ms"]}, max_attempts=2)
    task = await api.reaches(task_id, "failed")
    assert (task["reason"], task["attempts"], task["attempts_left"]) == ("attempts_spent", 2, 0)
    ledger.answer = lambda _: Answer()
    status, task = await api.call("POST", f"/tasks/{task_id}/retry")
    assert (status, task["id"]) == (200, task_id)
    task = await api.reaches(task_id, "delivered")
    assert task["attempts"] == 3
    assert [arrival.headers["okydrom-attempt"] for arrival in ledger.arrivals] == ["1/2", "2/2", "1/2"]


async def test_a_dead_recipient_gets_its_tasks_once_it_lives(api: Api) -> None:
    port = free_port()
    tasks = [
        await api.create(
            url=f"http://127.0.0.1:{port}/", payload=n, max_attempts=50, retry={"schedule": ["200ms"]}
        )
        for n in range(20)
    ]
    for task_id in tasks[:3]:
        await api.reaches(task_id, "retrying")
        assert (await api.attempts(task_id))[0]["outcome"] == "connect"
    async with listening(Ledger(), port) as ledger:
        await ledger.holds(tasks)
        for task_id in tasks:
            await api.reaches(task_id, "delivered")


async def test_410_ends_a_task(api: Api, ledger: Ledger) -> None:
    ledger.answer = lambda _: Answer(410)
    task_id = await api.create(url=ledger.url(), payload=1)
    task = await api.reaches(task_id, "failed")
    assert (task["reason"], task["attempts"]) == ("stopped_by_recipient", 1)


@pytest.mark.proof
async def test_an_address_that_may_not_be_called_fails_at_once(
    api: Api, figure: Callable[[str], None]
) -> None:
    task_id = await api.create(url="http://169.254.169.254/latest/meta-data", payload=1, max_attempts=10)
    task = await api.reaches(task_id, "failed")
    assert (task["reason"], task["attempts"], task["attempts_left"]) == ("blocked", 1, 9)
    (attempt,) = await api.attempts(task_id)
    assert (attempt["outcome"], attempt["rule"]) == ("blocked", "metadata 169.254.169.254/32")
    figure("1 attempt of 10, the rule named")


async def test_a_task_that_is_too_old_for_another_attempt_fails(tmp_path: Path, ledger: Ledger) -> None:
    ledger.answer = lambda _: Answer(500)
    async with serving(tmp_path, {"retry": {"max_age": "2s"}}) as service, calling(service.url) as api:
        task_id = await api.create(
            url=ledger.url(), payload=1, retry={"schedule": ["100ms", "1h"]}, max_attempts=9
        )
        task = await api.reaches(task_id, "failed")
    assert (task["reason"], task["attempts"]) == ("expired", 2)


async def test_retry_after_is_waited_for(api: Api, ledger: Ledger) -> None:
    answers = iter([Answer(503, headers={"Retry-After": "1"}), Answer()])
    ledger.answer = lambda _: next(answers)
    task_id = await api.create(url=ledger.url(), payload=1, retry={"schedule": ["10ms"]})
    await api.reaches(task_id, "delivered")
    first, second = ledger.arrivals
    assert second.at - first.at >= 0.999


async def test_what_is_accepted_at_once_is_listed(api: Api, ledger: Ledger) -> None:
    ledger.answer = lambda _: HANG
    task_id = await api.create(url=ledger.url(), payload=1)
    listed = await api.get("/tasks?status=queued,sending")
    assert [task["id"] for task in listed["items"]] == [task_id]
    assert await api.count("status=sending,queued") == 1
    await linger(0.1)
    assert (await api.task(task_id))["status"] == "sending"
