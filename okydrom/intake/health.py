"""How the parts of the service are: figures, each with a verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum

import msgspec

from okydrom.config.settings import DAY, HOUR, Storage
from okydrom.delivery.steering import Steering
from okydrom.intake.disk import Disk
from okydrom.intake.footprint import most, resident
from okydrom.intake.minutes import MINUTE, Minutes
from okydrom.intake.pump import Pump
from okydrom.intake.stats import Stats
from okydrom.store.upkeep import CHECK_EVERY, Upkeep
from okydrom.times import maybe

LEAST_TIME = HOUR  # that the use of the disk is looked at before it is carried on
LONGEST = 10 * 365  # days; beyond it nobody counts


class Level(StrEnum):
    """A verdict."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"


class Check(msgspec.Struct, frozen=True):
    """One figure; `value` is None where it is not known."""

    key: str
    level: Level
    value: float | str | None
    unit: str


class Health:
    """Looks at the parts; `now` in epoch ms, `journal` the figures of that."""

    def __init__(
        self,
        journal: Stats,
        pump: Pump,
        disk: Disk,
        minutes: Minutes,
        upkeep: Upkeep,
        steering: Steering,
        storage: Storage,
        now: Callable[[], int],
    ) -> None:
        self.journal = journal
        self._pump = pump
        self._disk = disk
        self._minutes = minutes
        self._upkeep = upkeep
        self._steering = steering
        self._min_free = storage.min_free
        self._max_backlog = storage.max_backlog
        self._now = now
        self._most = most()

    def checks(self) -> list[Check]:
        """All of them, always in the same order."""
        return list(self._checks())

    def _checks(self) -> Iterator[Check]:
        took = round(self.journal.percentile(0.99), 3)
        yield Check("journal_sync_p99", above(took, 100, 1000), took, "ms")
        yield Check("index_lag", self._behind(), self._pump.waiting, "tasks")
        free, days = self._disk.free, self._days_left()
        yield Check("disk_free", below(free, 2 * self._min_free, self._min_free), free, "bytes")
        yield Check("disk_days_left", below(days, 7, 1), days, "days")
        held = self._steering.held
        yield Check("destinations_held", above(held, 1), held, "destinations")
        yield Check("journal_damage", above(self.journal.damaged, 1, 1), self.journal.damaged, "bytes")
        yield Check("journal_gaps", above(self.journal.gaps, 1, 1), self.journal.gaps, "gaps")
        memory = resident()
        yield Check("memory", self._crowded(memory), memory, "bytes")
        yield Check("last_check", self._checked(), maybe(self._upkeep.checked_at), "time")

    def _behind(self) -> Level:
        """Accepted and not in the store yet: beyond `max_backlog` nothing more is accepted."""
        if self._pump.trouble is not None:
            return Level.BAD
        return above(self._pump.bytes, self._max_backlog / 4, self._max_backlog * 3 / 4)

    def _crowded(self, memory: int | None) -> Level:
        return above(memory, self._most / 2, self._most * 4 / 5) if self._most else Level.OK

    def _checked(self) -> Level:
        if self._upkeep.faults:
            return Level.BAD
        late = self._now() - self._upkeep.waits_since > 2 * CHECK_EVERY
        return Level.WARN if late else Level.OK

    def _days_left(self) -> float | None:
        """Until the disk is as full as it may be, if it goes on as within the last day; None: it does not fill, or it
        is not known yet."""
        now = self._now()
        seen = self._minutes.of((now - DAY) // MINUTE, (DAY - LEAST_TIME) // MINUTE)
        first = next((minute for minute in seen if minute.free is not None), None)
        if first is None or first.free is None or first.free <= self._disk.free:
            return None
        used_a_day = (first.free - self._disk.free) * DAY / (now - first.number * MINUTE)
        days = max(self._disk.free - self._min_free, 0) / used_a_day
        return round(days, 1) if days <= LONGEST else None


def above(value: float | None, warn: float, bad: float | None = None) -> Level:
    """The more, the worse.

    >>> [above(value, 5, 9).value for value in (4, 5, 9, None)]
    ['ok', 'warn', 'bad', 'ok']
    """
    if value is None or value < warn:
        return Level.OK
    return Level.WARN if bad is None or value < bad else Level.BAD


def below(value: float | None, warn: float, bad: float) -> Level:
    """The less, the worse.

    >>> [below(value, 9, 5).value for value in (9, 8, 4, None)]
    ['ok', 'warn', 'bad', 'ok']
    """
    if value is None or value >= warn:
        return Level.OK
    return Level.WARN if value >= bad else Level.BAD
