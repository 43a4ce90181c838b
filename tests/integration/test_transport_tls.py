"""TLS: verified against the authority and the name, and every way in which it fails."""

import asyncio
import ssl
from collections.abc import Callable

import pytest

from okydrom.delivery.dial import public_trust
from okydrom.task import Failure
from tests.support.certificates import Authority
from tests.support.lag import Lag
from tests.support.raw import Step, close, hear, raw, reset, say, stay, wait
from tests.support.recipient import receiving
from tests.support.sending import TIMEOUT, post, sending
from tests.support.wait import wait_until

BOTH_LOOPS = True

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
EXPIRED, SELF_SIGNED_CHAIN, UNKNOWN_ISSUER, OTHER_NAME, OTHER_ADDRESS = 10, 19, 20, 62, 64


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.mark.parametrize(
    ("name", "host"), [("localhost", "127.0.0.1"), ("127.0.0.1", "127.0.0.1"), ("::1", "::1")]
)
async def test_a_recipient_with_a_good_certificate_is_sent_to(
    authority: Authority, name: str, host: str
) -> None:
    async with (
        receiving(host=host, context=authority.serve(name)) as recipient,
        sending(context=lambda _: authority.trust) as transport,
    ):
        shown = f"[{name}]" if ":" in name else name
        request = post(f"https://{shown}:{recipient.port}/ok", b"x" * 100_000)
        first, second = [await transport.send(request, TIMEOUT) for _ in range(2)]
        assert transport.connections == 1
    assert first.ok
    assert second.ok
    assert first.parts.tls is not None
    assert second.parts.tls is None
    assert [arrival.body for arrival in recipient.arrivals] == [b"x" * 100_000] * 2


@pytest.mark.parametrize(
    ("serve", "numbers"),
    [
        (lambda authority: Authority().serve("localhost"), {SELF_SIGNED_CHAIN, UNKNOWN_ISSUER}),
        (lambda authority: authority.serve("other.test"), {OTHER_NAME}),
        (lambda authority: authority.serve("localhost", expired=True), {EXPIRED}),
    ],
    ids=["unknown authority", "another name", "expired"],
)
async def test_a_bad_certificate_is_a_tls_failure_and_says_why(
    authority: Authority, serve: Callable[[Authority], ssl.SSLContext], numbers: set[int]
) -> None:
    async with (
        receiving(context=serve(authority)) as recipient,
        sending(context=lambda _: authority.trust) as transport,
    ):
        outcome = await transport.send(post(f"https://localhost:{recipient.port}/ok"), TIMEOUT)
        assert transport.connections == 0
    assert (outcome.error, outcome.code) == (Failure.TLS, None)
    assert outcome.errno in numbers
    assert outcome.address == f"127.0.0.1:{recipient.port}"
    assert recipient.arrivals == []


async def test_another_address_than_that_of_the_certificate_is_refused(authority: Authority) -> None:
    async with (
        receiving(context=authority.serve("127.0.0.2")) as recipient,
        sending(context=lambda _: authority.trust) as transport,
    ):
        outcome = await transport.send(post(f"{recipient.url}/ok"), TIMEOUT)
    assert (outcome.error, outcome.errno) == (Failure.TLS, OTHER_ADDRESS)


async def test_certificates_are_verified_unless_told_otherwise(authority: Authority) -> None:
    async with receiving(context=authority.serve("127.0.0.1")) as recipient, sending() as transport:
        outcome = await transport.send(post(f"{recipient.url}/ok"), TIMEOUT)
    assert outcome.error is Failure.TLS
    assert recipient.arrivals == []
    assert public_trust().check_hostname
    assert public_trust().verify_mode is ssl.CERT_REQUIRED


@pytest.mark.parametrize(
    "script",
    [[close()], [wait(0.01), reset()], [say(b"HTTP/1.1 400 Bad Request\r\n\r\n"), stay()]],
    ids=["closed", "reset", "plain HTTP"],
)
async def test_a_handshake_that_fails_is_a_tls_failure(script: list[Step]) -> None:
    async with raw(script) as recipient, sending() as transport:
        outcome = await transport.send(post(recipient.url.replace("http:", "https:")), TIMEOUT)
        assert transport.connections == 0
    assert (outcome.error, outcome.code) == (Failure.TLS, None)


async def test_a_handshake_that_hangs_is_a_timeout_within_its_own_limit(lag: Lag) -> None:
    async with raw([stay()]) as recipient, sending(connect_timeout=200) as transport:
        outcome = await transport.send(post(recipient.url.replace("http:", "https:")), TIMEOUT)
        assert transport.connections == 0
        await wait_until(lambda: recipient.open == 0)
    assert outcome.error is Failure.TIMEOUT
    assert 190 <= outcome.duration <= 400 + lag.ms
    assert outcome.parts.tls == pytest.approx(outcome.duration, abs=50 + lag.ms)


async def test_a_handshake_that_hangs_ends_at_the_deadline_of_the_attempt(lag: Lag) -> None:
    async with raw([stay()]) as recipient, sending() as transport:
        outcome = await transport.send(post(recipient.url.replace("http:", "https:")), 200)
    assert outcome.error is Failure.TIMEOUT
    assert 190 <= outcome.duration <= 400 + lag.ms


async def test_plain_http_to_a_tls_port_has_no_readable_answer(authority: Authority) -> None:
    async with receiving(context=authority.serve("127.0.0.1")) as recipient, sending() as transport:
        outcome = await transport.send(post(recipient.url.replace("https:", "http:")), TIMEOUT)
    assert outcome.error in (Failure.PROTOCOL, Failure.RESET)


async def test_a_kept_tls_connection_that_dies_is_repeated_on_a_new_one(authority: Authority) -> None:
    scripts = [[hear(), say(OK), hear(), close()], [hear(), say(OK), stay()]]
    async with (
        raw(*scripts, context=authority.serve("127.0.0.1")) as recipient,
        sending(context=lambda _: authority.trust) as transport,
    ):
        outcomes = [await transport.send(post(recipient.url), TIMEOUT) for _ in range(2)]
    assert [(outcome.code, outcome.resent) for outcome in outcomes] == [(200, False), (200, True)]


async def test_the_context_may_depend_on_the_destination(authority: Authority) -> None:
    other = Authority()
    async with (
        receiving(context=authority.serve("localhost")) as one,
        receiving(context=other.serve("127.0.0.1")) as two,
        sending(context=lambda target: (other if target.numeric else authority).trust) as transport,
    ):
        urls = f"https://localhost:{one.port}/ok", f"https://127.0.0.1:{two.port}/ok"
        outcomes = await asyncio.gather(*(transport.send(post(url), TIMEOUT) for url in urls))
    assert [outcome.code for outcome in outcomes] == [200, 200]


async def test_closing_does_not_wait_for_a_recipient_that_says_no_good_bye(authority: Authority) -> None:
    async with (
        raw([hear(), say(OK), stay()], context=authority.serve("127.0.0.1")) as recipient,
        sending(context=lambda _: authority.trust, idle_timeout=100) as transport,
    ):
        await transport.send(post(recipient.url), TIMEOUT)
        await wait_until(lambda: transport.connections == 0)
        await wait_until(lambda: recipient.open == 0)


async def test_a_large_body_over_tls_arrives_whole(authority: Authority) -> None:
    body = bytes(range(256)) * 12_000
    async with (
        raw([hear(), say(OK), stay()], context=authority.serve("127.0.0.1")) as recipient,
        sending(context=lambda _: authority.trust) as transport,
    ):
        assert (await transport.send(post(recipient.url, body), TIMEOUT)).ok
    assert recipient.heard[0].endswith(body)
