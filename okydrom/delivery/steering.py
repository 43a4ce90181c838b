"""What operators order for destinations, and what recipients asked for: carried out on the lanes, kept by the store.

operator ─▶ store (durable, with the audit's row) ─▶ lane
lane ─▶ hold by `Retry-After` ─▶ store (gathered for a second) ─▶ the lane of the next start
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
import structlog
from msgspec import UNSET, UnsetType

from okydrom.config.settings import MINUTE, SECOND, DestinationSettings, Settings
from okydrom.delivery.condition import Condition, State, condition_of
from okydrom.delivery.lane import Lane
from okydrom.delivery.lanes import Lanes
from okydrom.errors import Conflict, Stopping, Unavailable
from okydrom.store.command import Audited
from okydrom.store.contract import Store
from okydrom.store.steering import Hold, Pause, Steer, Steered

log = structlog.get_logger("okydrom.steering")

GATHERED = 1.0  # s; holds are written together, once in this time
RAMP = 10 * SECOND  # after the start, lanes that open with a backlog begin with one attempt at a time
STALE = MINUTE  # a hold that ended so long ago says nothing any more


class Steering:
    """The orders for all destinations. `dispatch` starts attempts, `wake` tells the refill that something may be due;
    `now` in ms."""

    def __init__(
        self,
        store: Store,
        lanes: Lanes,
        settings: Settings,
        *,
        dispatch: Callable[[], None],
        wake: Callable[[], None],
        now: Callable[[], int],
    ) -> None:
        self._store = store
        self._lanes = lanes
        self._concurrency = settings.recipients.concurrency
        self._own = settings.destinations
        self._dispatch = dispatch
        self._wake = wake
        self._now = now
        self._began = now()
        self._cleaned = self._began
        self._kept: dict[str, Steered] = {}
        self._unwritten: set[str] = set()  # their holds
        self._work = asyncio.Event()
        self.one = asyncio.Lock()  # held while an order is kept
        lanes.on_open = self._furnish
        lanes.on_hold = self._note

    # --- to look at -------------------------------------------------------------------------------------------------

    def of(self, destination: str) -> Steered:
        """What holds for it."""
        return self._kept.get(destination) or Steered(destination=destination)

    def limits(self, destination: str) -> tuple[int, float]:
        """Attempts in flight, and attempts a second (0: no limit): as ordered, else as configured."""
        kept, own = self.of(destination), self._own.get(destination) or DestinationSettings()
        concurrency = kept.concurrency or own.concurrency or self._concurrency
        return concurrency, kept.rate or own.rate or 0.0

    def condition(self, destination: str) -> Condition:
        """How it stands with it, and why."""
        return condition_of(self._kept.get(destination), self._lanes.get(destination), self._now())

    @property
    def held(self) -> int:
        """How many destinations are held."""
        now = self._now()
        lanes = sum(lane.troubled and not lane.paused for lane in self._lanes.all.values())
        return lanes + sum(
            kept.pause is None and kept.hold is not None and kept.hold.until > now
            for key, kept in self._kept.items()
            if self._lanes.get(key) is None
        )

    def remarkable(self) -> dict[str, Condition]:
        """How it stands with each destination that is not normal. Cost by lanes and orders."""
        found = {key: self.condition(key) for key in self.unwell()}
        return {key: condition for key, condition in found.items() if condition.state is not State.NORMAL}

    def unwell(self) -> set[str]:
        """Destinations that are not normal; a few that are just normal again may be among them."""
        kept = {key for key, each in self._kept.items() if each.pause is not None or each.hold is not None}
        return kept | {key for key, lane in self._lanes.all.items() if lane.suspect}

    # --- what operators do ------------------------------------------------------------------------------------------

    async def pause(self, destination: str, note: str | None, by: str) -> None:
        """Start nothing there; attempts under way finish. Again: another note."""
        async with self.one:
            before = self.of(destination).pause
            pause = Pause(before.since if before else self._now(), by, note)
            await self._order(Steer(destination=destination, pause=pause), "pause", by, note=note)
            self._lanes.change(destination, _stop)

    async def resume(self, destination: str, by: str) -> None:
        """End a pause. Idempotent."""
        async with self.one:
            if self.of(destination).pause is not None:
                await self._order(Steer(destination=destination, pause=None), "resume", by)
                self._lanes.change(destination, _go_on)
                self._wake()

    async def release(self, destination: str, by: str) -> None:
        """End a hold, and the spacing of a failing lane; its window still grows from where it is. Idempotent."""
        async with self.one:
            await self._order(Steer(destination=destination, hold=None), "release", by)
            self._lanes.change(destination, _release)
            self._dispatch()
            self._wake()

    async def limit(
        self,
        destination: str,
        by: str,
        concurrency: int | UnsetType | None = UNSET,
        rate: float | UnsetType | None = UNSET,
    ) -> None:
        """Limits of its own; None: back to what is configured."""
        given = {"concurrency": concurrency, "rate": rate}
        said = {name: value for name, value in given.items() if value is not UNSET}
        if not said:
            return
        async with self.one:
            order = Steer(destination=destination, concurrency=concurrency, rate=rate)
            await self._order(order, "limit", by, **said)
            self._lanes.change(destination, lambda lane: lane.limit(*self.limits(destination)))
            self._dispatch()
            self._wake()

    async def probe(self, destination: str, by: str) -> None:
        """One attempt now, whatever was ordered and asked for: of the earliest task that is due; if none is, of the
        earliest that waits for its next attempt (one that is not to be delivered before its time stays).

        Raises Conflict if there is none.
        """
        async with self.one:
            if self._lanes.halted:
                raise Stopping
            lane = self._lanes.get(destination)
            task = None
            if lane is None or not lane.bytes:
                task = await self._store.claim_first(destination, self._now())
                if task is None:
                    raise Conflict("Nothing waits there that may be sent now.", destination=destination)
            try:
                await self._store.steer((), self._audited(destination, "probe", by))
                begun = self._lanes.probe(destination, task)
            except BaseException:
                begun = False
                raise
            finally:
                if task is not None and not begun:
                    self._lanes.give_back([task.id])
            if not begun:
                raise Conflict(
                    "What waits there is being changed, or sent, just now.", destination=destination
                )
            self._dispatch()

    # --- what recipients ask for ------------------------------------------------------------------------------------

    async def load(self) -> None:
        """Know what was kept. Before the first lane opens."""
        self._kept = {steered.destination: steered for steered in await self._store.steered()}
        now = self._now()
        for key, kept in list(self._kept.items()):
            if (hold := kept.hold) is not None and hold.since > now:  # a clock went back
                self._rewrite(key, Hold(now, now + hold.until - hold.since, hold.code))

    async def run(self) -> None:
        """Write holds as they come and go, until cancelled."""
        while True:
            await self._work.wait()
            self._work.clear()
            await self.flush()
            await asyncio.sleep(GATHERED)

    async def flush(self) -> None:
        """Write the holds that have changed; if the store can't do that now, later."""
        async with self.one:
            self._drop_stale()
            changed, self._unwritten = self._unwritten, set()
            if not changed:
                return
            orders = [Steer(destination=key, hold=self.of(key).hold) for key in changed]
            try:
                await self._store.steer(orders)
            except Unavailable as problem:
                log.warning("steering_waits", code=problem.code, holds=len(changed))
                self._unwritten |= changed
                self._work.set()

    def shift(self, by: int) -> None:
        """The clock was moved by so many ms: holds last as long as they would have."""
        for key, kept in list(self._kept.items()):
            if (hold := kept.hold) is not None:
                self._rewrite(key, Hold(hold.since + by, hold.until + by, hold.code))

    # --- inside -----------------------------------------------------------------------------------------------------

    def _furnish(self, lane: Lane, fresh: bool) -> None:
        """A lane opens: what was ordered and asked for holds for it."""
        now = self._now()
        if not fresh and 0 <= now - self._began < RAMP:
            lane.window = 1
        kept = self._kept.get(lane.destination)
        if kept is None and lane.destination not in self._own:
            return
        lane.limit(*self.limits(lane.destination))
        if kept is not None:
            lane.paused = kept.pause is not None
            if kept.hold is not None and kept.hold.until > now - STALE:
                lane.restore(kept.hold)

    def _note(self, lane: Lane) -> None:
        """A hold began or ended by what a recipient answered."""
        self._rewrite(lane.destination, lane.hold)

    def _rewrite(self, key: str, hold: Hold | None) -> None:
        self._keep(msgspec.structs.replace(self.of(key), hold=hold))
        self._unwritten.add(key)
        self._work.set()

    def _drop_stale(self) -> None:
        """Holds that have ended, of lanes that are gone: once a minute."""
        now = self._now()
        if 0 <= now - self._cleaned < STALE:
            return
        self._cleaned = now
        for key, kept in list(self._kept.items()):
            if kept.hold is not None and kept.hold.until < now - STALE and self._lanes.get(key) is None:
                self._keep(msgspec.structs.replace(kept, hold=None))
                self._unwritten.add(key)

    async def _order(self, order: Steer, action: str, by: str, **said: Any) -> None:
        """Durable first: what can't be kept is not done."""
        await self._store.steer((order,), self._audited(order.destination, action, by, **said))
        given = {
            name: value
            for name in ("pause", "hold", "concurrency", "rate")
            if (value := getattr(order, name)) is not UNSET
        }
        self._keep(msgspec.structs.replace(self.of(order.destination), **given))
        log.info("steered", destination=order.destination, action=action, by=by)

    def _keep(self, steered: Steered) -> None:
        if steered == Steered(destination=steered.destination):
            self._kept.pop(steered.destination, None)
        else:
            self._kept[steered.destination] = steered

    def _audited(self, destination: str, action: str, by: str, **said: Any) -> Audited:
        subject = msgspec.json.encode({"destination": destination, **said})
        return Audited(at=self._now(), by=by, action=action, subject=subject, count=1)


def _stop(lane: Lane) -> None:
    lane.paused = True


def _go_on(lane: Lane) -> None:
    lane.paused = False
    lane.backlog = True  # the store knows better at its next look


def _release(lane: Lane) -> None:
    lane.release()
