"""Without a crash and without a lost answer a task is delivered exactly once, with the bytes that were posted."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.api import calling
from tests.support.ledger import Ledger, judge, listening
from tests.support.load import Load
from tests.support.service import serving

TASKS = 10_000  # in CI; scripts/proof exactly_once --rounds 100000 makes more


@pytest.mark.proof
@pytest.mark.timeout(180)
async def test_a_healthy_recipient_gets_every_task_once(
    tmp_path: Path, rounds: Callable[[int], int], figure: Callable[[str], None]
) -> None:
    tasks = rounds(TASKS)
    async with (
        listening(Ledger()) as ledger,
        serving(tmp_path, {"storage": {"chunk_size": "1MiB"}}) as service,
        Load(service.url, lambda _: {"url": ledger.url()}) as load,
        calling(service.url) as api,
    ):
        await load.send(tasks, connections=32)
        await ledger.holds(load.acknowledged, timeout=60)
        await api.settles()
        assert await api.count("status=delivered") == tasks
        assert await service.stop() == 0
        await service.start()  # nothing that is done comes back
        await api.settles()
        assert await api.count("status=delivered") == tasks
    verdict = judge(load.acknowledged, load.posted, ledger)
    figure(f"{verdict.acknowledged} tasks, {len(ledger.arrivals)} deliveries")
    assert verdict.acknowledged == len(ledger.arrivals) == tasks
    assert (verdict.lost, verdict.wrong, verdict.duplicates) == ((), (), 0)
