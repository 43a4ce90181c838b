"""Bulk operations as they are posted, and the seal under what was shown."""

from typing import Any

import msgspec
import orjson
import pytest

from okydrom.delivery.plan import Plan, Rebase, pack_plan, rebased, unpack_plan
from okydrom.errors import Invalid, StalePlan
from okydrom.store.command import Action
from okydrom.task import Status
from okydrom.web.planning import MOST_IDS, read_bulk
from okydrom.web.seal import Seal, Sealed
from tests.support.tasks import make_task

ID = "01938f3c-7d2a-7c31-9d3b-0d9c5a1f6e20"


def read(**fields: Any) -> Plan:
    return read_bulk(orjson.dumps({"dry_run": True} | fields), 64).plan


def faults(**fields: Any) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as caught:
        read(**fields)
    return [(fault.pointer, fault.code) for fault in caught.value.faults]


def test_a_filter_in_json_is_that_of_a_list() -> None:
    wanted = read(
        action="retry",
        filter={
            "status": ["failed", "queued"],
            "label": {"tenant": "acme"},
            "attempts_from": 2,
            "held": False,
        },
    ).wanted()
    assert wanted.status == {Status.FAILED, Status.QUEUED}
    assert wanted.labels == (("tenant", frozenset({"acme"})),)
    assert (wanted.attempts_from, wanted.held) == (2, False)


def test_ages_in_a_filter_speak_of_the_time_of_the_plan() -> None:
    plan = msgspec.structs.replace(read(action="delete", filter={"created_to": "-1h"}), at=7_200_000)
    assert plan.wanted().created_to == 3_600_000


def test_a_plan_survives_being_kept() -> None:
    plan = read(action="edit", ids=[ID.upper()], set={"payload": {"n": 1.0}, "event": None}, rate=2)
    kept = unpack_plan(pack_plan(plan))
    assert kept == plan
    edit = kept.edit_of(make_task())
    assert edit is not None
    assert bytes(edit.patch["payload"]) == b'{"n":1.0}'
    assert orjson.loads(pack_plan(plan)) == {
        "action": "edit",
        "ids": [ID],
        "set": {"payload": {"n": 1.0}, "event": None},
        "rate": 2.0,
    }


def test_a_rebase_meets_whole_hosts_and_parts_of_paths() -> None:
    for url, start, to, expected in [
        ("http://a/hook", "http://a", "https://b:8443", "https://b:8443/hook"),
        ("http://a", "http://a", "http://b", "http://b"),
        ("http://a?k", "http://a", "http://b", "http://b?k"),
        ("http://a.evil/hook", "http://a", "http://b", None),
        ("http://a:81/hook", "http://a", "http://b", None),
        ("http://a/v1/x", "http://a/v1/", "http://a/v2/", "http://a/v2/x"),
        ("http://a/v10", "http://a/v1", "http://a/v2", None),
        ("https://a/", "http://a", "http://b", None),
    ]:
        assert rebased(url, Rebase(start, to)) == expected, url
    assert (
        read(action="resend", filter={}, rebase={"from": "http://x", "to": "http://y"}).edit_of(make_task())
        is None
    )


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, [("/action", "required"), ("", "required")]),
        ({"action": "send", "filter": {}}, [("/action", "unknown_value")]),
        (
            {"action": {}, "filter": {}, "set": {}, "rebase": {}},
            [
                ("/action", "unknown_value"),
                ("/set", "conflict"),
                ("/rebase", "conflict"),
                ("/rebase", "wrong_type"),
            ],
        ),
        ({"action": "retry", "filter": {}, "ids": [ID]}, [("", "required")]),
        ({"action": "retry", "filter": []}, [("/filter", "wrong_type")]),
        ({"action": "retry", "filter": {"status": {"a": 1}}}, [("/filter/status", "wrong_type")]),
        ({"action": "retry", "ids": []}, [("/ids", "wrong_type")]),
        ({"action": "retry", "ids": [ID] * (MOST_IDS + 1)}, [("/ids", "wrong_type")]),
        (
            {"action": "retry", "ids": [ID, "x", 3]},
            [("/ids/1", "invalid_value"), ("/ids/2", "invalid_value")],
        ),
        ({"action": "retry", "filter": {}, "set": {"event": "x"}}, [("/set", "conflict")]),
        ({"action": "edit", "filter": {}}, [("/set", "required")]),
        ({"action": "edit", "filter": {}, "set": 1}, [("/set", "wrong_type")]),
        (
            {
                "action": "edit",
                "filter": {},
                "set": {"url": "http://a"},
                "rebase": {"from": "http://a", "to": "http://b"},
            },
            [("/set/url", "conflict")],
        ),
        ({"action": "edit", "filter": {}, "rebase": {"from": "http://a"}}, [("/rebase", "wrong_type")]),
        (
            {"action": "edit", "filter": {}, "rebase": {"from": "http://a", "to": "b"}},
            [("/rebase/to", "url_scheme")],
        ),
        ({"action": "retry", "filter": {}, "rate": 0}, [("/rate", "out_of_range")]),
        ({"action": "retry", "filter": {}, "rate": True}, [("/rate", "out_of_range")]),
        ({"action": "retry", "filter": {}, "dry_run": False}, [("", "required")]),
        ({"action": "retry", "filter": {}, "token": "t"}, [("", "required")]),
        ({"action": "retry", "filter": {}, "dry_run": None, "token": 5}, [("/token", "wrong_type")]),
        ({"action": "retry", "filter": {}, "filtre": {}}, [("/filtre", "unknown_field")]),
    ],
)
def test_all_faults_are_said(fields: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert faults(**fields) == expected


def test_faults_of_a_filter_have_their_place() -> None:
    with pytest.raises(Invalid) as caught:
        read(action="retry", filter={"staus": "failed", "code": 99}).wanted()
    assert [fault.pointer for fault in caught.value.faults] == ["/filter/staus", "/filter/code"]


def test_a_seal_holds_for_one_plan_of_one_person_for_a_time() -> None:
    seal, sealed = Seal(b"key"), Sealed(1_000, 2_000, 77, 5)
    token = seal.token(sealed, b"plan", "ann")
    assert seal.open(token, b"plan", "ann", 2_000) == sealed
    content, _, mac = token.partition(".")
    other = seal.token(Sealed(1_000, 2_000, 99, 5), b"plan", "ann").partition(".")[0]
    for given, plan, by, now in [
        (token, b"other", "ann", 1_500),
        (token, b"plan", "bob", 1_500),
        (token, b"plan", "ann", 2_001),
        (Seal(b"another").token(sealed, b"plan", "ann"), b"plan", "ann", 1_500),
        (f"{other}.{mac}", b"plan", "ann", 1_500),
        (content, b"plan", "ann", 1_500),
        ("x.y", b"plan", "ann", 1_500),
        ("\u00e9.\u00e9", b"plan", "ann", 1_500),
        (f"{token}.x", b"plan", "ann", 1_500),
    ]:
        with pytest.raises(StalePlan):
            seal.open(given, plan, by, now)


def test_what_an_action_means_is_said_for_each() -> None:
    assert {
        action: read(action=action, filter={}, **({"set": {}} if action == "edit" else {})).action
        for action in Action
    }
