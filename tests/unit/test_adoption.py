"""When the real clock is followed: a difference of more than five seconds that lasts a minute."""

from __future__ import annotations

from typing import Any, cast

import pytest

from okydrom.adoption import Adoption
from okydrom.clock import Clock

SECOND = 1_000


class Machine(Adoption):
    """Looks every five seconds at a clock that a test sets."""

    def __init__(self) -> None:
        self.steady = 0
        self.wrong = 0
        self.adopted: list[int] = []
        clock = Clock(lambda: self.steady * 1_000_000, lambda: 1_790_000_000_000 + self.steady + self.wrong)
        nothing = cast(Any, None)
        super().__init__(clock, nothing, nothing, nothing, nothing, nothing, nothing)
        self.now = clock.now

    async def adopt(self, by: int) -> None:
        """Only the clock itself is moved here."""
        self.adopted.append(by)
        self._clock.move(by)

    async def passes(self, seconds: int, *, drifting: int = 0) -> None:
        """So much time goes by; the difference grows by `drifting` ms a second."""
        for _ in range(seconds // 5):
            self.steady += 5 * SECOND
            self.wrong += 5 * drifting
            await self.look()


@pytest.mark.parametrize("by", [3_600 * SECOND, -3_600 * SECOND, 6 * SECOND, -6 * SECOND])
async def test_a_difference_that_lasts_a_minute_is_adopted_once(by: int) -> None:
    machine = Machine()
    await machine.passes(600)
    machine.wrong = by
    before = machine.now()
    await machine.passes(55)
    assert machine.adopted == []
    assert machine.now() == before + 55 * SECOND, "the service's own clock does not jump by itself"
    await machine.passes(600)
    assert machine.adopted == [by]


async def test_a_small_difference_is_not_adopted_ever() -> None:
    machine = Machine()
    machine.wrong = 5 * SECOND
    await machine.passes(3_600)
    assert machine.adopted == []


async def test_a_difference_that_goes_away_is_not_adopted() -> None:
    machine = Machine()
    machine.wrong = 90 * SECOND
    await machine.passes(55)
    machine.wrong = 0
    await machine.passes(600)
    assert machine.adopted == []


async def test_a_clock_that_is_being_set_is_waited_for() -> None:
    machine = Machine()
    for jump in range(20):
        machine.wrong = jump * 60 * SECOND
        await machine.passes(30)
    assert machine.adopted == []
    await machine.passes(120)
    assert machine.adopted == [19 * 60 * SECOND]


async def test_a_clock_that_runs_wrong_is_followed_in_steps() -> None:
    machine = Machine()
    await machine.passes(3_600, drifting=10)
    assert 3 <= len(machine.adopted) <= 6
    assert abs(machine.wrong - sum(machine.adopted)) < 6 * SECOND


async def test_suspend_is_no_difference() -> None:
    machine = Machine()
    machine.steady += 8 * 3_600 * SECOND
    await machine.passes(600)
    assert machine.adopted == []
