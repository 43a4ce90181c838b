"""Commands race with imports, attempts, refills, bulk operations, crashes and each other: whatever the order, no task
is lost, no stale copy is sent, an end stays an end, and versions grow."""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections.abc import Coroutine, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from okydrom.delivery.commands import Order
from okydrom.delivery.edit import Edit
from okydrom.delivery.plan import Plan, pack_plan
from okydrom.errors import Conflict, IndexBehind, OkydromError, Stale
from okydrom.store.command import Action, Bulk, BulkState, Changed
from okydrom.task import TERMINAL, Failure, Outcome, Status, Task, new_id
from tests.support.tasks import make_task
from tests.support.wait import linger
from tests.support.world import World

FAST = "/dev/shm"  # thousands of syncs: what they protect is tested elsewhere
KEYS = ("http://a.example:80", "http://b.example:80")
OUTCOMES = (Outcome(code=200), Outcome(code=500), Outcome(code=410), Outcome(error=Failure.RESET))

Deed = tuple[str, int, Any]  # what, to which task, how

DEEDS = st.one_of(
    st.tuples(st.just("accept"), st.integers(0, 1), st.sampled_from([None, None, "k"])),
    st.tuples(st.just("take"), st.just(0), st.none()),
    st.tuples(st.just("land"), st.integers(0, 7), st.sampled_from(OUTCOMES)),
    st.tuples(st.just("fill"), st.just(0), st.none()),
    st.tuples(st.sampled_from(list(Action)), st.integers(0, 30), st.booleans()),
    st.tuples(st.just("bulk"), st.integers(0, 30), st.sampled_from(list(Action))),
)


