"""A full disk refuses tasks and loses none: the service stays up, goes on delivering and accepts again by itself."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.api import calling
from tests.support.disk import KIB, MIB, fill, remount, require_root, small_disk
from tests.support.ledger import Answer, Ledger, judge, listening
from tests.support.load import Load
from tests.support.service import Service, serving, status_of
from tests.support.wait import wait_until

SIZE = 24 * MIB  # of the disk
STEPS = 4  # sizes 64 KiB apart, in CI: so the end of the disk is met by other writes each time
AGAIN = 5.0  # s within which it accepts again


@pytest.mark.proof
@pytest.mark.timeout(300)
async def test_a_full_disk_loses_nothing_and_is_survived(
    tmp_path: Path, rounds: Callable[[int], int], figure: Callable[[str], None]
) -> None:
    require_root()
    acknowledged, slowest = 0, 0.0
    for step in range(rounds(STEPS)):
        directory = tmp_path / str(step)
        directory.mkdir()
        count, seconds = await filled_once(directory, SIZE + step * 64 * KIB)
        acknowledged += count
        slowest = max(slowest, seconds)
    figure(f"{acknowledged} acknowledged, 0 lost; accepts again after {slowest:.1f} s at most")
    assert slowest < AGAIN


async def filled_once(directory: Path, size: int) -> tuple[int, float]:
    """Fill the disk to its last byte, make it larger; how many were acknowledged, and the time until accepting."""
    with small_disk(directory / "disk", size) as disk:
        settings = {"storage": {"path": str(disk / "data"), "min_free": 0}}
        async with (
            listening(Ledger()) as ledger,
            serving(directory, settings) as service,
            Load(service.url, lambda _: {"url": ledger.url()}, padding=3_000) as load,
        ):
            await load.send(100)
            fill(disk)
            async with load.running(connections=8):
                await refusing(load)
                await look(service, load)
                remount(disk, f"size={2 * size}")
                seconds = await accepting(load)
            await ledger.holds(load.acknowledged)
            async with calling(service.url) as api:
                await api.settles()
            assert await service.stop() == 0
            await service.start()
            assert await service.stop() == 0
    verdict = judge(load.acknowledged, load.posted, ledger)
    assert (verdict.lost, verdict.wrong) == ((), ())
    assert set(load.answers) <= {202, 503}
    return verdict.acknowledged, seconds


async def refusing(load: Load) -> None:
    """Wait until tasks are refused."""
    await wait_until(lambda: load.answers[503] >= 10, 30, "a full disk refuses")


async def look(service: Service, load: Load) -> None:
    """While the disk is full the process is alive, and says when to come again."""
    assert int((await refusal(load))["Retry-After"]) >= 1
    assert service.alive
    assert await status_of(service.port, "/livez") == 200


async def refusal(load: Load) -> dict[str, str]:
    """The headers of a 503. A task may still fit in where an old chunk has left."""
    headers: dict[str, str] = {}

    async def refused() -> bool:
        nonlocal headers
        status, headers = await load.post()
        return status == 503

    await wait_until(refused, 15, "a full disk refuses")
    return headers


async def accepting(load: Load) -> float:
    """Wait until a task is accepted again; the seconds it took."""
    loop = asyncio.get_running_loop()
    begun, before = loop.time(), len(load.acknowledged)
    await wait_until(lambda: len(load.acknowledged) > before, 30, "it accepts again")
    return loop.time() - begun


@pytest.mark.proof
async def test_what_is_accepted_is_delivered_and_recorded_on_a_full_disk(
    tmp_path: Path, figure: Callable[[str], None]
) -> None:
    with small_disk(tmp_path / "disk", 96 * MIB) as disk:
        settings = {"storage": {"path": str(disk / "data"), "min_free": "32MiB"}}
        async with (
            listening(Ledger()) as ledger,
            serving(tmp_path, settings) as service,
            Load(service.url, lambda _: {"url": ledger.url()}) as load,
            calling(service.url) as api,
        ):
            ledger.answer = lambda _: Answer(500)
            await load.send(50)
            filler = fill(disk)
            async with load.running(connections=1, pause=0.05):
                assert "Retry-After" in await refusal(load)
                ledger.answer = lambda _: Answer()

                async def all_delivered() -> bool:
                    # Delivered ones may be gone again: where there is too little room they go early.
                    return bool(await api.count("group=in_progress") == 0)

                # In the space of the ballast, which new tasks may not take once it is known how little there is.
                await wait_until(all_delivered, 40, "what was accepted is delivered on a full disk")
                filler.unlink()
                assert await accepting(load) < AGAIN
            await ledger.holds(load.acknowledged)
            assert await service.stop() == 0
    figure(f"{len(load.acknowledged)} acknowledged and delivered")
