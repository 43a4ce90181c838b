"""Connections are kept for the next request: which, for how long, and what happens when a kept one turns out dead."""

import asyncio
import errno
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from okydrom.delivery.resolver import Names
from okydrom.delivery.transport import Shortage
from okydrom.task import Failure
from tests.support.lag import Lag
from tests.support.nameserver import naming
from tests.support.raw import Step, close, hear, raw, reset, say, stay, until
from tests.support.recipient import receiving
from tests.support.sending import TIMEOUT, post, sending
from tests.support.wait import linger, wait_until

BOTH_LOOPS = True

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
SERVE: list[Step] = [hear(), say(OK)] * 50


async def test_one_connection_serves_one_request_after_another() -> None:
    async with raw([*SERVE, stay()]) as recipient, sending() as transport:
        outcomes = [await transport.send(post(recipient.url), TIMEOUT) for _ in range(50)]
        assert transport.connections == 1
    assert all(outcome.ok for outcome in outcomes)
    assert recipient.connections == 1


async def test_as_many_connections_as_requests_at_once_and_they_are_kept() -> None:
    async with receiving() as recipient, sending() as transport:
        url = f"{recipient.url}/slow?ms=50"
        await asyncio.gather(*(transport.send(post(url), TIMEOUT) for _ in range(10)))
        assert transport.connections == 10
        await asyncio.gather(*(transport.send(post(url), TIMEOUT) for _ in range(10)))
        assert transport.connections == 10


async def test_destinations_share_no_connection() -> None:
    async with raw([*SERVE, stay()], host="0.0.0.0") as recipient, sending() as transport:
        for host in ("127.0.0.1", "127.0.0.2", "localhost", "127.0.0.1"):
            assert (await transport.send(post(f"http://{host}:{recipient.port}/"), TIMEOUT)).ok
    assert recipient.connections == 3


@pytest.mark.parametrize("end", [close(), reset()], ids=["closed", "reset"])
async def test_a_connection_that_was_closed_while_idle_is_forgotten(end: Step) -> None:
    now = asyncio.Event()
    async with raw([hear(), say(OK), until(now), end], [*SERVE, stay()]) as recipient, sending() as transport:
        await transport.send(post(recipient.url), TIMEOUT)
        now.set()
        await wait_until(lambda: transport.connections == 0)
        outcome = await transport.send(post(recipient.url), TIMEOUT)
    assert (outcome.code, outcome.resent, recipient.connections) == (200, False, 2)


async def test_a_connection_that_is_known_to_be_dead_is_not_asked() -> None:
    """Its end is known to the loop, its clean-up still to come: nothing is sent on it, so nothing is resent."""
    async with raw([*SERVE, stay()]) as recipient, sending() as transport:
        await transport.send(post(recipient.url), TIMEOUT)
        (kept,) = transport._pool._since
        kept.eof_received()
        outcome = await transport.send(post(recipient.url), TIMEOUT)
    assert (outcome.code, outcome.resent, recipient.connections) == (200, False, 2)


@pytest.mark.parametrize("end", [close(), reset()], ids=["closed", "reset"])
async def test_a_reused_connection_that_closes_without_a_byte_is_not_the_recipients_failure(
    end: Step,
) -> None:
    async with raw([hear(), say(OK), hear(), end], [*SERVE, stay()]) as recipient, sending() as transport:
        await transport.send(post(recipient.url, b"1"), TIMEOUT)
        outcome = await transport.send(post(recipient.url, b"2"), TIMEOUT)
    assert (outcome.code, outcome.resent, recipient.connections) == (200, True, 2)
    assert [request[-1:] for request in recipient.heard] == [b"1", b"2", b"2"]


