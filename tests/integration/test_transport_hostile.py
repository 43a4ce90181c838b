"""Hostile recipients: whatever they do, an attempt ends in time, says what happened, and keeps little."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from okydrom.delivery.egress import Egress
from okydrom.delivery.transport import Transport
from okydrom.task import Failure, Outcome
from tests.support.hostile import SCRIPTS
from tests.support.lag import Lag
from tests.support.raw import close, hear, raw, say, stay
from tests.support.recipient import receiving
from tests.support.sending import TIMEOUT, post, sending

BOTH_LOOPS = True

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
CAP = 16 * 1024  # of a kept answer
GRACE = 200  # ms that an attempt may last beyond its timeout
PARALLEL = 200
MEMORY = 10 << 20  # bytes that they may cost together

EXPECTED: Mapping[str, Failure | int] = {
    "never answers": Failure.TIMEOUT,
    "drips its head": Failure.TIMEOUT,
    "drips headers": Failure.TIMEOUT,
    "drips interim answers": Failure.TIMEOUT,
    "drips its body": 200,
    "drips chunks": 200,
    "storms with interim answers": Failure.PROTOCOL,
    "begins with empty lines without end": Failure.PROTOCOL,
    "has a hundred thousand headers": Failure.PROTOCOL,
    "has a header of 70 kB": Failure.PROTOCOL,
    "has a header without end": Failure.PROTOCOL,
    "has a name without end": Failure.PROTOCOL,
    "has a reason without end": Failure.PROTOCOL,
    "has a body without end": 200,
    "has chunks without end": 200,
    "has an extension without end": 200,
    "has trailers without end": 200,
    "sends a gzip bomb": 200,
}


def bears(outcome: Outcome, expected: Failure | int, timeout: float) -> bool:
    kept = sum(len(name) + len(value) for name, value in outcome.response_headers)
    return (
        (outcome.error or outcome.code) == expected
        and outcome.duration <= timeout + GRACE
        and len(outcome.response_body) <= CAP
        and kept <= CAP
        and (outcome.error is not None or outcome.truncated)
    )


async def test_one_that_is_looked_at_too_seldom_is_found(monkeypatch: pytest.MonkeyPatch, lag: Lag) -> None:
    monkeypatch.setattr("okydrom.delivery.transport.TICK", 1.5)
    async with raw(SCRIPTS["never answers"]) as recipient, sending() as transport:
        outcome = await transport.send(post(recipient.url), 300)
    assert outcome.error is Failure.TIMEOUT
    assert not bears(outcome, Failure.TIMEOUT, 300 + lag.ms)


def test_every_hostile_recipient_is_tried() -> None:
    assert EXPECTED.keys() == SCRIPTS.keys()


@pytest.mark.parametrize("name", SCRIPTS)
@pytest.mark.parametrize("timeout", [300, 3000])
async def test_an_attempt_at_a_hostile_recipient_ends_in_time(name: str, timeout: int, lag: Lag) -> None:
    if timeout > 300 and EXPECTED[name] is Failure.TIMEOUT:
        timeout = 600
    async with raw(SCRIPTS[name]) as recipient, sending() as transport:
        outcome = await transport.send(post(recipient.url), timeout)
        assert bears(outcome, EXPECTED[name], timeout + lag.ms), outcome
        assert outcome.duration < 1000 + GRACE + lag.ms  # a head decides, its body has a second
        assert transport.connections == 0


async def test_of_large_heads_a_part_is_kept() -> None:
    many = b"".join(b"X-%d: y\r\n" % number for number in range(1000))
    large = b"".join(b"X-%d: %b\r\n" % (number, b"y" * 5000) for number in range(10))
    for headers in (many, large, b"X: " + b"y" * 20_000 + b"\r\n"):
        answer = b"HTTP/1.1 200 OK\r\nFirst: 1\r\n" + headers + b"Content-Length: 2\r\n\r\nok"
        async with raw([hear(), say(answer), stay()]) as recipient, sending() as transport:
            outcome = await transport.send(post(recipient.url), TIMEOUT)
        assert (outcome.code, outcome.response_body) == (200, b"ok")
        assert outcome.response_headers[0] == ("First", "1")
        assert len(outcome.response_headers) <= 64
        assert sum(len(name) + len(value) for name, value in outcome.response_headers) <= CAP


@asynccontextmanager
async def elsewhere() -> AsyncIterator[Mapping[str, str]]:
    """The hostile recipients in a process of their own, so that only our memory is measured."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.support.hostile"),
        cwd=Path(__file__).parents[2],
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        yield json.loads(await process.stdout.readline())
    finally:
        process.kill()
        await process.wait()
        await asyncio.wait([asyncio.ensure_future(process.communicate())])


def memory() -> int:
    fields = Path("/proc/self/statm").read_text("ascii").split()
    return int(fields[1]) * 4096


