"""What one HTTP/1.1 connection makes of an answer, legal or not, however its bytes arrive.

Every case is answered twice over: a first request gets the bytes in question, then a second one shows whether the
connection was rightly kept or rightly closed.
"""

import asyncio
from collections.abc import Callable

import pytest

from okydrom.task import Failure
from tests.support.raw import Step, close, drip, hear, raw, reset, say, stay, until, wait
from tests.support.sending import TIMEOUT, post, sending
from tests.support.wait import wait_until

BOTH_LOOPS = True

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
KEPT, CLOSED = True, False

# name: (bytes, code, body, is the connection used again)
ANSWERS: dict[str, tuple[bytes, int, bytes, bool]] = {
    "a length": (OK, 200, b"ok", KEPT),
    "an empty body": (b"HTTP/1.1 201 C\r\nContent-Length: 0\r\n\r\n", 201, b"", KEPT),
    "no reason": (b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok", 200, b"ok", KEPT),
    "chunks": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1\r\nk\r\n0\r\n\r\n",
        200,
        b"ok",
        KEPT,
    ),
    "chunk extensions and trailers": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\nok\r\n0\r\nX-Trailer: t\r\n\r\n",
        200,
        b"ok",
        KEPT,
    ),
    "spaces after a chunk's size": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2 \r\nok\r\n0\r\n\r\n",
        200,
        b"ok",
        KEPT,
    ),
    "204": (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b"", KEPT),
    "204 that names a length": (b"HTTP/1.1 204 N\r\nContent-Length: 5\r\n\r\n", 204, b"", KEPT),
    "304": (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", 304, b"", KEPT),
    "302, not followed": (b"HTTP/1.1 302 F\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n", 302, b"", KEPT),
    "404": (b"HTTP/1.1 404 N\r\nContent-Length: 2\r\n\r\nno", 404, b"no", KEPT),
    "999": (b"HTTP/1.1 999 X\r\nContent-Length: 0\r\n\r\n", 999, b"", CLOSED),
    "500": (b"HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n", 500, b"", CLOSED),
    "101": (b"HTTP/1.1 101 S\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nxyz", 101, b"", CLOSED),
    "101 without a reason to": (b"HTTP/1.1 101 S\r\n\r\n", 101, b"", CLOSED),
    "100 before it": (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, 200, b"ok", KEPT),
    "several 1xx": (b"HTTP/1.1 103 E\r\nLink: a\r\n\r\nHTTP/1.1 199 ?\r\n\r\n" * 20 + OK, 200, b"ok", KEPT),
    "empty lines before it": (b"\r\n\r\n" + OK, 200, b"ok", KEPT),
    "bare line feeds": (b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok", 200, b"ok", KEPT),
    "a value beyond ASCII": (b"HTTP/1.1 200 OK\r\nX: \xe9\r\nContent-Length: 2\r\n\r\nok", 200, b"ok", KEPT),
    "HTTP/1.0": (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, b"ok", CLOSED),
    "HTTP/1.0 that keeps alive": (
        b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok",
        200,
        b"ok",
        KEPT,
    ),
    "Connection: close": (
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
        200,
        b"ok",
        CLOSED,
    ),
}
UNASKED = {"junk": b"junk", "a second answer": OK, "half an answer": b"HTTP/1.1 2", "one byte": b"H"}
ENDED_BY_CLOSE: dict[str, tuple[bytes, int, bytes, bool]] = {
    # name: (bytes, code, body, truncated)
    "no length": (b"HTTP/1.1 200 OK\r\n\r\nok", 200, b"ok", False),
    "no length, HTTP/1.0": (b"HTTP/1.0 200 OK\r\n\r\nok", 200, b"ok", False),
    "no length, no body": (b"HTTP/1.1 200 OK\r\n\r\n", 200, b"", False),
    "another coding": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nok", 200, b"ok", True),
    "less than its length": (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok", 200, b"ok", True),
    "no last chunk": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n", 200, b"ok", True),
    "half a chunk": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nok", 200, b"ok", True),
}
GARBLED_BODIES: dict[str, bytes] = {
    "a chunk's size": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "a chunk's end": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\noops\r\n",
    "a trailer": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX\0: y\r\n\r\n",
}
UNREADABLE: dict[str, bytes] = {
    "no HTTP": b"SSH-2.0-OpenSSH_9.2\r\n",
    "HTML": b"<html></html>\r\n\r\n",
    "a TLS alert": b"\x15\x03\x01\x00\x02\x02\x0a",
    "lower case": b"http/1.1 200 ok\r\n\r\n",
    "HTTP/3": b"HTTP/3.0 200 OK\r\n\r\n",
    "two digits": b"HTTP/1.1 20 OK\r\n\r\n",
    "four digits": b"HTTP/1.1 2000 OK\r\n\r\n",
    "000": b"HTTP/1.1 000 OK\r\nContent-Length: 0\r\n\r\n",
    "099": b"HTTP/1.1 099 OK\r\nContent-Length: 0\r\n\r\n",
    "a negative code": b"HTTP/1.1 -20 OK\r\n\r\n",
    "NUL in a header": b"HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n",
    "a header without a name": b"HTTP/1.1 200 OK\r\n: a\r\n\r\n",
    "a space in a name": b"HTTP/1.1 200 OK\r\nX Y: a\r\n\r\n",
    "a folded header": b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n",
    "length and chunks": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
    "a negative length": b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok",
    "a length beyond 64 bits": b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nok",
    "a bad 1xx before a good answer": b"HTTP/1.1 100\0 C\r\n\r\n" + OK,
}
LOSSES: dict[str, list[Step]] = {
    "closed at once": [close()],
    "closed after the request": [hear(), close()],
    "closed within the status line": [hear(), say(b"HTTP/1.1 2"), close()],
    "closed within the head": [hear(), say(b"HTTP/1.1 200 OK\r\nContent-Le"), close()],
    "closed after a 1xx": [hear(), say(b"HTTP/1.1 100 Continue\r\n\r\n"), close()],
    "reset": [hear(), reset()],
}


def late(data: bytes) -> Step:
    """In two pieces, the second one some time later."""

    async def step(peer: object) -> None:
        for part in (say(data[: len(data) // 2]), wait(0.02), say(data[len(data) // 2 :])):
            await part(peer)  # type: ignore[arg-type]

    return step


Arrive = Callable[[bytes], Step]
arriving = pytest.mark.parametrize("arrive", [say, drip, late], ids=["in one piece", "byte by byte", "late"])


@arriving
@pytest.mark.parametrize("case", ANSWERS)
async def test_an_answer_is_read_and_its_connection_kept_where_that_is_legal(
    case: str, arrive: Arrive
) -> None:
    data, code, body, kept = ANSWERS[case]
    async with raw([hear(), arrive(data), hear(), say(OK), stay()], [hear(), say(OK), stay()]) as recipient:
        async with sending() as transport:
            outcome = await transport.send(post(recipient.url), TIMEOUT)
            assert (outcome.code, outcome.error, outcome.response_body) == (code, None, body)
            assert (outcome.truncated, outcome.resent) == (False, False)
            again = await transport.send(post(recipient.url), TIMEOUT)
        assert again.code == 200
        assert again.response_body == b"ok"
        assert len(recipient.heard) == 2
        assert recipient.connections == (1 if kept else 2)


@pytest.mark.parametrize("case", UNASKED)
async def test_a_connection_with_unasked_bytes_behind_the_answer_is_not_used_again(case: str) -> None:
    scripts = [hear(), say(OK + UNASKED[case]), hear(), say(OK), stay()], [hear(), say(OK), stay()]
    async with raw(*scripts) as recipient, sending() as transport:
        outcomes = [await transport.send(post(recipient.url), TIMEOUT) for _ in range(2)]
    assert [outcome.response_body for outcome in outcomes] == [b"ok", b"ok"]
    assert [outcome.truncated for outcome in outcomes] == [False, False]
    assert recipient.connections == 2


@pytest.mark.parametrize("case", UNASKED)
async def test_unasked_bytes_on_an_idle_connection_end_it(case: str) -> None:
    idle = asyncio.Event()
    script = [hear(), say(OK), until(idle), say(UNASKED[case]), stay()]
    async with raw(script, [hear(), say(OK), stay()]) as recipient, sending() as transport:
        await transport.send(post(recipient.url), TIMEOUT)
        assert transport.connections == 1
        idle.set()
        await wait_until(lambda: transport.connections == 0)
        outcome = await transport.send(post(recipient.url), TIMEOUT)
    assert (outcome.code, outcome.resent, recipient.connections) == (200, False, 2)


@arriving
@pytest.mark.parametrize("case", ENDED_BY_CLOSE)
async def test_a_head_decides_and_a_body_may_end_by_the_close(case: str, arrive: Arrive) -> None:
    data, code, body, truncated = ENDED_BY_CLOSE[case]
    async with raw([hear(), arrive(data), close()]) as recipient, sending() as transport:
        outcome = await transport.send(post(recipient.url), TIMEOUT)
    assert (outcome.code, outcome.response_body, outcome.truncated) == (code, body, truncated)


@arriving
@pytest.mark.parametrize("case", GARBLED_BODIES)
async def test_a_head_decides_even_if_its_body_is_garbled(case: str, arrive: Arrive) -> None:
    async with raw([hear(), arrive(GARBLED_BODIES[case]), stay()]) as recipient, sending() as transport:
        outcome = await transport.send(post(recipient.url), TIMEOUT)
        assert (outcome.code, outcome.truncated) == (200, True)
        assert transport.connections == 0


@arriving
@pytest.mark.parametrize("case", UNREADABLE)
async def test_what_can_not_be_read_is_a_protocol_failure_without_a_code(case: str, arrive: Arrive) -> None:
    async with raw([hear(), arrive(UNREADABLE[case]), stay()]) as recipient, sending() as transport:
        outcome = await transport.send(post(recipient.url), TIMEOUT)
        assert (outcome.error, outcome.code) == (Failure.PROTOCOL, None)
        assert transport.connections == 0
    assert outcome.address == f"127.0.0.1:{recipient.port}"


@pytest.mark.parametrize("case", LOSSES)
async def test_a_connection_that_ends_without_an_answer_is_a_reset(case: str) -> None:
    async with raw(LOSSES[case]) as recipient, sending() as transport:
        outcome = await transport.send(post(recipient.url), TIMEOUT)
    assert (outcome.error, outcome.code, outcome.resent) == (Failure.RESET, None, False)
    assert outcome.errno in ({104} if case == "reset" else {None, 104})
    assert recipient.connections == 1


async def test_headers_are_kept_in_order_and_trailers_are_not_headers() -> None:
    data = b"HTTP/1.1 200 OK\r\nSet-Cookie: a\r\nset-cookie: b\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: t\r\n\r\n"
    async with raw([hear(), say(data), stay()]) as recipient, sending() as transport:
        outcome = await transport.send(post(recipient.url), TIMEOUT)
    expected = (("Set-Cookie", "a"), ("set-cookie", "b"), ("Transfer-Encoding", "chunked"))
    assert outcome.response_headers == expected


async def test_headers_of_an_interim_answer_are_dropped() -> None:
    data = b"HTTP/1.1 103 E\r\nLink: a\r\n\r\n" + OK
    async with raw([hear(), say(data), stay()]) as recipient, sending() as transport:
        outcome = await transport.send(post(recipient.url), TIMEOUT)
    assert outcome.response_headers == (("Content-Length", "2"),)


async def test_a_compressed_body_is_kept_as_it_came() -> None:
    data = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x00"
    async with raw([hear(), say(data), stay()]) as recipient, sending() as transport:
        outcome = await transport.send(post(recipient.url), TIMEOUT)
    assert outcome.response_body == b"\x1f\x8b\x08\x00"
    assert b"ccept-" not in recipient.heard[0]
