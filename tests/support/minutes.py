"""Figures of the last day's minutes: those of the last hour are counted from tasks, those before are made up."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from math import pi, sin

from okydrom.config.settings import HOUR, MINUTE
from okydrom.delivery.recent import bucket_of
from okydrom.store.minute import BITS, Minute
from okydrom.task import Result, Status, Task

DAY = 1_440
Past = tuple[Task, Sequence[Result]]  # where a task stands, and its attempts


def minutes_of(tasks: Sequence[Past], now: int, free: int, rand: random.Random) -> list[Minute]:
    """One for each minute of the day that ends with `now` (epoch ms), oldest first; `free` bytes of the disk."""
    this = now // MINUTE
    counted = _counted(tasks, free)
    return [
        counted[number] if number > this - HOUR // MINUTE else _made_up(number, free, rand)
        for number in range(this - DAY + 1, this + 1)
    ]


def _counted(tasks: Sequence[Past], free: int) -> defaultdict[int, Minute]:
    """The minutes in which something happened; others are there once they are asked for."""
    minutes = _Minutes([(task.created_at, task.finished_at) for task, _ in tasks], free)
    for task, results in tasks:
        minutes[task.created_at // MINUTE].accepted += 1
        if task.finished_at is not None:
            _end(minutes[task.finished_at // MINUTE], task.status, len(results))
        for result in results:
            if result.attempt is not None:
                outcome = result.attempt.outcome
                minute = minutes[result.attempt.finished_at // MINUTE]
                minute.attempts += 1
                minute.not_2xx += not outcome.ok
                minute.times += 1 << BITS * bucket_of(outcome.duration)
    return minutes


class _Minutes(defaultdict[int, Minute]):
    """Minutes by number, made when they are asked for."""

    def __init__(self, spans: Sequence[tuple[int, int | None]], free: int) -> None:
        super().__init__()
        self._spans = spans
        self._free = free

    def __missing__(self, number: int) -> Minute:
        end = (number + 1) * MINUTE
        waiting = sum(begin < end and (finish is None or finish >= end) for begin, finish in self._spans)
        self[number] = Minute(number=number, waiting=waiting, free=self._free)
        return self[number]


def _end(minute: Minute, status: Status, attempts: int) -> None:
    minute.delivered += status is Status.DELIVERED
    minute.first += status is Status.DELIVERED and attempts == 1
    minute.failed += status is Status.FAILED
    minute.cancelled += status is Status.CANCELLED


def _made_up(number: int, free: int, rand: random.Random) -> Minute:
    """More by day than by night, and hardly anything goes wrong."""
    accepted = max(0, round(6 + 2 * sin(number / DAY * 2 * pi) + rand.uniform(-2, 2)))
    wrong = int(rand.random() < 0.15)
    times = sum(1 << BITS * bucket_of(rand.lognormvariate(3.9, 0.8)) for _ in range(accepted + wrong))
    return Minute(
        number=number,
        accepted=accepted,
        delivered=accepted,
        first=accepted - wrong,
        failed=int(rand.random() < 0.01),
        attempts=accepted + wrong,
        not_2xx=wrong,
        times=times,
        waiting=rand.randrange(6),
        free=free,
    )