async def batch(
    transport: Transport, places: Mapping[str, str], timeout: int, lag: Lag
) -> tuple[list[str], int]:
    """Two hundred attempts at once, at all recipients in turn; which did not hold, and the most memory meanwhile."""
    names = [name for _, name in zip(range(PARALLEL), list(places) * PARALLEL, strict=False)]
    attempts = [asyncio.create_task(transport.send(post(places[name]), timeout)) for name in names]
    most, waiting = memory(), set(attempts)
    while waiting:
        _, waiting = await asyncio.wait(waiting, timeout=0.02)
        most = max(most, memory())
    ended = zip(names, [attempt.result() for attempt in attempts], strict=True)
    faults = [
        f"{name}: {outcome.error or outcome.code} after {outcome.duration:.0f} ms"
        for name, outcome in ended
        if not bears(outcome, EXPECTED[name], timeout + lag.ms)
    ]
    return faults, most


@pytest.mark.proof
async def test_two_hundred_hostile_recipients_at_once_cost_little_memory(
    figure: Callable[[str], None], lag: Lag
) -> None:
    async with elsewhere() as places, sending() as transport:
        await batch(transport, places, 500, lag)  # what the interpreter takes for good, it takes now
        before = memory()
        faults, most = await batch(transport, places, 2000, lag)
        figure(
            f"{PARALLEL} attempts at {len(places)} recipients in time, +{(most - before) / (1 << 20):.1f} MiB"
        )
        assert faults == []
        assert most - before < MEMORY


FORMS = [
    "http://127.0.0.1:{port}/",
    "http://localhost:{port}/",
    "http://LOCALHOST:{port}/",
    "http://127.1:{port}/",
    "http://127.0.1:{port}/",
    "http://127.255.255.254:{port}/",
    "http://0:{port}/",
    "http://0.0.0.0:{port}/",
    "http://2130706433:{port}/",
    "http://0x7f000001:{port}/",
    "http://0x7f.0.0.1:{port}/",
    "http://0177.0.0.1:{port}/",
    "http://017700000001:{port}/",
    "http://127.0.0.1.:{port}/",
    "http://①②⑦.⓪.⓪.①:{port}/",
    "http://127。0。0。1:{port}/",
    "http://%31%32%37.0.0.1:{port}/",
    "http://[::1]:{port}/",
    "http://[0:0:0:0:0:0:0:1]:{port}/",
    "http://[::]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://[::ffff:7f00:1]:{port}/",
    "http://[::127.0.0.1]:{port}/",
    "http://[64:ff9b::7f00:1]:{port}/",
    "http://[2002:7f00:1::]:{port}/",
    "http://[::1%25lo]:{port}/",
    "http://[::ffff:0:127.0.0.1]:{port}/",
    "http://user@127.0.0.1:{port}/",
    "http://allowed.test@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}\\@allowed.test/",
    "http://allowed.test:80@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}#@allowed.test/",
    "http://127.0.0.1\t:{port}/",
    "http:127.0.0.1:{port}/",
    "http:\\\\127.0.0.1:{port}/",
    "//127.0.0.1:{port}/",
    "gopher://127.0.0.1:{port}/",
]


@pytest.mark.proof
@pytest.mark.parametrize("host", ["0.0.0.0", "::"], ids=["IPv4", "IPv6"])
async def test_no_form_of_a_url_reaches_a_denied_address(host: str, figure: Callable[[str], None]) -> None:
    async with raw([stay()], host=host) as canary, sending(egress=Egress("public")) as transport:
        for form in FORMS:
            outcome = await transport.send(post(form.format(port=canary.port)), 300)
            assert outcome.error in (Failure.BLOCKED, Failure.PROTOCOL), form
        assert canary.connections == 0
    figure(f"{len(FORMS)} forms, 0 hits")


@pytest.mark.proof
async def test_without_the_policy_the_canary_is_hit(figure: Callable[[str], None]) -> None:
    """The control of the forms: they do lead there, so it is the policy that keeps them away."""
    async with raw([hear(), say(ANSWER), close()], host="127.0.0.1") as canary, sending() as transport:
        for form in FORMS:
            await transport.send(post(form.format(port=canary.port)), 300)
        assert canary.connections >= 5
    figure(f"policy off: {canary.connections} hits")


@pytest.mark.proof
async def test_a_redirect_to_loopback_is_not_followed(figure: Callable[[str], None]) -> None:
    async with raw([stay()]) as canary, receiving(host="127.0.0.2") as recipient:
        egress = Egress(deny=["127.0.0.1"])
        async with sending(egress=egress) as transport:
            outcome = await transport.send(post(f"{recipient.url}/redirect?to={canary.url}/"), TIMEOUT)
        assert outcome.code == 302
        assert canary.connections == 0
    figure("302 recorded, 0 hits")
