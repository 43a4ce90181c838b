"""Edits: what a merge patch makes of a task, and what is wrong with it."""

import random
from typing import Any

import msgspec
import pytest

from okydrom.config.settings import Limits, MethodSettings, Retry
from okydrom.delivery.commands import edit_command
from okydrom.delivery.edit import callback_json, copied, edited, summary
from okydrom.delivery.methods import Methods
from okydrom.errors import BadRequest, Invalid
from okydrom.task import Exponential, Reason, Schedule, Status, Task
from okydrom.web.patch import read_edit
from okydrom.web.schema import Schema
from tests.support.tasks import CREATED, make_task, moved

NOW = CREATED + 60_000
READ = Schema(
    Limits(),
    Retry(),
    Methods({"crm": MethodSettings(http_method="PUT", url="http://crm.internal/hook", max_attempts=4)}),
    now=lambda: NOW,
    rand=random.Random(3),
).task


def patched(task: Task, patch: bytes) -> Task:
    return edited(task, read_edit(patch, 64), READ)


def faults(task: Task, patch: bytes) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as caught:
        patched(task, patch)
    return [(fault.pointer, fault.code) for fault in caught.value.faults]


TASK = make_task(
    url="http://a.example/hook?key=secret",
    destination="http://a.example:80",
    headers=(("Authorization", "Bearer x"), ("X-Plain", "1")),
    labels={"tenant": "acme", "tier": "1"},
    event="user.created",
    timeout=2_500,
    retry=Schedule((5_000, 60_000)),
    expires_at=CREATED + 3_600_000,
)


@pytest.mark.parametrize(
    ("patch", "changed"),
    [
        (b"{}", {}),
        (b'{"event":"user.deleted"}', {"event": "user.deleted"}),
        (b'{"event":null,"timeout":null}', {"event": None, "timeout": None}),
        (b'{"labels":{"tier":null,"zone":"b"}}', {"labels": {"tenant": "acme", "zone": "b"}}),
        (b'{"labels":null}', {"labels": {}}),
        (b'{"headers":{"x-plain":"2"}}', {"headers": (("Authorization", "Bearer x"), ("x-plain", "2"))}),
        (b'{"headers":{"X-PLAIN":null}}', {"headers": (("Authorization", "Bearer x"),)}),
        (b'{"headers":{"Authorization":"***"}}', {}),
        (b'{"headers":{"authorization":"***","X-Plain":"1"}}', {}),
        (b'{"headers":null}', {"headers": ()}),
        (b'{"url":"http://a.example/hook?***"}', {}),
        (
            b'{"url":"https://b.example/in?***"}',
            {"url": "https://b.example/in?key=secret", "destination": "https://b.example:443"},
        ),
        (b'{"url":"http://a.example/"}', {"url": "http://a.example/"}),
        (b'{"method":"PUT"}', {"method": "PUT", "http_method": "PUT"}),
        (
            b'{"method":"crm","url":"http://crm.internal/x"}',
            {
                "method": "crm",
                "http_method": "PUT",
                "url": "http://crm.internal/x",
                "destination": "http://crm.internal:80",
            },
        ),
        (
            b'{"method":"crm","url":null}',
            {
                "method": "crm",
                "http_method": "PUT",
                "url": "http://crm.internal/hook",
                "destination": "http://crm.internal:80",
            },
        ),
        (b'{"payload":{"a":1.0}}', {"body": b'{"a":1.0}'}),
        (b'{"body":"text"}', {"body": b"text", "content_type": "text/plain; charset=utf-8"}),
        (b'{"body_base64":"AAE="}', {"body": b"\0\1", "content_type": "application/octet-stream"}),
        (b'{"payload":null}', {"body": None, "content_type": None}),
        (b'{"payload":null,"body":"x"}', {"body": b"x", "content_type": "text/plain; charset=utf-8"}),
        (b'{"content_type":"text/csv"}', {"content_type": "text/csv"}),
        (b'{"content_type":null}', {"content_type": None}),
        (b'{"max_attempts":3}', {"max_attempts": 3, "attempts_left": 3}),
        (b'{"max_attempts":null}', {"max_attempts": 3, "attempts_left": 3}),
        (b'{"retry":{"schedule":["1s"]}}', {"retry": Schedule((1_000,))}),
        (b'{"retry":{"first":"1s"}}', {"retry": Exponential(1_000, 2.0, 86_400_000)}),
        (b'{"retry":null}', {"retry": None}),
        (b'{"timeout":"4s"}', {"timeout": 4_000}),
        (b'{"order_key":null}', {}),
    ],
)
def test_a_patch_changes_what_it_says_and_nothing_else(patch: bytes, changed: dict[str, Any]) -> None:
    assert patched(TASK, patch) == moved(TASK, **changed)


