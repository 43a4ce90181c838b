"""The pool of senders: each takes an attempt from the lanes, makes it, decides what follows, and hands the result on.

take ─▶ expired? ─▶ request ─▶ transport ─▶ Outcome ─▶ retry.decide ─▶ Result ─▶ record
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable

import structlog

from okydrom.config.settings import Delivery, Retry
from okydrom.delivery.flights import Flight
from okydrom.delivery.lanes import Lanes
from okydrom.delivery.methods import Method, Methods
from okydrom.delivery.request import request_of
from okydrom.delivery.retry import decide
from okydrom.delivery.transport import Shortage, Transport
from okydrom.task import Attempt, Failure, Outcome, Reason, Result, Status, Task

log = structlog.get_logger("okydrom.sender")

TICK = 0.1  # s; how finely spacings, holds and slowness are kept
SHORTAGE_PAUSE = 1.0  # s without new attempts after a want of descriptors, ports or memory
FORGET_EVERY = 600  # ticks
NONE: frozenset[int] = frozenset()


class Senders:
    """Makes attempts while there are any, at most `lanes.flights.senders` at once.

    `record` takes each result; `now` is the service's clock in ms, `wall` the real one.
    """

    def __init__(
        self,
        lanes: Lanes,
        transport: Transport,
        methods: Methods,
        *,
        delivery: Delivery,
        retry: Retry,
        record: Callable[[Result], None],
        now: Callable[[], int],
        wall: Callable[[], int],
        rand: random.Random,
    ) -> None:
        self._lanes = lanes
        self._transport = transport
        self._methods = methods
        self._delivery = delivery
        self._retry = retry
        self._record = record
        self._now = now
        self._wall = wall
        self._rand = rand
        self._log = log.bind()  # bound once: the module's one is looked up anew at every line
        self._workers: set[asyncio.Task[None]] = set()
        self._idle: list[asyncio.Future[Flight | None]] = []
        self._died: asyncio.Future[None] | None = None
        self._short_until = 0.0

    def dispatch(self) -> None:
        """Start what the lanes allow. To be called after tasks were offered."""
        while (flight := self._lanes.take()) is not None:
            if self._idle:
                self._idle.pop().set_result(flight)
            else:
                self._begin(flight)

    async def run(self) -> None:
        """Keep time for the lanes. Ends only by cancellation, or raises what a sender died of."""
        self._died = asyncio.get_running_loop().create_future()
        ticks = 0
        while True:
            await asyncio.wait([self._died], timeout=TICK)
            if self._died.done():
                self._died.result()
            if self._short_until and asyncio.get_running_loop().time() >= self._short_until:
                self._short_until = 0.0
                self._lanes.short = False
            self._lanes.tick()
            self.dispatch()
            ticks += 1
            if ticks % FORGET_EVERY == 0:
                self._lanes.forget_idle()

    async def stop(self, grace: float) -> int:
        """Start nothing more, give attempts in flight `grace` seconds, then cut them off.

        What is cut off is not recorded: it stays with the store, is made again and costs no attempt. Returns how
        many were cut off. Idempotent.
        """
        self._lanes.halted = True
        while self._idle:
            self._idle.pop().set_result(None)
        if self._workers:
            await asyncio.wait(self._workers, timeout=grace)
        cut = list(self._workers)
        for worker in cut:
            worker.cancel()
        await asyncio.gather(*cut, return_exceptions=True)
        return len(cut)

    # --- one attempt ----------------------------------------------------------------------------------------------

    def _begin(self, flight: Flight) -> None:
        worker = asyncio.get_running_loop().create_task(self._work(flight))
        self._workers.add(worker)
        worker.add_done_callback(self._done)

    async def _work(self, flight: Flight | None) -> None:
        """One sender: attempt after attempt, then idle until there is another. A new one for each would cost more."""
        while flight is not None:
            await self._attempt(flight)
            flight = self._lanes.take()
            if flight is None and not self._lanes.halted:
                waiter: asyncio.Future[Flight | None] = asyncio.get_running_loop().create_future()
                self._idle.append(waiter)
                flight = await waiter

    async def _attempt(self, flight: Flight) -> None:
        task = flight.task
        if task.expires_at is not None and flight.started > task.expires_at:
            self._lanes.finish(flight, None, flight.started)
            self._record(expired(task, flight.started))
            return
        method = self._methods.get(task.method)
        try:
            outcome = await self._send(task, method)
        except Shortage as shortage:
            self._run_short(flight, shortage)
            return
        now = self._now()
        result = self._result(flight, method, outcome, now)
        if self._log.is_enabled_for(logging.DEBUG):
            self._tell(task, outcome, result)
        self._lanes.finish(flight, outcome, now)
        self._record(result)

    async def _send(self, task: Task, method: Method | None) -> Outcome:
        """Asked once more whether there is such a method, and where it may go: the configuration may have changed since
        the task was accepted. Without its method it would go out without signature and headers."""
        if method is None or not method.permits(task.url, task.destination):
            return Outcome(error=Failure.BLOCKED, rule=f"method {task.method}")
        request = request_of(task, method, self._wall(), self._rand)
        return await self._transport.send(request, self._timeout(task, method))

    def _tell(self, task: Task, outcome: Outcome, result: Result) -> None:
        self._log.debug(
            "attempt",
            id=task.id,
            destination=task.destination,
            number=task.attempts + 1,
            outcome=outcome.code or outcome.error,
            duration_ms=round(outcome.duration, 1),
            status=result.status,
        )

    def _timeout(self, task: Task, method: Method | None) -> int:
        return task.timeout or (method.timeout if method else None) or self._delivery.timeout

    def _result(self, flight: Flight, method: Method | None, outcome: Outcome, now: int) -> Result:
        task = flight.task
        policy = task.retry or (method.retry if method else None) or self._retry.policy
        stops = method.stop_codes if method else NONE
        decision = decide(task, outcome, policy, now, self._rand, self._retry.jitter, stops)
        waited_from = task.updated_at if task.attempts else task.created_at
        attempt = Attempt(
            number=task.attempts + 1,
            started_at=flight.started,
            finished_at=now,
            waited=max(flight.started - waited_from, 0),
            outcome=outcome,
        )
        return Result(
            id=task.id,
            version=task.version,
            at=now,
            status=decision.status,
            reason=decision.reason,
            attempts_left=decision.attempts_left,
            next_attempt_at=decision.next_attempt_at,
            attempt=attempt,
        )

    def _run_short(self, flight: Flight, shortage: Shortage) -> None:
        """Our own want is not the recipient's failure: the attempt is put back and the pool pauses."""
        log.warning("sender_short", errno=shortage.errno, pause_s=SHORTAGE_PAUSE)
        self._lanes.short = True
        self._short_until = asyncio.get_running_loop().time() + SHORTAGE_PAUSE
        self._lanes.put_back(flight)

    def _done(self, worker: asyncio.Task[None]) -> None:
        self._workers.discard(worker)
        if worker.cancelled():
            return
        error = worker.exception()
        if error is not None and self._died is not None and not self._died.done():
            self._died.set_exception(error)


def expired(task: Task, now: int) -> Result:
    """The deadline passed before the attempt began: no attempt is recorded."""
    return Result(
        id=task.id,
        version=task.version,
        at=now,
        status=Status.FAILED,
        reason=Reason.EXPIRED,
        attempts_left=task.attempts_left,
        next_attempt_at=None,
        attempt=None,
    )
