"""Which request headers a task may carry: all faults at once, each at its place, none repeating a value."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okydrom.delivery.egress import check_headers
from okydrom.delivery.fields import escape
from okydrom.delivery.target import parse_url
from okydrom.delivery.wire import Request, render


def codes(*headers: tuple[str, str], typed: bool = False) -> list[str]:
    return [fault.code for fault in check_headers(headers, typed=typed)]


@pytest.mark.parametrize(
    ("name", "value"),
    [("X-Key", "a b\tc"), ("Authorization", "Bearer x"), ("User-Agent", "us"), ("X-Empty", ""), ("!#~", "~")],
)
def test_ordinary_headers_may_go_out(name: str, value: str) -> None:
    assert codes((name, value)) == []


@pytest.mark.parametrize(
    "name",
    [
        *(
            "Connection",
            "Keep-Alive",
            "TE",
            "Trailer",
            "Transfer-Encoding",
            "Upgrade",
            "Host",
            "Content-Length",
        ),
        *("Expect", "Proxy-Authorization", "proxy-connection", "webhook-id", "Webhook-Anything", "hOsT"),
        *("", "X Key", "X:Y", "X\r\nY", "X\0", "Ключ", "X\n"),
    ],
)
def test_names_that_would_change_the_request_are_refused(name: str) -> None:
    assert codes((name, "x")) == ["header_name"]


@pytest.mark.parametrize("value", ["a\r\nX: y", "a\n", "a\0b", " a", "a ", "\t", "ü", "\x7f", "\x1b[0m"])
def test_values_that_would_change_the_request_are_refused(value: str) -> None:
    assert codes(("X", value)) == ["header_value"]


def test_all_faults_are_told_at_once_each_at_its_place() -> None:
    faults = check_headers([("Host", "a"), ("X/Y~", "ü"), ("X", "1"), ("x", "2")], "/set/headers")
    assert [(fault.pointer, fault.code) for fault in faults] == [
        ("/set/headers/Host", "header_name"),
        ("/set/headers/X~1Y~0", "header_name"),
        ("/set/headers/x", "header_twice"),
    ]


def test_a_fault_does_not_repeat_a_value() -> None:
    assert "hunter2" not in repr(check_headers([("X", "hunter2\n"), ("Y", "hunter2" * 2000)]))


def test_number_and_size_are_bounded() -> None:
    assert codes(*((f"X-{n}", "") for n in range(33))) == ["too_many_headers"]
    assert codes(*((f"X-{n}", "") for n in range(32))) == []
    assert codes(("X", "a" * 8191)) == []
    assert codes(("X", "a" * 8192)) == ["header_too_long"]


def test_a_content_type_is_given_once() -> None:
    assert codes(("Content-Type", "text/plain")) == []
    assert codes(("Content-Type", "text/plain"), typed=True) == ["header_twice"]


def test_a_key_is_escaped_in_a_pointer() -> None:
    assert escape("~1/") == "~01~1"


# --- the head that goes out ---------------------------------------------------------------------------------------


def head(method: str = "POST", body: bytes | None = b"x", headers: tuple[tuple[str, str], ...] = ()) -> bytes:
    url = "http://a:81/x%2f?y"
    return render(Request(method, url, headers, body), parse_url(url))


def test_a_head_is_written_as_it_was_given() -> None:
    expected = b"POST /x%2f?y HTTP/1.1\r\nHost: a:81\r\nX-b: 1\r\nx-C: 2\r\nContent-Length: 1\r\n\r\n"
    assert head(headers=(("X-b", "1"), ("x-C", "2"))) == expected


@pytest.mark.parametrize(
    ("method", "body", "length"),
    [
        ("POST", None, b"Content-Length: 0"),
        ("PUT", None, b"Content-Length: 0"),
        ("PATCH", b"", b"Content-Length: 0"),
        ("GET", b"", b"Content-Length: 0"),
        ("DELETE", b"ab", b"Content-Length: 2"),
        ("GET", None, None),
        ("DELETE", None, None),
    ],
)
def test_the_length_is_told_wherever_a_body_may_be_expected(
    method: str, body: bytes | None, length: bytes | None
) -> None:
    lines = head(method, body).split(b"\r\n")
    assert [line for line in lines if b"ength" in line] == ([] if length is None else [length])


@pytest.mark.parametrize(
    "method", ["CONNECT", "TRACE", "HEAD", "post", "", "GET / HTTP/1.1\r\nX: y\r\n\r\nGET"]
)
def test_only_the_five_verbs_go_out(method: str) -> None:
    with pytest.raises(ValueError, match="verb"):
        head(method)


@pytest.mark.parametrize("text", ["a\r\nX: y", "a\n", "\r", "ü", "\ud800"])
def test_a_head_is_never_more_than_one_request(text: str) -> None:
    for header in ((text, "x"), ("X", text)):
        with pytest.raises(ValueError, match=r"."):
            head(headers=(header,))


@given(st.lists(st.tuples(st.text(max_size=10), st.text(max_size=20)), max_size=5))
def test_headers_that_pass_are_sent_line_by_line(headers: list[tuple[str, str]]) -> None:
    if not check_headers(headers):
        assert head(headers=tuple(headers)).count(b"\r\n") == 4 + len(headers)
