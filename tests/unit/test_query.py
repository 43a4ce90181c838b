"""Filters as query strings: what each parameter means, and all that is wrong with one at once."""

from typing import Any

import pytest

from okydrom.errors import Invalid
from okydrom.store.query import FIELDS, Filter, parse_filter
from okydrom.task import Failure, Reason, Status

NOW = 1_790_000_000_000
ID = "018bcfe5-6800-7000-8000-000000000001"


def parsed(*pairs: tuple[str, str]) -> Filter:
    """The filter of these pairs."""
    return parse_filter(pairs, NOW)


def faults(*pairs: tuple[str, str]) -> list[tuple[str, str]]:
    """Place and code of each fault."""
    with pytest.raises(Invalid) as caught:
        parse_filter(pairs, NOW)
    return [(fault.pointer, fault.code) for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("name", "text", "field", "value"),
    [
        ("status", "queued", "status", frozenset({Status.QUEUED})),
        ("group", "failed", "status", frozenset({Status.FAILED})),
        ("group", "in_progress", "status", frozenset({Status.QUEUED, Status.SENDING, Status.RETRYING})),
        ("reason", "expired", "reason", frozenset({Reason.EXPIRED})),
        ("method", "CRM", "method", frozenset({"CRM"})),
        ("destination", "http://A.example", "destination", frozenset({"http://a.example:80"})),
        ("source", "shop", "source", frozenset({"shop"})),
        ("event", "user.created", "event", frozenset({"user.created"})),
        ("label.tenant", "acme", "labels", (("tenant", frozenset({"acme"})),)),
        ("label.a.b", "1", "labels", (("a.b", frozenset({"1"})),)),
        ("code", "503", "codes", ((503, 503),)),
        ("code", "4XX,503", "codes", ((400, 499), (503, 503))),
        ("error", "dns,tls", "error", frozenset({Failure.DNS, Failure.TLS})),
        ("parent", ID.upper(), "parent", ID),
        ("created_from", "2026-09-21T14:13:20Z", "created_from", NOW),
        ("created_to", "-24h", "created_to", NOW - 86_400_000),
        ("finished_from", "2026-09-21t17:13:20.5+03:00", "finished_from", NOW + 500),
        ("finished_to", "2026-09-21T17:13:20 03:00", "finished_to", NOW),
        ("due_before", "-0s", "due_before", NOW),
        ("attempts_from", "3", "attempts_from", 3),
        ("order_key", "order-1,order-2", "order_key", frozenset({"order-1", "order-2"})),
        ("held", "true", "held", True),
    ],
)
def test_a_parameter_means(name: str, text: str, field: str, value: Any) -> None:
    asked_at = NOW if field == "held" else 0
    assert parsed((name, text)) == Filter(**{field: value}, asked_at=asked_at)


def test_every_field_is_tried_here() -> None:
    (mark,) = (mark for mark in test_a_parameter_means.pytestmark if mark.name == "parametrize")
    tried = {case[0] for case in mark.args[1]}
    assert set(FIELDS) <= tried


def test_values_of_a_field_add_up_whether_repeated_or_after_commas() -> None:
    assert parsed(("status", "queued,retrying"), ("status", "failed")).status == {
        Status.QUEUED,
        Status.RETRYING,
        Status.FAILED,
    }
    assert parsed(("label.a", "1,2"), ("label.a", "3"), ("label.b", "1")).labels == (
        ("a", frozenset("123")),
        ("b", frozenset("1")),
    )


def test_an_empty_value_filters_nothing() -> None:
    assert parsed(("status", ""), ("event", " , "), ("parent", ""), ("label.x", "")) == Filter()


def test_status_and_group_together_leave_what_is_in_both() -> None:
    assert parsed(("status", "queued,failed"), ("group", "failed,delivered")).status == {Status.FAILED}
    assert faults(("status", "queued"), ("group", "failed")) == [("#status", "contradiction")]


def test_all_faults_are_told_together() -> None:
    assert faults(
        ("status", "done,queued,gone"),
        ("code", "99,1xx,0xx,5x"),
        ("stat", "queued"),
        ("created_from", "yesterday"),
        ("created_to", "2026-02-30T00:00:00Z"),
        ("attempts_from", "-1"),
        ("parent", "x"),
        ("destination", "nowhere"),
        ("event", "a\0b"),
        ("source", "\ud800"),
        ("due_before", "-5 parsecs"),
        ("label.\ud800", "x"),
        ("label.", "x"),
    ) == [
        *[("#status", "invalid_value")] * 2,
        *[("#code", "invalid_value")] * 3,
        ("#stat", "unknown_parameter"),
        ("#created_from", "invalid_value"),
        ("#created_to", "invalid_value"),
        ("#attempts_from", "invalid_value"),
        ("#parent", "invalid_value"),
        ("#destination", "invalid_value"),
        ("#event", "invalid_value"),
        ("#source", "invalid_value"),
        ("#due_before", "invalid_value"),
        ("#label.?", "unknown_parameter"),
        ("#label.", "unknown_parameter"),
    ]


@pytest.mark.parametrize(
    ("name", "meant"),
    [("stauts", "status"), ("created", "created_to"), ("lable.k", "label.k"), ("zzz", None)],
)
def test_an_unknown_parameter_is_told_what_may_be_meant(name: str, meant: str | None) -> None:
    with pytest.raises(Invalid) as caught:
        parse_filter([(name, "x")], NOW)
    (fault,) = caught.value.faults
    assert fault.params.get("suggestion") == meant
    assert ("Did you mean" in fault.message) == (meant is not None)


def test_a_single_value_may_stand_once() -> None:
    assert faults(("parent", ID), ("parent", ID)) == [("#parent", "too_many")]


def test_values_are_bounded() -> None:
    assert len(parsed(("event", ",".join(map(str, range(100))))).event) == 100
    assert faults(("event", ",".join(map(str, range(101))))) == [("#event", "too_many")]
    assert faults(("event", "x" * 1_025)) == [("#event", "invalid_value")]


@pytest.mark.parametrize("text", ["9999-12-31T23:59:59Z", "-9999999d", "1900-01-01T00:00:00Z"])
def test_times_out_of_reach_are_brought_near(text: str) -> None:
    moment = parsed(("created_from", text)).created_from
    assert moment is not None
    assert 0 <= moment < 2**53


def test_terms_that_overlap_do_not_multiply() -> None:
    term = "code:" + ",".join(["4xx"] * 20)
    assert parsed(("q", " ".join([term] * 40))).codes == ((400, 499),)
    assert parsed(("q", "code:4xx,503 code:410,411,503"), ("code", "5xx,4xx")).codes == (
        (410, 411),
        (503, 503),
    )


def test_a_filter_has_no_more_labels_than_a_task() -> None:
    pairs = [(f"label.l{number}", "x") for number in range(16)]
    assert len(parsed(*pairs, ("q", "label.l1:x")).labels) == 16
    assert faults(*pairs, ("label.more", "x")) == [("#label", "too_many")]
    assert faults(*pairs, ("q", "label.more:x label.most:x")) == [("#q", "too_many")]
