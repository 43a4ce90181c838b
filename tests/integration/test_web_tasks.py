"""Reading and steering tasks over a real socket, with the real store and real attempts."""

import base64

import pytest

from okydrom import __version__
from okydrom.errors import IndexBehind
from okydrom.intake.pump import Pump
from tests.support.inside import Inside
from tests.support.ledger import HANG, Answer, Ledger
from tests.support.wait import wait_until

MISSING = "01938f3c-7d2a-7c31-9d3b-0d9c5a1f6e20"


async def test_a_task_is_shown_with_all_that_is_known(service: Inside, ledger: Ledger) -> None:
    ledger.answer = lambda _: Answer(500)
    made = await service.create(
        url=ledger.url(path="/hook?key=secret"),
        payload={"n": 1},
        event="user.created",
        labels={"tenant": "acme"},
        headers={"Authorization": "Bearer secret", "X-Plain": "shown"},
        max_attempts=7,
    )
    await service.reaches(made, "retrying")
    task = await service.task(made)
    assert task["url"] == ledger.url(path="/hook?***")
    assert task["headers"] == [["Authorization", "***"], ["X-Plain", "shown"]]
    assert (task["group"], task["reason"], task["source"]) == ("in_progress", None, "local")
    assert (task["method"], task["http_method"]) == ("POST", "POST")
    assert (task["event"], task["labels"]) == ("user.created", {"tenant": "acme"})
    assert (task["attempts"], task["max_attempts"], task["attempts_left"]) == (1, 7, 6)
    assert (task["last_code"], task["last_error"]) == (500, None)
    assert (task["size"], task["content_type"]) == (7, "application/json")
    assert (task["version"], task["etag"]) == (1, '"1"')
    assert task["allowed"] == ["retry", "cancel", "edit", "resend"]
    assert (task["retry"], task["timeout"], task["deliver_at"]) == ({"schedule": [3600.0]}, None, None)
    assert (task["history"], task["children"], task["callback_id"]) == ([], [], None)
    assert task["callback"] is None
    assert (task["ahead"], task["behind"], task["erased_at"], task["sha256"]) == (0, 0, None, None)
    assert (task["sending_since"], task["hold"], task["keep_until"]) == (None, None, None)
    assert task["created_at"] < task["updated_at"] < task["next_attempt_at"] < task["expires_at"]
    listed = (await service.get("/tasks")).json["items"]
    assert listed == [{name: value for name, value in task.items() if name in listed[0]}]


async def test_attempts_are_shown_oldest_first_without_credentials(service: Inside, ledger: Ledger) -> None:
    answers = iter([Answer(500, headers={"Set-Cookie": "a=secret"}, body=b"oops"), Answer(204)])
    ledger.answer = lambda _: next(answers)
    made = await service.create(
        url=ledger.url(), headers={"X-Api-Key": "secret"}, retry={"schedule": ["10ms"]}
    )
    await service.reaches(made, "delivered")
    answer = await service.get(f"/tasks/{made}/attempts")
    first, second = answer.json["items"]
    assert (first["number"], first["outcome"], first["code"], first["error"]) == (1, "500", 500, None)
    assert (second["number"], second["outcome"], second["code"]) == (2, "204", 204)
    assert base64.b64decode(first["response_body"]) == b"oops"
    assert (first["response_size"], first["truncated"], first["resent"]) == (4, False, False)
    assert first["address"] == f"127.0.0.1:{ledger.port}"
    assert ["X-Api-Key", "***"] in first["request_headers"]
    assert ["Set-Cookie", "***"] in first["response_headers"]
    assert set(first["parts_ms"]) == {"dns", "connect", "tls", "wait", "read"}
    assert first["duration_ms"] > 0
    assert second["waited_s"] >= 0.01
    assert first["finished_at"] <= second["started_at"]


