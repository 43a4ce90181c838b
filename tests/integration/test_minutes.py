"""Figures minute by minute: counted once, added up to windows, and still there after a restart."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import asdict

from okydrom.config.settings import DAY, HOUR
from okydrom.errors import OkydromError, StoreFailed, Unavailable
from okydrom.intake.minutes import KEPT, MINUTE, Minutes
from okydrom.intake.window import WINDOWS, Window, window_of
from okydrom.store.command import Action
from okydrom.store.minute import Minute, Turnover
from okydrom.task import Failure, Outcome, Status
from tests.support.sqlite import shell
from tests.support.stores import NOW, Make, Rig, each_store, opened, result
from tests.support.tasks import make_entry, make_task

GOOD = Outcome(code=200, duration=10.0)
BAD = Outcome(code=500, duration=10.0)
LOST = Outcome(error=Failure.TIMEOUT, duration=15_000.0)

pytestmark = each_store


def window(minutes: Minutes, now: int = NOW, name: str = "1h") -> Window:
    """What is told of a window."""
    return window_of(minutes, WINDOWS[name], now)


def turned(rig: Rig) -> dict[str, int]:
    """All that the store told of what came and ended."""
    total = Counter[str]()
    for turnover in rig.turnovers:
        total.update(asdict(turnover))
    return {name: count for name, count in total.items() if count}


async def counting(rig: Rig, free: int = 0) -> Minutes:
    """Counts by the clock of the store."""
    minutes = Minutes(lambda: rig.now, lambda: free)
    await minutes.begin(rig.store)
    return minutes


async def test_a_task_is_counted_once_when_it_comes_and_once_when_it_ends(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        at_once, later, never, withdrawn, waits = tasks = [make_task() for _ in range(5)]
        await rig.add(*tasks, claimed=True)
        imported = make_task()
        await rig.add(imported, claimed=True, results=[result(imported)])
        await rig.store.record([result(at_once), result(later, Status.RETRYING, due=rig.now)])
        again = next(task for task in await rig.claim() if task.id == later.id)
        await rig.store.record([result(again), result(never, Status.FAILED)])
        await rig.store.record([result(at_once), result(never)])  # stale: they have ended
        await rig.store.release([waits.id])
        await rig.command(Action.CANCEL, withdrawn)
        await rig.store.add([make_entry(at_once)], 0)  # it is known
        expected = {"accepted": 6, "delivered": 3, "first": 2, "failed": 1, "cancelled": 1}
        assert turned(rig) == expected
        await rig.command(Action.RETRY, await rig.task(never.id))
        assert turned(rig) == expected, "a new grant is no new task"
        await rig.command(Action.EDIT, waits, task=make_task(id=waits.id, destination="http://b:80"))
        rig.now += 40 * DAY
        await rig.store.sweep(rig.now, 100)
        assert turned(rig) == expected, "neither one that goes elsewhere, nor one that is forgotten"


async def test_what_expires_while_it_waits_is_counted_as_failed(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        await rig.add(make_task(expires_at=NOW + 1))
        await rig.store.sweep(NOW + 2, 100)
        assert turned(rig) == {"accepted": 1, "failed": 1}


async def test_a_window_adds_up_its_minutes_and_the_one_before_its_own(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        minutes = await counting(rig)
        for ago in (0, 59 * MINUTE, 60 * MINUTE, 119 * MINUTE, 120 * MINUTE):
            rig.now = NOW - ago
            minutes.turned(Turnover(accepted=10, delivered=4, first=1, failed=2, cancelled=1))
            minutes.attempted(LOST, rig.now)
            minutes.attempted(GOOD, rig.now)
        found = window(minutes)
        for totals, begin in ((found.window, NOW - 59 * MINUTE), (found.previous, NOW - 119 * MINUTE)):
            assert totals.begin == begin // MINUTE * MINUTE
            assert (totals.accepted, totals.delivered, totals.failed, totals.cancelled) == (20, 8, 4, 2)
            assert totals.first_attempt_share == 0.25
        series = found.series
        assert (series.begin, series.step_s, len(series.accepted)) == (found.window.begin, 60, 60)
        assert series.accepted == [10, *[0] * 58, 10]
        assert series.not_2xx == [1, *[0] * 58, 1]
        assert series.p50_ms[-1] == pytest.approx(GOOD.duration, rel=0.15)
        assert series.p99_ms[-1] == pytest.approx(LOST.duration, rel=0.15)
        assert series.p50_ms[1:-1] == [None] * 58


async def test_percentiles_of_a_step_are_those_of_all_its_attempts(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        minutes = await counting(rig)
        step = NOW // (5 * MINUTE) * 5 * MINUTE
        for n in range(100):
            minutes.attempted(LOST if n % 10 == 9 else GOOD, step + n * 50 * 60)
        series = window(minutes, step + 5 * MINUTE - 1, "24h").series
        assert (series.step_s, len(series.p50_ms)) == (300, 288)
        assert series.p50_ms[-1] == pytest.approx(GOOD.duration, rel=0.15)
        assert series.p95_ms[-1] == series.p99_ms[-1] == pytest.approx(LOST.duration, rel=0.15)


@pytest.mark.parametrize("name", WINDOWS)
async def test_no_window_has_more_than_300_steps(make: Make, tmp_path: Path, name: str) -> None:
    async with opened(make, tmp_path) as rig:
        minutes = await counting(rig)
        span = WINDOWS[name]
        for ago in range(2 * span.minutes + span.step):
            minutes.attempted(GOOD, NOW - ago * MINUTE)
        found = window(minutes, NOW, name)
        assert span.minutes // span.step == len(found.series.accepted) <= 300
        assert NOW - span.minutes * MINUTE < found.window.begin <= NOW
        assert found.window.begin - found.previous.begin == span.minutes * MINUTE


async def test_the_number_of_waiting_tasks_stands_until_it_changes(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        rig.now = NOW - 10 * MINUTE
        minutes = await counting(rig)
        await rig.add(*(make_task() for _ in range(3)))
        await minutes.flush()
        rig.now = NOW - 2 * MINUTE
        (task, *_) = await rig.claim()
        await rig.store.record([result(task)])
        await minutes.flush()
        waiting = window(minutes).series.waiting
        assert waiting == [*[None] * 49, *[3] * 8, *[2] * 3]
        assert window(minutes, NOW + 30 * MINUTE, "15m").series.waiting == [2] * 15


async def test_what_was_kept_is_there_after_a_restart_and_is_gone_on_with(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        minutes = await counting(rig, free=7_000)
        for each in (GOOD, BAD, LOST):
            minutes.attempted(each, NOW)
        minutes.turned(Turnover(accepted=5, delivered=1, first=1))
        await minutes.flush()
        before = window(minutes)
        minutes.turned(Turnover(accepted=1))  # lost, as by a kill
        await rig.reopen()
        minutes = await counting(rig, free=7_000)
        assert window(minutes) == before
        minutes.attempted(BAD, NOW)
        minutes.turned(Turnover(accepted=2))
        await minutes.flush()
        await rig.reopen()
        total = (await counting(rig)).kept[NOW // MINUTE]
        assert (total.accepted, total.delivered, total.attempts, total.not_2xx) == (7, 1, 4, 3)
        assert total.free == 7_000


async def test_what_happened_before_the_kept_figures_were_read_is_added(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        await rig.store.keep_minutes([Minute(number=NOW // MINUTE, accepted=5, waiting=9)], 0)
        minutes = Minutes(lambda: NOW, lambda: 0)
        minutes.turned(Turnover(cancelled=1))
        await minutes.begin(rig.store)
        await minutes.flush()
        total = window(minutes).window
        assert (total.accepted, total.cancelled) == (5, 1)


async def test_a_quiet_service_writes_nothing(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        minutes = await counting(rig)
        await minutes.flush()
        before = await rig.store.minutes()
        rig.now += 5 * MINUTE
        await minutes.flush()
        assert await rig.store.minutes() == before


async def test_two_days_are_kept(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        minutes = await counting(rig)
        for ago in range(KEPT + 100, -1, -1):
            minutes.attempted(GOOD, NOW - ago * MINUTE)
        await minutes.flush()
        assert len(minutes.kept) == KEPT + 1
        assert min(minutes.kept) * MINUTE <= NOW - 2 * DAY
        minutes.attempted(GOOD, NOW)
        await minutes.flush()
        assert [minute.number for minute in await rig.store.minutes()] == sorted(minutes.kept)


async def test_a_store_that_can_not_write_loses_no_figures(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        minutes = await counting(rig)
        minutes.turned(Turnover(accepted=3))
        with closing(shell(rig)) as somebody:
            somebody.execute("BEGIN IMMEDIATE")
            await minutes.flush()
            assert await rig.store.minutes() == []
        await minutes.flush()
        assert [minute.accepted for minute in await rig.store.minutes()] == [3]


@pytest.mark.parametrize("by", [HOUR, -HOUR, 3 * DAY, -3 * DAY, -40 * 365 * DAY, -NOW])
async def test_a_clock_that_is_set_breaks_nothing(make: Make, tmp_path: Path, by: int) -> None:
    async with opened(make, tmp_path) as rig:
        minutes = await counting(rig)
        for _ in range(2):
            for _ in range(3):
                minutes.turned(Turnover(accepted=1))
                minutes.attempted(GOOD, rig.now)
                await minutes.flush()
                rig.now += MINUTE
            for name in WINDOWS:
                found = window(minutes, rig.now, name)
                assert found.window.accepted >= 3
            rig.now += by
        assert len(await rig.store.minutes()) == len(minutes.kept) <= 6


async def test_figures_of_before_outlive_a_start_whose_clock_is_not_set(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        minutes = await counting(rig)
        minutes.turned(Turnover(accepted=4))
        await minutes.flush()
        rig.now = MINUTE // 2
        await rig.reopen()
        minutes = await counting(rig)
        minutes.turned(Turnover(accepted=1))
        await minutes.flush()
        rig.now = NOW + MINUTE
        minutes.turned(Turnover(accepted=2))
        await minutes.flush()
        assert window(minutes, rig.now).window.accepted == 6
        assert len(await rig.store.minutes()) == 2, "those of 1970 are gone"


@pytest.mark.parametrize("failure", [Unavailable, StoreFailed])
async def test_figures_that_can_not_be_read_at_the_start_are_read_later_and_none_is_lost(
    make: Make, tmp_path: Path, failure: type[OkydromError], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(make, tmp_path) as rig:
        kept = [Minute(number=NOW // MINUTE - age, accepted=1) for age in range(5)]
        await rig.store.keep_minutes(kept, 0)

        async def unread() -> list[Minute]:
            raise failure

        with monkeypatch.context() as patch:
            patch.setattr(rig.store, "minutes", unread)
            minutes = await counting(rig)
            minutes.turned(Turnover(accepted=1))
            await minutes.flush()
        assert len(await rig.store.minutes()) == 5
        await minutes.flush()
        assert window(minutes).window.accepted == 6
        await rig.reopen()
        assert sum(minute.accepted for minute in await rig.store.minutes()) == 6


async def test_a_store_that_can_not_be_read_ends_nothing(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(make, tmp_path) as rig:
        minutes = await counting(rig)

        async def unread() -> None:
            raise StoreFailed

        with monkeypatch.context() as patch:
            patch.setattr(rig.store, "summary", unread)
            minutes.turned(Turnover(accepted=1))
            await minutes.flush()
        await minutes.flush()
        assert sum(minute.accepted for minute in await rig.store.minutes()) == 1
