"""Clocks that jump: nothing is lost, nothing waits longer than it would have, nothing spins."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest

from okydrom import adoption
from okydrom.clock import Clock
from okydrom.config.settings import DAY, HOUR, SECOND
from okydrom.delivery import refill
from okydrom.errors import DiskFull
from okydrom.intake.window import WINDOWS
from okydrom.store import upkeep
from okydrom.store.sqlite.store import SqliteStore
from okydrom.web import keys
from tests.support.inside import Inside, inside
from tests.support.ledger import Answer, Arrival, Ledger, listening
from tests.support.times import Times
from tests.support.wait import linger, wait_until

YEAR = 365 * DAY
JUMPS = {"+1 h": HOUR, "-1 h": -HOUR, "+1 day": DAY, "+10 days": 10 * DAY, "-10 years": -10 * YEAR}
RETRY = {"schedule": ["2s"]}
HELD = "127.0.0.7"
IN_TIME = 12.0  # s until all that waits 2 s has been tried again
SLACK = 15 * SECOND  # of times that are compared


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A minute is half a second here; and whoever might claim or sweep meanwhile tries to all the time."""
    for name, value in {"LOOK": 0.05, "LASTS": 500, "SETTLE": 0.5, "STEP": 7}.items():
        monkeypatch.setattr(adoption, name, value)
    monkeypatch.setattr(refill, "LONGEST_SLEEP", 0.05)
    monkeypatch.setattr(upkeep, "PAUSE", 0.05)


