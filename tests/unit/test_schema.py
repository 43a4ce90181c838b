"""Public JSON → Task: what is kept of a task, and that every fault is named with its place, all at once."""

import base64
import json
import random
from typing import Any

import pytest

from okydrom.config.settings import DAY, Limits, MethodSettings, Retry
from okydrom.delivery.methods import Methods
from okydrom.errors import BadRequest, Invalid, TooLarge
from okydrom.task import Exponential, Schedule, Task
from okydrom.web.aims import REMEMBERED
from okydrom.web.schema import Schema

NOW = 1_790_000_000_000
URL = "http://127.0.0.1:9000/hook"
METHODS = Methods(
    {
        "crm": MethodSettings(url="https://crm.internal/in", headers=(("X-Key", "s"),), max_attempts=3),
        "hooks": MethodSettings(http_method="PUT", hosts=("hooks.internal",), retry=Schedule((1000, 2000))),
    }
)


def schema(limits: Limits = Limits(), retry: Retry = Retry()) -> Schema:  # noqa: B008 (frozen)
    return Schema(limits, retry, METHODS, now=lambda: NOW, rand=random.Random(1))


def read(**fields: Any) -> Task:
    return schema().task(json.dumps({"url": URL} | fields).encode(), "local")


def faults(fields: Any, limits: Limits = Limits()) -> list[tuple[str, str]]:  # noqa: B008 (frozen)
    with pytest.raises(Invalid) as caught:
        schema(limits).task(json.dumps(fields).encode(), "local")
    return [(fault.pointer, fault.code) for fault in caught.value.faults]


def test_a_task_needs_no_more_than_a_url() -> None:
    task = schema().task(b'{"url":"http://Example.com/a?b"}', "billing")
    assert (task.url, task.destination) == ("http://Example.com/a?b", "http://example.com:80")
    assert (task.source, task.method, task.http_method) == ("billing", "POST", "POST")
    assert (task.body, task.content_type, task.size) == (None, None, 0)
    assert (task.created_at, task.updated_at, task.next_attempt_at) == (NOW, NOW, NOW)
    assert (task.expires_at, task.max_attempts, task.attempts_left) == (NOW + 7 * DAY, 10, 10)
    assert task.id[14] == "7"


@pytest.mark.parametrize(
    "exact",
    [
        b"9007199254740993",
        b"1.0",
        b"1e400",
        b"18446744073709551616",
        b"null",
        b'"\\u0000"',
        b'{"b": 1,\n "a" : [ 1.50 ],"b":2}',
        b'"\\u041f\\/"',
        '"Привет"'.encode(),
        b"-0",
    ],
)
def test_a_payload_keeps_its_exact_bytes(exact: bytes) -> None:
    task = schema().task(b'{"url":"' + URL.encode() + b'", "payload" : ' + exact + b" }", "local")
    assert task.body == exact
    assert task.content_type == "application/json"


def test_text_and_binary_bodies_have_types_of_their_own() -> None:
    assert (read(body="Ж").body, read(body="Ж").content_type) == ("Ж".encode(), "text/plain; charset=utf-8")
    task = read(body_base64=base64.b64encode(b"\x00\xff").decode(), content_type="image/x")
    assert (task.body, task.content_type) == (b"\x00\xff", "image/x")
    assert (read(body="").body, read(body_base64="").body) == (b"", b"")
    assert read(body_base64="").content_type == "application/octet-stream"


def test_everything_that_may_be_given_is_kept() -> None:
    labels = {"tenant": "acme", "имя": "значение 👩‍👩‍👧"}
    task = read(
        method="PUT",
        event="user.created",
        labels=labels,
        headers={"X-A": "1", "Authorization": "Bearer x"},
        max_attempts=3,
        retry={"first": "1s", "factor": 3, "max": "1h"},
        timeout="2s",
    )
    assert (task.http_method, task.event, task.labels) == ("PUT", "user.created", labels)
    assert task.headers == (("X-A", "1"), ("Authorization", "Bearer x"))
    assert (task.max_attempts, task.timeout) == (3, 2000)
    assert task.retry == Exponential(1000, 3.0, 3_600_000)


def test_null_means_not_given() -> None:
    empty = dict.fromkeys(
        ["method", "body", "content_type", "headers", "event", "labels", "retry", "timeout"]
    )
    assert read(**empty).method == "POST"


