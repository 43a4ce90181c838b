"""Explanations of real tasks: the codes that the service's own state makes."""

from __future__ import annotations

from typing import Any

from okydrom.web import keys
from tests.support.inside import Inside
from tests.support.ledger import HANG, Answer, Ledger
from tests.support.wait import wait_until

MISSING = "01938f3c-7d2a-7c31-9d3b-0d9c5a1f6e20"


async def explained(service: Inside, task_id: str) -> Any:
    answer = await service.get(f"/tasks/{task_id}/explain")
    assert answer.status == 200, answer.body
    return answer.json


def codes(found: Any) -> list[str]:
    return [said["code"] for said in found["why"]]


async def test_a_retrying_task_is_explained_with_its_schedule(service: Inside, ledger: Ledger) -> None:
    ledger.answer = lambda _: Answer(500)
    made = await service.create(url=ledger.url(), retry={"schedule": ["1h", "2h"]}, max_attempts=4)
    other = await service.create(url=ledger.url())
    await service.reaches(made, "retrying")
    await service.reaches(other, "retrying")
    ledger.answer = lambda _: Answer(410)
    await service.reaches(await service.create(url=ledger.url()), "failed")
    found, task = await explained(service, made), await service.task(made)
    assert found["why"] == [
        {
            "code": "waiting_for_retry",
            "params": {"until": task["next_attempt_at"], "attempt": 2, "outcome": "500"},
        }
    ]
    assert [(said["code"], said["at"]) for said in found["next"]] == [
        ("attempt", task["next_attempt_at"]),
        ("gives_up", task["expires_at"]),
    ]
    assert [each["attempt"] for each in found["schedule"]] == [2, 3, 4]
    assert found["schedule"][0]["earliest"] == task["next_attempt_at"]
    assert found["gives_up_at"] == found["schedule"][-1]["earliest"]
    there = {"destination": task["destination"], "status": ["retrying", "failed"]}
    assert [(said["code"], said["count"], said["filter"]) for said in found["affected"]] == [
        ("same_failure", 2, there | {"code": "500"}),
        ("any_failure", 3, there),
    ]


async def test_each_state_of_a_task_has_its_codes(service: Inside, ledger: Ledger) -> None:
    ledger.answer = lambda _: HANG
    made = await service.create(url=ledger.url(), timeout=1)
    await wait_until(lambda: ledger.times(made))
    found = await explained(service, made)
    assert (codes(found), found["next"][0]["code"]) == (["sending"], "attempt_ends")
    await service.call("POST", f"/api/v1/tasks/{made}/cancel")
    found = await explained(service, made)
    assert codes(found) == ["sending", "cancel_noted"]
    assert found["why"][1]["params"] == {"by": "local"}
    await service.reaches(made, "cancelled")
    assert codes(await explained(service, made)) == ["cancelled"]
    await service.call("DELETE", f"/api/v1/tasks/{made}")
    found = await explained(service, made)
    assert (codes(found), [said["code"] for said in found["next"]]) == (["cancelled", "erased"], ["removed"])
    ledger.answer = lambda _: Answer(204)
    done = await service.create(url=ledger.url())
    await service.reaches(done, "delivered")
    found = await explained(service, done)
    assert found["why"][0]["params"] == {
        "at": (await service.task(done))["finished_at"],
        "code": 204,
        "attempts": 1,
    }


async def test_a_due_task_that_nobody_sends_says_why(service: Inside, ledger: Ledger) -> None:
    service.app[keys.LANES].halted = True
    made = await service.create(url=ledger.url())
    found = await explained(service, made)
    assert codes(found) == ["due", "service_stopping"]


async def test_a_paused_destination_is_named_with_its_note(service: Inside, ledger: Ledger) -> None:
    ledger.answer = lambda _: Answer(500)
    made = await service.create(url=ledger.url())
    await service.reaches(made, "retrying")
    destination = (await service.task(made))["destination"]
    await pause(service, destination)
    found = await explained(service, made)
    assert codes(found) == ["waiting_for_retry", "destination_paused"]
    assert (found["why"][1]["params"]["note"], found["why"][1]["params"]["by"]) == ("moving", "ann")
    assert found["next"][0] == {"code": "resume", "params": {}, "at": None}
    assert found["affected"][0]["filter"] == {"destination": destination, "group": "in_progress"}


async def pause(service: Inside, destination: str) -> None:
    await service.app[keys.STEERING].pause(destination, "moving", "ann")


async def test_what_is_not_there_is_not_explained(service: Inside) -> None:
    assert (await service.get(f"/tasks/{MISSING}/explain")).status == 404
    made = await service.create()
    assert (await service.get(f"/tasks/{made}/explain?why=1")).status == 422