@dataclass
class Story:
    """Tasks of one service: those that fail once and are due again soon, and those that wait for an hour."""

    service: Inside
    ledger: Ledger
    soon: list[str] = field(default_factory=list)
    later: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)

    @property
    def asked(self) -> bool:
        """Is the time over that the recipient asked for?"""
        first = next(arrival.at for arrival in self.ledger.arrivals if arrival.host.startswith(HELD))
        return asyncio.get_running_loop().time() - first > 3.5

    async def begin(self, count: int = 12) -> None:
        """All of them have failed once."""
        self.ledger.answer = lambda _: Answer(500)
        for number in range(count):
            url = self.ledger.url(f"127.0.0.{1 + number % 3}")
            self.soon.append(await self.service.create(url=url, retry=RETRY, max_attempts=50))
            self.later.append(await self.service.create(url=url, retry={"schedule": ["1h"]}))

        async def recorded() -> bool:
            return bool((await self.service.get("/tasks/count?status=retrying")).json["total"] == 2 * count)

        await wait_until(recorded)
        self.ledger.answer = self._answer

    async def hold(self) -> None:
        """A destination asks for some seconds; more tasks for it wait in its lane."""
        self.held = [await self.service.create(url=self.ledger.url(HELD), retry=RETRY) for _ in range(9)]

    async def go_on(self, seconds: float) -> None:
        """Further tasks fail once, and wait for an hour: some of them just when the clock is moved."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.later.append(await self.service.create(url=self.ledger.url(), retry={"schedule": ["1h"]}))
            await linger(0.02)

    def _answer(self, arrival: Arrival) -> Answer:
        if arrival.host.startswith(HELD):
            return Answer(204 if self.asked else 429, headers={"Retry-After": "4"})
        return Answer(500 if self.ledger.times(arrival.id) < 2 else 204)

    async def problems(self, clock: Clock) -> list[str]:
        """What is not as if the clock had always been right. Waits for those that are due soon."""
        found = []
        try:
            await wait_until(self._all_came_twice, IN_TIME)
        except AssertionError:
            missing = sum(self.ledger.times(task) < 2 for task in self.soon)
            held = sum(not self.ledger.agreed[task] for task in self.held)
            found.append(f"{missing} wait longer than their 2 s, {held} longer than their hold")
        for name in self.later:
            task = await self.service.task(name)
            waits, lives = (_ms(task[key]) - clock.now() for key in ("next_attempt_at", "expires_at"))
            if self.ledger.times(name) != 1 or task["status"] != "retrying":
                found.append(f"{task['status']} after {self.ledger.times(name)} attempts")
            elif not HOUR - 5 * SLACK < waits < HOUR * 1.2 + SLACK:
                found.append(f"waits for {waits} ms instead of an hour")
            elif abs(lives - 7 * DAY) > 5 * SLACK:
                found.append(f"lives for {lives} ms")
        total = (await self.service.get("/tasks/count")).json["total"]
        if total < len(self.soon) + len(self.later):
            found.append(f"{total} tasks are left")
        return found

    def is_in_order(self, clock: Clock) -> Callable[[], Awaitable[bool]]:
        """Are there no problems now?"""

        async def quiet() -> bool:
            return not await self.problems(clock)

        return quiet

    def _all_came_twice(self) -> bool:
        held = all(self.ledger.agreed[task] for task in self.held)
        return held and all(self.ledger.times(task) >= 2 for task in self.soon)


def _ms(text: str | None) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000) if text else 0


@asynccontextmanager
async def telling(directory: Path, clock: Clock, ledger: Ledger) -> AsyncIterator[Story]:
    """A service with this clock, which writes late."""
    async with inside(directory, 1000, clock, storage={"flush": 1_000}) as service:
        yield Story(service, ledger)


async def adopted(clock: Clock) -> None:
    """Wait until the service goes by the real clock."""
    await wait_until(lambda: abs(clock.drift) < 1_000, 10)


async def rest(seconds: float) -> float:
    """The share of a processor that this process takes while there is nothing to do."""
    begin = time.process_time()
    await linger(seconds)
    return (time.process_time() - begin) / seconds


@pytest.mark.proof
@pytest.mark.parametrize("name", JUMPS)
async def test_a_clock_that_jumps_loses_nothing_and_delays_nothing(
    tmp_path: Path, name: str, figure: Callable[[str], None]
) -> None:
    times = Times()
    clock = times.clock()
    async with listening(Ledger()) as ledger, telling(tmp_path, clock, ledger) as story:
        await story.begin()
        await story.hold()
        times.wrong = JUMPS[name]
        fresh = await story.service.create(url=ledger.url("127.0.0.9"))
        await story.go_on(2.0)
        await adopted(clock)
        assert await story.problems(clock) == []
        assert await figures_are_told(story.service)
        later = await story.service.create(url=ledger.url("127.0.0.9"))
        await ledger.holds([fresh, later])
        spent = await rest(1.0)
        figure(
            f"{name}: 0 of {len(story.soon) + len(story.later)} lost, late or early, {100 * spent:.0f} % CPU after"
        )
        assert spent < 0.5


async def test_a_service_that_goes_by_the_real_clock_is_found_out(tmp_path: Path) -> None:
    times = Times()
    clock = times.naive()
    async with listening(Ledger()) as ledger, telling(tmp_path, clock, ledger) as story:
        await story.begin(3)
        times.wrong = -10 * YEAR
        problems = await story.problems(clock)
        assert "3 wait longer than their 2 s, 0 longer than their hold" in problems
        assert any(problem.startswith("waits for") for problem in problems)


async def figures_are_told(service: Inside) -> bool:
    """Of each window, with what was kept of it."""
    await service.app[keys.MINUTES].flush()
    answers = [await service.get(f"/stats?window={name}") for name in WINDOWS]
    return all(answer.status == 200 for answer in answers)


@pytest.mark.proof
async def test_a_machine_that_starts_in_1970_delivers_and_learns_the_time(
    tmp_path: Path, figure: Callable[[str], None]
) -> None:
    async with listening(Ledger()) as ledger:
        before = Times()
        async with telling(tmp_path, before.clock(), ledger) as story:
            await story.begin()
        times = Times(wrong=-(time.time_ns() // 1_000_000) + 30_000)
        clock = times.clock()
        assert clock.now() < 100_000
        async with inside(tmp_path, 1000, clock) as service:
            story.service = service
            assert await story.problems(clock) == [], "no task waits for 56 years"
            assert await figures_are_told(service)
            fresh = [await service.create(url=ledger.url(), retry={"schedule": ["1h"]}) for _ in range(3)]
            await ledger.holds(fresh)
            story.later += fresh
            times.wrong = 0
            await adopted(clock)
            await wait_until(story.is_in_order(clock), IN_TIME, "none is taken for 56 years old")
            assert await figures_are_told(service)
        figure(f"1970: 0 of {len(story.soon) + len(story.later)} lost, late or early")


@pytest.mark.proof
async def test_what_was_accepted_in_1970_is_not_too_old_after_a_restart_today(
    tmp_path: Path, figure: Callable[[str], None]
) -> None:
    async with listening(Ledger()) as ledger:
        times = Times(wrong=-(time.time_ns() // 1_000_000) + 30_000)
        async with telling(tmp_path, times.clock(), ledger) as story:
            await story.begin()
        clock = Times().clock()
        async with inside(tmp_path, 1000, clock) as service:
            story.service = service
            assert await story.problems(clock) == []
        figure("accepted in 1970: 0 expired")


async def test_what_can_not_be_put_in_order_at_the_start_is_later_and_nothing_is_swept_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adoption, "AGAIN", 0.1)
    rebase, refused = SqliteStore.rebase, 0

    async def full(store: SqliteStore, limit: int, after: int = 0) -> int | None:
        nonlocal refused
        refused += 1
        if refused < 5:
            raise DiskFull
        return await rebase(store, limit, after)

    async with listening(Ledger()) as ledger:
        times = Times(wrong=-(time.time_ns() // 1_000_000) + 30_000)
        async with telling(tmp_path, times.clock(), ledger) as story:
            await story.begin(3)
        clock = Times().clock()
        monkeypatch.setattr(SqliteStore, "rebase", full)
        async with inside(tmp_path, 1000, clock) as service:
            story.service = service
            assert await story.problems(clock) == []
    assert refused >= 5


@pytest.mark.proof
async def test_what_became_due_in_suspend_goes_out_and_nothing_is_adopted(
    tmp_path: Path, figure: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    moved: list[int] = []
    times = Times()
    clock = times.clock()
    monkeypatch.setattr(clock, "move", moved.append)
    async with listening(Ledger()) as ledger, telling(tmp_path, clock, ledger) as story:
        await story.begin()
        times.slept = 2 * HOUR
        await ledger.holds([*story.soon, *story.later])
        await wait_until(lambda: all(ledger.times(task) == 2 for task in story.later), IN_TIME)
        assert moved == []
        figure(f"suspended for 2 h: all {len(story.later)} that became due went out")