def test_the_url_goes_out_as_it_was_posted_but_for_what_is_not_ascii() -> None:
    assert read(url="https://a.example/%2f~%7E?q=a%20b").url == "https://a.example/%2f~%7E?q=a%20b"
    assert read(url="https://a.example/ж").url == "https://a.example/%D0%B6"


def test_attempts_follow_from_the_schedule_in_force() -> None:
    assert read(retry={"schedule": [1, 2]}).max_attempts == 3
    assert read(retry={"first": 1}).max_attempts == 10
    assert read(method="hooks", url="http://hooks.internal/").max_attempts == 3
    assert read(method="crm", url=None).max_attempts == 3
    assert read(method="crm", url=None, retry={"schedule": [1] * 4}).max_attempts == 5
    assert read(retry={"schedule": [1] * 100}).max_attempts == 100


def test_a_task_has_no_deadline_where_that_is_off() -> None:
    task = schema(retry=Retry(max_age=0)).task(b'{"url":"http://a/"}', "local")
    assert task.expires_at is None


def test_a_method_brings_its_url_and_takes_its_credentials_nowhere_else() -> None:
    assert read(method="crm", url=None).url == "https://crm.internal/in"
    assert faults({"method": "crm", "url": URL}) == [("/url", "host_not_permitted")]
    assert faults({"method": "hooks", "url": URL}) == [("/url", "host_not_permitted")]
    assert read(method="hooks", url="http://hooks.internal:81/x").http_method == "PUT"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, [("/url", "required")]),
        ({"url": None}, [("/url", "required")]),
        ({"url": 7}, [("/url", "wrong_type")]),
        ({"url": "ftp://a/"}, [("/url", "url_scheme")]),
        ({"url": "http://u:p@a/"}, [("/url", "url_userinfo")]),
        ({"url": "http://a/#f"}, [("/url", "url_fragment")]),
        ({"url": "http://a/\0"}, [("/url", "url_characters")]),
        ({"url": "http://a/ b"}, [("/url", "url_characters")]),
        ({"url": "http://0x7f.1/"}, [("/url", "url_host")]),
        ({"url": "http://a:0/"}, [("/url", "url_host")]),
        ({"url": "http://a/" + "x" * 9000}, [("/url", "url_too_long")]),
        ({"url": URL, "method": "PSOT"}, [("/method", "unknown_method")]),
        ({"url": URL, "method": ""}, [("/method", "unknown_method")]),
        ({"url": URL, "method": "x" * 100_000}, [("/method", "unknown_method")]),
        ({"method": "crn"}, [("/method", "unknown_method")]),
        ({"url": URL, "payload": 1, "body": ""}, [("", "conflict")]),
        ({"url": URL, "body": 1}, [("/body", "wrong_type")]),
        ({"url": URL, "body_base64": "a"}, [("/body_base64", "not_base64")]),
        ({"url": URL, "body_base64": "YQ==\n"}, [("/body_base64", "not_base64")]),
        ({"url": URL, "body_base64": "ж"}, [("/body_base64", "not_base64")]),
        ({"url": URL, "content_type": ""}, [("/content_type", "invalid_content_type")]),
        ({"url": URL, "content_type": "a\r\nX: 1"}, [("/content_type", "invalid_content_type")]),
        ({"url": URL, "content_type": "a" * 256}, [("/content_type", "too_long")]),
        ({"url": URL, "headers": []}, [("/headers", "wrong_type")]),
        ({"url": URL, "headers": {"X-A": 1, "X-B": "b"}}, [("/headers/X-A", "wrong_type")]),
        ({"url": URL, "headers": {"Host": "a"}}, [("/headers/Host", "header_name")]),
        ({"url": URL, "headers": {"webhook-id": "a"}}, [("/headers/webhook-id", "header_name")]),
        ({"url": URL, "headers": {"a/b": "a"}}, [("/headers/a~1b", "header_name")]),
        ({"url": URL, "headers": {"X-A": "a\nb"}}, [("/headers/X-A", "header_value")]),
        ({"url": URL, "headers": {"X-A": "1", "x-a": "2"}}, [("/headers/x-a", "header_twice")]),
        ({"url": URL, "headers": {"X-A": "a" * 9000}}, [("/headers/X-A", "header_too_long")]),
        ({"url": URL, "headers": {f"X-{n}": "" for n in range(33)}}, [("/headers", "too_many_headers")]),
        ({"url": URL, "event": ""}, [("/event", "empty")]),
        ({"url": URL, "event": "e" * 129}, [("/event", "too_long")]),
        ({"url": URL, "event": "a\0"}, [("/event", "control_characters")]),
        ({"url": URL, "labels": {"a": 1}}, [("/labels/a", "wrong_type")]),
        ({"url": URL, "labels": {"": "a"}}, [("/labels/", "empty")]),
        ({"url": URL, "labels": {"k" * 65: "a"}}, [("/labels/" + "k" * 65, "too_long")]),
        ({"url": URL, "labels": {"a": "v" * 257}}, [("/labels/a", "too_long")]),
        ({"url": URL, "labels": {"a~": "\x9f"}}, [("/labels/a~0", "control_characters")]),
        ({"url": URL, "labels": {str(n): "" for n in range(17)}}, [("/labels", "too_many")]),
        ({"url": URL, "max_attempts": 0}, [("/max_attempts", "out_of_range")]),
        ({"url": URL, "max_attempts": 101}, [("/max_attempts", "out_of_range")]),
        ({"url": URL, "max_attempts": 2**70}, [("/max_attempts", "out_of_range")]),
        ({"url": URL, "max_attempts": True}, [("/max_attempts", "wrong_type")]),
        ({"url": URL, "max_attempts": 1.5}, [("/max_attempts", "wrong_type")]),
        ({"url": URL, "retry": []}, [("/retry", "wrong_type")]),
        ({"url": URL, "retry": {}}, [("/retry", "invalid_retry")]),
        ({"url": URL, "retry": {"schedule": []}}, [("/retry", "invalid_retry")]),
        ({"url": URL, "retry": {"schedule": ["5x"]}}, [("/retry", "invalid_retry")]),
        ({"url": URL, "retry": {"first": 0}}, [("/retry", "invalid_retry")]),
        ({"url": URL, "timeout": 0}, [("/timeout", "invalid_duration")]),
        ({"url": URL, "timeout": -1}, [("/timeout", "invalid_duration")]),
        ({"url": URL, "timeout": "soon"}, [("/timeout", "invalid_duration")]),
        ({"url": URL, "timeout": "11min"}, [("/timeout", "invalid_duration")]),
        ({"url": URL, "timeout": 2**64}, [("/timeout", "invalid_duration")]),
        ({"url": URL, "timeout": [1]}, [("/timeout", "wrong_type")]),
        ({"url": URL, "~/": 1}, [("/~0~1", "unknown_field")]),
        ([], [("", "wrong_type")]),
        ([{"url": URL}], [("", "wrong_type")]),
        ("text", [("", "wrong_type")]),
        (None, [("", "wrong_type")]),
    ],
)
def test_each_fault_is_named_with_its_place(fields: Any, expected: list[tuple[str, str]]) -> None:
    assert faults(fields) == expected


