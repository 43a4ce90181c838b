"""Clients that only hold connections take no descriptor that the journal needs."""

import asyncio
import socket
from contextlib import ExitStack
from pathlib import Path

from tests.support.api import calling
from tests.support.ledger import Ledger, listening
from tests.support.service import Settings, serving
from tests.support.wait import wait_until

IDLE = 450
FEW = ("prlimit", "--nofile=400:400")
SETTINGS: Settings = {"storage": {"chunk_size": "1MiB"}}


async def test_idle_clients_do_not_end_what_others_keep_sending(tmp_path: Path) -> None:
    async with listening(Ledger()) as ledger, serving(tmp_path, SETTINGS, start=False) as service:
        await service.start(*FEW)
        async with calling(service.url) as api:
            created = [await api.create(url=ledger.url(), payload="")]
            with ExitStack() as idle:
                for _ in range(IDLE):
                    client = idle.enter_context(socket.socket())
                    client.setblocking(False)
                    await asyncio.get_running_loop().sock_connect(client, ("127.0.0.1", service.port))
                await wait_until(lambda: "too_many_clients" in service.output)
                big = {"url": ledger.url(), "payload": "x" * 60_000}
                created += [await api.create(**big) for _ in range(60)]  # several of the journal's chunks
            await ledger.holds(created)
            assert service.alive
        assert await service.stop() == 0
    assert "unhandled" not in service.output
