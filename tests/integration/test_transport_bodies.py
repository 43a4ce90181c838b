"""Large requests: written as fast as they are taken, and answered before, while and after they are read."""

import asyncio

from okydrom.task import Failure
from tests.support.lag import Lag
from tests.support.raw import Step, close, echo, hear, hear_head, hear_rest, raw, say, stay, wait
from tests.support.sending import TIMEOUT, post, sending
from tests.support.wait import wait_until

BOTH_LOOPS = True

SIZE = 24 << 20  # more than the buffers of two sockets hold
BODY = bytes(range(256)) * (SIZE // 256)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
REFUSED = b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno"


def forever() -> Step:
    """Read nothing, until the other side goes."""

    async def step(_: object) -> None:
        await asyncio.Event().wait()

    return step


async def test_a_large_body_arrives_whole_at_a_slow_reader_and_its_connection_goes_on() -> None:
    script = [hear_head(), wait(0.2), hear_rest(SIZE), say(OK), hear(), say(OK), stay()]
    async with raw(script) as recipient, sending() as transport:
        first = await transport.send(post(recipient.url, BODY), TIMEOUT)
        second = await transport.send(post(recipient.url, b"x"), TIMEOUT)
    assert (first.code, second.code, recipient.connections) == (200, 200, 1)
    assert recipient.heard[1] == BODY


async def test_a_loop_is_not_held_up_by_a_recipient_that_does_not_read(lag: Lag) -> None:
    async with raw([hear_head(), forever()]) as recipient, sending() as transport:
        outcome = await transport.send(post(recipient.url, BODY), 300)
        assert (outcome.error, outcome.code) == (Failure.TIMEOUT, None)
        assert 300 <= outcome.duration <= 500 + lag.ms
        assert transport.connections == 0


async def test_an_early_refusal_ends_the_attempt_and_the_half_written_connection(lag: Lag) -> None:
    script = [hear_head(), say(REFUSED), forever()]
    async with raw(script, [hear(), say(OK), stay()]) as recipient, sending() as transport:
        refused = await transport.send(post(recipient.url, BODY), TIMEOUT)
        again = await transport.send(post(recipient.url, b"x"), TIMEOUT)
    assert (refused.code, refused.response_body, refused.truncated) == (413, b"no", False)
    assert refused.duration < 1000 + lag.ms
    assert (again.code, again.resent, recipient.connections) == (200, False, 2)


async def test_an_early_refusal_followed_by_a_close_is_read() -> None:
    script = [hear_head(), say(REFUSED), hear_rest(SIZE // 2), close()]
    async with raw(script) as recipient, sending() as transport:
        outcome = await transport.send(post(recipient.url, BODY), TIMEOUT)
    assert outcome.code == 413


async def test_an_early_2xx_does_not_cut_the_request_off() -> None:
    script = [hear_head(), say(OK), wait(0.1), hear_rest(SIZE), hear(), say(OK), stay()]
    async with raw(script) as recipient, sending() as transport:
        first = await transport.send(post(recipient.url, BODY), TIMEOUT)
        second = await transport.send(post(recipient.url, b"x"), TIMEOUT)
    assert (first.code, first.response_body, first.truncated) == (200, b"ok", False)
    assert recipient.heard[1] == BODY
    assert (second.code, recipient.connections) == (200, 1)


async def test_a_recipient_may_answer_while_it_reads() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    async with raw([hear_head(), say(head), echo(SIZE), stay()]) as recipient, sending() as transport:
        outcome = await transport.send(post(recipient.url, BODY), TIMEOUT)
        await wait_until(lambda: recipient.heard[1:] == [b"all"])
    assert (outcome.code, outcome.response_body, outcome.truncated) == (200, BODY[: 16 * 1024], True)


async def test_an_early_2xx_that_never_reads_decides_at_the_deadline(lag: Lag) -> None:
    async with raw([hear_head(), say(OK), forever()]) as recipient, sending() as transport:
        outcome = await transport.send(post(recipient.url, BODY), 300)
        assert transport.connections == 0
    assert outcome.code == 200
    assert 300 <= outcome.duration <= 500 + lag.ms


async def test_a_recipient_that_hangs_up_while_it_reads_is_a_reset() -> None:
    async with raw([hear_head(), hear_rest(1000), close()]) as recipient, sending() as transport:
        outcome = await transport.send(post(recipient.url, BODY), TIMEOUT)
    assert (outcome.error, outcome.code) == (Failure.RESET, None)


async def test_a_cancelled_upload_closes_its_connection() -> None:
    async with raw([hear_head(), forever()]) as recipient, sending() as transport:
        attempt = asyncio.create_task(transport.send(post(recipient.url, BODY), TIMEOUT))
        await wait_until(lambda: recipient.heard)
        attempt.cancel()
        await asyncio.wait([attempt])
        assert attempt.cancelled()
        assert transport.connections == 0
