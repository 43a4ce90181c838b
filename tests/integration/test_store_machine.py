"""Any sequence of calls leaves every store where a model of a few dictionaries is, its kept counts included."""

import asyncio
import random
import tempfile
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from msgspec.structs import replace

from okydrom.callback import Callback
from okydrom.config.settings import Retention
from okydrom.record import pack
from okydrom.store.command import Action, Command
from okydrom.store.query import Filter
from okydrom.task import Result, Status, Task
from tests.support.model import Model
from tests.support.stores import Make, Rig, each_store, result
from tests.support.tasks import make_entry, make_task

KEYS = ("http://a:80", "http://b:80", "http://back:80")
AGE = 50_000
FAST = "/dev/shm"  # thousands of syncs: what they protect is tested elsewhere
TOLD = tuple(
    msgspec.json.encode(
        Callback(url="http://back:80/", method="POST", http_method="POST", on=on, attempts=3, max_age=7_000)
    )
    for on in ((Status.DELIVERED, Status.FAILED), (Status.FAILED,))
)
ENDS = (Status.DELIVERED, Status.RETRYING, Status.FAILED)

pytestmark = each_store


class Machine(RuleBasedStateMachine):
    """Calls both. The store's coroutines run in a loop of the machine's own."""

    make: Make

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory(dir=FAST if Path(FAST).is_dir() else None)
        self.rig = Rig(self.make, Path(self.folder.name), Retention(delivered=AGE, failed=AGE, cancelled=AGE))
        self.model = Model()
        self.rand = random.Random(5)
        self.moved = set[str]()  # where failed tasks of elsewhere may stand, which is no news there
        self.run(self.rig.open())

    def run(self, coroutine: Any) -> Any:
        """What a coroutine returns."""
        return self.loop.run_until_complete(coroutine)

    def teardown(self) -> None:
        assert self.run(self.rig.store.check(full=True)) == []
        self.run(self.rig.store.close())
        self.loop.close()
        self.folder.cleanup()

    def some(self, data: st.DataObject) -> Task:
        """A task that is there."""
        return data.draw(st.sampled_from(list(self.model.tasks.values())))

    # --- calls ------------------------------------------------------------------------------------------------------

    @rule(
        keys=st.lists(st.sampled_from(KEYS), min_size=1, max_size=4),
        claimed=st.booleans(),
        wait=st.sampled_from([-5_000, 0, 5_000]),
        lives=st.sampled_from([None, 1_000, 60_000]),
        end=st.sampled_from([None, None, None, *ENDS]),
        order_key=st.sampled_from([None, None, "a", "b"]),
        told=st.sampled_from([None, None, *TOLD]),
    )
    def add(
        self,
        keys: list[str],
        claimed: bool,
        wait: int,
        lives: int | None,
        end: Status | None,
        order_key: str | None,
        told: bytes | None,
    ) -> None:
        """New tasks, of which the last may have a result. Those with an order key are never claimed from the first."""
        now, claimed = self.rig.now, claimed and order_key is None
        tasks = [
            make_task(
                created_at=now,
                destination=key,
                next_attempt_at=now + wait,
                expires_at=lives and now + lives,
                order_key=order_key,
                callback=told,
            )
            for key in keys
        ]
        results = [result(tasks[-1], end, at=now)] if end else []
        self.run(self.rig.add(*tasks, claimed=claimed, results=results))
        for task in tasks:
            self.model.add(replace(task, seq=len(self.model.tasks)), claimed)
        for each in results:
            self.model.record(each)
        self.model.advance()

    @precondition(lambda self: self.model.tasks)
    @rule(data=st.data())
    def add_again(self, data: st.DataObject) -> None:
        """A known one."""
        task = replace(make_task(), id=self.some(data).id)
        self.run(self.rig.store.add([make_entry(task)], 0))

    @rule(wants=st.dictionaries(st.sampled_from(KEYS), st.integers(0, 3)))
    def claim(self, wants: dict[str, int]) -> None:
        """Some of what is due."""
        tasks = self.run(self.rig.store.claim(wants, self.rig.now))
        expected = [
            task_id for key, most in wants.items() for task_id in self.model.claim(key, most, self.rig.now)
        ]
        assert [task.id for task in tasks] == expected

    @precondition(lambda self: self.model.tasks)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        """Whether it is claimed or not."""
        task = self.some(data)
        self.run(self.rig.store.release([task.id]))
        self.model.release(task.id, self.rig.now)
        self.model.advance()

    @precondition(lambda self: self.model.tasks)
    @rule(
        data=st.data(),
        status=st.sampled_from(ENDS),
        claimed=st.sampled_from([True, True, False]),
        stale=st.sampled_from([False, False, False, True]),
        attempt=st.booleans(),
    )
    def record(self, data: st.DataObject, status: Status, claimed: bool, stale: bool, attempt: bool) -> None:
        """A result, mostly of a claimed task, that may be too late."""
        tasks = list(self.model.tasks.values())
        claimed_ones = [task for task in tasks if task.id in self.model.claimed]
        task = data.draw(st.sampled_from(claimed_ones if claimed and claimed_ones else tasks))
        led: Result = result(task, status, at=self.rig.now)
        led = replace(led, version=task.version - stale, attempt=led.attempt if attempt else None)
        (recorded,) = self.run(self.rig.store.record([led]))
        assert recorded.applied == self.model.record(led)
        self.model.advance()
        assert recorded.status is self.model.tasks[task.id].status

    @precondition(lambda self: self.model.tasks)
    @rule(data=st.data(), action=st.sampled_from(list(Action)), in_flight=st.booleans())
    def command(self, data: st.DataObject, action: Action, in_flight: bool) -> None:
        """With or without an attempt under way."""
        task = self.some(data)
        asked = self.asked(data, action, task)
        command = Command(
            action=action,
            id=task.id,
            at=self.rig.now,
            by="test",
            in_flight=in_flight,
            expires_at=self.rig.now + 9_000,
            task=asked,
            record=pack(asked) if asked else b"",
        )
        if action is Action.EDIT and asked is not None and task.status is Status.FAILED:
            self.moved.add(asked.destination)
        (changed,) = self.run(self.rig.store.change([command]))
        assert changed.conflict == self.model.command(command)
        self.model.advance()

    def asked(self, data: st.DataObject, action: Action, task: Task) -> Task | None:
        """The task as an edit leaves it, or its copy."""
        wanted = make_task(
            created_at=self.rig.now,
            destination=data.draw(st.sampled_from(KEYS)),
            labels=data.draw(st.sampled_from([{}, {"tenant": "acme"}, {"tenant": "zoo", "tier": "1"}])),
            body=data.draw(st.sampled_from([None, b"", b"other"])),
            url=data.draw(st.sampled_from(["http://a:80/x?key=1", "http://a:80/"])),
            parent=task.id,
        )
        if action is Action.RESEND:
            return wanted
        if action is not Action.EDIT:
            return None
        wait = data.draw(st.sampled_from([-5_000, 5_000]))
        return replace(
            task,
            destination=wanted.destination,
            labels=wanted.labels,
            body=wanted.body,
            stored_size=0,
            url=wanted.url,
            next_attempt_at=self.rig.now + wait,
            attempts_left=1,
        )

    @rule(step=st.sampled_from([10, 4_000, 40_000]))
    def pass_time(self, step: int) -> None:
        """Later."""
        self.rig.now += step

    @rule(limit=st.sampled_from([2, 500]))
    def sweep(self, limit: int) -> None:
        """Until nothing more is to be done."""
        while self.run(self.rig.store.sweep(self.rig.now, limit)).more:
            pass
        self.model.sweep(self.rig.now, dict.fromkeys(Status, AGE))
        self.model.advance()

    @rule()
    def reopen(self) -> None:
        """As after a crash: what was claimed is free."""
        assert self.run(self.rig.reopen()).freed == len(self.model.claimed)
        self.model.reopen(self.rig.now)
        self.model.advance()

    # --- what must hold ---------------------------------------------------------------------------------------------

    @invariant()
    def counts_are_exact(self) -> None:
        """By status and by destination."""
        assert self.run(self.rig.store.summary()).by_status == self.model.counts()
        rows = {
            row.destination: (row.waiting, row.delivered, row.failed, row.cancelled, row.next_due)
            for row in self.run(self.rig.store.destinations(10))
        }
        nothing = (0, 0, 0, 0, None)
        assert {key: row for key, row in rows.items() if row != nothing} == self.model.rows()

    @invariant()
    def troubles_are_exact(self) -> None:
        """By destination and outcome."""
        found = {
            (place.destination, trouble.outcome or ""): (trouble.retrying, trouble.failed)
            for place in self.run(self.rig.store.troubles(0, 1_000))
            for trouble in place.troubles
        }
        expected = self.model.troubles()
        for key in found.keys() | expected.keys():
            retrying, failed = found.get(key, (0, 0))
            assert retrying == expected.get(key, (0, 0))[0], key
            assert failed == expected.get(key, (0, 0))[1] or key[0] in self.moved, key

    @invariant()
    def tasks_are_those_of_the_model(self) -> None:
        """Every field of every head, in order of import."""
        page = self.run(self.rig.store.find(Filter(), limit=10_000, oldest_first=True))
        assert [replace(task, seq=0) for task in page.items] == [
            replace(task, seq=0) for task in self.model.shown()
        ]


@pytest.mark.timeout(180)
def test_a_store_is_where_its_model_is(make: Make) -> None:
    kind = type("Machine", (Machine,), {"make": staticmethod(make)})
    run_state_machine_as_test(
        kind,
        settings=settings(
            max_examples=60,
            stateful_step_count=50,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
