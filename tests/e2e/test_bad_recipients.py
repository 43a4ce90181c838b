"""Recipients that fail, reset, hang and lose their answers, and a service that is killed meanwhile: every acknowledged
task is delivered, and comes twice only where an answer was lost or a kill hit."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from tests.support.api import calling
from tests.support.ledger import HANG, LOST, RESET, Answer, Arrival, Ledger, judge, listening
from tests.support.load import Load
from tests.support.service import CARELESS, Settings, serving
from tests.support.wait import linger

KILLS = 6  # in CI; scripts/proof bad_recipients --rounds N makes more
RECIPIENTS = 24
JUST_NOW = 1.5  # s before a kill: what came then may not have been recorded
SETTINGS: Settings = {"delivery": {"timeout": "1s"}, "retry": {"schedule": ["100ms"]}}


class Moody:
    """30 % 500, 10 % reset, 10 % hang, 10 % lost answers, by chance; what it took in, and whether it could say so."""

    def __init__(self, seed: int) -> None:
        self.taken: dict[str, list[tuple[float, bool]]] = {}  # by id: when, and if the answer was lost
        self._chance = random.Random(seed)

    def answer(self, arrival: Arrival) -> Answer:
        """Its mood at this request."""
        mood = self._chance.random()
        if mood < 0.3:
            return Answer(500)
        if mood < 0.4:
            return RESET
        if mood < 0.5:
            return HANG
        lost = mood < 0.6
        self.taken.setdefault(arrival.id, []).append((arrival.at, lost))
        return LOST if lost else Answer(204)


def unexplained(moody: Moody, kills: Sequence[float]) -> Iterator[str]:
    """Tasks that came again although their recipient had agreed, was heard, and no kill hit soon after."""
    for task_id, taken in moody.taken.items():
        for at, lost in taken[:-1]:
            if not lost and not any(0 <= kill - at < JUST_NOW for kill in kills):
                yield task_id


@pytest.mark.proof
@pytest.mark.timeout(180)
async def test_every_task_is_delivered_and_twice_only_where_an_answer_was_lost_or_a_kill_hit(
    tmp_path: Path, rounds: Callable[[int], int], seed: int, figure: Callable[[str], None]
) -> None:
    moody, chance, kills = Moody(seed), random.Random(seed), list[float]()
    async with listening(Ledger()) as ledger, serving(tmp_path, SETTINGS, start=False) as service:
        ledger.answer = moody.answer

        def fields(number: int) -> dict[str, object]:
            return {"url": ledger.url(f"127.0.0.{1 + number % RECIPIENTS}"), "max_attempts": 100}

        async with Load(service.url, fields) as load, load.running(connections=8, pause=0.02):
            for _ in range(rounds(KILLS)):
                await service.start()
                await linger(chance.uniform(0.2, 0.8))
                await service.kill()
                kills.append(asyncio.get_running_loop().time())
            await service.start()
        async with calling(service.url) as api:
            await api.settles(timeout=120)
            assert await api.count("status=delivered") == await api.count()
        assert await service.stop() == 0
    verdict = judge(load.acknowledged, load.posted, ledger)
    twice = sum(len(taken) - 1 for taken in moody.taken.values())
    figure(f"{len(kills)} kills, {verdict.acknowledged} acknowledged, {twice} came again, each with a cause")
    assert verdict.acknowledged >= 20 * KILLS
    assert not load.acknowledged.keys() - moody.taken.keys(), "acknowledged and never taken in"
    assert verdict.wrong == ()
    assert list(unexplained(moody, kills)) == []
    assert twice, "no answer was lost: the test proves nothing"


async def test_the_same_recipients_find_the_losses_of_a_service_that_keeps_nothing(
    tmp_path: Path, seed: int
) -> None:
    moody = Moody(seed)
    async with listening(Ledger()) as ledger, serving(tmp_path, program=CARELESS, start=False) as service:
        ledger.answer = moody.answer
        async with (
            Load(service.url, lambda _: {"url": ledger.url()}) as load,
            load.running(connections=8, pause=0.02),
        ):
            for _ in range(2):
                await service.start()
                await linger(0.5)
                await service.kill()
            await service.start()
        await linger(1.0)
    assert load.acknowledged.keys() - moody.taken.keys()


def test_the_judgement_finds_what_has_no_cause() -> None:
    moody = Moody(1)
    moody.taken = {
        "lost": [(1.0, True), (2.0, False)],
        "killed": [(9.5, False), (11.0, False)],
        "late": [(5.0, False), (11.0, False)],
        "early": [(10.5, False), (11.0, False)],
        "once": [(5.0, False)],
    }
    assert list(unexplained(moody, [10.0])) == ["late", "early"]
