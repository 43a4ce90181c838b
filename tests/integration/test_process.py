"""Being a process: it listens, says where, stops when told, and ends with a code that says why."""

import asyncio
import json
import os
import resource
import signal
import stat
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from okydrom import __version__, errors
from okydrom.server.exits import CODES, exit_code, last_words, main_error
from tests.support.service import Service, serving, status_of
from tests.support.wait import wait_until

SMALL = (sys.executable, "-m", "tests.support.small_app")
GRACE = 1.0


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    settings = {"server": {"shutdown_grace": GRACE, "header_timeout": 1}}
    async with serving(tmp_path, settings, program=SMALL, start=False) as it:
        yield it


def events(service: Service) -> list[dict[str, Any]]:
    return [json.loads(line) for line in service.output.splitlines() if line.startswith("{")]


def event(service: Service, name: str) -> dict[str, Any]:
    return next(found for found in events(service) if found["event"] == name)


def words(service: Service) -> str:
    """What was said to people, on stderr."""
    return "\n".join(line for line in service.output.splitlines() if not line.startswith("{"))


async def get(url: str) -> None:
    async with aiohttp.ClientSession() as session, session.get(url):
        pass


async def test_of_all_addresses_it_tells_one_that_is_reached(service: Service) -> None:
    await service.launch(OKYDROM_SERVER__HOST="0.0.0.0", OKYDROM_AUTH__MODE="none")
    await wait_until((service.data / "server.json").exists, 20)
    told = json.loads((service.data / "server.json").read_text("utf-8"))
    assert told["url"] == f"http://127.0.0.1:{service.port}"
    assert await service.stop() == 0


async def test_it_says_where_it_listens_and_takes_it_back_at_the_end(service: Service) -> None:
    await service.launch(OKYDROM_SERVER__PORT="0")
    await wait_until((service.data / "server.json").exists, 20)
    await wait_until(
        lambda: "started" in {found["event"] for found in events(service)}
    )  # it is written a little later
    file = service.data / "server.json"
    told = json.loads(file.read_text("utf-8"))
    assert told.keys() == {"url", "pid", "version", "started_at"}
    assert (told["pid"], told["version"]) == (service.process.pid, __version__)
    assert told["started_at"] == "1970-01-01T00:00:00.000Z"  # as the application says
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    port = int(told["url"].rpartition(":")[2])
    assert port not in (0, service.port)
    assert await status_of(port, "/readyz") == 200
    assert event(service, "started")["url"] == told["url"]
    assert (event(service, "told")["host"], event(service, "told")["port"]) == ("127.0.0.1", port)
    assert await service.stop() == 0
    assert not file.exists()
    assert [found["event"] for found in events(service)] == [
        "starting",
        "told",
        "started",
        "signal",
        "stopping",
        "stopped",
    ]
    assert words(service) == ""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_stops_it_in_order(service: Service, number: signal.Signals) -> None:
    await service.start()
    service.signal(number)
    assert await service.ended(5) == 0


async def test_it_starts_again_on_the_same_directory_after_a_kill(service: Service) -> None:
    await service.start()
    await service.kill()
    assert service.process.returncode == -signal.SIGKILL
    assert (service.data / "server.json").exists()
    await service.start()
    assert service.pid == service.process.pid
    assert await service.stop() == 0


async def test_a_signal_while_it_is_starting_is_an_orderly_stop(service: Service) -> None:
    await service.launch(SMALL_APP="start_hangs")
    await wait_until(service.data.exists, 20)
    assert await service.stop(5) == 0


async def test_a_request_that_never_ends_does_not_hold_the_process(service: Service) -> None:
    await service.start()
    async with aiohttp.ClientSession() as session, session.get(f"{service.url}/hang") as answer:
        begin = time.monotonic()
        assert await service.stop() == 0
        assert time.monotonic() - begin < GRACE + 1
        with pytest.raises(aiohttp.ClientError):
            await answer.read()


async def test_a_stop_that_hangs_is_cut_off_after_the_grace_and_a_second(service: Service) -> None:
    await service.start(SMALL_APP="stop_hangs")
    begin = time.monotonic()
    assert await service.stop() == 1
    assert GRACE + 0.9 < time.monotonic() - begin < GRACE + 2
    assert events(service)[-1]["event"] == "stop_overdue"


async def test_a_second_signal_ends_it_at_once(tmp_path: Path) -> None:
    settings = {"server": {"shutdown_grace": 60}}
    async with serving(tmp_path, settings, program=SMALL, start=False) as service:
        await service.start(SMALL_APP="stop_hangs")
        service.signal(signal.SIGTERM)
        await wait_until(lambda: any(found["event"] == "stopping" for found in events(service)))
        begin = time.monotonic()
        assert await service.stop() == 1
        assert time.monotonic() - begin < 2


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("DataInUse", 3, "okydrom: Another process uses the data directory. Stop the other"),
        ("DataUnusable", 4, "okydrom: The data directory can't be used. Make the directory"),
    ],
)
async def test_an_expected_failure_is_one_line_and_a_code(
    service: Service, name: str, code: int, said: str
) -> None:
    await service.launch(SMALL_APP=f"start {name}")
    assert await service.ended() == code
    assert words(service).startswith(said)
    assert "\n" not in words(service)
    assert "Traceback" not in service.output
    assert "frames" not in service.output
    assert not (service.data / "server.json").exists()


