"""The composition root: what is made of what, in which order it starts, and in which it stops.

    data directory ▸ store ▸ journal ▸ delivery ▸ intake (with replay) ▸ background loops ▸ open for tasks

Each is a clean-up context of the application, torn down in reverse order.
"""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import structlog
from aiohttp import web

from okydrom.adoption import Adoption
from okydrom.background import Background
from okydrom.clock import Clock, wall_clock
from okydrom.config.parameters import Origin
from okydrom.config.settings import Settings
from okydrom.delivery.bulk import Bulks, Means
from okydrom.delivery.commands import Commands
from okydrom.delivery.egress import Egress
from okydrom.delivery.flights import Flights
from okydrom.delivery.lanes import Lanes
from okydrom.delivery.methods import Methods
from okydrom.delivery.refill import Refill
from okydrom.delivery.sender import Senders
from okydrom.delivery.steering import Steering
from okydrom.delivery.transport import Transport
from okydrom.delivery.ways import ways_of
from okydrom.intake.accept import Accept
from okydrom.intake.crowds import Crowds
from okydrom.intake.datadir import DataDir
from okydrom.intake.disk import Disk
from okydrom.intake.health import Health
from okydrom.intake.journal import Journal
from okydrom.intake.keys import Keys
from okydrom.intake.minutes import Minutes
from okydrom.intake.notebook import Notebook
from okydrom.intake.pump import Pump
from okydrom.intake.readiness import Readiness, say_recovered, watch
from okydrom.intake.replay import Replay
from okydrom.store.opening import open_unlocked
from okydrom.store.sqlite.store import SqliteStore
from okydrom.store.upkeep import Upkeep
from okydrom.task import Result
from okydrom.web import keys
from okydrom.web.cookie import KEY_SIZE
from okydrom.web.routes import application
from okydrom.web.schema import Schema
from okydrom.web.seal import Seal
from okydrom.web.waiting import Waiting

log = structlog.get_logger("okydrom.app")

STATIC = Path(__file__).parent.parent / "static"


def make_app(
    settings: Settings, origins: Mapping[str, Origin], stop: asyncio.Event, clock: Clock | None = None
) -> web.Application:
    """The whole service as one application; nothing is opened before it is started.

    When a background loop dies, `stop` is set, and clean-up raises what it died of.
    """
    clock = clock or Clock()
    now = clock.now
    app = application(settings, STATIC, secrets.token_hex(4), now)
    app[keys.ORIGINS] = origins
    app[keys.NOW] = now
    app[keys.STARTED_AT] = now()
    app[keys.SEAL] = Seal(secrets.token_bytes(32))
    service = Service(app, settings, stop, clock)
    app.cleanup_ctx.extend(
        (service.data, service.store, service.journal, service.delivery, service.intake, service.loops)
    )
    app.on_shutdown.append(service.soft_stop)
    return app


def listening(app: web.Application, host: str, port: int) -> None:
    """Tell the service where it listens, so that no task is sent to itself. `host` is numeric."""
    app[EGRESS].listening(host, port)


EGRESS: web.AppKey[Egress] = web.AppKey("egress")


