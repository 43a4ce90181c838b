"""A start that can't succeed is refused at once, with a code for machines and a sentence for people."""

import asyncio
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.api import calling
from tests.support.disk import MIB, remount, small_disk
from tests.support.ledger import Ledger, listening
from tests.support.load import Load
from tests.support.service import OKYDROM, Service, Settings, serving, status_of


async def refused(service: Service) -> int:
    """Start it; the exit code. What it printed must be for people."""
    await service.launch()
    code = await service.ended(10)
    assert service.output.strip(), "no message"
    assert "Traceback" not in service.output
    return code


async def test_a_configuration_with_faults_is_refused_and_all_are_named(tmp_path: Path) -> None:
    faulty: Settings = {"server": {"prot": 1, "port": "x"}, "delivery": {"timeout": "5 parsecs"}}
    async with serving(tmp_path, faulty, start=False) as service:
        assert await refused(service) == 2
        assert all(name in service.output for name in ("server.prot", "server.port", "delivery.timeout"))


async def test_a_missing_configuration_file_is_refused(tmp_path: Path) -> None:
    async with serving(tmp_path, start=False) as service:
        (tmp_path / "config.toml").unlink()
        assert await refused(service) == 2


async def test_an_address_that_is_taken_is_refused(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        settings = {"server": {"port": other.getsockname()[1]}}
        async with serving(tmp_path, settings, start=False) as service:
            assert await refused(service) == 5
            assert str(settings["server"]["port"]) in service.output


async def test_a_data_directory_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a directory")
    async with serving(tmp_path, start=False) as service:
        assert await refused(service) == 4


@pytest.mark.proof
@pytest.mark.parametrize("used", [True, False], ids=["used", "new"])
async def test_a_read_only_data_directory_is_refused(
    tmp_path: Path, used: bool, figure: Callable[[str], None]
) -> None:
    with small_disk(tmp_path / "disk", 64 * MIB) as disk:
        async with serving(tmp_path, {"storage": {"path": str(disk / "data")}}, start=False) as service:
            if used:
                await service.start()
                assert await service.stop() == 0
                service.log.unlink()
            remount(disk, "ro")
            assert await refused(service) == 4
            assert str(disk) in service.output
    figure(f"exit code 4 ({'used' if used else 'new'})")


@pytest.mark.proof
async def test_a_second_process_is_refused_and_the_first_goes_on(
    tmp_path: Path, figure: Callable[[str], None]
) -> None:
    (tmp_path / "second").mkdir()
    async with (
        listening(Ledger()) as ledger,
        serving(tmp_path) as first,
        serving(tmp_path / "second", {"storage": {"path": str(first.data)}}, start=False) as second,
        Load(first.url, lambda _: {"url": ledger.url()}) as load,
    ):
        pid = first.pid
        async with load.running(connections=2, pause=0.01):
            starting = min([await seconds_to_tell_the_version() for _ in range(3)])
            refusing = min([await seconds_to_refuse(second) for _ in range(3)])
        await ledger.holds(load.acknowledged)
        assert first.alive
        assert first.pid == pid
        assert await status_of(first.port, "/readyz") == 200
        async with calling(first.url) as api:
            await api.settles()
            assert await api.count("status=delivered") == len(ledger.by_id)
        assert await first.stop() == 0
    figure(f"refused in {refusing:.2f} s ({starting:.2f} s of it is any start)")
    assert refusing - starting < 1.0


async def seconds_to_refuse(service: Service) -> float:
    """How long a process took from its start to its refusal."""
    begun = time.monotonic()
    assert await refused(service) == 3
    return time.monotonic() - begun


async def seconds_to_tell_the_version() -> float:
    """How long a process takes that does nothing: what loading the program costs on this machine now."""
    begun = time.monotonic()
    process = await asyncio.create_subprocess_exec(*OKYDROM, "--version", stdout=asyncio.subprocess.DEVNULL)
    assert await process.wait() == 0
    return time.monotonic() - begun


async def test_a_start_that_was_refused_can_be_made_again(tmp_path: Path) -> None:
    async with serving(tmp_path) as service:
        assert await service.stop() == 0
        with socket.socket() as other:
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            other.bind(("127.0.0.1", service.port))
            other.listen()
            assert await refused(service) == 5
        await service.start()
        assert await service.stop() == 0
