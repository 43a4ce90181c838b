"""Whatever is posted: a task, or a failure that names its cause. Nothing else may come out of the schema."""

import json
import random
import sys
from typing import Any

import orjson
from hypothesis import example, given, settings
from hypothesis import strategies as st

from okydrom import record
from okydrom.callback import read_callback
from okydrom.config.settings import Settings
from okydrom.delivery.methods import Methods
from okydrom.errors import BadRequest, Invalid, TooLarge
from okydrom.web.draft import nests_deeper
from okydrom.web.problems import problem
from okydrom.web.schema import Schema

SCHEMA = Schema(
    Settings().limits, Settings().retry, Methods({}), now=lambda: 1_790_000_000_000, rand=random.Random(1)
)
FIELDS = [
    "url",
    "method",
    "payload",
    "body",
    "body_base64",
    "content_type",
    "headers",
    "event",
    "labels",
    "max_attempts",
    "retry",
    "timeout",
    "delay",
    "deliver_at",
    "ttl",
    "expires_at",
    "order_key",
    "callback",
    "unknown",
]

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
likely = st.sampled_from(
    [
        "http://127.0.0.1:9000/hook",
        "POST",
        "5s",
        "YQ==",
        1,
        0.5,
        {"schedule": ["5s"]},
        {"first": 1},
        {"X-A": "b"},
        "2026-09-21T14:00:00Z",
        "2026-12-31T23:59:60.5-23:59",
        {"url": "http://127.0.0.1/told"},
        {"url": "http://127.0.0.1/told", "on": ["failed"], "method": "PUT"},
        {"on": []},
    ]
)
objects = st.dictionaries(st.sampled_from(FIELDS) | texts, likely | values, max_size=8)


def came_out(data: bytes) -> str:
    """What the schema makes of it; anything unexpected is raised."""
    try:
        task = SCHEMA.task(data, "local")
    except (BadRequest, Invalid, TooLarge) as error:
        made = orjson.loads(bytes(problem(error, "").body))  # type: ignore[arg-type]
        assert made["status"] in (400, 413, 422)
        assert made["status"] != 422 or made["errors"]
        return "refused"
    assert record.unpack(record.pack(task)) == task
    assert task.url.isascii()
    assert task.next_attempt_at == (task.deliver_at or task.created_at)
    assert task.expires_at is not None
    assert task.created_at < task.expires_at
    assert task.deliver_at is None or task.created_at < task.deliver_at <= task.expires_at
    if task.callback is not None:
        told = read_callback(task.callback)
        assert set(told.on) in ({"delivered"}, {"failed"}, {"delivered", "failed"})
        assert told.url.isascii()
    return "task"


@given(objects)
@settings(max_examples=150, deadline=None)
@example({"url": "http://127.0.0.1/", "timeout": 1e308})
@example({"url": "http://127.0.0.1/", "retry": {"first": 1e-9}})
@example({"url": "http://127.0.0.1/", "retry": {"first": 1, "factor": 1e400}})
@example({"url": "http://127.0.0.1/", "max_attempts": -(2**63)})
@example({"url": "http://[::1%25lo]/"})
@example({"url": "http://\u2488com/"})
@example({"url": "http://xn--\u00fc/"})
def test_any_object(value: dict[str, Any]) -> None:
    came_out(json.dumps(value).encode())
    came_out(json.dumps(value, ensure_ascii=False).encode())


@given(values)
@settings(max_examples=80, deadline=None)
def test_any_json(value: object) -> None:
    came_out(json.dumps(value).encode())


@given(st.binary(max_size=200))
@settings(max_examples=150, deadline=None)
def test_any_bytes(data: bytes) -> None:
    came_out(data)


@given(objects, st.integers(min_value=0), st.binary(max_size=4), st.integers(0, 4))
@settings(max_examples=150, deadline=None)
def test_any_object_with_some_bytes_replaced(value: dict[str, Any], at: int, new: bytes, cut: int) -> None:
    data = json.dumps({"url": "http://127.0.0.1/"} | value).encode()
    at %= len(data)
    came_out(data[:at] + new + data[at + cut :])


@given(st.text('[]{}"\\a,:1 ', max_size=300), st.integers(1, 5))
@settings(max_examples=150, deadline=None)
def test_any_brackets(text: str, times: int) -> None:
    came_out((text * times).encode())
    came_out(b'{"url":"http://127.0.0.1/","payload":' + text.encode() * times + b"}")


@given(values, st.integers(1, 6))
@settings(max_examples=150, deadline=None)
def test_the_depth_of_json_is_told_rightly(value: object, depth: int) -> None:
    assert nests_deeper(json.dumps(value).encode(), depth) is (_depth(value) > depth)


def _depth(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(_depth, value), default=0)
    return 0


def test_a_valid_task_is_among_what_comes_out() -> None:
    assert came_out(b'{"url":"http://127.0.0.1/"}') == "task"
    assert came_out(b"{}") == "refused"


def test_huge_numbers_are_read_or_refused_in_no_time() -> None:
    digits = b"9" * (sys.get_int_max_str_digits() * 10)
    assert came_out(b'{"url":"http://127.0.0.1/","payload":' + digits + b"}") == "task"
    fields = (
        b"max_attempts",
        b"timeout",
        b"delay",
        b"ttl",
        b"deliver_at",
        b"order_key",
        b"callback",
        b"event",
    )
    for field in fields:
        assert came_out(b'{"url":"http://127.0.0.1/","' + field + b'":' + digits + b"}") == "refused"
        assert came_out(b'{"url":"http://127.0.0.1/","' + field + b'":-' + digits + b"e999}") == "refused"
    for field in (b"callback", b"retry"):
        assert came_out(b'{"url":"http://127.0.0.1/","' + field + b'":{"url":' + digits + b"}}") == "refused"
