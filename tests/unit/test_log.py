"""What a line of the log looks like, and what never stands in one."""

import json
import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from okydrom.errors import DataUnusable
from okydrom.log.privacy import described, masked
from okydrom.log.setup import event_fields, json_line, text_line
from okydrom.task import Status

NOON = datetime.fromisoformat("2026-01-31T12:00:00.004Z").timestamp()
CANARY = "canary"


def fields(**event: Any) -> dict[str, Any]:
    return event_fields("okydrom.pump", "info", {"event": "imported", **event}, NOON)


def raised(error: BaseException, cause: BaseException | None = None) -> BaseException:
    try:
        raise error from cause
    except BaseException as caught:
        return caught


def test_a_line_begins_with_when_how_grave_what_and_where() -> None:
    assert json_line(fields(count=3)) == (
        b'{"ts":"2026-01-31T12:00:00.004Z","level":"info","event":"imported","logger":"okydrom.pump","count":3}\n'
    )


def test_a_field_does_not_pass_for_the_head_of_its_line() -> None:
    shown = fields(level="error", logger="x", ts="never")
    assert (shown["level"], shown["logger"], shown["ts"][:4]) == ("info", "okydrom.pump", "2026")


def test_for_people_it_is_shorter() -> None:
    line = text_line(fields(count=3, note="two words", empty="", items=["a"]))
    assert line == b'12:00:00.004 info     imported count=3 note="two words" empty="" items=["a"]\n'


@pytest.mark.parametrize("value", ["a\nb", "\x1b[31mred", "\x9b31m", "\u202eturned", "\u2028", "\x00"])
def test_nothing_in_a_value_steers_the_terminal_or_begins_a_line(value: str) -> None:
    line = text_line(fields(note=value)).decode()
    assert line.count("\n") == 1
    assert line[:-1].isprintable()
    assert json_line(fields(note=value)).count(b"\n") == 1


@pytest.mark.parametrize(
    "value", ["\ud800", 2**64, -(2**70), float("nan"), {1: 2}, b"bytes", object(), {"a"}]
)
def test_no_value_keeps_an_event_out_of_the_log(value: object) -> None:
    assert json.loads(json_line(fields(value=value)))["event"] == "imported"
    assert b"imported" in text_line(fields(value=value))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("POST https://a.example/hook?key=canary#x", "POST https://a.example/hook?***"),
        ("/api/v1/tasks?q=canary HTTP/1.1", "/api/v1/tasks?*** HTTP/1.1"),
        ("http://user:canary@a.example/", "http://***@a.example/"),
        ("Authorization: Bearer canary.x-y", "Authorization: Bearer ***"),
        ("Basic Y2FuYXJ5OmNhbmFyeQ==", "Basic ***"),
        ("signed with whsec_canary+/=", "signed with ***"),
        (
            {"Authorization": "canary", "X-Api-Key": "x", "ok": "y"},
            {"Authorization": "***", "X-Api-Key": "x", "ok": "y"},
        ),
        ([{"token": ["canary"]}, ("http://a?canary",)], [{"token": "***"}, ["http://a?***"]]),
        (Path("/srv/okydrom"), "/srv/okydrom"),
        (Status.QUEUED, "queued"),
        (b"canary", "bytes"),
        (ValueError(CANARY), "ValueError"),
        (None, None),
        (True, True),
        ("why? because", "why? because"),
    ],
)
def test_credentials_and_queries_are_masked(value: object, shown: object) -> None:
    assert masked(value) == shown
    assert CANARY not in json_line(fields(value=value)).decode()


def test_a_field_named_for_a_credential_is_masked() -> None:
    shown = fields(api_key="x", cookie="x", client_secret="x", password="x", key="http://a:80")
    assert [shown[name] for name in ("api_key", "cookie", "client_secret", "password")] == ["***"] * 4
    assert shown["key"] == "http://a:80"


def test_an_exception_is_told_by_class_and_place_but_not_by_its_text() -> None:
    shown = described(raised(ValueError(f"http://a/{CANARY}")))
    assert shown["error"] == "ValueError"
    assert shown["frames"][-1].startswith("tests/unit/test_log.py:")
    assert shown["frames"][-1].endswith(" raised")
    assert CANARY not in str(shown)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (DataUnusable("It is read-only."), {"code": "data_unusable", "detail": "It is read-only."}),
        (OSError(28, "No space left on device", CANARY), {"errno": 28}),
        (TypeError("bad operand"), {"detail": "bad operand"}),
        (sqlite3.OperationalError("no such column: x"), {"detail": "no such column: x"}),
        (KeyError(CANARY), {}),
    ],
)
def test_what_an_exception_says_is_told_where_it_is_our_own(
    error: Exception, expected: dict[str, Any]
) -> None:
    shown = described(raised(error))
    assert {key: shown[key] for key in shown if key not in {"error", "frames"}} == expected
    assert CANARY not in str(shown)


def test_causes_are_told_too_but_not_without_end() -> None:
    error = raised(RuntimeError(CANARY), raised(OSError(5, CANARY)))
    assert described(error)["cause"]["errno"] == 5
    group = described(raised(ExceptionGroup(CANARY, [ValueError(CANARY), KeyError(CANARY)])))
    assert [inner["error"] for inner in group["errors"]] == ["ValueError", "KeyError"]
    assert CANARY not in str(group)
    for number in range(100):
        error = raised(ValueError(number), error)
    assert len(orjson.dumps(described(error))) < 5_000


def test_an_exception_stands_in_its_event() -> None:
    error = raised(TypeError("bad operand"))
    shown = fields(exc_info=(type(error), error, error.__traceback__), id="x")
    assert (shown["id"], shown["error"], shown["detail"]) == ("x", "TypeError", "bad operand")
    assert text_line(shown).decode().splitlines()[-1].startswith("    tests/unit/test_log.py:")
    assert "error" not in fields(exc_info=None)
    try:
        raise error
    except TypeError:
        assert fields(exc_info=True)["error"] == "TypeError"
