"""Told to stop with a hundred attempts in flight, the process ends in order and in time, and counts nothing twice."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.api import Api, calling
from tests.support.ledger import HANG, Answer, Arrival, Ledger, judge, listening
from tests.support.load import Load
from tests.support.service import CARELESS, serving
from tests.support.wait import wait_until

IN_FLIGHT = 100
GRACE = 3.0
SETTINGS: dict[str, dict[str, Any]] = {
    "server": {"shutdown_grace": f"{GRACE}s"},
    "delivery": {"timeout": "20s"},
}


def destination(ledger: Ledger, number: int) -> str:
    """A few destinations, so that none is at its limit."""
    return ledger.url(f"127.0.0.{1 + number % 5}")


def in_flight(ledger: Ledger, delay: float) -> int:
    """How many attempts wait for answers that take `delay` seconds."""
    now = asyncio.get_running_loop().time()
    return sum(arrival.at > now - delay for arrival in ledger.arrivals)


async def recorded(api: Api, ledger: Ledger) -> None:
    """Each task's attempts are numbered 1, 2… and are no more than the requests that arrived."""
    for task_id, arrivals in ledger.by_id.items():
        task, attempts = await api.task(task_id), await api.attempts(task_id)
        assert task["attempts"] == len(attempts) <= len(arrivals), (task, attempts)
        assert [attempt["number"] for attempt in attempts] == list(range(1, len(attempts) + 1))
        assert sum(attempt["outcome"] == "204" for attempt in attempts) == 1, (task, attempts)


@pytest.mark.proof
@pytest.mark.timeout(120)
async def test_attempts_that_end_within_the_grace_are_recorded_once(
    tmp_path: Path, figure: Callable[[str], None]
) -> None:
    async with (
        listening(Ledger()) as ledger,
        serving(tmp_path, SETTINGS) as service,
        Load(service.url, lambda number: {"url": destination(ledger, number)}) as load,
    ):
        ledger.answer = lambda _: Answer(delay=1.0)
        loop = asyncio.get_running_loop()
        async with load.running(connections=8, pause=0.01):
            await wait_until(lambda: in_flight(ledger, 1.0) >= IN_FLIGHT, 20)
            begun = loop.time()
            assert await service.stop(timeout=GRACE + 5) == 0
            took = loop.time() - begun
        before = {task_id: len(arrivals) for task_id, arrivals in ledger.by_id.items()}
        assert set(before.values()) == {1}
        ledger.answer = lambda _: Answer()
        await service.start()
        await ledger.holds(load.acknowledged)
        async with calling(service.url) as api:
            await api.settles()
            await recorded(api, ledger)
        assert {ledger.times(task_id) for task_id in before} == {1}
        assert await service.stop() == 0
    verdict = judge(load.acknowledged, load.posted, ledger)
    figure(
        f"ended in {took:.1f} s of {GRACE:.0f} s; {verdict.acknowledged} acknowledged, {verdict.duplicates} twice"
    )
    assert took < GRACE + 1
    assert (verdict.lost, verdict.wrong, verdict.duplicates) == ((), (), 0)


@pytest.mark.proof
@pytest.mark.timeout(120)
async def test_attempts_that_outlast_the_grace_are_made_again_and_count_once(
    tmp_path: Path, figure: Callable[[str], None]
) -> None:
    hanging = True

    def answer(arrival: Arrival) -> Answer:
        return HANG if hanging and arrival.host.startswith(("127.0.0.1", "127.0.0.2")) else Answer()

    async with (
        listening(Ledger()) as ledger,
        serving(tmp_path, SETTINGS) as service,
        Load(service.url, lambda number: {"url": destination(ledger, number)}) as load,
    ):
        ledger.answer = answer
        loop = asyncio.get_running_loop()
        async with load.running(connections=8, pause=0.005):
            await wait_until(lambda: sum(answer(a) is HANG for a in ledger.arrivals) >= IN_FLIGHT, 20)
            begun = loop.time()
            assert await service.stop(timeout=GRACE + 5) == 0
            took = loop.time() - begun
        cut = {arrival.id for arrival in ledger.arrivals if answer(arrival) is HANG}
        hanging = False
        await service.start()
        await ledger.holds(load.acknowledged)
        async with calling(service.url) as api:
            await api.settles()
            await recorded(api, ledger)
            assert {(await api.task(task_id))["attempts"] for task_id in cut} == {1}
        assert await service.stop() == 0
    verdict = judge(load.acknowledged, load.posted, ledger)
    figure(f"{len(cut)} cut off after {took:.1f} s of {GRACE:.0f} s, each made again, 0 lost")
    assert took < GRACE + 1
    assert (verdict.lost, verdict.wrong) == ((), ())
    assert {ledger.times(task_id) for task_id in ledger.by_id if task_id not in cut} == {1}


async def test_a_service_that_forgets_what_it_has_not_sent_is_found_out(tmp_path: Path) -> None:
    async with (
        listening(Ledger()) as ledger,
        serving(tmp_path, program=CARELESS) as service,
        Load(service.url, lambda number: {"url": destination(ledger, number)}) as load,
    ):
        ledger.answer = lambda _: Answer(delay=1.0)
        await load.send(IN_FLIGHT)
        await service.stop()
    assert judge(load.acknowledged, load.posted, ledger).lost
