"""Killed again and again under load, the service loses nothing that it acknowledged."""

import random
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.support.ledger import Answer, Ledger, Verdict, judge, listening
from tests.support.load import Load
from tests.support.service import CARELESS, Service, serving
from tests.support.wait import linger

KILLS = 20  # in CI; scripts/proof kills --rounds N makes more


@pytest.fixture
async def ledger(seed: int) -> AsyncIterator[Ledger]:
    """A recipient that takes its time and now and then answers 500, so that there is always work in progress."""
    chance = random.Random(seed)
    ledger = Ledger()
    ledger.answer = lambda _: Answer(500 if chance.random() < 0.1 else 204, chance.random() * 0.02)
    async with listening(ledger):
        yield ledger


async def killed_under_load(service: Service, load: Load, kills: int, chance: random.Random) -> None:
    """Kill the service `kills` times, each 5 to 500 ms after it was ready; the last time it stays."""
    async with load.running(connections=16, pause=0.002):
        for _ in range(kills):
            await service.start()
            await linger(chance.uniform(0.005, 0.5))
            await service.kill()
        await service.start()


def told(verdict: Verdict, kills: int) -> str:
    """The figures of a verdict."""
    return f"{kills} kills, {verdict.acknowledged} acknowledged, {verdict.duplicate_share}"


@pytest.mark.proof
@pytest.mark.timeout(180)
async def test_every_acknowledged_task_is_delivered_at_least_once(
    tmp_path: Path, ledger: Ledger, rounds: Callable[[int], int], seed: int, figure: Callable[[str], None]
) -> None:
    kills = rounds(KILLS)
    async with (
        serving(tmp_path, start=False) as service,
        Load(service.url, lambda _: {"url": ledger.url(), "max_attempts": 100}) as load,
    ):
        await killed_under_load(service, load, kills, random.Random(seed))
        await ledger.holds(load.acknowledged, timeout=60)
        assert await service.stop() == 0
    verdict = judge(load.acknowledged, load.posted, ledger)
    figure(told(verdict, kills))
    assert verdict.acknowledged >= 10 * kills
    assert (verdict.lost, verdict.wrong) == ((), ())
    assert set(load.answers) <= {0, 202, 503}


async def test_the_same_kills_find_the_losses_of_a_service_that_keeps_nothing(
    tmp_path: Path, ledger: Ledger, seed: int
) -> None:
    async with (
        serving(tmp_path, program=CARELESS, start=False) as service,
        Load(service.url, lambda _: {"url": ledger.url()}) as load,
    ):
        await killed_under_load(service, load, 3, random.Random(seed))
        await linger(1.0)
    assert judge(load.acknowledged, load.posted, ledger).lost