def test_all_faults_are_named_at_once_those_of_form_first() -> None:
    found = faults(
        {
            "urll": URL,
            "ttl": 0,
            "timeout": [],
            "labels": {"a": 1, "b": "\0"},
            "headers": {"Host": "a", "X": 1},
            "max_attempts": 0,
            "event": "",
            "payload": 1,
            "body": "b",
        }
    )
    assert sorted(found) == sorted(
        [
            ("/urll", "unknown_field"),
            ("/ttl", "invalid_duration"),
            ("/timeout", "wrong_type"),
            ("/labels/a", "wrong_type"),
            ("/headers/X", "wrong_type"),
            ("/url", "required"),
            ("", "conflict"),
            ("/headers/Host", "header_name"),
            ("/event", "empty"),
            ("/labels/b", "control_characters"),
            ("/max_attempts", "out_of_range"),
        ]
    )


def test_what_was_probably_meant_is_said() -> None:
    with pytest.raises(Invalid) as caught:
        schema().task(b'{"urll":"http://a/","method":"PSOT"}', "local")
    unknown, method = caught.value.faults
    assert (unknown.params, method.params) == ({"suggestion": "url"}, {"suggestion": "POST"})
    assert "Did you mean 'url'?" in unknown.message


def test_a_flood_of_faults_is_cut_off() -> None:
    assert len(faults({f"field{n}": n for n in range(10_000)})) <= 101
    assert len(faults({"url": URL, "labels": {f"l{n}": n for n in range(10_000)}})) <= 101


