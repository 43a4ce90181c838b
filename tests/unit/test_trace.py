"""A trace is read as strace prints it, and an answer that came too soon is found in it."""

import pytest

from tests.support.trace import read_trace, uncovered_answers

CHUNK = "/data/journal/q00000"
WRITE = f'20 write(7<{CHUNK}>, "\\1\\0task-1 \\"x\\"", 12) = 12'
SYNC = f"20 fdatasync(7<{CHUNK}>) = 0"
SYNC_BEGINS = f"20 fdatasync(7<{CHUNK}> <unfinished ...>"
SYNC_ENDS = "20 <... fdatasync resumed>)         = 0"
ANSWER = '10 write(9<socket:[77]>, "HTTP/1.1 202 Accepted\\r\\n\\r\\n{\\"id\\":\\"one\\"}", 40) = 40'


def faults(*lines: str) -> list[str]:
    return uncovered_answers(read_trace("\n".join(lines)), {"one": "task-1"}, "/journal/")


def test_calls_are_read_with_their_file_and_where_they_began_and_ended() -> None:
    write, sync, answer = read_trace("\n".join((WRITE, SYNC_BEGINS, ANSWER, SYNC_ENDS)))
    assert (write.name, write.path, write.begun, write.ended) == ("write", CHUNK, 0, 0)
    assert (sync.name, sync.path, sync.begun, sync.ended) == ("fdatasync", CHUNK, 1, 3)
    assert (answer.pid, answer.path) == (10, "socket:[77]")


def test_a_call_that_never_returned_has_no_end() -> None:
    (call,) = read_trace(SYNC_BEGINS + "\n20 +++ killed by SIGKILL +++")
    assert call.ended is None
    assert not call.ok


def test_a_call_that_failed_is_not_ok() -> None:
    (call,) = read_trace(SYNC.replace("= 0", "= -1 EIO (Input/output error)"))
    assert not call.ok


def test_an_answer_after_the_sync_is_covered() -> None:
    assert faults(WRITE, SYNC, ANSWER) == []
    assert faults(WRITE, SYNC_BEGINS, SYNC_ENDS, ANSWER) == []


@pytest.mark.parametrize(
    "lines",
    [
        (WRITE, ANSWER, SYNC),
        (WRITE, SYNC_BEGINS, ANSWER, SYNC_ENDS),
        (SYNC, WRITE, ANSWER),
        (WRITE, ANSWER),
        (WRITE, SYNC.replace("= 0", "= -1 EIO (Input/output error)"), ANSWER),
        (WRITE, SYNC.replace("q00000", "q00001"), ANSWER),
        (WRITE.replace("task-1", "task-2"), SYNC, ANSWER),
    ],
)
def test_an_answer_before_its_sync_is_found(lines: tuple[str, ...]) -> None:
    assert faults(*lines) == ["one: answered before its bytes were synced"]


def test_a_missing_answer_is_found() -> None:
    assert faults(WRITE, SYNC) == ["one: no answer in the trace"]