def test_a_policy_without_a_schedule_is_merged() -> None:
    task = moved(TASK, retry=Exponential(1_000, 3.0, 60_000))
    assert patched(task, b'{"retry":{"max":"2min"}}').retry == Exponential(1_000, 3.0, 120_000)
    assert patched(task, b'{"retry":{"schedule":["1s"]}}').retry == Schedule((1_000,))


def test_times_count_from_the_edit() -> None:
    later = patched(TASK, b'{"delay":"30min"}')
    assert (later.deliver_at, later.next_attempt_at) == (NOW + 1_800_000, NOW + 1_800_000)
    assert later.expires_at == TASK.expires_at
    assert patched(later, b'{"deliver_at":null}').next_attempt_at == NOW
    assert patched(TASK, b'{"ttl":"2h"}') == moved(TASK, expires_at=NOW + 7_200_000)
    both = patched(TASK, b'{"delay":"3h","ttl":"4h"}')
    assert (both.next_attempt_at, both.expires_at) == (NOW + 10_800_000, NOW + 14_400_000)
    assert faults(TASK, b'{"delay":"3h"}') == [("/delay", "after_deadline")]
    assert [code for _, code in faults(TASK, b'{"delay":"3h","ttl":"1h"}')]
    assert patched(TASK, b'{"expires_at":null}').expires_at == NOW + Retry().max_age


def test_a_callback_is_merged_and_taken_away() -> None:
    told = patched(TASK, b'{"callback":{"url":"http://c.example/?key=1"}}')
    assert callback_json(told) == {
        "url": "http://c.example/?key=1",
        "method": "POST",
        "on": ["delivered", "failed"],
    }
    less = patched(told, b'{"callback":{"on":["failed"],"url":"http://d.example/?***"}}')
    assert callback_json(less) == {"url": "http://d.example/?key=1", "method": "POST", "on": ["failed"]}
    assert patched(told, b'{"event":"e"}').callback == told.callback
    assert patched(told, b'{"callback":null}') == TASK
    assert copied(told, read_edit(b"{}", 64), READ).callback == told.callback
    assert faults(TASK, b'{"callback":{"url":"http://c.example/?***"}}') == [("/callback/url", "masked")]


def test_an_own_content_type_stays_with_another_body() -> None:
    task = moved(TASK, content_type="text/xml")
    assert patched(task, b'{"body":"<a/>"}').content_type == "text/xml"
    assert patched(task, b'{"body":"a","content_type":null}').content_type == "text/plain; charset=utf-8"


def test_attempts_made_count_against_a_new_number_of_them() -> None:
    task = moved(TASK, status=Status.RETRYING, attempts=4, attempts_left=6)
    assert patched(task, b'{"max_attempts":5}').attempts_left == 1
    assert faults(task, b'{"max_attempts":4}') == [("/max_attempts", "out_of_range")]


