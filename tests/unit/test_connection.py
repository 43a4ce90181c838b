"""A connection at awkward moments, which sockets seldom show: its transport is a stand-in here."""

import asyncio
import gc
import ssl
import weakref
from time import monotonic

import pytest

from okydrom.delivery.connection import Connection
from okydrom.delivery.verdict import Answer, Loss, Verdict
from okydrom.task import Failure

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Wire(asyncio.Transport):
    """Takes what is written; `unsent` bytes stay in its buffer."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.unsent = 0
        self.ended = ""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)

    def get_write_buffer_size(self) -> int:
        return self.unsent

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        pass

    def close(self) -> None:
        self.ended = self.ended or "closed"

    def abort(self) -> None:
        self.ended = "aborted"


def connect() -> tuple[Connection, Wire]:
    connection, wire = Connection("127.0.0.1:80", 100, lambda _: None), Wire()
    connection.connection_made(wire)
    return connection, wire


async def ask(connection: Connection, body: bytes | None = b"x") -> asyncio.Task[Verdict]:
    """The question is written when this returns."""
    question = asyncio.create_task(connection.ask(b"HEAD\r\n\r\n", body, monotonic() + 5))
    await asyncio.wait([question], timeout=0)
    return question


async def test_an_answer_before_the_request_has_left_closes_the_connection() -> None:
    connection, wire = connect()
    question = await ask(connection)
    wire.unsent = 1
    connection.data_received(OK)
    assert isinstance(await question, Answer)
    assert not connection.reusable
    connection.close()
    assert wire.ended == "aborted"  # closing in order would wait for a recipient that does not read


async def test_a_connection_at_rest_is_closed_in_order() -> None:
    connection, wire = connect()
    question = await ask(connection)
    connection.data_received(OK)
    assert isinstance(await question, Answer)
    assert connection.reusable
    connection.close()
    assert wire.ended == "closed"
    assert not connection.reusable


@pytest.mark.parametrize(
    ("error", "failure", "number"),
    [
        (None, Failure.RESET, None),
        (ConnectionResetError(104, "reset"), Failure.RESET, 104),
        (BrokenPipeError(32, "pipe"), Failure.RESET, 32),
        (ssl.SSLError(1, "alert"), Failure.TLS, None),
    ],
)
async def test_a_loss_says_which_layer_failed(
    error: Exception | None, failure: Failure, number: int | None
) -> None:
    connection, _ = connect()
    question = await ask(connection)
    connection.connection_lost(error)
    assert await question == Loss(failure, number, unheard=True)


async def test_one_byte_makes_a_loss_the_recipients() -> None:
    connection, _ = connect()
    question = await ask(connection)
    connection.data_received(b"H")
    connection.connection_lost(None)
    assert await question == Loss(Failure.RESET, None, unheard=False)


async def test_a_head_that_is_here_outlives_the_connection() -> None:
    connection, _ = connect()
    question = await ask(connection)
    connection.data_received(b"HTTP/1.1 201 C\r\nContent-Length: 9\r\n\r\nok")
    connection.connection_lost(ConnectionResetError(104, "reset"))
    answer = await question
    assert isinstance(answer, Answer)
    assert (answer.code, answer.body, answer.truncated) == (201, b"ok", True)


@pytest.mark.parametrize("body", [b"x", b"x" * 200_000], ids=["small", "large"])
async def test_a_question_that_is_given_up_aborts_the_connection(body: bytes) -> None:
    connection, wire = connect()
    question = await ask(connection, body)
    connection.pause_writing()
    question.cancel()
    await asyncio.wait([question])
    assert question.cancelled()
    assert wire.ended == "aborted"
    connection.data_received(OK)  # may still come
    connection.connection_lost(None)


async def test_a_lost_connection_is_not_asked_and_may_be_closed_again() -> None:
    connection, wire = connect()
    connection.connection_lost(None)
    assert await connection.ask(b"HEAD\r\n\r\n", None, 0) == Loss(Failure.RESET, unheard=True)
    connection.close()
    connection.abort()
    assert wire.written == b""


async def test_a_question_is_answered_once_whatever_comes_behind() -> None:
    connection, wire = connect()
    question = await ask(connection)
    connection.data_received(OK + b"HTTP/1.1 500 X\r\n\r\n")
    connection.expire()
    connection.eof_received()
    connection.connection_lost(None)
    answer = await question
    assert isinstance(answer, Answer)
    assert (answer.code, answer.body, answer.truncated) == (200, b"ok", False)
    assert wire.ended == "aborted"


async def test_a_body_has_a_second_after_its_head_but_never_beyond_the_deadline() -> None:
    for allowed, expected in ((5.0, 1.0), (0.5, 0.5)):
        connection, _ = connect()
        now = monotonic()
        question = asyncio.create_task(connection.ask(b"HEAD\r\n\r\n", None, now + allowed))
        await asyncio.wait([question], timeout=0)
        connection.data_received(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")
        assert connection.deadline - now == pytest.approx(expected, abs=0.2)
        connection.expire()
        assert isinstance(await question, Answer)


async def test_a_lost_connection_is_freed_without_the_collector() -> None:
    gc.collect()
    gc.disable()
    try:
        connection, _ = connect()
        question = await ask(connection)
        connection.data_received(OK)
        await question
        connection.connection_lost(None)
        gone = weakref.ref(connection)
        del connection, question
        assert gone() is None
    finally:
        gc.enable()