async def test_the_repeat_is_made_once_and_on_a_new_connection() -> None:
    """Two kept connections that are both dead: the second one is not tried."""
    both = asyncio.Event()
    dead = [hear(), until(both), say(OK), hear(), close()]
    async with raw(dead, dead, [hear(), close()]) as recipient, sending() as transport:
        attempts = [asyncio.create_task(transport.send(post(recipient.url), TIMEOUT)) for _ in range(2)]
        await wait_until(lambda: len(recipient.heard) == 2)
        both.set()
        await asyncio.gather(*attempts)
        assert transport.connections == 2
        outcome = await transport.send(post(recipient.url), TIMEOUT)
    assert (outcome.error, outcome.resent) == (Failure.RESET, True)
    assert len(recipient.heard) == 4
    assert recipient.connections == 3


@pytest.mark.parametrize("said", [b"H", b"HTTP/1.1 100 Continue\r\n\r\n"])
async def test_a_reused_connection_that_closes_after_a_byte_is_a_reset(said: bytes) -> None:
    script = [hear(), say(OK), hear(), say(said), close()]
    async with raw(script, [*SERVE, stay()]) as recipient, sending() as transport:
        await transport.send(post(recipient.url), TIMEOUT)
        outcome = await transport.send(post(recipient.url), TIMEOUT)
    assert (outcome.error, outcome.resent, recipient.connections) == (Failure.RESET, False, 1)


async def test_a_fresh_connection_that_closes_without_a_byte_is_a_reset() -> None:
    async with raw([hear(), close()]) as recipient, sending() as transport:
        outcome = await transport.send(post(recipient.url), TIMEOUT)
    assert (outcome.error, outcome.resent, recipient.connections) == (Failure.RESET, False, 1)


async def test_a_hanging_reused_connection_is_a_timeout_not_a_repeat() -> None:
    async with raw([hear(), say(OK), hear(), stay()]) as recipient, sending() as transport:
        await transport.send(post(recipient.url), TIMEOUT)
        outcome = await transport.send(post(recipient.url), 150)
    assert (outcome.error, outcome.resent, recipient.connections) == (Failure.TIMEOUT, False, 1)


async def test_the_repeat_counts_against_the_same_deadline(lag: Lag) -> None:
    wait = asyncio.Event()
    script = [hear(), say(OK), hear(), until(wait), close()]
    async with raw(script, [hear(), stay()]) as recipient, sending() as transport:
        await transport.send(post(recipient.url), TIMEOUT)
        attempt = asyncio.create_task(transport.send(post(recipient.url), 1000))
        await linger(0.3)
        wait.set()
        outcome = await attempt
    assert (outcome.error, outcome.resent) == (Failure.TIMEOUT, True)
    assert 1000 <= outcome.duration <= 1200 + lag.ms


async def test_the_latest_connection_is_used_first() -> None:
    """So that the others may grow old: of three connections two expire under a trickle of requests."""
    async with receiving() as recipient, sending(idle_timeout=600) as transport:
        await asyncio.gather(
            *(transport.send(post(f"{recipient.url}/slow?ms=30"), TIMEOUT) for _ in range(3))
        )
        assert transport.connections == 3

        async def trickle() -> bool:
            await transport.send(post(f"{recipient.url}/ok"), TIMEOUT)
            return transport.connections == 1

        await wait_until(trickle)


async def test_an_idle_connection_expires() -> None:
    async with raw([*SERVE, stay()]) as recipient, sending(idle_timeout=100) as transport:
        await transport.send(post(recipient.url), TIMEOUT)
        await wait_until(lambda: transport.connections == 0)
        await wait_until(lambda: recipient.open == 0)


async def test_a_connection_has_an_age_however_busy_it_is() -> None:
    async with (
        receiving() as recipient,
        raw([*SERVE, stay()]) as counted,
        sending(connection_age=50) as transport,
    ):
        assert (await transport.send(post(f"{recipient.url}/slow?ms=80"), TIMEOUT)).ok
        assert transport.connections == 0
        await transport.send(post(counted.url), TIMEOUT)
        assert transport.connections == 1
        await wait_until(lambda: transport.connections == 0)