async def test_a_task_without_an_answer_says_which_failure(service: Inside) -> None:
    made = await service.create(max_attempts=1)
    await service.reaches(made, "failed")
    task = await service.task(made)
    assert (task["reason"], task["last_code"], task["last_error"]) == ("attempts_spent", None, "connect")
    assert task["finished_at"] < task["keep_until"]
    assert (await service.get(f"/tasks/{made}/attempts")).json["items"][0]["outcome"] == "connect"


async def test_a_body_comes_as_a_file_whole_or_in_part(service: Inside) -> None:
    made = await service.create(
        body_base64=base64.b64encode(b"<b>0123456789").decode(), content_type="text/html"
    )
    whole = await service.get(f"/tasks/{made}/body")
    assert (whole.status, whole.body) == (200, b"<b>0123456789")
    assert whole.headers["Content-Type"] == "text/html"
    assert whole.headers["Content-Disposition"] == f'attachment; filename="{made}"'
    assert whole.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in whole.headers["Content-Security-Policy"]
    tag = whole.headers["ETag"]
    for wanted, status, part, span in [
        ("bytes=3-5", 206, b"012", "bytes 3-5/13"),
        ("bytes=10-", 206, b"789", "bytes 10-12/13"),
        ("bytes=-2", 206, b"89", "bytes 11-12/13"),
        ("bytes=5-99", 206, b"23456789", "bytes 5-12/13"),
        ("bytes=13-", 416, b"", "bytes */13"),
        ("bytes=-0", 416, b"", "bytes */13"),
    ]:
        answer = await service.get(f"/tasks/{made}/body", Range=wanted)
        assert (answer.status, answer.body, answer.headers["Content-Range"]) == (status, part, span)
    for wanted in ("bytes=0-1,3-4", "bytes=5-3", "lines=1-2", "bytes=-", "bytes=a-b", ""):
        assert (await service.get(f"/tasks/{made}/body", Range=wanted)).status == 200
    assert (await service.get(f"/tasks/{made}/body", Range="bytes=0-0", If_Range='"other"')).status == 200
    assert (await service.get(f"/tasks/{made}/body", Range="bytes=0-0", If_Range=tag)).status == 206
    assert (await service.get(f"/tasks/{made}/body", If_None_Match=tag)).status == 304


async def test_a_task_without_a_body_has_none(service: Inside) -> None:
    made = await service.create()
    answer = await service.get(f"/tasks/{made}/body")
    assert (answer.status, answer.body) == (200, b"")


async def test_a_task_that_is_not_there_is_404(service: Inside) -> None:
    calls = [("GET", ""), ("GET", "/attempts"), ("GET", "/body"), ("POST", "/retry"), ("POST", "/cancel")]
    for task_id in (MISSING, "1", "x" * 2000, "%00", "..%2F..", MISSING + "0"):
        for verb, rest in calls:
            answer = await service.call(verb, f"/api/v1/tasks/{task_id}{rest}")
            assert (answer.status, answer.json["code"]) == (404, "not_found"), (verb, task_id, rest)


async def test_a_waiting_task_is_cancelled_and_granted_anew(service: Inside, ledger: Ledger) -> None:
    ledger.answer = lambda _: Answer(500)
    made = await service.create(url=ledger.url())
    await service.reaches(made, "retrying")
    answer = await service.call("POST", f"/api/v1/tasks/{made}/cancel")
    assert (answer.status, answer.json["status"], answer.json["allowed"]) == (
        200,
        "cancelled",
        ["retry", "edit", "resend", "delete"],
    )
    assert answer.headers["ETag"] == answer.json["etag"] == '"2"'
    assert (await service.call("POST", f"/api/v1/tasks/{made}/cancel")).status == 200
    ledger.answer = lambda _: Answer(204)
    answer = await service.call("POST", f"/api/v1/tasks/{made}/retry")
    assert (answer.status, answer.json["attempts_left"]) == (200, answer.json["max_attempts"])
    await service.reaches(made, "delivered")
    answer = await service.call("POST", f"/api/v1/tasks/{made}/cancel")
    assert (answer.status, answer.json["code"]) == (409, "conflict")
    assert answer.json["params"] == {"status": "delivered"}


