"""`Prefer: wait=N`: the answer to a create waits for what its task's first attempt brings."""

import asyncio
import time
from pathlib import Path

import orjson
import pytest

from okydrom.errors import IndexBehind
from okydrom.intake.pump import Pump
from tests.support.inside import NOWHERE, Inside, inside
from tests.support.ledger import Answer, Ledger, listening
from tests.support.wait import wait_until

SMALL = orjson.dumps({"url": NOWHERE, "retry": {"schedule": ["1h"]}})


async def test_the_answer_is_the_task_after_its_first_outcome(service: Inside) -> None:
    async with listening(Ledger()) as ledger:
        body = orjson.dumps({"url": ledger.url(), "payload": 1})
        answer = await service.post(body, Prefer="wait=20")
        assert (answer.status, answer.json["status"], answer.json["last_code"]) == (200, "delivered", 204)
        assert answer.headers["Preference-Applied"] == "wait=20"
        assert answer.headers["Location"] == f"/api/v1/tasks/{answer.json['id']}"
        assert answer.json == await service.task(answer.json["id"])
        ledger.answer = lambda _: Answer(500)
        answer = await service.post(body, Prefer="wait=99")
        assert (answer.status, answer.json["status"], answer.json["attempts"]) == (200, "retrying", 1)
        assert answer.headers["Preference-Applied"] == "wait=30"


async def test_an_outcome_that_does_not_come_in_time_is_202(service: Inside) -> None:
    async with listening(Ledger()) as ledger:
        ledger.answer = lambda _: Answer(200, delay=5.0)
        begun = time.monotonic()
        answer = await service.post(orjson.dumps({"url": ledger.url()}), Prefer="wait=1")
        assert (answer.status, answer.json["status"], answer.json["duplicate"]) == (202, "queued", False)
        assert 1 <= time.monotonic() - begun < 4
        assert "Preference-Applied" not in answer.headers


async def test_a_task_that_is_due_later_is_answered_at_once(service: Inside) -> None:
    async with asyncio.timeout(5):
        answer = await service.post(orjson.dumps({"url": NOWHERE, "delay": "1h"}), Prefer="wait=30")
    assert (answer.status, "Preference-Applied" in answer.headers) == (202, False)


@pytest.mark.parametrize(
    "given", ["wait=0", "wait=", "wait=-1", "wait=1.5", "wait", "respond-async", "wait=1e9"]
)
async def test_what_is_no_preference_changes_nothing(service: Inside, given: str) -> None:
    answer = await service.post(SMALL, Prefer=given)
    assert (answer.status, "Preference-Applied" in answer.headers) == (202, False)


async def test_a_replay_is_answered_as_it_was_accepted_and_keeps_nobody_waiting(service: Inside) -> None:
    async with listening(Ledger()) as ledger:
        ledger.answer = lambda _: Answer(200, delay=1.0)
        body = orjson.dumps({"url": ledger.url()})
        first = asyncio.create_task(service.post(body, Idempotency_Key="k", Prefer="wait=20"))
        await wait_until(lambda: bool(ledger.arrivals))
        again = await service.post(body, Idempotency_Key="k", Prefer="wait=20")
        assert not first.done()
        assert (again.status, again.json["duplicate"]) == (202, True)
        assert ((await first).status, (await first).json["id"]) == (200, again.json["id"])


async def test_nobody_waits_for_a_service_that_stops(tmp_path: Path) -> None:
    async with listening(Ledger()) as ledger:
        ledger.answer = lambda _: Answer(200, delay=20.0)
        async with inside(tmp_path, server={"shutdown_grace": 5_000}) as service:
            asked = asyncio.create_task(service.post(orjson.dumps({"url": ledger.url()}), Prefer="wait=30"))
            await wait_until(lambda: bool(ledger.arrivals))
            stopping = asyncio.create_task(service.stop_softly())
            async with asyncio.timeout(3):
                assert (await asked).status == 202
            await stopping


async def test_a_task_that_is_kept_is_not_said_to_be_refused_where_its_outcome_can_not_be_read(
    service: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def behind(*_: object) -> None:
        raise IndexBehind(retry_after=1)

    with monkeypatch.context() as patched:
        patched.setattr(Pump, "settled", behind)
        answer = await service.post(SMALL, Prefer="wait=20")
    assert (answer.status, answer.json["status"]) == (202, "queued")
