"""Started and stopped at random the process always ends in order, and leaves nothing behind that stops the next."""

import json
import random
import signal
from pathlib import Path

import pytest

from tests.support.api import calling
from tests.support.ledger import Ledger, listening
from tests.support.service import serving
from tests.support.wait import linger, wait_until

STARTS = 50


@pytest.mark.timeout(300)
async def test_it_stops_in_order_at_whatever_moment(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    async with listening(Ledger()) as ledger, serving(tmp_path, start=False) as service:
        created = []
        for number in range(STARTS):
            await service.launch()
            early = chance.random() < 0.3
            if early:
                await linger(chance.uniform(0.0, 0.6))  # perhaps before its signal handlers stand
            else:
                await service.ready()
                async with calling(service.url) as api:
                    created.append(await api.create(url=ledger.url(), payload=number))
            service.signal(signal.SIGTERM if early else chance.choice((signal.SIGTERM, signal.SIGINT)))
            code = await service.ended(10)
            assert code == 0 or (early and code == -signal.SIGTERM), service.output[-2000:]
        await service.start()
        await ledger.holds(created)
        assert await service.stop() == 0
    assert "Traceback" not in service.output


async def test_it_stops_at_once_when_nothing_is_under_way(tmp_path: Path) -> None:
    async with serving(tmp_path, {"server": {"shutdown_grace": "20s"}}) as service:
        assert await service.stop(timeout=3) == 0


async def test_a_stopped_service_leaves_no_address_behind(tmp_path: Path) -> None:
    async with serving(tmp_path) as service:
        assert (service.data / "server.json").exists()
        assert await service.stop() == 0
        assert not (service.data / "server.json").exists()


async def test_port_0_is_told_in_a_file_and_in_the_log(tmp_path: Path) -> None:
    async with serving(tmp_path, {"server": {"port": 0}}, start=False) as service:
        told = service.data / "server.json"
        await service.launch()
        await wait_until(told.exists)
        url = json.loads(told.read_text("utf-8"))["url"]
        service.port = int(url.rpartition(":")[2])
        await service.ready()
        assert f":{service.port}" in service.output
