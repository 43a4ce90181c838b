"""What is wrong now, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.inside import NOWHERE, Inside
from tests.support.ledger import Answer, Arrival, Ledger
from tests.support.wait import wait_until

HOUR = {"schedule": ["1h"]}


async def problems(service: Inside, query: str = "") -> Any:
    """What is answered."""
    answer = await service.get(f"/problems{query}")
    assert answer.status == 200, answer.body
    return answer.json


def by_path(arrival: Arrival) -> Answer:
    """The status that the path names."""
    return Answer(int(arrival.target[1:4]))


async def test_nothing_is_wrong_at_first(service: Inside, ledger: Ledger) -> None:
    await service.reaches(await service.create(url=ledger.url()), "delivered")
    await service.create(url=ledger.url(), delay="1h")
    found = await problems(service)
    assert (found["items"], found["more"]) == ([], False)


async def test_tasks_are_told_by_destination_and_outcome(service: Inside, ledger: Ledger) -> None:
    ledger.answer = by_path
    waits = [await service.create(url=ledger.url(path="/500"), retry=HOUR) for _ in range(3)]
    spent = await service.create(url=ledger.url(path="/422"), max_attempts=1)
    refused = await service.create(url="http://169.254.169.254/latest", max_attempts=1)
    for task in (*waits, spent, refused):
        await service.reaches(task, "failed" if task in (spent, refused) else "retrying")
    first, *others = (await problems(service))["items"]
    due = [(await service.task(task))["next_attempt_at"] for task in waits]
    assert {
        name: first[name] for name in ("destination", "outcome", "rule", "state", "waiting", "failed")
    } == {
        "destination": f"http://127.0.0.1:{ledger.port}",
        "outcome": "500",
        "rule": None,
        "state": "normal",
        "waiting": 3,
        "failed": 0,
    }
    assert first["next_attempt_at"] == min(due)
    assert first["first_at"] <= first["last_at"]
    assert first["sample_id"] in waits
    found = {each["outcome"]: each for each in others}
    assert {name: (each["failed"], each["sample_id"]) for name, each in found.items()} == {
        "422": (1, spent),
        "blocked": (1, refused),
    }
    assert found["blocked"]["rule"]
    assert found["422"]["next_attempt_at"] is None


async def test_a_held_destination_counts_all_that_waits_there(service: Inside, ledger: Ledger) -> None:
    ledger.answer = lambda _: Answer(429, headers={"Retry-After": "60"})
    await service.reaches(await service.create(url=ledger.url(), retry=HOUR), "retrying")
    for _ in range(4):
        await service.create(url=ledger.url())
    (held,) = (await problems(service))["items"]
    assert (held["outcome"], held["state"], held["waiting"]) == ("429", "held", 5)
    assert held["next_attempt_at"] > held["last_at"]
    ledger.answer = lambda _: Answer()
    key = f"http%3A%2F%2F127.0.0.1%3A{ledger.port}"
    await service.call("POST", f"/api/v1/destinations/{key}/release")

    async def only_what_went_wrong() -> bool:
        return [each["waiting"] for each in (await problems(service))["items"]] == [1]

    await wait_until(only_what_went_wrong)


async def test_a_paused_destination_is_told(service: Inside, ledger: Ledger) -> None:
    key = f"http%3A%2F%2F127.0.0.1%3A{ledger.port}"
    await service.reaches(await service.create(url=ledger.url()), "delivered")
    await service.call("POST", f"/api/v1/destinations/{key}/pause")
    task = await service.create(url=ledger.url())
    (paused,) = (await problems(service))["items"]
    told = [
        paused[name] for name in ("outcome", "state", "waiting", "failed", "next_attempt_at", "sample_id")
    ]
    assert told == [None, "paused", 1, 0, None, task]
    await service.call("POST", f"/api/v1/destinations/{key}/resume")
    await service.reaches(task, "delivered")
    assert (await problems(service))["items"] == []


async def test_a_limit_says_that_there_is_more(service: Inside, ledger: Ledger) -> None:
    ledger.answer = by_path
    for place in range(1, 4):
        for _ in range(place):
            url = ledger.url(f"127.0.0.{place}", "/500")
            await service.reaches(await service.create(url=url, retry=HOUR), "retrying")
    found = await problems(service, "?limit=2")
    assert ([each["waiting"] for each in found["items"]], found["more"]) == ([3, 2], True)
    found = await problems(service, "?limit=3")
    assert ([each["waiting"] for each in found["items"]], found["more"]) == ([3, 2, 1], False)


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "limits=1", "cursor=1"])
async def test_a_bad_parameter_is_refused(service: Inside, query: str) -> None:
    answer = await service.get(f"/problems?{query}")
    assert (answer.status, len(answer.faults)) == (422, 1)


async def test_what_was_just_accepted_and_failed_is_seen(service: Inside) -> None:
    task = await service.create(url=NOWHERE, max_attempts=1)
    await service.reaches(task, "failed")
    (found,) = (await problems(service))["items"]
    assert (found["outcome"], found["failed"], found["sample_id"]) == ("connect", 1, task)
