"""From a name to an address that may be dialled: every address is judged, and what was judged is what is dialled."""

import asyncio
import gc
import os
import socket
from collections.abc import Callable, Sequence
from errno import ECONNREFUSED, EHOSTUNREACH, ENETUNREACH
from time import monotonic

import pytest

from okydrom.delivery.dial import Dialer, Judged
from okydrom.delivery.egress import Egress, parse_url
from okydrom.delivery.resolver import Names
from okydrom.task import Failure
from tests.support.lag import Lag
from tests.support.nameserver import naming
from tests.support.raw import hear, raw, say
from tests.support.recipient import receiving
from tests.support.sending import TIMEOUT, post, sending
from tests.support.wait import wait_until

BOTH_LOOPS = True

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
NO_SUCH_NAME = 4  # c-ares
NO_ANSWER = 12


class Scripted:
    """A resolver that gives these answers one after another, the last one again and again."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = list(answers)
        self.asked = 0

    async def addresses(self, host: str) -> Sequence[str]:
        answer = self._answers[min(self.asked, len(self._answers) - 1)]
        self.asked += 1
        return answer

    async def close(self) -> None:
        pass


async def test_localhost_works_without_a_nameserver() -> None:
    async with receiving() as recipient, sending() as transport:
        outcome = await transport.send(post(f"http://localhost:{recipient.port}/ok"), TIMEOUT)
    assert outcome.ok
    assert recipient.arrivals[0].header("host") == f"localhost:{recipient.port}"


async def test_a_name_is_looked_up_and_its_address_dialled() -> None:
    zone = {"one.test": [["127.0.0.1"]]}
    async with (
        naming(zone) as server,
        receiving() as recipient,
        sending(resolver=Names(**server.options)) as transport,
    ):
        outcome = await transport.send(post(f"http://One.Test:{recipient.port}/ok"), TIMEOUT)
    assert (outcome.code, outcome.address) == (200, f"127.0.0.1:{recipient.port}")
    assert recipient.arrivals[0].header("host") == f"one.test:{recipient.port}"
    assert outcome.parts.dns is not None


async def test_a_name_that_does_not_exist_is_a_dns_failure() -> None:
    async with naming({}) as server, sending(resolver=Names(**server.options)) as transport:
        outcome = await transport.send(post("http://none.test/"), TIMEOUT)
    assert (outcome.error, outcome.errno, outcome.address) == (Failure.DNS, NO_SUCH_NAME, None)


async def test_a_mute_nameserver_is_a_dns_failure_within_the_limit(lag: Lag) -> None:
    async with naming({}, mute=True) as server:
        async with sending(resolver=Names(**server.options)) as transport:
            outcome = await transport.send(post("http://one.test/"), TIMEOUT)
        assert (outcome.error, outcome.errno) == (Failure.DNS, NO_ANSWER)
        async with sending(
            resolver=Names(**{**server.options, "timeout": 5}), connect_timeout=200
        ) as transport:
            outcome = await transport.send(post("http://one.test/"), TIMEOUT)
        assert (outcome.error, outcome.errno) == (Failure.DNS, None)
        assert 190 <= outcome.duration <= 400 + lag.ms
        assert outcome.parts.dns == pytest.approx(outcome.duration, abs=20 + lag.ms)


async def test_thirty_names_at_a_mute_nameserver_delay_neither_others_nor_the_threads_of_the_loop() -> None:
    async with (
        naming({}, mute=True) as server,
        receiving() as recipient,
        sending(resolver=Names(**{**server.options, "timeout": 1})) as transport,
    ):
        hanging = [
            asyncio.create_task(transport.send(post(f"http://n{n}.test/"), TIMEOUT)) for n in range(30)
        ]
        began = monotonic()
        await asyncio.get_running_loop().run_in_executor(None, socket.gethostname)
        outcome = await transport.send(post(f"{recipient.url}/ok"), TIMEOUT)
        assert outcome.ok
        assert monotonic() - began < 0.5
        assert not any(attempt.done() for attempt in hanging)
        for attempt in hanging:
            attempt.cancel()
        await asyncio.wait(hanging)


async def test_equal_questions_at_the_same_time_are_one() -> None:
    zone = {"one.test": [["127.0.0.1"]]}
    async with (
        naming(zone) as server,
        receiving() as recipient,
        sending(resolver=Names(**server.options)) as transport,
    ):
        request = post(f"http://one.test:{recipient.port}/ok")
        outcomes = await asyncio.gather(*(transport.send(request, TIMEOUT) for _ in range(20)))
        assert all(outcome.ok for outcome in outcomes)
        assert server.asked["one.test"] == 2  # A and AAAA


async def test_a_caller_that_gives_up_does_not_end_the_question_for_others() -> None:
    zone = {"one.test": [["127.0.0.1"]]}
    async with (
        naming(zone) as server,
        receiving() as recipient,
        sending(resolver=Names(**server.options)) as transport,
    ):
        request = post(f"http://one.test:{recipient.port}/ok")
        first = asyncio.create_task(transport.send(request, TIMEOUT))
        second = asyncio.create_task(transport.send(request, TIMEOUT))
        await asyncio.wait([first], timeout=0)
        first.cancel()
        assert (await second).ok
        assert first.cancelled()


async def test_an_answer_that_nobody_waits_for_any_more_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    async with naming({}, mute=True) as server:
        names = Names(**{**server.options, "tries": 1})
        async with sending(resolver=names, connect_timeout=50) as transport:
            assert (await transport.send(post("http://one.test/"), TIMEOUT)).error is Failure.DNS
            await wait_until(lambda: not names._asked)
            gc.collect()
    assert caplog.records == []


async def test_a_change_of_address_is_followed() -> None:
    zone = {"one.test": [["127.0.0.1"], ["127.0.0.2"]]}
    async with (
        naming(zone) as server,
        raw([hear(), say(OK)], host="0.0.0.0") as recipient,
        sending(resolver=Names(**server.options)) as transport,
    ):
        url = f"http://one.test:{recipient.port}/"
        addresses = [(await transport.send(post(url), TIMEOUT)).address for _ in range(2)]
    assert addresses == [f"127.0.0.1:{recipient.port}", f"127.0.0.2:{recipient.port}"]


async def test_a_name_that_leads_to_a_denied_address_is_blocked() -> None:
    zone = {
        "inside.test": [["10.0.0.1"]],
        "metadata.test": [["169.254.169.254"]],
        "six.test": [["::ffff:10.0.0.1"]],
    }
    async with (
        naming(zone) as server,
        sending(egress=Egress("public"), resolver=Names(**server.options)) as transport,
    ):
        inside = await transport.send(post("http://inside.test/"), TIMEOUT)
        metadata = await transport.send(post("http://metadata.test/"), TIMEOUT)
        six = await transport.send(post("http://six.test:81/"), TIMEOUT)
    assert (inside.error, inside.rule, inside.address) == (
        Failure.BLOCKED,
        "private 10.0.0.0/8",
        "10.0.0.1:80",
    )
    assert metadata.rule == "metadata 169.254.169.254/32"
    assert (six.rule, six.address) == ("private 10.0.0.0/8", "[::ffff:10.0.0.1]:81")


@pytest.mark.proof
async def test_of_mixed_answers_only_allowed_addresses_are_dialled(figure: Callable[[str], None]) -> None:
    async with raw([hear(), say(OK)], host="0.0.0.0") as recipient:
        egress = Egress(deny=["127.0.0.1", "127.0.0.3"])
        resolver = Scripted(["127.0.0.1", "127.0.0.3", "127.0.0.2", "::ffff:127.0.0.1"])
        async with sending(egress=egress, resolver=resolver) as transport:
            outcomes = [
                await transport.send(post(f"http://mixed.test:{recipient.port}/"), TIMEOUT) for _ in range(5)
            ]
        assert {outcome.address for outcome in outcomes} == {f"127.0.0.2:{recipient.port}"}
        assert recipient.connections == 5
    figure("of 4 addresses 3 denied: 5 attempts, 0 hits")


@pytest.mark.proof
async def test_a_name_that_turns_to_a_denied_address_is_never_dialled_there(
    figure: Callable[[str], None],
) -> None:
    """Rebinding: whatever the second answer says, no connection is made without judging that very answer. The control:
    without the policy the second answer is dialled."""
    async with raw([hear(), say(OK)]) as canary:
        async with sending(resolver=Scripted(["127.0.0.2"], ["127.0.0.1"])) as transport:
            for _ in range(2):
                await transport.send(post(f"http://turning.test:{canary.port}/"), TIMEOUT)
        assert canary.connections == 1
    async with raw([hear(), say(OK)]) as canary:
        resolver = Scripted(["127.0.0.2"], ["127.0.0.1"])
        async with sending(egress=Egress(deny=["127.0.0.1"]), resolver=resolver) as transport:
            first = await transport.send(post(f"http://turning.test:{canary.port}/"), TIMEOUT)
            second = await transport.send(post(f"http://turning.test:{canary.port}/"), TIMEOUT)
        assert resolver.asked == 2
        assert (first.error, second.error, second.rule) == (
            Failure.CONNECT,
            Failure.BLOCKED,
            "deny 127.0.0.1/32",
        )
        assert canary.connections == 0
    figure("rebinding: 0 hits, without the policy 1")


async def test_of_several_addresses_one_that_answers_is_enough() -> None:
    async with raw([hear(), say(OK)]) as recipient:
        resolver = Scripted(["::1", "127.0.0.9", "127.0.0.1"])
        async with sending(resolver=resolver) as transport:
            outcome = await transport.send(post(f"http://many.test:{recipient.port}/"), TIMEOUT)
    assert (outcome.code, outcome.address) == (200, f"127.0.0.1:{recipient.port}")


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ((ECONNREFUSED, ECONNREFUSED), ECONNREFUSED),
        ((ENETUNREACH, ECONNREFUSED), ECONNREFUSED),  # this host has no IPv6: says nothing of the recipient
        ((ECONNREFUSED, EHOSTUNREACH), ECONNREFUSED),
        ((ENETUNREACH, EHOSTUNREACH), ENETUNREACH),
    ],
)
async def test_where_none_answers_the_errno_is_the_one_that_says_most(
    numbers: tuple[int, int], expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(_: object, address: tuple[str, int]) -> None:
        number = numbers["." in address[0]]
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(asyncio.get_running_loop(), "sock_connect", fail, raising=False)
    async with sending(resolver=Scripted(["::1", "127.0.0.1"])) as transport:
        outcome = await transport.send(post("http://dead.test:9/"), TIMEOUT)
    assert (outcome.error, outcome.errno, outcome.address) == (Failure.CONNECT, expected, "[::1]:9")


async def test_addresses_can_be_examined_without_dialling() -> None:
    dialer = Dialer(Egress(deny=["127.0.0.1"]), resolver=Scripted(["127.0.0.1", "::1"]))
    expected = [Judged("127.0.0.1", "deny 127.0.0.1/32"), Judged("::1", None)]
    assert await dialer.examine(parse_url("http://two.test/")) == expected
    assert await dialer.examine(parse_url("http://127.0.0.1/")) == expected[:1]


async def test_a_name_too_strange_for_a_resolver_is_a_recorded_failure() -> None:
    async with naming({}) as server, sending(resolver=Names(**server.options)) as transport:
        for url in (
            "http://a_b.test/",
            "http://xn--0.test/",
            f"http://{'a' * 63}.{'b' * 63}.test/",
            "http://_/",
        ):
            assert (await transport.send(post(url), TIMEOUT)).error is Failure.DNS
