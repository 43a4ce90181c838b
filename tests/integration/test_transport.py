"""One request → one Outcome, against a recipient whose paths name their fate."""

import asyncio
import socket
from collections.abc import Iterator, MutableMapping
from time import monotonic
from typing import Any
from urllib.parse import quote

import pytest
from structlog.testing import capture_logs

from okydrom.config.settings import DAY
from okydrom.delivery.egress import Egress
from okydrom.delivery.transport import Request
from okydrom.task import Failure
from tests.support.lag import Lag
from tests.support.raw import hear, raw, stay
from tests.support.recipient import receiving
from tests.support.sending import TIMEOUT, post, sending
from tests.support.wait import wait_until

BOTH_LOOPS = True

Log = list[MutableMapping[str, Any]]


@pytest.fixture
def log() -> Iterator[Log]:
    with capture_logs() as entries:
        yield entries


def closed_port(family: socket.AddressFamily = socket.AF_INET, host: str = "127.0.0.1") -> int:
    with socket.socket(family) as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.parametrize(
    "code", [200, 201, 202, 204, 300, 301, 304, 400, 401, 404, 410, 418, 429, 500, 503, 599]
)
async def test_a_status_is_recorded_as_it_came(code: int) -> None:
    async with receiving() as recipient, sending() as transport:
        outcome = await transport.send(post(f"{recipient.url}/{code}"), TIMEOUT)
    assert (outcome.code, outcome.error, outcome.errno, outcome.rule) == (code, None, None, None)
    assert outcome.ok is (200 <= code < 300)
    assert outcome.address == f"127.0.0.1:{recipient.port}"
    assert len(recipient.arrivals) == 1


async def test_what_was_posted_arrives_octet_by_octet() -> None:
    path = "/ok/%2f%7E~/a//b/../c?x=%D0%B9&y=a+b&&z"
    headers = (("X-Key", "a  b\tc"), ("x-lower", ""), ("X-Key-2", "~!"))
    body = b'{"big":18446744073709551616,"one":1.0,"nul":"\\u0000"}\xff\x00'
    async with receiving() as recipient, sending() as transport:
        outcome = await transport.send(post(recipient.url + path, body, *headers), TIMEOUT)
    (arrival,) = recipient.arrivals
    assert (arrival.method, arrival.target, arrival.body) == ("POST", path, body)
    host = (("Host", f"127.0.0.1:{recipient.port}"),)
    assert arrival.headers == (*host, *headers, ("Content-Length", str(len(body))))
    assert outcome.request_headers == headers


@pytest.mark.parametrize("verb", ["POST", "PUT", "PATCH", "DELETE", "GET"])
@pytest.mark.parametrize("body", [None, b"", b"x", b"x" * 3_000_000], ids=["none", "empty", "small", "large"])
async def test_every_verb_may_carry_a_body(verb: str, body: bytes | None) -> None:
    async with receiving() as recipient, sending() as transport:
        outcomes = [
            await transport.send(Request(verb, f"{recipient.url}/ok", (), body), TIMEOUT) for _ in range(2)
        ]
    assert [outcome.code for outcome in outcomes] == (
        [200, 200] if len(body or b"") < 1 << 20 else [413, 413]
    )
    if len(body or b"") < 1 << 20:
        assert [(each.method, each.body) for each in recipient.arrivals] == [(verb, body or b"")] * 2


async def test_an_answer_is_kept_up_to_the_limit(lag: Lag) -> None:
    async with receiving() as recipient, sending(max_answer=1000) as transport:
        exact = await transport.send(post(f"{recipient.url}/echo", b"x" * 1000), TIMEOUT)
        more = await transport.send(post(f"{recipient.url}/echo", b"x" * 1001), TIMEOUT)
        endless = await transport.send(post(f"{recipient.url}/huge"), TIMEOUT)
    assert (exact.response_body, exact.response_size, exact.truncated) == (b"x" * 1000, 1000, False)
    assert (more.response_body, more.truncated) == (b"x" * 1000, True)
    assert (endless.code, endless.response_body, endless.truncated) == (200, b"x" * 1000, True)
    assert more.response_size == 1001
    assert endless.duration < 1000 + lag.ms


