"""Retry and cancel on the whole service: in every status, against attempts under way, and against each other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from okydrom.errors import DiskFull
from okydrom.web import keys
from tests.support.inside import Inside, inside
from tests.support.recipient import Recipient, receiving
from tests.support.wait import wait_until

QUICK = {"delivery": {"timeout": 3_000}}


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Inside]:
    async with inside(tmp_path, **QUICK) as running:
        yield running


@pytest.fixture
async def target() -> AsyncIterator[Recipient]:
    async with receiving() as running:
        yield running


async def command(service: Inside, task_id: str, action: str) -> tuple[int, Any]:
    answer = await service.call("POST", f"/api/v1/tasks/{task_id}/{action}")
    return answer.status, answer.json


async def test_a_delivered_task_is_sent_again_with_the_same_id(service: Inside, target: Recipient) -> None:
    task_id = await service.create(url=f"{target.url}/ok")
    await service.reaches(task_id, "delivered")
    status, task = await command(service, task_id, "retry")
    assert (status, task["status"], task["version"], task["attempts_left"]) == (200, "queued", 2, 2)
    await wait_until(lambda: len(target.arrivals) == 2)
    task = await service.reaches(task_id, "delivered")
    assert task["attempts"] == 2
    assert {arrival.header("webhook-id") for arrival in target.arrivals} == {task_id}
    assert [arrival.header("okydrom-attempt") for arrival in target.arrivals] == ["1/2", "1/2"]


async def test_a_retry_makes_a_waiting_task_due_at_once_and_grants_nothing(
    service: Inside, target: Recipient
) -> None:
    task_id = await service.create(url=f"{target.url}/500", max_attempts=5)
    before = await service.reaches(task_id, "retrying")
    status, _ = await command(service, task_id, "retry")
    assert status == 200
    await wait_until(lambda: len(target.arrivals) == 2)
    after = await service.reaches(task_id, "retrying")
    assert (before["attempts_left"], after["attempts_left"]) == (4, 3)


async def test_a_failed_task_gets_a_new_grant(service: Inside, target: Recipient) -> None:
    task_id = await service.create(url=f"{target.url}/fail-then-ok?n=1&key=a", max_attempts=1)
    failed = await service.reaches(task_id, "failed")
    assert failed["reason"] == "attempts_spent"
    status, task = await command(service, task_id, "retry")
    assert (status, task["reason"], task["finished_at"]) == (200, None, None)
    delivered = await service.reaches(task_id, "delivered")
    assert (delivered["attempts"], delivered["max_attempts"]) == (2, 1)


async def test_a_waiting_task_is_cancelled_and_never_sent(service: Inside, target: Recipient) -> None:
    task_id = await service.create(url=f"{target.url}/500")
    await service.reaches(task_id, "retrying")
    status, task = await command(service, task_id, "cancel")
    assert (status, task["status"], task["next_attempt_at"]) == (200, "cancelled", None)
    assert (await command(service, task_id, "cancel"))[0] == 200, "cancelled already"
    assert len(target.arrivals) == 1


@pytest.mark.parametrize(("fate", "ends"), [("/slow?ms=300", "delivered"), ("/hang", "cancelled")])
async def test_a_cancel_while_in_flight_is_noted_and_the_attempt_decides(
    service: Inside, target: Recipient, fate: str, ends: str
) -> None:
    task_id = await service.create(url=f"{target.url}{fate}", timeout="1s")
    await service.reaches(task_id, "sending")
    status, task = await command(service, task_id, "cancel")
    assert (status, task["status"]) == (202, "sending")
    ended = await service.reaches(task_id, ends)
    assert ended["attempts"] == 1


async def test_no_retry_while_an_attempt_is_under_way(service: Inside, target: Recipient) -> None:
    task_id = await service.create(url=f"{target.url}/slow?ms=500")
    await service.reaches(task_id, "sending")
    status, problem = await command(service, task_id, "retry")
    assert (status, problem["code"], problem["params"]["status"]) == (409, "conflict", "sending")


@pytest.mark.parametrize("path", ["/ok", "/410"])
async def test_a_terminal_task_is_not_cancelled(service: Inside, target: Recipient, path: str) -> None:
    task_id = await service.create(url=f"{target.url}{path}")
    ended = await service.reaches(task_id, "delivered" if path == "/ok" else "failed")
    status, problem = await command(service, task_id, "cancel")
    assert (status, problem["params"]["status"]) == (409, ended["status"])


async def test_commands_on_nothing_and_on_a_changed_task(service: Inside, target: Recipient) -> None:
    assert (await command(service, "01900000-0000-7000-8000-000000000000", "retry"))[0] == 404
    task_id = await service.create(url=f"{target.url}/500")
    await service.reaches(task_id, "retrying")
    stale = await service.call("POST", f"/api/v1/tasks/{task_id}/cancel", None, If_Match='"7"')
    assert stale.status == 412
    fresh = await service.call("POST", f"/api/v1/tasks/{task_id}/cancel", None, If_Match='"1"')
    assert fresh.status == 200


async def test_commands_that_race_leave_one_clear_end(service: Inside, target: Recipient) -> None:
    ids = [await service.create(url=f"{target.url}/500", max_attempts=50) for _ in range(20)]
    await asyncio.gather(
        *(
            command(service, task_id, action)
            for task_id in ids
            for action in ("retry", "cancel", "retry", "cancel")
        )
    )
    for task_id in ids:
        await command(service, task_id, "cancel")
    await wait_until(lambda: not service.app[keys.LANES].flights.by_id)
    sent = len(target.arrivals)
    tasks = [await service.task(task_id) for task_id in ids]
    assert {task["status"] for task in tasks} == {"cancelled"}
    assert sum(task["attempts"] for task in tasks) == sent


async def test_a_command_that_the_store_can_not_carry_out_leaves_the_task_where_it_was(
    service: Inside, target: Recipient, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, lanes = service.app[keys.STORE], service.app[keys.LANES]
    lanes.halted = True
    task_id = await service.create(url=f"{target.url}/ok")
    change, release = store.change, store.release

    async def full(_: Any, **__: Any) -> Any:
        raise DiskFull

    monkeypatch.setattr(store, "change", full)
    monkeypatch.setattr(store, "release", full)
    assert (await command(service, task_id, "cancel"))[0] == 503
    monkeypatch.setattr(store, "change", change)
    monkeypatch.setattr(store, "release", release)
    lanes.halted = False
    await service.reaches(task_id, "delivered")
    assert len(target.arrivals) == 1