class Machine(RuleBasedStateMachine):
    """Bursts of deeds at the same time; between them all is looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory(dir=FAST if Path(FAST).is_dir() else None)
        self.world = World(Path(self.folder.name))
        self.ids: list[str] = []  # of all that were accepted or made
        self.seen: dict[str, Task] = {}
        self.numbers = count()
        self.rand = random.Random(11)
        self.run(self.world.open())

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """What a coroutine returns."""
        return self.loop.run_until_complete(coroutine)

    def teardown(self) -> None:
        tasks = self.run(self.world.finish_all())
        assert set(self.ids) <= set(tasks), "a task is lost"
        for task in tasks.values():
            if task.status is Status.DELIVERED:
                assert self.world.agreed[task.id] or self.crashed, "delivered, but never agreed to"
        assert self.run(self.world.store.check(full=True)) == []
        self.run(self.world.crash())
        self.loop.close()
        self.folder.cleanup()

    crashed = False

    # --- what happens -----------------------------------------------------------------------------------------------

    @rule(deeds=st.lists(DEEDS, min_size=1, max_size=8))
    def burst(self, deeds: list[Deed]) -> None:
        """All at the same time."""
        self.run(self.at_once(deeds))

    @rule(step=st.sampled_from([1, 5_000, 60_000]))
    def pass_time(self, step: int) -> None:
        """Later."""
        self.world.now += step

    @rule(deeds=st.lists(DEEDS, max_size=5), spins=st.integers(0, 6))
    def crash(self, deeds: list[Deed], spins: int) -> None:
        """In the middle of deeds that nobody hears the end of."""
        self.run(self.cut_off(deeds, spins))
        self.crashed = True

    async def at_once(self, deeds: Sequence[Deed]) -> None:
        """Deeds, and what they raise that they should not."""
        for outcome in await asyncio.gather(*map(self.do, deeds), return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome

    async def cut_off(self, deeds: Sequence[Deed], spins: int) -> None:
        """Begin, and never end."""
        begun = [asyncio.create_task(self.do(deed)) for deed in deeds]
        for _ in range(spins):
            await linger(0)
        for each in begun:
            each.cancel()
        await asyncio.gather(*begun, return_exceptions=True)
        await self.world.crash()
        await self.world.open()

    async def do(self, deed: Deed) -> None:
        """One deed; a refusal is an answer too."""
        what, which, how = deed
        if isinstance(what, Action):
            await self.command(what, which, how)
        elif what == "bulk":
            await self.bulk(how, which)
        elif what == "accept":
            await self.hand_in(KEYS[which], how)
        elif what == "take":
            await self.world.take()
        elif what == "land":
            if self.world.flying:
                self.world.land(self.world.flying[which % len(self.world.flying)], how)
        else:
            await self.world.fill()

    async def hand_in(self, destination: str, order_key: str | None) -> None:
        """A new task."""
        task = make_task(
            created_at=self.world.now,
            url=f"{destination}/",
            destination=destination,
            max_attempts=3,
            order_key=order_key,
            body=b"%d" % next(self.numbers),
        )
        await self.world.accept.accept(task)
        self.ids.append(task.id)

    async def command(self, action: Action, which: int, versioned: bool) -> None:
        """Any command on any task, in any status."""
        if not self.ids:
            return
        task_id = self.ids[which % len(self.ids)]
        before = self.seen.get(task_id)
        order = Order(task_id, "ann", before.version if before is not None and versioned else None)
        try:
            changed = await self.ask(action, order)
        except (Conflict, Stale, IndexBehind) as refusal:
            self.check_refusal(refusal, versioned)
            return
        self.check_change(action, changed)

    async def ask(self, action: Action, order: Order) -> Changed:
        """The command."""
        commands = self.world.commands
        patch = Edit({"payload": msgspec.Raw(b"%d" % next(self.numbers))})
        if action is Action.EDIT:
            return await commands.edit(order, patch)
        if action is Action.RESEND:
            return await commands.resend(order, patch)
        return await {
            Action.RETRY: commands.retry,
            Action.CANCEL: commands.cancel,
            Action.DELETE: commands.delete,
        }[action](order)

    def check_refusal(self, refusal: OkydromError, versioned: bool) -> None:
        """A conflict says where the task stands; only a version that was asked for can be stale."""
        if isinstance(refusal, Conflict):
            assert refusal.params["status"] in list(Status)
        elif isinstance(refusal, Stale):
            assert versioned or "time" in refusal.detail

    def check_change(self, action: Action, changed: Changed) -> None:
        """What was answered is so."""
        task = changed.task
        assert task is not None
        if action is Action.CANCEL:
            assert task.cancel_noted if changed.noted else task.status is Status.CANCELLED
        elif action is Action.RETRY:
            assert task.status not in TERMINAL
        elif action is Action.DELETE:
            assert task.erased_at is not None
        elif action is Action.RESEND:
            assert task.parent == changed.id
            self.ids.append(task.id)

    async def bulk(self, action: Action, which: int) -> None:
        """A bulk operation over all that was there a moment ago, or copies of one task."""
        store = self.world.store
        what: dict[str, Any] = {"filter": {}}
        if action is Action.RESEND:
            what = {"ids": tuple(self.ids[which : which + 1])}
        payload = msgspec.Raw(b"%d" % next(self.numbers))
        bulk: Bulk | None = Bulk(
            id=new_id(self.world.now, self.rand),
            action=action,
            plan=pack_plan(Plan(action=action, patch={"payload": payload}, at=self.world.now, **what)),
            by="ann",
            matched=0,
            last=(await store.summary()).last_seq,
            created_at=self.world.now,
        )
        assert bulk is not None
        await store.begin_bulk(bulk)
        while bulk is not None and bulk.state is BulkState.RUNNING:
            await self.world.bulks.step(bulk)
            bulk = await store.bulk(bulk.id)
        assert bulk is not None
        assert bulk.state is BulkState.DONE

    # --- what must hold ---------------------------------------------------------------------------------------------

    @invariant()
    def nothing_is_lost_and_an_end_is_an_end(self) -> None:
        """In the same version an end stays what it is; versions grow; each that was accepted is there."""
        tasks = self.run(self.world.tasks())
        assert set(self.ids) <= set(tasks), "a task is lost"
        for task_id, before in self.seen.items():
            after = tasks[task_id]
            assert after.version >= before.version
            assert after.attempts >= before.attempts
            if after.version == before.version and before.status in TERMINAL:
                assert (after.status, after.finished_at) == (before.status, before.finished_at)
        self.seen = tasks
        self.ids = list(dict.fromkeys([*self.ids, *tasks]))[:200]

    @invariant()
    def nothing_stays_fenced(self) -> None:
        """Between bursts no command is under way."""
        assert not self.world.lanes._fenced


@pytest.mark.timeout(240)
def test_whatever_races_no_task_is_lost_and_no_stale_copy_sent() -> None:
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=60,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            phases=(Phase.generate,),  # threads are never quite the same twice: what is found is not shrunk
            suppress_health_check=list(HealthCheck),
        ),
    )
