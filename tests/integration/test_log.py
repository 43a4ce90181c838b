"""The log as it is written: through a real descriptor, to readers that stall, leave, or run out of space."""

import asyncio
import contextlib
import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from timeit import timeit
from typing import Any

import orjson
import pytest
import structlog

from okydrom.config.settings import Log
from okydrom.log.setup import LONGEST_LINE, start
from okydrom.log.writer import QUEUED_LINES, Writer
from tests.support.wait import wait_until

ROOT = Path(__file__).parents[2]
PIPE_SIZE = 64 * 1024


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    yield ends
    for end in ends:
        with contextlib.suppress(OSError):
            os.close(end)


@pytest.fixture
def started() -> Iterator[Callable[..., Writer]]:
    """Starts logging, and puts everything back at the end."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    writers: list[Writer] = []

    def begin(descriptor: int, **settings: Any) -> Writer:
        writers.append(start(Log(**settings), descriptor))
        return writers[-1]

    yield begin
    for writer in writers:
        writer.close(0)
    structlog.reset_defaults()
    root.handlers[:] = before
    root.setLevel(level)


def notice(count: int) -> bytes:
    return b"lost %d\n" % count


def read_all(descriptor: int) -> bytes:
    """What a pipe holds until its other end is closed."""
    parts = []
    while part := os.read(descriptor, PIPE_SIZE):
        parts.append(part)
    return b"".join(parts)


def lines_of(data: bytes) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in data.splitlines()]


def test_events_and_records_of_libraries_are_lines(
    pipe: tuple[int, int], started: Callable[..., Writer]
) -> None:
    writer = started(pipe[1], format="json")
    structlog.get_logger("okydrom.test").info("tested", url="http://a/?canary")
    structlog.get_logger("okydrom.test").debug("unseen")
    logging.getLogger("aiohttp.server").error("Error from %s", "::1", exc_info=ValueError("canary"))
    logging.getLogger("asyncio").error("Task was destroyed\ntask: <canary>")
    logging.getLogger("aiosqlite").debug("executing %s", "canary")
    logging.getLogger("odd").log(35, "half a %s %s", "record")
    assert writer.close()
    os.close(pipe[1])
    data = read_all(pipe[0])
    assert b"canary" not in data
    assert [(line["logger"], line["level"], line["event"]) for line in lines_of(data)] == [
        ("okydrom.test", "info", "tested"),
        ("aiohttp.server", "error", "library"),
        ("asyncio", "error", "library"),
        ("odd", "warning", "library"),
    ]
    assert lines_of(data)[1]["error"] == "ValueError"
    assert lines_of(data)[2]["message"] == "Task was destroyed"


@pytest.mark.parametrize(("format", "first"), [("auto", b"{"), ("json", b"{"), ("text", b"1")])
def test_off_a_terminal_lines_are_json_unless_told_otherwise(
    pipe: tuple[int, int], started: Callable[..., Writer], format: str, first: bytes
) -> None:
    writer = started(pipe[1], format=format)
    structlog.get_logger().warning("tested")
    assert writer.close()
    assert os.read(pipe[0], 1000)[:1] in (first, *([b"0", b"2"] if first == b"1" else []))


def test_on_a_terminal_lines_are_for_people(started: Callable[..., Writer]) -> None:
    ours, theirs = os.openpty()
    try:
        writer = started(theirs)
        structlog.get_logger().warning("tested", count=1)
        assert writer.close()
        assert b"warning  tested count=1" in os.read(ours, 1000)
    finally:
        os.close(ours)
        os.close(theirs)


def test_a_line_without_end_is_cut(pipe: tuple[int, int], started: Callable[..., Writer]) -> None:
    writer = started(pipe[1], format="json")
    structlog.get_logger("okydrom.test").info("tested", note="x" * LONGEST_LINE)
    assert writer.close()
    line = orjson.loads(os.read(pipe[0], PIPE_SIZE))
    assert (line["event"], line["cut"] > LONGEST_LINE, "note" in line) == ("tested", True, False)


async def test_a_reader_that_stalls_stops_nothing_and_learns_what_it_missed(
    pipe: tuple[int, int], started: Callable[..., Writer]
) -> None:
    writer = started(pipe[1], format="json")
    log = structlog.get_logger("okydrom.test")
    slowest = 0.0
    count = 3 * QUEUED_LINES
    for number in range(count):  # some 2 MB: the pipe is full after the first 64 KB
        begin = time.perf_counter()
        log.info("tested", number=number, note="x" * 50)
        slowest = max(slowest, time.perf_counter() - begin)
    assert slowest < 0.25
    assert writer.lost >= QUEUED_LINES
    assert writer.close(0.05) is False

    drained = asyncio.create_task(asyncio.to_thread(read_all, pipe[0]))
    await wait_until(lambda: writer.close(0))
    os.close(pipe[1])
    lines = lines_of(await drained)
    told = [line["lost"] for line in lines if line["event"] == "log_lines_lost"]
    seen = [line["number"] for line in lines if line["event"] == "tested"]
    assert len(seen) + sum(told) == count
    assert sum(told) == writer.lost
    assert seen == sorted(seen)


def test_a_reader_that_left_stops_nothing(pipe: tuple[int, int]) -> None:
    writer = Writer(pipe[1], notice)
    os.close(pipe[0])
    for _ in range(1000):
        writer.put(b"line\n")
    assert writer.close()
    assert writer.lost == 1000


def test_a_descriptor_that_does_not_block_is_waited_for(pipe: tuple[int, int]) -> None:
    os.set_blocking(pipe[1], False)
    writer = Writer(pipe[1], notice)
    line = b"x" * 999 + b"\n"
    for _ in range(1000):  # a pipe holds 64 of them
        writer.put(line)
    assert writer.close(0.05) is False
    got = b""
    while len(got) < 1000 * len(line):
        got += os.read(pipe[0], PIPE_SIZE)
    assert writer.close()
    assert (got, writer.lost) == (line * 1000, 0)


async def test_a_full_disk_costs_lines_and_says_so_when_there_is_space(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    disk = bytearray()
    space = [12]

    def write(descriptor: int, data: bytes) -> int:
        if not space[0]:
            raise OSError(28, "No space left on device")
        done = min(space[0], len(data))
        disk.extend(data[:done])
        space[0] -= done
        return done

    monkeypatch.setattr("okydrom.log.writer.os.write", write)
    writer = Writer(1, notice)
    writer.put(b"first line\n")
    writer.put(b"second line\n")
    writer.put(b"third line\n")
    await wait_until(lambda: writer.lost == 2)
    assert disk == b"first line\ns"
    space[0] = 1000
    writer.put(b"fourth line\n")
    assert writer.close()
    assert disk == b"first line\ns\nfourth line\nlost 2\n"


def test_a_destructor_may_log_while_a_line_is_put(pipe: tuple[int, int]) -> None:
    writer = Writer(pipe[1], notice)

    class Loud:
        def __del__(self) -> None:
            writer.put(b"from a destructor\n")

    for _ in range(100):
        writer.put((Loud(), b"line\n")[1])
    assert writer.close()
    os.close(pipe[1])
    assert len(read_all(pipe[0]).splitlines()) == 200


def test_a_level_that_is_off_costs_no_more_than_some_calls(
    pipe: tuple[int, int], started: Callable[..., Writer]
) -> None:
    started(pipe[1])
    log = structlog.get_logger("okydrom.test")
    log.debug("once")

    def nothing(event: str, **fields: Any) -> None:
        return None

    def cost(call: Callable[[], None]) -> float:
        return min(timeit(call, number=2_000, timer=time.process_time) for _ in range(20))

    off = cost(lambda: log.debug("tested", id="x", count=1))
    assert off < 15 * cost(lambda: nothing("tested", id="x", count=1))


@pytest.mark.parametrize("stalled", [True, False])
def test_the_end_of_the_process_waits_a_second_at_most(stalled: bool) -> None:
    program = (
        "import structlog\n"
        "from okydrom.log.setup import start\n"
        "from okydrom.config.settings import Log\n"
        "writer = start(Log(format='json'))\n"
        "for number in range(3000): structlog.get_logger().info('tested', number=number)\n"
        "writer.close()\n"
    )
    process = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        if stalled:
            assert process.wait(20) == 0
        data = process.stdout.read()
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.stdout.close()
    complete = data[: data.rindex(b"\n")]  # what the end cut off is no line
    assert (len(lines_of(complete)) == 3000) is not stalled
