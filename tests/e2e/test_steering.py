"""What was ordered for destinations, and what they asked for, outlives the process."""

import asyncio
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.support.api import Api, calling
from tests.support.ledger import Answer, Ledger, listening
from tests.support.service import serving
from tests.support.wait import linger, wait_until

HOLD = 6  # s


def path_of(ledger: Ledger, host: str = "127.0.0.1") -> str:
    """A destination's path in the API."""
    return f"/destinations/{quote(f'http://{host}:{ledger.port}', safe='')}"


async def shown(api: Api, path: str) -> Any:
    """The destination."""
    return await api.get(path)


async def test_a_pause_and_limits_outlive_a_kill(tmp_path: Path) -> None:
    async with listening(Ledger()) as ledger, serving(tmp_path) as service, calling(service.url) as api:
        path, other = path_of(ledger), path_of(ledger, "127.0.0.2")
        await api.call("POST", f"{path}/pause", {"note": "deploy"})
        await api.call("PATCH", other, {"concurrency": 3, "rate": 4.5})
        waiting = [await api.create(url=ledger.url()) for _ in range(5)]
        before = await shown(api, path)
        for _ in range(2):
            await service.kill()
            await service.start()
            await linger(0.5)
            after = await shown(api, path)
            assert not ledger.arrivals
            assert (after["state"], after["reason"], after["since"]) == (
                "paused",
                before["reason"],
                before["since"],
            )
            assert (after["waiting"], after["reason"]["note"]) == (5, "deploy")
            limited = await shown(api, other)
            assert (limited["limit"], limited["rate"]) == (3, 4.5)
        await api.call("POST", f"{path}/resume")
        await ledger.holds(waiting)
        await service.kill()
        await service.start()
        assert (await shown(api, path))["state"] == "normal"


async def test_a_hold_outlives_a_kill_and_is_probed_at_its_end(tmp_path: Path) -> None:
    async with listening(Ledger()) as ledger, serving(tmp_path) as service, calling(service.url) as api:
        ledger.answer = lambda _: Answer(429, headers={"Retry-After": str(HOLD)})
        path = path_of(ledger)
        waiting = [await api.create(url=ledger.url())]
        await wait_until(lambda: ledger.arrivals)
        asked_at = ledger.arrivals[0].at
        waiting += [await api.create(url=ledger.url()) for _ in range(20)]

        async def kept() -> bool:
            return bool(await api.count("held=true") == 21)

        await wait_until(kept)
        before = await shown(api, path)
        await service.kill()
        ledger.answer = lambda _: Answer(delay=0.5)
        await service.start()
        after = await shown(api, path)
        assert (after["state"], after["until"], after["reason"]["code"]) == ("held", before["until"], "429")
        await ledger.holds(waiting)
        later = [arrival.at for arrival in ledger.arrivals[len(ledger.arrivals) - 21 :]]
        assert later[0] >= asked_at + HOLD, "not before its end"
        assert later[1] >= later[0] + 0.5, "one at first"

        async def normal() -> bool:
            return bool((await shown(api, path))["reason"] is None or await api.count("held=true") == 0)

        await wait_until(normal)


async def test_a_release_outlives_a_kill(tmp_path: Path) -> None:
    async with listening(Ledger()) as ledger, serving(tmp_path) as service, calling(service.url) as api:
        ledger.answer = lambda _: Answer(429, headers={"Retry-After": "300"})
        task = await api.create(url=ledger.url(), retry={"schedule": ["1h"]})
        await api.reaches(task, "retrying")

        async def kept() -> bool:
            return bool(await api.count("held=true") == 1)

        await wait_until(kept)
        await api.call("POST", f"{path_of(ledger)}/release")
        await service.kill()
        await service.start()
        assert (await shown(api, path_of(ledger)))["state"] == "normal"
        assert await api.count("held=true") == 0
        began = asyncio.get_running_loop().time()
        ledger.answer = lambda _: Answer()
        await ledger.holds([await api.create(url=ledger.url())])
        assert asyncio.get_running_loop().time() - began < 5