@pytest.mark.parametrize(("fate", "failure"), [("reset", Failure.RESET), ("lost", Failure.RESET)])
async def test_a_request_without_an_answer_is_a_reset(fate: str, failure: Failure) -> None:
    async with receiving() as recipient, sending() as transport:
        outcome = await transport.send(post(f"{recipient.url}/{fate}"), TIMEOUT)
    assert (outcome.error, outcome.code, outcome.resent) == (failure, None, False)
    assert len(recipient.arrivals) == 1


async def test_a_redirect_is_not_followed() -> None:
    async with receiving() as recipient, sending() as transport:
        outcome = await transport.send(post(f"{recipient.url}/redirect?to={recipient.url}/ok"), TIMEOUT)
    assert (outcome.code, outcome.ok) == (302, False)
    assert [each.target.partition("?")[0] for each in recipient.arrivals] == ["/redirect"]


@pytest.mark.parametrize(
    ("host", "family"), [("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6)], ids=["IPv4", "IPv6"]
)
async def test_a_closed_port_is_a_connect_failure(host: str, family: socket.AddressFamily) -> None:
    port = closed_port(family, host)
    shown = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    async with sending() as transport:
        outcome = await transport.send(post(f"http://{shown}/"), TIMEOUT)
    assert (outcome.error, outcome.errno, outcome.address) == (Failure.CONNECT, 111, shown)
    assert outcome.parts.connect is not None
    assert outcome.parts.wait is None


async def test_a_recipient_on_ipv6_is_reached() -> None:
    async with receiving(host="::1") as recipient, sending() as transport:
        outcome = await transport.send(post(f"{recipient.url}/ok"), TIMEOUT)
    assert (outcome.code, outcome.address) == (200, f"[::1]:{recipient.port}")
    assert recipient.arrivals[0].header("host") == f"[::1]:{recipient.port}"


@pytest.mark.parametrize("timeout", [100, 300])
async def test_a_hanging_recipient_costs_the_timeout_and_no_more(timeout: int, lag: Lag) -> None:
    async with receiving() as recipient, sending() as transport:
        outcome = await transport.send(post(f"{recipient.url}/hang"), timeout)
        assert (outcome.error, outcome.code) == (Failure.TIMEOUT, None)
        assert timeout <= outcome.duration <= timeout + 200 + lag.ms
        assert transport.connections == 0


async def test_a_slow_recipient_has_time_until_the_timeout(lag: Lag) -> None:
    async with receiving() as recipient, sending() as transport:
        outcome = await transport.send(post(f"{recipient.url}/slow?ms=150"), 1000)
    assert outcome.code == 200
    assert 150 <= outcome.duration < 1000 + lag.ms


async def test_blocked_addresses_are_not_dialled() -> None:
    async with receiving() as recipient, sending(egress=Egress("public")) as transport:
        outcome = await transport.send(post(f"{recipient.url}/ok"), TIMEOUT)
    assert (outcome.error, outcome.rule) == (Failure.BLOCKED, "loopback 127.0.0.0/8")
    assert outcome.address == f"127.0.0.1:{recipient.port}"
    assert recipient.arrivals == []


async def test_okydrom_does_not_send_to_itself() -> None:
    egress = Egress()
    async with receiving() as recipient, sending(egress=egress) as transport:
        egress.listening("127.0.0.1", recipient.port)
        outcome = await transport.send(post(f"{recipient.url}/ok"), TIMEOUT)
    assert (outcome.error, outcome.rule) == (Failure.BLOCKED, f"own_address 127.0.0.1:{recipient.port}")


@pytest.mark.parametrize(
    ("code", "after", "expected"),
    [
        (429, "2", 2_000),
        (503, "0", 0),
        (503, "86401", DAY),
        (429, "9" * 400, DAY),
        (429, "Thu, 01 Jan 1970 00:01:00 GMT", 0),  # long ago for the recipient's own clock
        (429, "soon", None),
        (429, "-1", None),
        (429, "1.5", None),
        (429, "²", None),
        (500, "2", None),
        (200, "2", None),
    ],
)
async def test_retry_after_is_read_on_429_and_503(code: int, after: str, expected: int | None) -> None:
    async with receiving() as recipient, sending() as transport:
        outcome = await transport.send(post(f"{recipient.url}/{code}?after={quote(after)}"), TIMEOUT)
    assert (outcome.code, outcome.retry_after) == (code, expected)


@pytest.mark.parametrize(
    "request_",
    [
        post("http://a b/"),
        post("ftp://127.0.0.1/"),
        post("http://127.0.0.1:1/", b"", ("X", "a\r\nY: b")),
        post("http://127.0.0.1:1/", b"", ("Ключ", "a")),
        Request("CONNECT", "http://127.0.0.1:1/"),
        Request("POST", "http://127.0.0.1:1/", (), "text"),  # type: ignore[arg-type]
        Request("POST", None),  # type: ignore[arg-type]
    ],
    ids=lambda request_: repr(request_)[:60],
)
async def test_what_can_not_be_built_is_a_recorded_attempt(request_: Request, log: Log) -> None:
    async with receiving() as recipient, sending() as transport:
        if request_.url == "http://127.0.0.1:1/":
            request_ = Request(request_.http_method, f"{recipient.url}/ok", request_.headers, request_.body)
        outcome = await transport.send(request_, TIMEOUT)
        assert (outcome.error, outcome.code) == (Failure.PROTOCOL, None)
        assert transport.connections == 0
        assert (await transport.send(post(f"{recipient.url}/ok"), TIMEOUT)).ok
    assert [entry["event"] for entry in log] == ["attempt_broke"]
    assert "exc_info" not in log[0]
    assert len(recipient.arrivals) == 1


async def test_a_failure_is_told_without_its_text(log: Log) -> None:
    async with sending() as transport:
        outcome = await transport.send(
            post("http://user:hunter2@a/?hunter2", b"", ("X", "hunter2\n")), TIMEOUT
        )
    assert log
    assert "hunter2" not in repr(log)
    assert "hunter2" not in repr(outcome).replace(repr(outcome.request_headers), "")


async def test_the_parts_of_an_attempt_add_up_to_its_duration() -> None:
    async with receiving() as recipient, sending() as transport:
        first = await transport.send(
            post(f"{recipient.url.replace('127.0.0.1', 'localhost')}/slow?ms=50"), TIMEOUT
        )
        second = await transport.send(
            post(f"{recipient.url.replace('127.0.0.1', 'localhost')}/slow?ms=50"), TIMEOUT
        )
    dns, connect, wait, read = first.parts.dns, first.parts.connect, first.parts.wait, first.parts.read
    assert dns is not None
    assert connect is not None
    assert wait is not None
    assert read is not None
    assert wait >= 50
    assert dns + connect + wait + read == pytest.approx(first.duration, abs=5)
    assert (second.parts.dns, second.parts.connect, second.parts.tls) == (None, None, None)


async def test_a_cancelled_attempt_closes_its_connection() -> None:
    async with receiving() as recipient, sending() as transport:
        attempt = asyncio.create_task(transport.send(post(f"{recipient.url}/hang"), TIMEOUT))
        await wait_until(lambda: recipient.arrivals)
        attempt.cancel()
        with pytest.raises(asyncio.CancelledError):
            await attempt
        assert transport.connections == 0


async def test_a_cancelled_attempt_leaves_no_open_connection() -> None:
    async with raw([hear(), stay()]) as recipient, sending() as transport:
        attempt = asyncio.create_task(transport.send(post(recipient.url), TIMEOUT))
        await wait_until(lambda: recipient.heard)
        attempt.cancel()
        await wait_until(lambda: recipient.open == 0)


async def test_closing_ends_what_is_under_way_and_may_be_repeated() -> None:
    async with receiving() as recipient, sending() as transport:
        attempts = [
            asyncio.create_task(transport.send(post(f"{recipient.url}/hang"), TIMEOUT)) for _ in range(3)
        ]
        await wait_until(lambda: len(recipient.arrivals) == 3)
        began = monotonic()
        await transport.close()
        await transport.close()
        outcomes = await asyncio.gather(*attempts)
        assert [outcome.error for outcome in outcomes] == [Failure.RESET] * 3
        assert monotonic() - began < 1
        late = await transport.send(post(f"{recipient.url}/ok"), TIMEOUT)
        assert (late.error, transport.connections) == (Failure.RESET, 0)
    assert len(recipient.arrivals) == 3


async def test_closing_is_legal_before_anything_was_sent() -> None:
    async with sending():
        pass
