"""Why a task is where it is: every case as codes, over nothing but what is handed in."""

import re
from pathlib import Path
from typing import Any

from okydrom.delivery.explain import Affects, Around, Explanation, Next, Place, Why, explain
from okydrom.store.command import Past
from okydrom.task import Failure, Reason, Schedule, Status, Task
from okydrom.times import rfc3339
from tests.support.tasks import CREATED, make_task, moved

NOW = CREATED + 60_000
POLICY = Schedule((5_000, 60_000))
DOCUMENT = (Path(__file__).parents[2] / "docs" / "api.md").read_text("utf-8")
TASK = make_task(max_attempts=3, expires_at=CREATED + 3_600_000)
RETRYING = moved(
    TASK, status=Status.RETRYING, attempts=1, attempts_left=2, next_attempt_at=NOW + 5_000, last_code=503
)


def explained(task: Task, **around: Any) -> Explanation:
    return explain(task, Around(**{"now": NOW, "policy": POLICY, "timeout": 15_000, **around}))


def why(task: Task, **around: Any) -> list[str]:
    return [said.code for said in explained(task, **around).why]


def coming(task: Task, **around: Any) -> list[tuple[str, int | None]]:
    return [(said.code, said.at) for said in explained(task, **around).next]


def test_the_document_explains_every_code_and_no_other() -> None:
    listed = re.findall(r"^\| `(why|next|affected)` \| `(\w+)` \|", DOCUMENT, re.MULTILINE)
    kinds = {"why": Why, "next": Next, "affected": Affects}
    assert listed == [(name, code.value) for name, kind in kinds.items() for code in kind]


def test_a_delayed_task_waits_for_its_time() -> None:
    task = moved(TASK, next_attempt_at=NOW + 1_000, deliver_at=NOW + 1_000)
    found = explained(task)
    assert [(said.code, said.params) for said in found.why] == [("delayed", {"until": rfc3339(NOW + 1_000)})]
    assert coming(task) == [("attempt", NOW + 1_000), ("gives_up", TASK.expires_at)]
    assert list(found.schedule) == [(1, NOW + 1_000), (2, NOW + 6_000), (3, NOW + 66_000)]
    assert found.gives_up_at == NOW + 66_000
    assert found.affected == []


def test_a_retrying_task_waits_for_its_next_attempt() -> None:
    found = explained(RETRYING)
    assert [(said.code, said.params) for said in found.why] == [
        ("waiting_for_retry", {"until": rfc3339(NOW + 5_000), "attempt": 2, "outcome": "503"})
    ]
    assert [said.params for said in found.next] == [{"attempt": 2, "max": 3}, {}]
    assert list(found.schedule) == [(2, NOW + 5_000), (3, NOW + 65_000)]
    there = {"destination": TASK.destination, "status": [Status.RETRYING, Status.FAILED]}
    assert [(said.code, said.filter) for said in found.affected] == [
        ("same_failure", there | {"code": "503"}),
        ("any_failure", there),
    ]
    lost = moved(RETRYING, last_code=None, last_error=Failure.TIMEOUT)
    assert explained(lost).affected[0].filter["error"] == "timeout"


def test_no_attempt_is_planned_after_the_deadline() -> None:
    task = moved(RETRYING, expires_at=NOW + 20_000)
    found = explained(task)
    assert (list(found.schedule), found.gives_up_at) == ([(2, NOW + 5_000)], NOW + 5_000)
    late = explained(moved(RETRYING, expires_at=NOW + 1_000))
    assert (list(late.schedule), late.gives_up_at) == ([], NOW + 1_000)
    for_ever = explained(moved(RETRYING, expires_at=None))
    assert [said.code for said in for_ever.next] == ["attempt"]


def test_a_due_task_says_what_holds_it_back() -> None:
    assert why(TASK) == ["due"]
    assert why(TASK, ahead=7, senders_busy=True, stopping=True, place=Place(in_flight=2, window=2)) == [
        "due",
        "tasks_ahead",
        "window_full",
        "senders_busy",
        "service_stopping",
    ]
    assert explained(TASK, ahead=7).why[1].params == {"count": 7}
    assert coming(TASK)[0] == ("attempt", NOW)


