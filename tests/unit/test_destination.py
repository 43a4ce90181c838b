"""Destinations: one spelling for each, and none for a URL that two readers could take differently."""

import pytest

from okydrom.destination import destination_of, host_and_port


@pytest.mark.parametrize(
    ("url", "destination"),
    [
        ("http://a", "http://a:80"),
        ("HTTPS://A.Example/x?y=z@w", "https://a.example:443"),
        ("https://a.example.:8443?x", "https://a.example:8443"),
        ("http://10.0.0.1:1/", "http://10.0.0.1:1"),
        ("http://[0:0::1]/", "http://[::1]:80"),
        ("http://some_host/", "http://some_host:80"),
        ("http://xn--e1afmkfd.example/", "http://xn--e1afmkfd.example:80"),
    ],
)
def test_a_destination_has_one_spelling(url: str, destination: str) -> None:
    assert destination_of(url) == destination


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("", "begin with http"),
        ("ftp://a", "begin with http"),
        ("http:/a", "begin with http"),
        ("http:///x", "name a host"),
        ("http://:80/", "name a host"),
        ("http://a:/", "name a host"),
        ("http://a:x/", "name a host"),
        ("http://a:0/", "port from 1 to 65535"),
        ("http://a:65536/", "port from 1 to 65535"),
        ("http://u:p@a/", "user name"),
        ("http://a\\@b/", "user name"),
        ("http://a/#f", "fragment"),
        ("http://a/ b", "ASCII without spaces"),
        ("http://a/\n", "ASCII without spaces"),
        ("http://a/ü", "ASCII without spaces"),
        ("http://ü/", "letters, digits"),
        ("http://a b/", "letters, digits"),
        ("http://a..b/", "letters, digits"),
        ("http://-a/", "letters, digits"),
        (f"http://{'a' * 64}/", "letters, digits"),
        (f"http://{'a.' * 127}a/", "letters, digits"),
        ("http://0x7f.1/", "dotted quad"),
        ("http://2130706433/", "dotted quad"),
        ("http://127.1/", "dotted quad"),
        ("http://0177.0.0.1/", "dotted quad"),
        ("http://1.2.3.4./", "dotted quad"),
        ("http://[::1", "name a host"),
        ("http://[::g]/", "name a host"),
        ("http://[1]/", "dotted quad"),
        ("http://[fe80::1%25eth0]/", "name a host"),
    ],
)
def test_a_url_that_could_be_read_in_two_ways_is_refused(url: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        destination_of(url)


def test_a_host_may_come_with_a_port() -> None:
    assert host_and_port("[::1]:80") == ("[::1]", 80)
    assert host_and_port("A.b") == ("a.b", None)