class Service:
    """The parts, and the order in which they come and go."""

    def __init__(self, app: web.Application, settings: Settings, stop: asyncio.Event, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._now = now = clock.now
        self._rand = random.Random(secrets.randbits(128))
        self._background = Background(stop)
        self._soft: asyncio.Task[int] | None = None
        self._notebook = Notebook()
        self._waiting = app[keys.WAITING] = Waiting()
        self._dir = DataDir(settings.storage.path)
        self._disk = disk = Disk(self._dir)
        self._minutes = app[keys.MINUTES] = Minutes(now, lambda: disk.free)
        self._methods = app[keys.METHODS] = Methods(settings.methods)
        app[keys.SCHEMA] = Schema(settings.limits, settings.retry, self._methods, now=now, rand=self._rand)
        recipients = settings.recipients
        app[EGRESS] = Egress(recipients.networks, recipients.allow, recipients.deny)

    # --- resources, in order ------------------------------------------------------------------------------------------

    async def data(self, app: web.Application) -> AsyncIterator[None]:
        """The directory, for this process alone."""
        await asyncio.to_thread(self._dir.open)
        try:
            await asyncio.to_thread(self._disk.open)
            app[keys.AUTHORITY].cookies.key = await asyncio.to_thread(self._dir.secret, KEY_SIZE)
            yield
        finally:
            self._dir.close()

    async def store(self, app: web.Application) -> AsyncIterator[None]:
        """The table of tasks."""
        self._store = app[keys.STORE] = SqliteStore(
            self._dir.store,
            retention=self._settings.retention,
            now=self._now,
            feed=app[keys.FEED],
            on_notes=self._notebook.write,
            on_turnover=self._minutes.turned,
        )
        self._opened = await open_unlocked(self._store, self._now)
        app[keys.INSTANCE] = self._opened.instance
        await self._minutes.begin(self._store)
        yield
        await self._store.close()

    async def journal(self, _: web.Application) -> AsyncIterator[None]:
        """The log of what was accepted; beside a store of its own."""
        storage, opened = self._settings.storage, self._opened
        self._journal = Journal(
            self._dir.journal,
            chunk_size=storage.chunk_size,
            keep=storage.journal_keep,
            keep_size=storage.journal_keep_size,
            now=self._now,
        )
        self._recovery = await asyncio.to_thread(
            self._journal.open, opened.instance, opened.position, opened.fresh
        )
        yield
        await self._journal.close()

    async def delivery(self, app: web.Application) -> AsyncIterator[None]:
        """Lanes, senders, and the connections that they use."""
        delivery = self._settings.delivery
        self._lanes = app[keys.LANES] = Lanes(
            Flights(delivery.senders, app[keys.FEED]),
            concurrency=self._settings.recipients.concurrency,
            lane_bytes=delivery.lane_bytes,
            max_hold=delivery.max_hold,
            now=self._now,
        )
        ways = ways_of(self._settings.destinations)
        app[keys.WALL] = wall_clock
        transport = Transport(delivery, app[EGRESS], ways=ways, now=wall_clock)
        app[keys.EXAMINE] = transport.examine
        self._senders = Senders(
            self._lanes,
            transport,
            self._methods,
            delivery=delivery,
            retry=self._settings.retry,
            record=self._note,
            now=self._now,
            wall=wall_clock,
            rand=self._rand,
        )
        store, lanes, now, dispatch = self._store, self._lanes, self._now, self._senders.dispatch
        self._refill = Refill(store, lanes, dispatch, now)
        self._steering = app[keys.STEERING] = Steering(
            store, lanes, self._settings, dispatch=dispatch, wake=self._refill.wake, now=now
        )
        await self._steering.load()
        yield
        await transport.close()

    async def intake(self, app: web.Application) -> AsyncIterator[None]:
        """What takes tasks in, once all that the journal held is in the store."""
        storage, max_age = self._settings.storage, self._settings.retry.max_age
        now, store, lanes = self._now, self._store, self._lanes
        wake, dispatch, read = self._refill.wake, self._senders.dispatch, app[keys.SCHEMA].task
        idempotency = app[keys.KEYS] = Keys(self._store.recall)
        self._crowds = Crowds(self._store, self._settings.recipients.max_waiting)
        self._pump = app[keys.PUMP] = Pump(
            store, self._journal, lanes, idempotency, dispatch=dispatch, wake=wake, flush=storage.flush
        )
        self._accept = app[keys.ACCEPT] = Accept(
            self._journal,
            self._pump,
            self._crowds,
            max_backlog=storage.max_backlog,
            min_free=storage.min_free,
            free=lambda: self._disk.free,
        )
        admit, settled = self._accept.admit, self._pump.settled
        self._bulks = app[keys.BULKS] = Bulks(
            Means(store=store, lanes=lanes, admit=admit, wake=wake, read=read, max_age=max_age, now=now)
        )
        app[keys.COMMANDS] = Commands(
            store, lanes, settled=settled, wake=wake, read=read, admit=admit, max_age=max_age, now=now
        )
        self._replay = Replay(self._journal, self._store, self._opened.position)
        app[keys.TROUBLES] = Readiness(self._accept, self._pump, self._replay).troubles
        yield

    async def loops(self, app: web.Application) -> AsyncIterator[None]:
        """Everything that runs by itself. What can't be replayed now keeps no delivery waiting."""
        background = self._background
        storage = self._settings.storage
        upkeep = Upkeep(self._store, self._now, lambda: self._disk.free < storage.min_free)
        app[keys.HEALTH] = Health(
            self._journal.stats,
            self._pump,
            self._disk,
            self._minutes,
            upkeep,
            self._steering,
            storage,
            self._now,
        )
        replayed = await self._replay.attempt()
        adoption = Adoption(
            self._clock, self._store, self._lanes, self._refill, upkeep, self._steering, self._pump
        )
        await adoption.begin()
        background.start("clock", adoption.run())  # before what it may have to hold back
        background.start("pump", self._pump.run())
        background.start("crowds", self._crowds.run())
        background.start("refill", self._refill.run())
        background.start("senders", self._senders.run())
        background.start("steering", self._steering.run())
        background.start("disk", self._disk.run())
        background.start("minutes", self._minutes.run())
        background.start("upkeep", upkeep.run())
        background.start("events", app[keys.HUB].run())
        if replayed:
            self._open_doors()
        else:
            background.start("replay", self._replay.run(self._open_doors), ends=True)
        yield
        try:
            await self._wind_down(app)
        finally:
            await background.cancel()
        if background.failure is not None:
            raise background.failure

    def _open_doors(self) -> None:
        """All that the journal held is in the store: it goes on with new numbers, unless the end has come already."""
        self._pump.begin(self._recovery.next - 1)
        self._journal.start(self._pump.landed)
        self._notebook.begin(self._journal)
        self._background.start("journal", watch(self._journal.failed))
        self._background.start("bulk", self._bulks.run())
        self._refill.wake()
        self._accept.open = self._soft is None
        say_recovered(self._recovery, self._opened, self._replay.tasks)

    async def _wind_down(self, app: web.Application) -> None:
        """Attempts under way get their grace; then all that is known is written, so that no loop is cut short."""
        await self.soft_stop(app)
        await self._background.cancel("bulk")
        if self._soft is not None:
            log.info("senders_stopped", cut=await self._soft)
        await self._pump.drain()
        await self._steering.flush()
        await self._minutes.flush()

    async def soft_stop(self, _: web.Application) -> None:
        """No new task, no new attempt; what is under way gets its grace. Does not wait for it; idempotent."""
        self._accept.open = False
        self._waiting.end()
        if self._soft is None:
            grace = self._settings.server.shutdown_grace / 1000
            self._soft = asyncio.create_task(self._senders.stop(grace))

    # --- between the parts --------------------------------------------------------------------------------------------

    def _note(self, result: Result) -> None:
        self._pump.note(result)
        if result.attempt is not None:
            self._minutes.attempted(result.attempt.outcome, result.at)
        self._waiting.tell(result.id)
