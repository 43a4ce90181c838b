"""Waiting tasks cost disk, not memory."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.ledger import HANG, Ledger, listening
from tests.support.load import Load
from tests.support.service import Service, Settings, serving

MIB = 1024 * 1024
TASKS = 3_000
BODY = 64 * 1024  # so that all bodies together are 190 MiB
LANES = 8 * MIB
BACKLOG = 8 * MIB
SLACK = 48 * MIB  # the store's caches, buffers of connections, what the allocator keeps


@pytest.mark.proof
@pytest.mark.timeout(120)
async def test_memory_stays_bounded_while_bodies_wait(tmp_path: Path, figure: Callable[[str], None]) -> None:
    grown = await growth(tmp_path, LANES)
    figure(f"{TASKS * BODY // MIB} MiB of bodies wait, {grown // MIB} MiB more memory at the peak")
    assert grown < LANES + BACKLOG + SLACK


@pytest.mark.timeout(120)
async def test_memory_without_a_bound_is_found_out(tmp_path: Path) -> None:
    assert await growth(tmp_path, 1024 * MIB) > LANES + BACKLOG + SLACK


async def growth(directory: Path, lanes: int) -> int:
    """Bytes by which the process grows at most while all tasks wait."""
    settings: Settings = {
        "storage": {"max_backlog": BACKLOG, "chunk_size": "16MiB"},
        "server": {"shutdown_grace": "1s"},
        "delivery": {"lane_bytes": lanes, "senders": 16},
    }
    async with (
        listening(Ledger()) as ledger,
        serving(directory, settings) as service,
        Load(
            service.url, lambda number: {"url": ledger.url(f"127.0.0.{1 + number % 50}")}, padding=BODY
        ) as load,
    ):
        ledger.answer = lambda _: HANG
        await load.send(100, connections=8)
        before = resident(service)
        await load.send(TASKS, connections=8)
        grown = peak(service) - before
        assert await service.stop() == 0
    return grown


def resident(service: Service) -> int:
    """Bytes of the process in memory now."""
    return _status(service, "VmRSS")


def peak(service: Service) -> int:
    """The most that it ever had."""
    return _status(service, "VmHWM")


def _status(service: Service, name: str) -> int:
    text = Path(f"/proc/{service.pid}/status").read_text("ascii")
    line = next(line for line in text.splitlines() if line.startswith(name))
    return int(line.split()[1]) * 1024