async def test_a_bug_is_told_with_its_place_and_nothing_secret(service: Service) -> None:
    await service.launch(SMALL_APP="start ValueError")
    assert await service.ended() == 1
    assert words(service).startswith("okydrom: ValueError at small_app.py:")
    ended = event(service, "ended")
    assert (ended["exit"], ended["error"]) == (1, "ValueError")
    assert "small_app.py" in ended["frames"][-1]
    assert "canary" not in service.output


async def test_an_address_that_is_taken_is_told(service: Service) -> None:
    await service.start()
    environment = {**os.environ, "OKYDROM_STORAGE__PATH": "other"}
    second = await asyncio.create_subprocess_exec(
        *SMALL,
        "--config",
        str(service.config),
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    _, said = await second.communicate()
    assert second.returncode == 5
    assert said.decode() == (
        f"okydrom: Can't listen on 127.0.0.1:{service.port}: Address already in use. "
        "Stop who listens there, or give another server.port.\n"
    )
    assert await status_of(service.port, "/readyz") == 200


@pytest.mark.parametrize(("name", "code"), [("JournalFailed", 6), ("StoreFailed", 6), ("ValueError", 1)])
async def test_a_background_failure_ends_it(service: Service, name: str, code: int) -> None:
    await service.start()
    await get(f"{service.url}/fail?with={name}")
    assert await service.ended(5) == code
    assert event(service, "ended")["exit"] == code
    assert not (service.data / "server.json").exists()


async def test_what_nobody_catches_is_logged_without_what_it_says(service: Service) -> None:
    await service.start()
    await get(f"{service.url}/lose")
    await wait_until(lambda: any(found["event"] == "unhandled" for found in events(service)))
    assert event(service, "unhandled")["error"] == "ValueError"
    assert "small_app.py" in event(service, "unhandled")["frames"][-1]
    assert await service.stop() == 0
    assert "canary" not in service.output


async def test_senders_fit_the_descriptors(service: Service) -> None:
    limit = (512, 512)
    await service.launch("prlimit", f"--nofile={limit[0]}:{limit[1]}")
    await service.ready()
    async with aiohttp.ClientSession() as session, session.get(f"{service.url}/readyz") as answer:
        assert await answer.text() == "128"
    starting = event(service, "starting")
    assert (starting["descriptors"], starting["clients"]) == (512, 128)


async def test_the_limit_of_descriptors_is_raised(service: Service) -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    await service.launch("prlimit", f"--nofile=256:{hard}")
    await service.ready()
    assert event(service, "starting")["descriptors"] == min(hard, 65_536)
    assert resource.prlimit(service.pid, resource.RLIMIT_NOFILE)[0] == min(hard, 65_536)


async def test_what_it_writes_is_for_its_owner_alone(service: Service) -> None:
    await service.start()
    umask = next(
        line
        for line in Path(f"/proc/{service.pid}/status").read_text("utf-8").splitlines()
        if "Umask" in line
    )
    assert umask.split()[1] == "0077"


@pytest.mark.parametrize("drip", [False, True])
async def test_half_a_head_is_not_waited_for(service: Service, drip: bool) -> None:
    await service.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
    begin = time.monotonic()
    writer.write(b"GET /readyz HTTP/1.1\r\nX: ")
    closed = asyncio.create_task(reader.read())

    async def drip_once() -> bool:
        if drip and not closed.done():
            writer.write(b"x")
        return closed.done()

    await wait_until(drip_once, 10)
    assert 0.9 < time.monotonic() - begin < 3
    with suppress(ConnectionResetError):  # it may be told so, where it still wrote
        assert closed.result() == b""
        writer.close()
        await writer.wait_closed()
    assert await status_of(service.port, "/readyz") == 200


def test_every_error_has_one_code() -> None:
    assert {exit_code(kind()) for kind in CODES if kind not in (errors.ConfigError, BaseException)} == {
        3,
        4,
        5,
        6,
    }
    assert exit_code(errors.ConfigError([])) == 2
    assert exit_code(ValueError()) == exit_code(errors.NotFound()) == 1


def test_of_several_errors_the_gravest_is_told() -> None:
    group = ExceptionGroup("", [ValueError(), errors.JournalFailed()])
    assert isinstance(main_error(group), errors.JournalFailed)
    assert main_error(error := ValueError()) is error


def test_the_last_words_never_hold_what_a_foreign_exception_says() -> None:
    assert (
        last_words(ValueError("canary"))
        == "okydrom: ValueError. This is a fault of Okydrom; the log says where."
    )
