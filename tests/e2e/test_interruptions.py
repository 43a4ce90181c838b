"""What was under way when the process died: attempts are made again and count nothing, noted commands hold."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.api import Api, calling
from tests.support.ledger import HANG, Answer, Ledger, listening
from tests.support.service import Service, serving
from tests.support.wait import wait_until


@pytest.fixture
async def ledger() -> AsyncIterator[Ledger]:
    async with listening(Ledger()) as ledger:
        yield ledger


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serving(tmp_path, {"server": {"shutdown_grace": "300ms"}}) as service:
        yield service


@pytest.fixture
async def api(service: Service) -> AsyncIterator[Api]:
    async with calling(service.url) as api:
        yield api


async def in_flight(api: Api, ledger: Ledger, answer: Answer = HANG) -> str:
    """A task whose first attempt is under way."""
    ledger.answer = lambda _: answer
    task_id = await api.create(
        url=ledger.url(), payload={"n": 1}, retry={"schedule": ["100ms"]}, max_attempts=5
    )
    await ledger.holds([task_id])
    await api.reaches(task_id, "sending")
    return task_id


@pytest.mark.parametrize("orderly", [False, True], ids=["killed", "stopped"])
async def test_an_attempt_under_way_is_made_again_and_counts_nothing(
    service: Service, api: Api, ledger: Ledger, orderly: bool
) -> None:
    task_id = await in_flight(api, ledger)
    if orderly:
        assert await service.stop() == 0
    else:
        await service.kill()
    await wait_until(lambda: not ledger.open)
    ledger.answer = lambda _: Answer()
    await service.start()
    task = await api.reaches(task_id, "delivered")
    assert (task["attempts"], len(await api.attempts(task_id))) == (1, 1)
    assert [arrival.headers["okydrom-attempt"] for arrival in ledger.arrivals] == ["1/5", "1/5"]


async def test_a_task_killed_while_it_retries_keeps_its_attempts(
    service: Service, api: Api, ledger: Ledger
) -> None:
    ledger.answer = lambda _: Answer(500)
    task_id = await api.create(url=ledger.url(), payload=1, retry={"schedule": ["1s"]}, max_attempts=3)
    await api.reaches(task_id, "retrying")
    await service.kill()
    ledger.answer = lambda _: Answer()
    await service.start()
    task = await api.reaches(task_id, "delivered")
    assert task["attempts"] == 2
    assert [attempt["outcome"] for attempt in await api.attempts(task_id)] == ["500", "204"]
    assert ledger.arrivals[1].at - ledger.arrivals[0].at >= 0.999, "never early, whatever happened in between"


@pytest.mark.parametrize(("status", "end"), [(500, "cancelled"), (200, "delivered")])
async def test_a_cancel_in_flight_waits_for_the_answer(
    api: Api, ledger: Ledger, status: int, end: str
) -> None:
    task_id = await in_flight(api, ledger, Answer(status, delay=0.7))
    code, answer = await api.call("POST", f"/tasks/{task_id}/cancel")
    assert (code, answer["status"]) == (202, "sending")
    task = await api.reaches(task_id, end)
    assert (task["attempts"], len(ledger.arrivals)) == (1, 1)
    assert [attempt["outcome"] for attempt in await api.attempts(task_id)] == [str(status)]


async def test_a_noted_cancel_survives_a_kill(service: Service, api: Api, ledger: Ledger) -> None:
    task_id = await in_flight(api, ledger)
    code, _ = await api.call("POST", f"/tasks/{task_id}/cancel")
    assert code == 202
    await service.kill()
    ledger.answer = lambda _: Answer()
    await service.start()
    task = await api.reaches(task_id, "cancelled")
    assert task["attempts"] == 0
    marker = await api.create(url=ledger.url(), payload="after")
    await ledger.holds([marker])
    assert ledger.times(task_id) == 1, "a cancelled task is not sent"


async def test_a_waiting_task_is_cancelled_at_once_and_stays_so(
    service: Service, api: Api, ledger: Ledger
) -> None:
    ledger.answer = lambda _: Answer(500)
    task_id, other = [
        await api.create(url=ledger.url(), payload=n, retry={"schedule": ["1s"]}) for n in range(2)
    ]
    await api.reaches(task_id, "retrying")
    await api.reaches(other, "retrying")
    code, task = await api.call("POST", f"/tasks/{task_id}/cancel")
    assert (code, task["status"]) == (200, "cancelled")
    assert (await api.call("POST", f"/tasks/{task_id}/cancel"))[0] == 200
    await service.kill()
    await service.start()
    assert (await api.task(task_id))["status"] == "cancelled"
    await wait_until(lambda: ledger.times(other) == 2)
    assert ledger.times(task_id) == 1


async def test_what_is_over_stays_over_after_a_kill(service: Service, api: Api, ledger: Ledger) -> None:
    ledger.answer = lambda arrival: Answer(410 if arrival.target == "/gone" else 204)
    delivered = await api.create(url=ledger.url(), payload=1)
    failed = await api.create(url=ledger.url(path="/gone"), payload=2)
    await api.reaches(delivered, "delivered")
    await api.reaches(failed, "failed")
    await service.kill()
    await service.start()
    assert (await api.task(delivered))["status"] == "delivered"
    assert (await api.task(failed))["status"] == "failed"
    assert (await api.call("POST", f"/tasks/{delivered}/cancel"))[0] == 409
    marker = await api.create(url=ledger.url(), payload="after")
    await ledger.holds([marker])
    assert len(ledger.arrivals) == 3


async def test_a_retry_while_an_attempt_is_under_way_is_a_conflict(api: Api, ledger: Ledger) -> None:
    task_id = await in_flight(api, ledger, Answer(204, delay=0.5))
    code, problem = await api.call("POST", f"/tasks/{task_id}/retry")
    assert (code, problem["code"]) == (409, "conflict")
    await api.reaches(task_id, "delivered")
    assert len(ledger.arrivals) == 1