def test_a_destination_says_why_it_is_not_sent_to() -> None:
    until = NOW + 30_000
    for place, code, params in [
        (
            Place(cause="retry_after", code="429", value="30", since=NOW, until=until),
            "destination_held",
            {"since": rfc3339(NOW), "until": rfc3339(until), "outcome": "429", "asked_s": "30"},
        ),
        (
            Place(cause="failures", code="timeout", since=NOW, until=until),
            "destination_failing",
            {"since": rfc3339(NOW), "until": rfc3339(until), "outcome": "timeout"},
        ),
        (
            Place(cause="failures", narrow=True, code="503", since=NOW, window=4),
            "destination_throttled",
            {"since": rfc3339(NOW), "outcome": "503", "window": 4},
        ),
        (
            Place(cause="limit", narrow=True, value="2/s", until=until),
            "destination_rate",
            {"rate": "2/s", "until": rfc3339(until)},
        ),
    ]:
        found = explained(TASK, place=place)
        assert [(said.code, said.params) for said in found.why][1:] == [(code, params)]
        assert coming(TASK, place=place)[0] == ("attempt", place.until or NOW)
        assert found.schedule[0] == (1, place.until or NOW)
        assert [(said.code, said.filter) for said in found.affected] == [
            ("same_destination", {"destination": TASK.destination, "group": "in_progress"})
        ]


def test_a_pause_waits_for_an_operator() -> None:
    place = Place(cause="operator", since=NOW, by="ann", note="moving house")
    found = explained(TASK, place=place)
    assert [(said.code, said.params) for said in found.why][1:] == [
        ("destination_paused", {"since": rfc3339(NOW), "by": "ann", "note": "moving house"})
    ]
    assert coming(TASK, place=place) == [("resume", None), ("gives_up", TASK.expires_at)]


def test_a_task_with_an_order_key_waits_for_its_turn() -> None:
    task = moved(TASK, order_key="k", next_attempt_at=None)
    found = explained(task, ahead_in_line=3, behind_in_line=2)
    assert [(said.code, said.params) for said in found.why] == [("order_key", {"order_key": "k", "ahead": 3})]
    assert coming(task, ahead_in_line=3)[0] == ("turn", None)
    assert [(said.code, said.filter) for said in found.affected] == [
        ("same_order_key", {"order_key": "k", "source": "local", "group": "in_progress"})
    ]


def test_an_attempt_under_way_has_an_end() -> None:
    found = explained(RETRYING, sending_since=NOW - 1_000)
    assert [(said.code, said.params) for said in found.why] == [
        ("sending", {"since": rfc3339(NOW - 1_000), "attempt": 2, "max": 3})
    ]
    assert coming(RETRYING, sending_since=NOW - 1_000)[0] == ("attempt_ends", NOW + 14_000)
    assert list(found.schedule) == [(2, NOW - 1_000), (3, NOW + 59_000)]
    noted = moved(RETRYING, cancel_noted=True)
    history = (Past(NOW, "ann", "cancel", None),)
    assert why(noted, sending_since=NOW, history=history) == ["sending", "cancel_noted"]
    assert explained(noted, sending_since=NOW, history=history).why[1].params == {"by": "ann"}
    assert [code for code, _ in coming(noted, sending_since=NOW)] == ["attempt_ends", "cancel"]


def test_an_ended_task_says_how_it_ended() -> None:
    ended = {"next_attempt_at": None, "finished_at": NOW, "attempts": 2}
    history = (
        Past(NOW - 5, "bob", "cancel", None),
        Past(NOW, "ann", "cancel", None),
        Past(NOW, "eve", "delete", None),
    )
    ends: list[tuple[Task, list[tuple[str, dict[str, Any]]]]] = [
        (
            moved(TASK, status=Status.DELIVERED, last_code=204, **ended),
            [("delivered", {"code": 204, "attempts": 2})],
        ),
        (
            moved(TASK, status=Status.FAILED, reason=Reason.ATTEMPTS_SPENT, last_error=Failure.DNS, **ended),
            [("failed", {"reason": "attempts_spent", "outcome": "dns", "attempts": 2})],
        ),
        (
            moved(TASK, status=Status.FAILED, reason=Reason.EXPIRED, **ended),
            [("failed", {"reason": "expired", "outcome": None, "attempts": 2})],
        ),
        (moved(TASK, status=Status.CANCELLED, **ended), [("cancelled", {"by": "ann"})]),
        (
            moved(TASK, status=Status.CANCELLED, erased_at=NOW, **ended),
            [("cancelled", {"by": "ann"}), ("erased", {"by": "eve"})],
        ),
    ]
    for task, said in ends:
        found = explained(task, history=history, keep_until=NOW + 9)
        assert [(each.code, each.params) for each in found.why] == [
            (code, {"at": rfc3339(NOW), **params}) for code, params in said
        ]
        assert [(each.code, each.at) for each in found.next] == [("removed", NOW + 9)]
        assert (list(found.schedule), found.gives_up_at) == ([], None)
    assert explained(task).next == []
