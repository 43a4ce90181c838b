"""Figures of what has been going on outlive a process that is killed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.support.api import calling
from tests.support.ledger import Answer, Ledger, listening
from tests.support.service import Service, serving
from tests.support.wait import wait_until

TASKS = 30


async def test_figures_are_there_after_a_kill(tmp_path: Path) -> None:
    async with listening(Ledger()) as ledger, serving(tmp_path) as service:
        ledger.answer = lambda arrival: Answer(500 if ledger.times(arrival.id) == 1 else 200)
        async with calling(service.url) as api:
            for _ in range(TASKS):
                await api.create(url=ledger.url())
            await api.settles()
            before = await api.get("/stats?window=15m")
        assert told(before) == (TASKS, TASKS, TASKS)
        await wait_until(lambda: kept(service) == TASKS, 20, "the figures are kept")
        await service.kill()
        await service.start()
        async with calling(service.url) as api:
            after = await api.get("/stats?window=15m")
            assert told(after) == (TASKS, TASKS, TASKS)
            assert after["window"]["first_attempt_share"] == 0
            assert any(after["series"]["p99_ms"])
            await api.create(url=ledger.url())
            await api.settles()
            assert told(await api.get("/stats?window=24h")) == (TASKS + 1, TASKS + 1, TASKS + 1)


async def test_an_orderly_stop_loses_none(tmp_path: Path) -> None:
    async with listening(Ledger()) as ledger, serving(tmp_path) as service:
        async with calling(service.url) as api:
            await api.create(url=ledger.url())
            await api.settles()
        assert await service.stop() == 0
        await service.start()
        async with calling(service.url) as api:
            assert told(await api.get("/stats")) == (1, 1, 0)


def told(stats: Any) -> tuple[int, int, int]:
    """Accepted, delivered, and attempts that were not 2xx."""
    window, series = stats["window"], stats["series"]
    return window["accepted"], window["delivered"], sum(series["not_2xx"])


def kept(service: Service) -> int:
    """Deliveries in the figures that the store holds."""
    with closing(sqlite3.connect(f"file:{service.data / 'store.db'}?mode=ro", uri=True)) as db:
        return int(db.execute("SELECT coalesce(sum(delivered), 0) FROM minute").fetchone()[0])