async def test_a_command_with_an_old_tag_changes_nothing(service: Inside, ledger: Ledger) -> None:
    ledger.answer = lambda _: Answer(500)
    made = await service.create(url=ledger.url())
    await service.reaches(made, "retrying")
    for path in (f"/api/v1/tasks/{made}/cancel", f"/api/v1/tasks/{made}/retry"):
        answer = await service.call("POST", path, If_Match='"7"')
        assert (answer.status, answer.json["code"]) == (412, "stale")
        answer = await service.call("POST", path, If_Match="7")
        assert (answer.status, answer.json["code"]) == (400, "bad_request")
        answer = await service.call("POST", f"{path}?force=1")
        assert (answer.status, answer.faults) == (422, [("#force", "unknown_parameter")])
    assert (await service.task(made))["version"] == 1
    assert (await service.call("POST", f"/api/v1/tasks/{made}/cancel", If_Match='"1"')).status == 200
    assert (await service.call("POST", f"/api/v1/tasks/{made}/cancel", If_Match="*")).status == 200


async def test_what_is_under_way_is_shown_found_and_counted_as_sending(
    service: Inside, ledger: Ledger
) -> None:
    ledger.answer = lambda _: HANG
    made = await service.create(url=ledger.url())
    await wait_until(lambda: ledger.times(made), 10)
    task = await service.task(made)
    assert (task["status"], task["group"], task["allowed"]) == (
        "sending",
        "in_progress",
        ["cancel", "resend"],
    )
    assert task["next_attempt_at"] is None
    assert task["sending_since"] >= task["created_at"]
    assert [item["id"] for item in (await service.get("/tasks?status=sending")).json["items"]] == [made]
    assert (await service.get("/tasks?status=queued")).json["items"] == []
    assert (await service.get("/tasks?group=in_progress")).json["items"][0]["status"] == "sending"
    counted = (await service.get("/tasks/count")).json
    assert (counted["total"], counted["by_status"]["sending"], counted["by_status"]["queued"]) == (1, 1, 0)
    assert counted["by_group"] == {"in_progress": 1, "delivered": 0, "failed": 0, "cancelled": 0}
    now = (await service.get("/stats")).json["now"]
    assert (now["queued"], now["sending"], now["retrying"]) == (0, 1, 0)
    statuses = {item["status"]: item["count"] for item in (await service.get("/statuses")).json["items"]}
    assert (statuses["sending"], statuses["queued"]) == (1, 0)


async def test_while_an_attempt_is_under_way_a_cancel_is_noted_and_a_retry_refused(
    service: Inside, ledger: Ledger
) -> None:
    ledger.answer = lambda _: HANG
    made = await service.create(url=ledger.url(), timeout=0.5)
    await wait_until(lambda: ledger.times(made), 10)
    retried = await service.call("POST", f"/api/v1/tasks/{made}/retry")
    assert (retried.status, retried.json["params"]) == (409, {"status": "sending"})
    cancelled = await service.call("POST", f"/api/v1/tasks/{made}/cancel")
    assert (cancelled.status, cancelled.json["status"], cancelled.json["cancel_noted"]) == (
        202,
        "sending",
        True,
    )
    await service.reaches(made, "cancelled")


async def test_a_list_is_paged_both_ways(service: Inside) -> None:
    made = [await service.create(event=f"e{n % 2}") for n in range(5)]
    first = (await service.get("/tasks?limit=2")).json
    assert [task["id"] for task in first["items"]] == made[:2:-1]
    assert first["complete"] is True
    second = (await service.get(f"/tasks?limit=2&cursor={first['next']}")).json
    assert [task["id"] for task in second["items"]] == made[2:0:-1]
    back = (await service.get(f"/tasks?limit=2&cursor={second['prev']}")).json
    assert [task["id"] for task in back["items"]] == made[:2:-1]
    oldest = (await service.get("/tasks?order=oldest&event=e0")).json
    assert [task["id"] for task in oldest["items"]] == made[::2]
    assert (oldest["next"], (await service.get("/tasks?event=e9")).json["items"]) == (None, [])
    assert (await service.get("/tasks/count?event=e0,e9")).json["total"] == 3