@pytest.mark.parametrize("code", [500, 502, 503])
async def test_a_connection_is_closed_after_a_5xx(code: int) -> None:
    answer = b"HTTP/1.1 %d X\r\nContent-Length: 0\r\n\r\n" % code
    async with raw([hear(), say(answer), stay()]) as recipient, sending() as transport:
        await transport.send(post(recipient.url), TIMEOUT)
        assert transport.connections == 0
        await wait_until(lambda: recipient.open == 0)


async def test_idle_connections_make_room_when_the_limit_is_reached() -> None:
    async with raw([*SERVE, stay()], host="0.0.0.0") as recipient, sending(senders=3) as transport:
        for number in range(1, 9):
            assert (await transport.send(post(f"http://127.0.0.{number}:{recipient.port}/"), TIMEOUT)).ok
            assert transport.connections <= 3
        await wait_until(lambda: recipient.open == 3)
        again = await transport.send(post(f"http://127.0.0.8:{recipient.port}/"), TIMEOUT)
        assert again.parts.connect is None
    assert recipient.connections == 8


@contextmanager
def no_descriptors_left() -> Iterator[None]:
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = max(int(each) for each in os.listdir("/proc/self/fd"))
    fillers = []
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 1, hard))
    try:
        while True:
            try:
                fillers.append(socket.socket())
            except OSError:
                break
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        for filler in fillers:
            filler.close()


async def test_our_own_want_of_descriptors_is_no_outcome() -> None:
    async with receiving() as recipient, sending() as transport:
        with no_descriptors_left(), pytest.raises(Shortage) as shortage:
            await transport.send(post(f"{recipient.url}/ok"), TIMEOUT)
        assert shortage.value.errno == errno.EMFILE
        assert (await transport.send(post(f"{recipient.url}/ok"), TIMEOUT)).ok


async def test_a_want_of_descriptors_while_a_name_is_resolved_is_no_outcome_either() -> None:
    async with naming({}) as server, sending(resolver=Names(**server.options)) as transport:
        with no_descriptors_left(), pytest.raises(Shortage) as shortage:
            await transport.send(post("http://one.test/"), TIMEOUT)
        assert shortage.value.errno == errno.EMFILE


async def test_idle_connections_are_given_up_for_descriptors() -> None:
    async with receiving() as recipient, raw([*SERVE, stay()]) as idle, sending() as transport:
        await transport.send(post(idle.url), TIMEOUT)
        with no_descriptors_left(), pytest.raises(Shortage):
            await transport.send(post(f"{recipient.url}/ok"), TIMEOUT)
        assert transport.connections == 0


async def test_no_address_of_that_family_is_the_recipients_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    """EADDRNOTAVAIL without any port in use: this host has no such address to speak from."""

    async def refuse(*_: object) -> None:
        raise OSError(errno.EADDRNOTAVAIL, "Cannot assign requested address")

    monkeypatch.setattr(asyncio.get_running_loop(), "sock_connect", refuse, raising=False)
    async with sending() as transport:
        monkeypatch.setattr("okydrom.delivery.dial.out_of_ports", lambda _: False)
        outcome = await transport.send(post("http://127.0.0.1:9/"), TIMEOUT)
        assert (outcome.error, outcome.errno) == (Failure.CONNECT, errno.EADDRNOTAVAIL)
        monkeypatch.undo()
        assert (await transport.send(post("http://127.0.0.1:9/"), TIMEOUT)).errno == errno.ECONNREFUSED


async def test_descriptors_do_not_leak() -> None:
    """A hundred attempts that end in every way leave as many open files as before."""
    async with receiving() as recipient, sending() as transport:
        await transport.send(post(f"{recipient.url.replace('127.0.0.1', 'localhost')}/500"), TIMEOUT)
        await wait_until(lambda: transport.connections == 0)
        before = len(os.listdir("/proc/self/fd"))
        for fate in ("500", "reset", "lost", "close", "huge") * 20:
            await transport.send(post(f"{recipient.url}/{fate}"), TIMEOUT)
        await wait_until(lambda: len(os.listdir("/proc/self/fd")) <= before)
