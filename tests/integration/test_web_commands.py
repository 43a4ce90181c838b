"""Editing, resending and erasing a task over a real socket, with the real store and real attempts."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import pytest

from okydrom.store.command import Audited
from okydrom.store.contract import Part
from okydrom.store.query import Filter
from okydrom.web import keys
from tests.support.inside import NOWHERE, Answered, Inside
from tests.support.ledger import HANG, Answer, Ledger
from tests.support.wait import wait_until

MISSING = "01938f3c-7d2a-7c31-9d3b-0d9c5a1f6e20"


async def call(service: Inside, verb: str, path: str, document: Any = None, **headers: str) -> Answered:
    data = None if document is None else orjson.dumps(document)
    typed = {} if data is None else {"Content_Type": "application/merge-patch+json"}
    return await service.call(verb, f"/api/v1/tasks/{path}", data, **typed | headers)


async def failed(service: Inside, ledger: Ledger, **fields: Any) -> str:
    """A task that a recipient refused for good."""
    ledger.answer = lambda _: Answer(410)
    made = await service.create(url=ledger.url(), **fields)
    await service.reaches(made, "failed")
    return made


async def test_a_waiting_task_is_edited_and_goes_where_it_now_leads(service: Inside, ledger: Ledger) -> None:
    made = await service.create(headers={"X-Tenant": "a", "Authorization": "secret"}, payload=1)
    await service.reaches(made, "retrying")
    answer = await call(
        service,
        "PATCH",
        made,
        {"url": ledger.url(path="/in?key=x"), "headers": {"X-Tenant": None}, "payload": 2},
    )
    task = answer.json
    assert (answer.status, answer.headers["ETag"], task["version"]) == (200, '"2"', 2)
    assert (task["status"], task["destination"]) == ("retrying", f"http://127.0.0.1:{ledger.port}")
    assert task["history"] == [
        {
            "at": task["updated_at"],
            "by": "local",
            "action": "edit",
            "change": {
                "url": [NOWHERE, ledger.url(path="/in?***")],
                "size": [1, 1],
                "headers.X-Tenant": None,
            },
        }
    ]
    assert (await service.call("POST", f"/api/v1/tasks/{made}/retry")).status == 200
    await service.reaches(made, "delivered")
    (arrival,) = ledger.arrivals
    assert (arrival.id, arrival.target, arrival.body) == (made, "/in?key=x", b"2")
    assert (arrival.headers.get("authorization"), arrival.headers.get("x-tenant")) == ("secret", None)


async def test_an_edited_task_that_lay_in_its_lane_is_sent_as_it_now_is(
    service: Inside, ledger: Ledger
) -> None:
    lanes = service.app[keys.LANES]
    lanes.halted = True
    made = [await service.create(url=ledger.url(), payload=n) for n in range(20)]
    answers = await asyncio.gather(*(call(service, "PATCH", each, {"payload": "new"}) for each in made))
    assert {answer.status for answer in answers} == {200}
    lanes.halted = False
    for each in made:
        await service.reaches(each, "delivered")
    assert sorted(arrival.id for arrival in ledger.arrivals) == sorted(made)
    assert {arrival.body for arrival in ledger.arrivals} == {b'"new"'}


async def test_an_edit_of_a_failed_task_changes_its_data_only(service: Inside, ledger: Ledger) -> None:
    made = await failed(service, ledger)
    before = await service.task(made)
    answer = await call(service, "PATCH", made, {"event": "mended"})
    task = answer.json
    assert (answer.status, task["status"], task["reason"]) == (200, "failed", "stopped_by_recipient")
    assert (task["event"], task["next_attempt_at"]) == ("mended", None)
    assert (task["finished_at"], task["attempts"]) == (before["finished_at"], 1)
    assert len(ledger.arrivals) == 1


async def test_an_edit_that_changes_nothing_changes_nothing(service: Inside) -> None:
    made = await service.create(event="e")
    await service.reaches(made, "retrying")
    answer = await call(service, "PATCH", made, {"event": "e"})
    assert (answer.status, answer.json["version"], answer.json["history"]) == (200, 1, [])


async def test_a_sending_or_delivered_task_is_not_edited(service: Inside, ledger: Ledger) -> None:
    ledger.answer = lambda _: HANG
    flying = await service.create(url=ledger.url(), timeout=0.4)
    await wait_until(lambda: ledger.times(flying), 10)
    for verb, path in (("PATCH", flying), ("DELETE", flying)):
        answer = await call(service, verb, path, {"event": "e"} if verb == "PATCH" else None)
        assert (answer.status, answer.json["params"]) == (409, {"status": "sending"})
    ledger.answer = lambda _: Answer(204)
    done = await service.create(url=ledger.url())
    await service.reaches(done, "delivered")
    answer = await call(service, "PATCH", done, {"event": "e"})
    assert (answer.status, answer.json["code"], answer.json["params"]) == (
        409,
        "conflict",
        {"status": "delivered"},
    )


async def test_only_the_version_asked_for_is_changed(service: Inside, ledger: Ledger) -> None:
    made = await failed(service, ledger)
    for verb, path, document in (
        ("PATCH", made, {"event": "e"}),
        ("POST", f"{made}/resend", {}),
        ("DELETE", made, None),
    ):
        answer = await call(service, verb, path, document, If_Match='"7"')
        assert (answer.status, answer.json["code"]) == (412, "stale"), verb
    assert (await call(service, "PATCH", made, {"event": "e"}, If_Match='"1"')).status == 200
    assert (await call(service, "PATCH", made, {"event": "f"}, If_Match='"1"')).status == 412


async def test_all_faults_of_an_edit_are_said_at_once(service: Inside) -> None:
    made = await service.create()
    answer = await call(service, "PATCH", made, {"urll": "x", "max_attempts": 0, "order_key": "k"})
    assert (answer.status, sorted(answer.faults)) == (
        422,
        [("/max_attempts", "out_of_range"), ("/order_key", "fixed"), ("/urll", "unknown_field")],
    )
    assert "Did you mean 'url'" in answer.body.decode()
    for data, typed, status in (
        (b"[]", "application/merge-patch+json", 422),
        (b"{", "application/json", 400),
        (b"{}", "text/plain", 415),
        (b"{}", "application/json; charset=utf-8", 200),
    ):
        answer = await service.call("PATCH", f"/api/v1/tasks/{made}", data, Content_Type=typed)
        assert answer.status == status
    assert (await call(service, "PATCH", f"{made}?force=1", {})).faults == [("#force", "unknown_parameter")]


async def test_edits_that_race_all_take_effect(service: Inside) -> None:
    made = await service.create()
    await service.reaches(made, "retrying")
    answers = await asyncio.gather(
        *(call(service, "PATCH", made, {"labels": {f"n{n}": "x"}}) for n in range(8))
    )
    assert {answer.status for answer in answers} == {200}
    task = await service.task(made)
    assert set(task["labels"]) == {f"n{n}" for n in range(8)}
    assert task["version"] == 9


async def test_a_resent_task_is_a_new_one_with_a_new_id(service: Inside, ledger: Ledger) -> None:
    made = await failed(service, ledger, payload={"n": 1}, labels={"tenant": "acme"})
    ledger.answer = lambda _: Answer(204)
    answer = await call(service, "POST", f"{made}/resend", {"url": ledger.url(path="/other")})
    copy = answer.json["id"]
    assert answer.status == 202
    assert answer.headers["Location"] == f"/api/v1/tasks/{copy}"
    assert (answer.json["status"], answer.json["duplicate"]) == ("queued", False)
    assert answer.json["destination"] == f"http://127.0.0.1:{ledger.port}"
    task = await service.reaches(copy, "delivered")
    assert (task["parent"], task["labels"], task["source"]) == (made, {"tenant": "acme"}, "local")
    parent = await service.task(made)
    assert (parent["status"], parent["children"]) == ("failed", [copy])
    assert [(each["action"], each["change"]) for each in parent["history"]] == [("resend", {"id": copy})]
    assert [(each.id, each.target, each.body) for each in ledger.arrivals] == [
        (made, "/hook", b'{"n":1}'),
        (copy, "/other", b'{"n":1}'),
    ]


async def test_a_task_is_resent_whatever_its_status(service: Inside, ledger: Ledger) -> None:
    ledger.answer = lambda _: HANG
    flying = await service.create(url=ledger.url())
    await wait_until(lambda: ledger.times(flying), 10)
    answer = await service.call("POST", f"/api/v1/tasks/{flying}/resend")
    assert answer.status == 202
    await wait_until(lambda: ledger.times(answer.json["id"]), 10)
    assert ledger.times(flying) == 1


async def test_a_resend_that_can_not_be_is_refused(service: Inside, ledger: Ledger) -> None:
    made = await failed(service, ledger)
    answer = await call(service, "POST", f"{made}/resend", {"url": "ftp://x", "nope": 1})
    assert (answer.status, answer.faults) == (422, [("/nope", "unknown_field"), ("/url", "url_scheme")])
    answer = await call(service, "POST", f"{made}/resend", {}, Idempotency_Key="k")
    assert (answer.status, answer.faults) == (422, [("#Idempotency-Key", "unsupported_header")])
    service.app[keys.ACCEPT].open = False
    assert (await call(service, "POST", f"{made}/resend", {})).status == 503
    service.app[keys.ACCEPT].open = True
    assert (await service.task(made))["children"] == []


async def test_an_erased_task_leaves_a_tombstone(service: Inside, ledger: Ledger) -> None:
    made = await failed(service, ledger, payload={"secret": 1}, headers={"X-Key": "s"})
    answer = await call(service, "DELETE", made)
    task = answer.json
    assert (answer.status, task["status"], task["headers"], task["allowed"]) == (200, "failed", [], [])
    assert task["erased_at"] == task["updated_at"]
    assert len(task["sha256"]) == 64
    gone = await service.get(f"/tasks/{made}/body")
    assert (gone.status, gone.json["code"]) == (410, "erased")
    assert gone.json["params"] == {"erased_at": task["erased_at"], "sha256": task["sha256"]}
    again = await call(service, "DELETE", made)
    assert (again.status, again.json["version"], len(again.json["history"])) == (200, 2, 1)
    for verb, path, document in (
        ("POST", f"{made}/retry", None),
        ("POST", f"{made}/resend", {}),
        ("PATCH", made, {"event": "e"}),
    ):
        answer = await call(service, verb, path, document)
        assert (answer.status, answer.json["params"]) == (409, {"status": "failed", "erased": True}), path


async def test_a_waiting_task_is_not_erased(service: Inside) -> None:
    made = await service.create()
    await service.reaches(made, "retrying")
    answer = await call(service, "DELETE", made)
    assert (answer.status, answer.json["params"]) == (409, {"status": "retrying"})


async def test_commands_on_nothing_are_404(service: Inside) -> None:
    for task_id in (MISSING, "1", "%00"):
        for verb, path, document in (("PATCH", "", {}), ("POST", "/resend", {}), ("DELETE", "", None)):
            assert (await call(service, verb, f"{task_id}{path}", document)).status == 404


async def test_what_operators_did_is_put_down_and_what_was_refused_is_not(
    service: Inside, ledger: Ledger
) -> None:
    made = await failed(service, ledger)
    for verb, path, document in (
        ("POST", f"{made}/cancel", None),  # refused
        ("PATCH", made, {"event": "e"}),
        ("POST", f"{made}/resend", {}),
        ("DELETE", made, None),
    ):
        await call(service, verb, path, document)
    log = [row for row in (await service.app[keys.STORE].audits(10)).items if isinstance(row, Audited)]
    assert [(row.action, row.by, row.count, row.subject) for row in log][::-1] == [
        (action, "local", 1, orjson.dumps({"id": made})) for action in ("edit", "resend", "delete")
    ]


async def test_a_damaged_task_is_not_rewritten(
    service: Inside, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await failed(service, ledger, payload=1)
    store = service.app[keys.STORE]
    damaged = await store.get(made, Part.HEAD)

    async def read(*_: Any) -> Any:
        return damaged

    monkeypatch.setattr(store, "get", read)
    for verb, path in (("PATCH", made), ("POST", f"{made}/resend")):
        answer = await call(service, verb, path, {"event": "e"})
        assert (answer.status, answer.json["params"]) == (409, {"status": "failed", "damaged": True})
    assert len((await store.find(Filter(), limit=9)).items) == 1