def test_a_body_larger_than_allowed_is_too_large_however_it_is_given() -> None:
    small = Limits(body=10)
    assert schema(small).task(b'{"url":"http://a/","payload":"12345678"}', "local").size == 10
    for field in (b'"payload":"123456789"', b'"body":"12345678901"', b'"body_base64":"YWFhYWFhYWFhYWFh"'):
        with pytest.raises(TooLarge) as caught:
            schema(small).task(b'{"url":"http://a/",' + field + b"}", "local")
        assert caught.value.params["limit"] == 10


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" ",
        b"{",
        b'{"url":}',
        b"\xff",
        b'{"url":"\xff"}',
        b'{"url":"http://a/","payload":"\xff"}',
        b'{"url":"http://a/","payload":"\xed\xa0\x80"}',
        b'{"url":"http://a/","payload":NaN}',
        b'{"url":"http://a/","payload":01}',
        b'{"url":"http://a/","payload":"\\ud800"}',
        b'{"url":"http://a/","event":"\\ud800"}',
        b'{"url":"http://a/","event":"\\udfff\\ud800", "x": 1}',
        b'{"url":"http://a/"} {}',
        b'\xef\xbb\xbf{"url":"http://a/"}',
        b"\x00",
        '{"url":"http://a/"}'.encode("utf-16"),
    ],
)
def test_what_is_no_json_can_not_be_read(data: bytes) -> None:
    with pytest.raises(BadRequest):
        schema().task(data, "local")


def test_where_the_json_breaks_is_said() -> None:
    with pytest.raises(BadRequest) as caught:
        schema().task(b'{"url":"http://a/",\n"payload": nul}', "local")
    assert caught.value.params["line"] == 2


@pytest.mark.parametrize("depth", [255, 1_000, 100_000])
@pytest.mark.parametrize("shape", [("[", "]"), ('{"a":', "}"), ('[{"a":[],"b":', "}]"), ("[[],", "]")])
@pytest.mark.parametrize("field", ["payload", "labels", "retry", "unknown"])
def test_deep_nesting_is_refused_without_recursion(depth: int, shape: tuple[str, str], field: str) -> None:
    value = shape[0] * depth + "1" + shape[1] * depth
    for data in (
        f'{{"url":"{URL}","{field}":{value}}}',
        f'{{"url":"{URL}","{field}":{shape[0] * depth}',
        value,
    ):
        with pytest.raises(BadRequest):
            schema().task(data.encode(), "local")


def test_nesting_up_to_the_limit_is_kept() -> None:
    exact = b"[" * 64 + b"]" * 64
    task = schema().task(b'{"url":"http://a/","payload":' + exact + b"}", "local")
    assert task.body == exact
    with pytest.raises(BadRequest) as caught:
        schema().task(b'{"url":"http://a/","payload":[' + exact + b"]}", "local")
    assert caught.value.params == {"limit": 64}


def test_brackets_in_strings_do_not_nest() -> None:
    text = '[{"' * 100 + '\\"' + "[" * 100 + "\\\\"
    task = read(payload=[text, {"a": text}], body=None)
    assert json.loads(task.body or b"") == [text, {"a": text}]


def test_what_is_remembered_of_a_url_is_bounded_and_no_fault_of_another_task() -> None:
    read_by = schema()
    for n in range(REMEMBERED + 10):
        assert read_by.task(b'{"url":"http://a/%d"}' % n, "local").url == f"http://a/{n}"
    assert 0 < len(read_by._aims.known) <= REMEMBERED
    for _ in range(2):
        with pytest.raises(Invalid) as caught:
            read_by.task(b'{"url":"http://a/x","event":""}', "local")
        assert [fault.pointer for fault in caught.value.faults] == ["/event"]
        with pytest.raises(Invalid):
            read_by.task(b'{"url":"http://a/","method":"crm"}', "local")
    assert read_by.task(b'{"url":"http://a/x"}', "local").max_attempts == 10
    assert read_by.task(b'{"url":"http://a/x","max_attempts":3}', "local").max_attempts == 3


def test_an_empty_url_is_not_as_if_none_were_given() -> None:
    assert faults({"method": "crm", "url": ""}) == [("/url", "url_scheme")]