@pytest.mark.parametrize(
    ("patch", "expected"),
    [
        (b'{"urll":"http://a/"}', [("/urll", "unknown_field")]),
        (b'{"urll":null}', [("/urll", "unknown_field")]),
        (b'{"status":"queued"}', [("/status", "unknown_field")]),
        (b'{"order_key":"k"}', [("/order_key", "fixed")]),
        (b'{"url":"ftp://a/"}', [("/url", "url_scheme")]),
        (b'{"url":7}', [("/url", "wrong_type")]),
        (b'{"url":null}', [("/url", "required")]),
        (b'{"method":"PSOT"}', [("/method", "unknown_method")]),
        (b'{"headers":{"Host":"a"}}', [("/headers/Host", "header_name")]),
        (b'{"headers":{"X-New":"***"}}', [("/headers/X-New", "masked")]),
        (b'{"headers":{"X-New":5}}', [("/headers/X-New", "wrong_type")]),
        (b'{"headers":"x"}', [("/headers", "wrong_type")]),
        (b'{"labels":{"a":{"b":1}}}', [("/labels/a", "wrong_type")]),
        (b'{"payload":1,"body":"x"}', [("", "conflict")]),
        (
            b'{"max_attempts":0,"timeout":"0s"}',
            [("/max_attempts", "out_of_range"), ("/timeout", "invalid_duration")],
        ),
        (b'{"retry":{"schedule":[]}}', [("/retry", "invalid_retry")]),
        (
            b'{"order_key":"k","event":"","labels":{"":"x"}}',
            [("/order_key", "fixed"), ("/event", "empty"), ("/labels/", "empty")],
        ),
    ],
)
def test_all_faults_are_said_at_once(patch: bytes, expected: list[tuple[str, str]]) -> None:
    assert faults(TASK, patch) == expected


def test_a_mask_needs_something_to_stand_for() -> None:
    assert faults(moved(TASK, url="http://a.example/hook"), b'{"url":"http://a.example/x?***"}') == [
        ("/url", "masked")
    ]


def test_of_an_ended_task_only_the_data_changes() -> None:
    task = moved(
        TASK,
        status=Status.FAILED,
        reason=Reason.EXPIRED,
        finished_at=NOW,
        next_attempt_at=None,
        attempts_left=2,
    )
    assert patched(task, b'{"max_attempts":1,"event":"e"}') == moved(task, max_attempts=1, event="e")
    assert faults(task, b'{"delay":"1h","ttl":"1h"}')[:2] == [("/delay", "ended"), ("/ttl", "ended")]


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", BadRequest),
        (b"[]", Invalid),
        (b'"x"', Invalid),
        (b"{", BadRequest),
        (b'{"a":[}', BadRequest),
        (b'{"event":"\xff"}', BadRequest),
        (b'{"payload":' + b"[" * 99 + b"]" * 99 + b"}", BadRequest),
    ],
)
def test_what_is_no_patch_is_refused(data: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        read_edit(data, 64)


def test_a_copy_is_a_new_task_like_its_parent() -> None:
    task = moved(
        TASK,
        status=Status.FAILED,
        reason=Reason.EXPIRED,
        attempts=9,
        attempts_left=1,
        version=5,
        order_key="k",
    )
    copy = copied(task, read_edit(b'{"url":"http://b.example/","labels":{"tier":"2"}}', 64), READ)
    assert copy.id != task.id
    assert (copy.parent, copy.source, copy.order_key) == (task.id, task.source, "k")
    assert (copy.status, copy.version, copy.attempts, copy.attempts_left) == (
        Status.QUEUED,
        1,
        0,
        task.max_attempts,
    )
    assert (copy.created_at, copy.next_attempt_at, copy.reason) == (NOW, NOW, None)
    assert (copy.body, copy.content_type, copy.headers) == (task.body, task.content_type, task.headers)
    assert copy.url == "http://b.example/"
    assert copy.labels == {"tenant": "acme", "tier": "2"}
    assert copy.expires_at == NOW + Retry().max_age


def test_the_history_says_what_changed_and_shows_no_secret() -> None:
    after = patched(
        TASK,
        b'{"url":"http://b.example/?k=1","headers":{"Authorization":"new","X-Plain":null},"body":"abc","labels":{"tier":"2"}}',
    )
    change = msgspec.json.decode(summary(TASK, after))
    assert change == {
        "url": ["http://a.example/hook?***", "http://b.example/?***"],
        "content_type": ["application/json", "text/plain; charset=utf-8"],
        "size": [7, 3],
        "headers.Authorization": None,
        "headers.X-Plain": None,
        "labels.tier": ["1", "2"],
    }


def test_an_edit_that_changes_nothing_is_no_command() -> None:
    assert edit_command(TASK, patched(TASK, b'{"event":"user.created"}'), NOW, "ann") is None
    command = edit_command(TASK, patched(TASK, b'{"event":"x"}'), NOW, "ann")
    assert command is not None
    assert command.version == TASK.version