QUERIES = {
    "limit=0": [("#limit", "out_of_range")],
    "limit=201": [("#limit", "out_of_range")],
    "limit=-1": [("#limit", "out_of_range")],
    "limit=1e1": [("#limit", "out_of_range")],
    "limit=%D9%A1": [("#limit", "out_of_range")],
    "limit=" + "9" * 5000: [("#limit", "out_of_range")],
    "order=up": [("#order", "unknown_value")],
    "cursor=": [("#cursor", "invalid_cursor")],
    "staus=failed": [("#staus", "unknown_parameter")],
    "status=lost": [("#status", "invalid_value")],
    "code=99": [("#code", "invalid_value")],
    "created_from=yesterday": [("#created_from", "invalid_value")],
}


async def test_faults_of_a_query_are_named(service: Inside) -> None:
    for query, expected in QUERIES.items():
        answer = await service.get(f"/tasks?{query}")
        assert (answer.status, answer.faults) == (422, expected)


async def test_faults_of_paging_and_filter_are_named_together(service: Inside) -> None:
    answer = await service.get("/tasks?limit=0&staus=failed")
    assert sorted(answer.faults) == [("#limit", "out_of_range"), ("#staus", "unknown_parameter")]


async def test_a_cursor_that_is_none_is_refused(service: Inside) -> None:
    for cursor in ("x", "%FF", "9" * 1000, "a" * 1025, "%00"):
        answer = await service.get(f"/tasks?cursor={cursor}")
        assert (answer.status, answer.faults[0][0]) == (422, "#cursor"), cursor


async def test_a_reader_that_would_not_see_all_is_told(
    service: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def behind(*_: object) -> None:
        raise IndexBehind(retry_after=1)

    monkeypatch.setattr(Pump, "imported", behind)
    monkeypatch.setattr(Pump, "caught_up", behind)
    for path in ("/tasks", "/tasks/count", f"/tasks/{MISSING}", "/destinations"):
        answer = await service.get(path)
        assert (answer.status, answer.json["code"], answer.headers["Retry-After"]) == (
            503,
            "index_behind",
            "1",
        )


async def test_reference_lists_are_complete(service: Inside) -> None:
    statuses = (await service.get("/statuses")).json["items"]
    assert [item["status"] for item in statuses] == [
        "queued",
        "sending",
        "retrying",
        "delivered",
        "failed",
        "cancelled",
    ]
    assert statuses[0]["transitions"] == ["sending", "failed", "cancelled"]
    assert [item["status"] for item in statuses if item["terminal"]] == ["delivered", "failed", "cancelled"]
    assert all(set(item["title"]) == set(item["description"]) == {"ru", "en"} for item in statuses)
    methods = (await service.get("/methods")).json["items"]
    assert [item["name"] for item in methods] == ["POST", "PUT", "PATCH", "DELETE", "GET"]
    assert all(item["builtin"] for item in methods)
    parameters = {item["name"]: item for item in (await service.get("/parameters")).json["items"]}
    assert parameters["server.port"]["value"] == parameters["server.port"]["default"] == 8080
    assert parameters["delivery.timeout"]["display"] == "15 s"
    assert parameters["delivery.timeout"]["origin"] == "default"


async def test_the_session_says_who_and_whom(service: Inside) -> None:
    session = (await service.get("/session")).json
    assert (session["auth"], session["name"], session["role"]) == ("none", "local", "operator")
    assert (session["version"], session["lang"], session["ready"]) == (__version__, "auto", True)
    assert session["instance"]
    assert session["started_at"] <= session["now"]
