"""Host and origin: a web page of another site can't make a browser act here, a script of our own host can."""

from typing import Any, cast
from unittest.mock import Mock

import pytest
from aiohttp.test_utils import make_mocked_request

from okydrom.errors import BadRequest, CrossSite, OkydromError, WrongHost
from okydrom.web.access import REMEMBERED, Access


def request(
    method: str = "GET", path: str = "/api/v1/tasks", local: str = "192.0.2.7", **headers: str
) -> Any:
    transport = Mock()
    transport.get_extra_info = lambda name, default=None: (local, 8080) if name == "sockname" else default
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return cast(Any, make_mocked_request(method, path, headers=named, transport=transport))


def refusal(access: Access, call: Any) -> type[OkydromError] | None:
    try:
        access.check(call)
    except OkydromError as error:
        return type(error)
    return None


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("127.0.0.1", True),
        ("127.0.0.1:8080", True),
        ("127.9.9.9:1", True),
        ("localhost", True),
        ("LOCALHOST:99", True),
        ("[::1]:8080", True),
        ("okydrom.internal", True),
        ("Okydrom.Internal:443", True),
        ("tight.internal:8443", True),
        ("tight.internal", False),
        ("192.0.2.7:8080", True),
        ("192.0.2.8:8080", False),
        ("example.com", False),
        ("localhost.example.com", False),
        ("127.0.0.1.example.com", False),
        ("127.0.0.1@example.com", False),
        ("0x7f.1", False),
        ("", False),
        ("a b", False),
        ("[::1", False),
        ("[::ffff:127.0.0.1]", False),
        ("x" * 9000, False),
    ],
)
def test_only_our_own_names_are_answered_for(host: str, allowed: bool) -> None:
    access = Access("0.0.0.0", ["okydrom.internal", "tight.internal:8443"], [])
    for _ in range(2):  # the second time from memory
        assert refusal(access, request(Host=host)) is (None if allowed else WrongHost)


@pytest.mark.parametrize(
    ("bound", "host"), [("10.1.2.3", "10.1.2.3:8080"), ("fd00::1", "[fd00::1]:8080"), ("box", "box:8080")]
)
def test_the_bound_host_is_one_of_them(bound: str, host: str) -> None:
    assert refusal(Access(bound, [], []), request(Host=host)) is None
    assert refusal(Access("127.0.0.1", [], []), request(Host=host)) is WrongHost


def test_an_unspecified_address_is_no_name_of_ours() -> None:
    for bound in ("0.0.0.0", "::", ""):
        assert refusal(Access(bound, [], []), request(Host="0.0.0.0:8080")) is WrongHost


def test_a_call_without_a_host_is_refused_and_probes_need_none() -> None:
    access = Access("127.0.0.1", [], ["/livez"])
    assert refusal(access, request()) is BadRequest
    assert refusal(access, request(path="/livez")) is None
    assert refusal(access, request(path="/livez", Host="example.com")) is None
    assert refusal(access, request(Host="example.com")) is WrongHost


def test_what_is_remembered_is_bounded() -> None:
    access = Access("127.0.0.1", [], [])
    for port in range(REMEMBERED + 10):
        assert refusal(access, request(Host=f"localhost:{port + 1}")) is None
    assert len(access._admitted) == REMEMBERED


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE", "PUT"])
@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({}, True),
        ({"Sec_Fetch_Site": "same-origin", "Origin": "http://localhost:8080"}, True),
        ({"Sec_Fetch_Site": "none"}, True),
        ({"Sec_Fetch_Site": "cross-site"}, False),
        ({"Sec_Fetch_Site": "same-site"}, False),
        ({"Sec_Fetch_Site": "anything"}, False),
        ({"Origin": "http://localhost:8080"}, True),
        ({"Origin": "https://LOCALHOST:8080"}, True),
        ({"Origin": "http://localhost:8081"}, False),
        ({"Origin": "http://localhost"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": ""}, False),
        ({"Origin": "http://localhost:8080.example.com"}, False),
        ({"Sec_Fetch_Site": "same-origin", "Origin": "http://example.com"}, False),
    ],
)
def test_unsafe_calls_of_other_sites_are_refused(method: str, headers: dict[str, str], allowed: bool) -> None:
    access = Access("127.0.0.1", [], [])
    expected = None if allowed else CrossSite
    assert refusal(access, request(method, Host="localhost:8080", **headers)) is expected
    assert refusal(access, request("GET", Host="localhost:8080", **headers)) is None
