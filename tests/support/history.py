"""An hour in the life of a service, laid down in its store without it: about 500 tasks of every kind.

Two recipients are in trouble (one answers 503 and asked to wait, one refuses connections), a third is paused, a fourth
has limits of its own. What still waits elsewhere is due at once: see `tests.support.scene` for who takes it.
"""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import msgspec

from okydrom.config.settings import DAY, HOUR, MINUTE, Retention
from okydrom.intake.datadir import DataDir
from okydrom.store.contract import Store
from okydrom.store.entry import Entry
from okydrom.store.sqlite.store import SqliteStore
from okydrom.store.steering import Hold, Pause, Steer
from tests.support import deeds, flows
from tests.support.flows import BILLING, LEGACY, PARTNER, REPORTS
from tests.support.minutes import minutes_of
from tests.support.tasks import make_entry

TROUBLE = 42 * MINUTE  # since then the recipients in trouble are
ROUTINE = 390  # tasks of the last hour where all is well
OLDER = 24  # of the day before
NOTE = "Nightly export until 03:00"


class Known(msgspec.Struct, frozen=True):
    """Ids of tasks and of a bulk operation worth a look."""

    failed: str  # ten attempts over three days, with a callback
    delivered: str  # by its third attempt
    retrying: str  # for a destination that refuses connections, two others wait behind it
    held: str  # for a destination that asked to wait
    sending: str  # its recipient takes its time
    bulk: str


async def lay(path: Path, now: int) -> Known:
    """Lay it down in a data directory that the service has made and left. The same for the same `now` (epoch ms)."""
    rand = random.Random(500)
    entries = sorted(_entries(rand, now), key=lambda entry: entry.task.created_at)
    store = SqliteStore(DataDir(path).store, retention=Retention(), now=lambda: now)
    opened = await store.open(now)
    try:
        await store.add(entries[:1], opened.position)  # its callback is as old as its end
        await store.add(entries[1:], opened.position)
        await _steer(store, now)
        await deeds.cancel(store, entries, now - 31 * MINUTE)
        await _pause(store, now)
        bulk = await deeds.retry_and_delete(store, entries, now)
        heads = await store.heads([entry.task.id for entry in entries])
        tasks = [(heads[entry.task.id], entry.results) for entry in entries]
        await store.keep_minutes(minutes_of(tasks, now, shutil.disk_usage(path).free, rand), 0)
    finally:
        await store.close()
    return Known(
        failed=_newest(entries, "client.merged", 10),
        delivered=_newest(entries, "shipment.sent", 3),
        retrying=_newest(entries, "tariff.changed", 4),
        held=_newest(entries, "invoice.issued", 3),
        sending=_newest(entries, flows.RECOUNT.event, 0),
        bulk=bulk,
    )


def _entries(rand: random.Random, now: int) -> list[Entry]:
    """All tasks, in no order."""
    quiet = [flow for flow in flows.FLOWS if flow.place not in (LEGACY, REPORTS)]
    weights = [flow.weight for flow in quiet]
    made: list[Entry] = []
    for number in range(ROUTINE + OLDER):
        age = rand.randrange(9_000, HOUR) if number < ROUTINE else rand.randrange(HOUR, DAY)
        (flow,) = rand.choices(quiet, weights)
        if flow.place != BILLING or age > TROUBLE:
            made.append(flows.routine(rand, flow, now - age))
    for flow, count in ((flows.INVOICE, 38), (flows.USER, 31)):
        made += [flows.held(rand, flow, now - rand.randrange(6_000, TROUBLE), now) for _ in range(count)]
    made += [flows.refused(rand, flows.TARIFF, now - rand.randrange(MINUTE, TROUBLE), now) for _ in range(19)]
    made += [flows.due(rand, flows.TARIFF, now - rand.randrange(MINUTE, 7 * MINUTE)) for _ in range(6)]
    made += [flows.due(rand, flows.REPORT, now - rand.randrange(1_000, 25 * MINUTE)) for _ in range(12)]
    made += [flows.due(rand, flows.ORDER, now - rand.randrange(500, 50_000)) for _ in range(3)]
    return made + _failed(rand, now) + _known(rand, now)


def _failed(rand: random.Random, now: int) -> list[Entry]:
    """Tasks given up, for every reason, and some that only an operator's doing ends."""
    spread = [now - rand.randrange(2 * MINUTE, TROUBLE) for _ in range(40)]
    return [
        *(flows.spent(rand, flows.MERGED, at) for at in spread[:13]),
        *(flows.stopped(rand, flows.PROMO, at) for at in spread[13:16]),
        *(flows.expired(rand, flows.SHIPMENT, at) for at in spread[16:20]),
        flows.blocked(rand, flows.METADATA, now - 14_000),
        flows.blocked(rand, flows.METADATA, spread[20]),
        flows.spent(rand, flows.MERGED, now - 31_000),
        *(flows.postponed(rand, flows.PROMO, at, now) for at in spread[22:31]),
    ]


def _known(rand: random.Random, now: int) -> list[Entry]:
    """Those that are looked at one by one."""
    return [
        flows.spent(rand, flows.MERGED, now - 3 * DAY - 13 * HOUR, patient=True),
        flows.third_time(rand, flows.SHIPMENT, now - 9 * MINUTE),
        *flows.line(rand, now - 39 * MINUTE, now),
        flows.held(rand, flows.INVOICE, now - 38 * MINUTE, now, attempts=3),
        make_entry(flows.task_of(rand, flows.RECOUNT, now - 3_000)),
    ]


async def _steer(store: Store, now: int) -> None:
    """What holds for destinations."""
    said = {"destination": PARTNER, "concurrency": 4, "rate": 2}
    limits = Steer(destination=PARTNER, concurrency=4, rate=2.0)
    await store.steer([limits], deeds.audited(now - 3 * HOUR, "d.petrov", "limit", said))
    await store.steer([Steer(destination=BILLING, hold=Hold(now - TROUBLE, now + 18 * MINUTE, 503))])


async def _pause(store: Store, now: int) -> None:
    pause = Pause(now - 25 * MINUTE, "m.orlova", NOTE)
    said = {"destination": REPORTS, "note": NOTE}
    await store.steer(
        [Steer(destination=REPORTS, pause=pause)], deeds.audited(pause.since, "m.orlova", "pause", said)
    )


def _newest(entries: list[Entry], event: str, attempts: int) -> str:
    """The id of the newest task of an event that has had so many attempts."""
    return next(
        entry.task.id
        for entry in reversed(entries)
        if entry.task.event == event and len(entry.results) == attempts
    )
