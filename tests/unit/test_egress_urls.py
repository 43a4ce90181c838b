"""Which URLs may be sent to, what becomes of them, and that a refusal never repeats them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okydrom.delivery.egress import parse_url
from okydrom.destination import destination_of
from okydrom.errors import Invalid

ACCEPTED = [
    # posted, request target, Host, destination
    ("http://a", "/", "a", "http://a:80"),
    ("http://a/", "/", "a", "http://a:80"),
    ("http://a?b", "/?b", "a", "http://a:80"),
    ("http://a:8080/x?y=z&y=", "/x?y=z&y=", "a:8080", "http://a:8080"),
    ("https://a.example/x", "/x", "a.example", "https://a.example:443"),
    ("https://a.example:443/x", "/x", "a.example", "https://a.example:443"),
    ("http://a:443/", "/", "a:443", "http://a:443"),
    ("http://a/%2f%7E~%zz", "/%2f%7E~%zz", "a", "http://a:80"),
    ("http://a/a//b/../c/./d", "/a//b/../c/./d", "a", "http://a:80"),
    ('http://a/"<>\\^`{|}!$', '/"<>\\^`{|}!$', "a", "http://a:80"),
    ("http://a/x?q=a@b:c", "/x?q=a@b:c", "a", "http://a:80"),
    ("HTTP://A.Example/Path", "/Path", "a.example", "http://a.example:80"),
    ("http://[2001:DB8:0::1]/", "/", "[2001:db8::1]", "http://[2001:db8::1]:80"),
    ("http://[::1]:8080/", "/", "[::1]:8080", "http://[::1]:8080"),
    ("http://192.0.2.1:81/", "/", "192.0.2.1:81", "http://192.0.2.1:81"),
    ("http://my_service/", "/", "my_service", "http://my_service:80"),
    ("http://a.example./x", "/x", "a.example", "http://a.example:80"),
    ("http://пример.рф/", "/", "xn--e1afmkfd.xn--p1ai", "http://xn--e1afmkfd.xn--p1ai:80"),
    ("http://ПРИМЕР.рф:81/", "/", "xn--e1afmkfd.xn--p1ai:81", "http://xn--e1afmkfd.xn--p1ai:81"),
    ("http://a/путь?й=%D0%B9", "/%D0%BF%D1%83%D1%82%D1%8C?%D0%B9=%D0%B9", "a", "http://a:80"),
    ("http://a/\U0001f600", "/%F0%9F%98%80", "a", "http://a:80"),
]
REFUSED = [
    ("", "url_scheme"),
    ("a", "url_scheme"),
    ("//a/x", "url_scheme"),
    ("http:a", "url_scheme"),
    ("http:/a", "url_scheme"),
    ("ftp://a/", "url_scheme"),
    ("file:///etc/passwd", "url_scheme"),
    ("gopher://a/", "url_scheme"),
    ("javascript:alert(1)", "url_scheme"),
    ("http://", "url_host"),
    ("http:///x", "url_host"),
    ("http://:80/", "url_host"),
    ("http://a:/", "url_host"),
    ("http://a:x/", "url_host"),
    ("http://a:0/", "url_host"),
    ("http://a:65536/", "url_host"),
    ("http://a:99999999999/", "url_host"),
    ("http://a:80:80/", "url_host"),
    ("http://a b/", "url_characters"),
    (" http://a/", "url_characters"),
    ("http://a/ ", "url_characters"),
    ("http://a/\r\nX: y", "url_characters"),
    ("http://a/\t", "url_characters"),
    ("http://a/\x00", "url_characters"),
    ("http://a/\x7f", "url_characters"),
    ("http://a/\x85", "url_characters"),
    ("http://a/\u2028", "url_characters"),
    ("http://a/\ud800", "url_characters"),
    ("http://u@a/", "url_userinfo"),
    ("http://u:secret@a/", "url_userinfo"),
    ("http://good.example\\@evil.example/", "url_userinfo"),
    ("http://good.example\\.evil.example/", "url_host"),
    ("http://a/#f", "url_fragment"),
    ("http://a#", "url_fragment"),
    ("http://0x7f.1/", "url_host"),
    ("http://0x7f000001/", "url_host"),
    ("http://2130706433/", "url_host"),
    ("http://127.1/", "url_host"),
    ("http://0177.0.0.1/", "url_host"),
    ("http://127.0.0.1./", "url_host"),
    ("http://127.0.0.256/", "url_host"),
    ("http://1.2.3.4.5/", "url_host"),
    ("http://a.0x1/", "url_host"),
    ("http://%31%32%37.0.0.1/", "url_host"),
    ("http://127。0。0。1/", "url_host"),
    ("http://①②⑦.0.0.1/", "url_host"),
    ("http://faß.example/", "url_host"),
    ("http://\u200d.example/", "url_host"),
    ("http://xn--a\u0430/", "url_host"),
    ("http://[::1/", "url_host"),
    ("http://::1/", "url_host"),
    ("http://[::1]x/", "url_host"),
    ("http://[fe80::1%25eth0]/", "url_host"),
    ("http://[v1.x]/", "url_host"),
    ("http://[127.0.0.1]/", "url_host"),
    ("http://-a/", "url_host"),
    ("http://a-/", "url_host"),
    ("http://a..b/", "url_host"),
    (f"http://{'a' * 64}/", "url_host"),
    (f"http://{'a.' * 127}aaa/", "url_host"),
    (f"http://a/{'x' * 8192}", "url_too_long"),
    (f"http://a/{'ü' * 2000}", "url_too_long"),
]


@pytest.mark.parametrize(("posted", "path", "host", "destination"), ACCEPTED)
def test_a_url_is_taken_apart_without_changing_its_path(
    posted: str, path: str, host: str, destination: str
) -> None:
    target = parse_url(posted)
    assert (target.path, target.authority, target.destination) == (path, host, destination)
    assert target.url.isascii()
    assert target.url == posted or not posted.isascii()


@pytest.mark.parametrize(("posted", "code"), REFUSED)
def test_a_url_that_could_be_read_in_two_ways_is_refused(posted: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_url(posted, "/callback/url")
    (fault,) = refused.value.faults
    assert (fault.pointer, fault.code) == ("/callback/url", code)


def test_a_refusal_does_not_repeat_what_it_refuses() -> None:
    with pytest.raises(Invalid) as refused:
        parse_url("http://user:hunter2@a/?token=hunter2")
    assert "hunter2" not in f"{refused.value!r} {refused.value.faults!r} {refused.value.params}"
    assert refused.value.__cause__ is None


def test_the_limit_counts_what_goes_out() -> None:
    parse_url("http://a/ü", limit=15)
    with pytest.raises(Invalid):
        parse_url("http://a/ü", limit=14)


@pytest.mark.parametrize("posted", [case[0] for case in ACCEPTED])
def test_what_was_accepted_once_stays_as_it_is(posted: str) -> None:
    target = parse_url(posted)
    assert parse_url(target.url) == target
    assert destination_of(target.url) == target.destination


@pytest.mark.parametrize(
    ("host", "numeric"), [("127.0.0.1", True), ("[::1]", True), ("a1", False), ("1.a", False)]
)
def test_an_address_is_told_from_a_name(host: str, numeric: bool) -> None:
    assert parse_url(f"http://{host}/").numeric is numeric


@given(st.text(max_size=60))
def test_any_text_is_either_a_url_of_one_line_or_refused(text: str) -> None:
    for url in (text, f"http://{text}", f"https://a/{text}", f"http://a:80{text}"):
        try:
            target = parse_url(url)
        except Invalid:
            continue
        whole = target.url + target.path + target.authority + target.destination
        assert whole.isascii()
        assert whole.isprintable()
        assert " " not in whole
        assert 0 < target.port < 65536
