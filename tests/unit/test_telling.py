"""Order keys, callbacks and trace contexts as they are posted."""

import json
import random
from typing import Any

import pytest

from okydrom.callback import Callback, read_callback
from okydrom.config.settings import DAY, Limits, MethodSettings, Retry
from okydrom.delivery.methods import Methods
from okydrom.errors import Invalid
from okydrom.task import Schedule, Status, Task
from okydrom.web.schema import Schema
from okydrom.web.traceparent import traceparent_of

URL = "http://127.0.0.1:9000/hook"
BACK = "http://back.internal/told"
BOTH = (Status.DELIVERED, Status.FAILED)
TRACE = "0af7651916cd43dd8448eb211c80319c"
SPAN = "b7ad6b7169203331"
SCHEMA = Schema(
    Limits(url=100),
    Retry(),
    Methods(
        {
            "crm": MethodSettings(url="https://crm.internal/in", headers=(("X-Key", "s"),), max_attempts=3),
            "back": MethodSettings(
                http_method="PUT",
                hosts=("back.internal",),
                retry=Schedule((1000, 2000)),
                headers=(("K", "s"),),
            ),
        }
    ),
    now=lambda: 1_790_000_000_000,
    rand=random.Random(1),
)


def read(**fields: Any) -> Task:
    return SCHEMA.task(json.dumps({"url": URL} | fields).encode(), "local")


def faults(**fields: Any) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as caught:
        read(**fields)
    return [(fault.pointer, fault.code) for fault in caught.value.faults]


def told(**posted: Any) -> Callback:
    """The callback as it is kept."""
    return read_callback(read(callback=posted).callback or b"")


def test_a_callback_is_kept_as_it_will_be_sent() -> None:
    assert told(url=BACK) == Callback(
        url=BACK, method="POST", http_method="POST", on=BOTH, attempts=10, max_age=7 * DAY
    )
    assert told(method="crm").url == "https://crm.internal/in"
    back = told(url="http://BACK.internal/\u0436", method="back", on=["failed"])
    assert (back.url, back.http_method, back.attempts) == ("http://BACK.internal/%D0%B6", "PUT", 3)
    assert told(url=BACK, on=["failed", "delivered"]).on == BOTH
    assert told(url=BACK, on=None, method=None).on == BOTH
    assert read(callback=None).callback is None


def test_the_same_callback_is_kept_as_the_same_bytes() -> None:
    one = SCHEMA.task(
        b'{"url":"%b","callback":{"url":"%b","on":["failed","delivered"]}}' % (URL.encode(), BACK.encode()),
        "a",
    )
    other = SCHEMA.task(
        b'{"callback":{"method":"POST","url":"%b"},"url":"%b"}' % (BACK.encode(), URL.encode()), "a"
    )
    assert one.callback == other.callback


@pytest.mark.parametrize(
    ("posted", "expected"),
    [
        ([], [("/callback", "wrong_type")]),
        (BACK, [("/callback", "wrong_type")]),
        ({}, [("/callback/url", "required")]),
        ({"url": None}, [("/callback/url", "required")]),
        ({"url": 1}, [("/callback/url", "wrong_type")]),
        ({"url": ""}, [("/callback/url", "url_scheme")]),
        ({"url": "http://u:p@a/"}, [("/callback/url", "url_userinfo")]),
        ({"url": "http://a/\r\nX: 1"}, [("/callback/url", "url_characters")]),
        ({"url": "http://a:0/"}, [("/callback/url", "url_host")]),
        ({"url": "http://a/" + "x" * 92}, [("/callback/url", "url_too_long")]),
        ({"url": BACK, "method": "PSOT"}, [("/callback/method", "unknown_method")]),
        ({"url": BACK, "method": []}, [("/callback/method", "wrong_type")]),
        ({"url": "http://elsewhere/", "method": "back"}, [("/callback/url", "host_not_permitted")]),
        ({"url": BACK, "method": "crm"}, [("/callback/url", "host_not_permitted")]),
        ({"url": BACK, "on": []}, [("/callback/on", "unknown_value")]),
        ({"url": BACK, "on": "failed"}, [("/callback/on", "unknown_value")]),
        ({"url": BACK, "on": ["cancelled"]}, [("/callback/on", "unknown_value")]),
        ({"url": BACK, "on": ["failed", "failed"]}, [("/callback/on", "unknown_value")]),
        ({"url": BACK, "on": ["failed", 1]}, [("/callback/on", "unknown_value")]),
        ({"url": BACK, "On": ["failed"]}, [("/callback/On", "unknown_field")]),
        ({"url": BACK, "callback": {"url": BACK}}, [("/callback/callback", "unknown_field")]),
    ],
)
def test_a_callback_that_could_not_be_sent_is_refused(posted: Any, expected: list[tuple[str, str]]) -> None:
    assert faults(callback=posted) == expected


def test_a_callback_does_not_take_a_methods_credentials_elsewhere_even_if_its_task_may_go_there() -> None:
    assert read(url="https://crm.internal/in", method="crm").method == "crm"
    assert faults(url=BACK, method="back", callback={"url": URL, "method": "back"}) == [
        ("/callback/url", "host_not_permitted")
    ]
    assert read(callback={"url": URL}).callback is not None  # the same URL is remembered for another method


@pytest.mark.parametrize("key", ["k", "k" * 256, "заказ 7 👩‍👩‍👧", "a,b", " "])
def test_an_order_key_is_kept_as_it_is(key: str) -> None:
    assert read(order_key=key).order_key == key


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("", "empty"),
        ("k" * 257, "too_long"),
        ("a\0", "control_characters"),
        ("a\n", "control_characters"),
        (7, "wrong_type"),
    ],
)
def test_an_order_key_that_is_none_is_refused(key: Any, code: str) -> None:
    assert faults(order_key=key) == [("/order_key", code)]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ([f"00-{TRACE}-{SPAN}-01"], f"00-{TRACE}-{SPAN}-01"),
        ([f" 00-{TRACE}-{SPAN}-00\t"], f"00-{TRACE}-{SPAN}-00"),
        ([f"01-{TRACE}-{SPAN}-03"], f"00-{TRACE}-{SPAN}-01"),
        ([f"fe-{TRACE}-{SPAN}-02-more-of-it"], f"00-{TRACE}-{SPAN}-00"),
        ([], None),
        ([""], None),
        ([f"00-{TRACE}-{SPAN}-01"] * 2, None),
        ([f"00-{TRACE}-{SPAN}-01-more"], None),
        ([f"01-{TRACE}-{SPAN}-01more"], None),
        ([f"ff-{TRACE}-{SPAN}-01"], None),
        ([f"00-{'0' * 32}-{SPAN}-01"], None),
        ([f"00-{TRACE}-{'0' * 16}-01"], None),
        ([f"00-{TRACE.upper()}-{SPAN}-01"], None),
        ([f"00-{TRACE[1:]}-{SPAN}-01"], None),
        ([f"00-{TRACE}-{SPAN}-1"], None),
        ([f"00-{TRACE}-{SPAN}-0g"], None),
        ([f"00-{TRACE}-{SPAN}"], None),
        (["00-" + "\u0660" * 32 + f"-{SPAN}-01"], None),
    ],
)
def test_a_trace_context_is_passed_on_or_ignored(given: list[str], kept: str | None) -> None:
    assert traceparent_of(given) == kept
    assert SCHEMA.task(json.dumps({"url": URL}).encode(), "local", traceparent_of(given)).traceparent == kept
