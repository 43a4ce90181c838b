"""Starts at a bad time: another program has locked the store, or the disk is full. Nothing acknowledged is lost."""

import sqlite3
from pathlib import Path

import aiohttp

from tests.support.api import calling
from tests.support.disk import KIB, MIB, fill, small_disk
from tests.support.ledger import Ledger, listening
from tests.support.load import Load
from tests.support.service import Service, serving, status_of
from tests.support.wait import wait_until


def locked(service: Service) -> sqlite3.Connection:
    """Another program that has the store for itself until it is closed."""
    other = sqlite3.connect(service.data / "store.db", isolation_level=None, timeout=10)
    other.execute("BEGIN EXCLUSIVE")
    return other


async def says(service: Service, event: str) -> None:
    """Wait until its log has an event."""
    await wait_until(lambda: f'"{event}"' in service.output, 20, f"{event}\n{service.output[-2000:]}")


async def reasons(service: Service) -> list[str]:
    """Why it is not ready, once it answers."""
    await wait_until(lambda: status_of(service.port, "/livez"), 20)
    async with aiohttp.ClientSession() as session, session.get(f"{service.url}/readyz") as answer:
        assert answer.status == 503
        return [reason["code"] for reason in (await answer.json())["reasons"]]


async def test_a_start_waits_for_a_store_that_is_locked(tmp_path: Path) -> None:
    async with (
        listening(Ledger()) as ledger,
        serving(tmp_path) as service,
        Load(service.url, lambda _: {"url": ledger.url()}) as load,
    ):
        other = locked(service)
        await load.send(50)
        await service.kill()
        await service.launch()
        await says(service, "store_locked")
        assert (service.alive, await status_of(service.port, "/readyz")) == (True, None)
        other.close()
        await service.ready()
        async with calling(service.url) as api:
            await api.settles()
            for task_id in load.acknowledged:
                assert (await api.task(task_id))["status"] == "delivered"
        assert service.output.count('"store_locked"') == 1
        assert await service.stop() == 0


async def test_what_can_not_be_replayed_on_a_full_disk_is_replayed_once_there_is_space(
    tmp_path: Path,
) -> None:
    with small_disk(tmp_path / "disk", 24 * MIB) as disk:
        settings = {"storage": {"path": str(disk / "data")}}
        async with (
            listening(Ledger()) as ledger,
            serving(tmp_path, settings) as service,
            Load(service.url, lambda _: {"url": ledger.url()}, padding=8_000) as load,
        ):
            other = locked(service)  # so that nothing is imported
            await load.send(500)
            await service.kill()
            other.close()
            filler = fill(disk, leave=512 * KIB)
            await service.launch()
            await says(service, "replay_waits")
            assert await reasons(service) == ["disk_full"]
            status, headers = await load.post()
            assert (status, "Retry-After" in headers, service.alive) == (503, True, True)
            async with calling(service.url) as api:
                _, answer = await api.call("GET", "/tasks")
                assert answer["items"] == []
            filler.unlink()
            await service.ready()
            await ledger.holds(load.acknowledged)
            async with calling(service.url) as api:
                await api.settles()
                assert await api.count("status=delivered") == len(load.acknowledged)
            await load.send(1)
            assert await service.stop() == 0
