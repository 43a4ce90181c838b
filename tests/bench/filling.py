"""Fills the store of a data directory, without the service, as if some days had passed.

python -m tests.bench.filling DIRECTORY TASKS
"""

import argparse
import asyncio
import random
import time
from pathlib import Path

from okydrom.config.settings import Retention
from okydrom.intake.datadir import DataDir
from okydrom.store.contract import Store
from okydrom.store.entry import Entry
from okydrom.store.sqlite.store import SqliteStore
from okydrom.task import Attempt, Failure, Outcome, Reason, Result, Status, Task, new_id
from tests.support.tasks import make_entry, make_task

BATCH = 1_000
DAY = 86_400_000  # ms
EVENTS = ("order.paid", "order.sent", "user.created", "user.left")
DESTINATIONS = 200
# Out of 20 tasks: one waits for its time, one for its next attempt, two have failed, the others are delivered.
FATES = (Status.QUEUED, Status.RETRYING, Status.FAILED, Status.FAILED, *[Status.DELIVERED] * 16)
ANSWERED = Outcome(code=200, duration=3.2)
TIMED_OUT = Outcome(error=Failure.TIMEOUT, duration=15_000.0)


async def fill(path: Path, tasks: int, now: int) -> None:
    """Add tasks, accepted over the day before `now` (epoch ms), to a data directory that the service has made and left.

    Nothing of them is due within the next day.
    """
    store = SqliteStore(DataDir(path).store, retention=Retention(), now=lambda: now)
    opened = await store.open(now)
    try:
        await _add(store, opened.position, tasks, now)
    finally:
        await store.close()


async def _add(store: Store, position: int, tasks: int, now: int) -> None:
    rand = random.Random(1)
    for begin in range(0, tasks, BATCH):
        numbers = range(begin, min(begin + BATCH, tasks))
        await store.add(
            [_entry(rand, now - DAY + DAY * number // tasks, now) for number in numbers], position
        )


def _entry(rand: random.Random, created: int, now: int) -> Entry:
    fate = rand.choice(FATES)
    place = f"http://10.0.0.{rand.randrange(DESTINATIONS)}:80"
    waits = fate is Status.QUEUED
    task = make_task(
        id=new_id(created, rand),
        url=f"{place}/hook",
        destination=place,
        event=rand.choice(EVENTS),
        body=b'{"order":%d,"status":"paid"}' % rand.getrandbits(30),
        created_at=created,
        deliver_at=now + DAY if waits else None,
        next_attempt_at=now + DAY if waits else created,
    )
    return make_entry(task, claimed=not waits, results=() if waits else _results(task, fate, now))


def _results(task: Task, fate: Status, now: int) -> tuple[Result, ...]:
    outcome = ANSWERED if fate is Status.DELIVERED else TIMED_OUT
    ended = task.created_at + round(outcome.duration)
    attempt = Attempt(number=1, started_at=task.created_at, finished_at=ended, waited=0, outcome=outcome)
    failed = fate is Status.FAILED
    return (
        Result(
            id=task.id,
            version=task.version,
            at=ended,
            status=fate,
            reason=Reason.ATTEMPTS_SPENT if failed else None,
            attempts_left=0 if failed else task.attempts_left - 1,
            next_attempt_at=now + DAY if fate is Status.RETRYING else None,
            attempt=attempt,
        ),
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("directory", type=Path)
    parser.add_argument("tasks", type=int)
    wanted = parser.parse_args()
    asyncio.run(fill(wanted.directory, wanted.tasks, time.time_ns() // 1_000_000))
