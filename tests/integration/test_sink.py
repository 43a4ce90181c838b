"""The sink: a recipient to try Okydrom with, as a process of its own."""

import argparse
import asyncio
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path

import aiohttp
import pytest

from okydrom.cli import sink

PROGRAM = """
import argparse, sys
from okydrom.cli import sink
parser = argparse.ArgumentParser()
sink.add_arguments(parser)
sys.exit(sink.run(parser.parse_args()))
"""


class Running:
    """A sink that has said where it receives."""

    def __init__(self, process: asyncio.subprocess.Process, url: str) -> None:
        self.process = process
        self.url = url

    async def line(self) -> str:
        assert self.process.stdout is not None
        async with asyncio.timeout(10):
            return (await self.process.stdout.readline()).decode().rstrip("\n")


async def launch(*arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PROGRAM, *arguments),
        cwd=Path(__file__).parents[2],
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


@asynccontextmanager
async def receiving(*arguments: str) -> AsyncIterator[Running]:
    process = await launch("--port", "0", *arguments)
    running = Running(process, "")
    try:
        told = await running.line()
        found = re.fullmatch(r"Receiving on (http://\S+); Ctrl\+C ends it\.", told)
        assert found, told
        running.url = found[1]
        yield running
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def post(url: str, body: bytes = b"", **headers: str) -> int:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, data=BytesIO(body), headers=named) as answer,
    ):
        return answer.status


async def test_what_arrives_is_printed_on_one_line() -> None:
    async with receiving() as running:
        assert running.url.startswith("http://127.0.0.1:")
        body = '{"имя":"Ада"}'.encode()
        assert await post(f"{running.url}/hook?x=1", body, webhook_id="018b", Okydrom_Attempt="2/10") == 200
        line = await running.line()
    rest = r'200 POST /hook\?x=1 webhook-id=018b okydrom-attempt=2/10 19 B {"имя":"Ада"}'
    assert re.fullmatch(r"\d\d:\d\d:\d\d " + rest, line)


async def test_what_arrives_can_not_steer_the_terminal_and_is_cut_short() -> None:
    async with receiving() as running:
        body = b"\x1b[2J\r\n\x00" + b"x" * 3_000_000
        assert await post(running.url, body, X_Event="a~b") == 200
        line = await running.line()
    assert line.isprintable()
    assert len(line) < 500
    assert r"x-event=a~b 3000007 B \x1b[2J\r\n\x00xxx" in line
    assert line.endswith("x…")


async def test_a_share_of_requests_fails_on_purpose() -> None:
    async with receiving("--fail", "50%", "--status", "429") as running:
        codes = [await post(running.url) for _ in range(60)]
    assert set(codes) == {200, 429}


@pytest.mark.parametrize(
    ("arguments", "code"), [(["--status", "410"], 410), (["--fail", "100%"], 503), (["--fail", "0"], 200)]
)
async def test_all_or_none_may_fail(arguments: list[str], code: int) -> None:
    async with receiving(*arguments) as running:
        assert [await post(running.url) for _ in range(5)] == [code] * 5


async def test_an_answer_may_take_its_time() -> None:
    async with receiving("--delay", "150ms") as running:
        began = asyncio.get_running_loop().time()
        assert await post(running.url) == 200
        assert asyncio.get_running_loop().time() - began >= 0.15


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_ends_it_in_order(number: signal.Signals) -> None:
    async with receiving() as running:
        await post(running.url)
        running.process.send_signal(number)
        async with asyncio.timeout(5):
            assert await running.process.wait() == 0
        assert running.process.stderr is not None
        assert await running.process.stderr.read() == b""


async def test_an_address_that_is_taken_is_told_in_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = await launch("--port", str(port))
        _, said = await process.communicate()
    assert process.returncode == 5
    assert f"Can't listen on 127.0.0.1:{port}: " in said.decode()
    assert said.decode().endswith("Give another --port or --host.\n")
    assert said.count(b"\n") == 1


@pytest.mark.parametrize(
    "arguments", [["--port", "70000"], ["--host", "203.0.113.1"], ["--host", "no such host"]]
)
async def test_an_address_that_can_not_be_had_is_told_too(arguments: list[str]) -> None:
    process = await launch(*arguments)
    _, said = await process.communicate()
    assert process.returncode == 5
    assert said.startswith(b"okydrom: Can't listen on")
    assert said.count(b"\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        *(["--fail", "101%"], ["--fail", "-1"], ["--fail", "x"], ["--delay", "5 parsecs"]),
        *(["--status", "100"], ["--port", "x"]),
    ],
)
def test_what_makes_no_sense_is_a_usage_error(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    parser = argparse.ArgumentParser()
    sink.add_arguments(parser)
    with pytest.raises(SystemExit) as ended:
        parser.parse_args(arguments)
    assert ended.value.code == 2
    assert f"argument {arguments[0]}" in capsys.readouterr().err


def test_durations_have_a_unit_or_are_seconds() -> None:
    assert [sink.delay(text) for text in ("200ms", "1s", "0.5", "2")] == [200, 1000, 500, 2000]
