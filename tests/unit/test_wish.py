"""What a client of events may ask for."""

from __future__ import annotations

import pytest

from okydrom.errors import Invalid
from okydrom.store.query import Filter
from okydrom.task import Status
from okydrom.web.wish import MOST_TASKS, Topic, Wish, parse_wish

ID = "018bcfe5-6800-7000-8000-000000000001"


def test_all_topics_are_meant_if_none_is_named() -> None:
    assert parse_wish([], 0) == Wish(frozenset(Topic), frozenset(), Filter())


def test_topics_tasks_and_a_filter_are_read() -> None:
    query = [("topics", "stats, list"), ("topics", "bulk"), ("task", f"{ID.upper()},"), ("status", "failed")]
    assert parse_wish(query, 0) == Wish(
        frozenset({Topic.STATS, Topic.LIST, Topic.BULK}),
        frozenset({ID}),
        Filter(status=frozenset({Status.FAILED})),
    )


def test_single_tasks_need_no_topic() -> None:
    assert parse_wish([("topics", ""), ("task", ID)], 0) == Wish(frozenset(), frozenset({ID}))


@pytest.mark.parametrize(
    ("query", "faults"),
    [
        ([("topics", "stat")], [("#topics", "unknown_value")]),
        ([("topics", "")], [("#topics", "required")]),
        ([("topics", "stats"), ("event", "x")], [("#topics", "needs_list")]),
        ([("task", "7")], [("#task", "invalid_value")]),
        ([("task", "7"), ("staus", "failed")], [("#task", "invalid_value"), ("#staus", "unknown_parameter")]),
        ([("limit", "3")], [("#limit", "unknown_parameter")]),
        (
            [("task", ",".join(f"018bcfe5-6800-7000-8000-{n:012}" for n in range(MOST_TASKS + 1)))],
            [("#task", "too_many")],
        ),
    ],
)
def test_what_is_wrong_is_told(query: list[tuple[str, str]], faults: list[tuple[str, str]]) -> None:
    with pytest.raises(Invalid) as refused:
        parse_wish(query, 0)
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == faults
