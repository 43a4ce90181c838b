"""The hub, tick by tick: what each stream is told, how much is kept for it, and how it goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Any, cast

import msgspec
import pytest

from okydrom.delivery.condition import Condition, State
from okydrom.errors import OkydromError, Stopping, StoreFailed, Unavailable
from okydrom.feed import Change, Feed, Moved
from okydrom.store.query import Filter
from okydrom.task import Reason, Status, Task
from okydrom.web import fresh
from okydrom.web.bulletin import LOOKED_AT, TOLD, Sights
from okydrom.web.hub import LINGER, QUIET, Hub
from okydrom.web.memory import Memory
from okydrom.web.stream import Stream
from okydrom.web.wish import Topic, Wish
from tests.support.events import Parser
from tests.support.tasks import make_task
from tests.support.wait import linger

LIST = frozenset({Topic.LIST})
FAILED = Filter(status=frozenset({Status.FAILED}))


class Wire:
    """A client's connection: `unread` bytes have not left our side."""

    def __init__(self) -> None:
        self.unread = 0
        self.closing = False

    def get_write_buffer_size(self) -> int:
        return self.unread

    def is_closing(self) -> bool:
        return self.closing

    def get_extra_info(self, _: str) -> None:
        return None

    def abort(self) -> None:
        self.closing = True


class Client(Parser):
    """A stream and the loop that takes from it, as the handler does."""

    def __init__(self, stream: Stream, wire: Wire) -> None:
        super().__init__()
        self.stream = stream
        self.wire = wire
        self.parcels: list[int] = []
        self.ended = False

    async def run(self) -> None:
        while (parcel := await self.stream.take()) is not None:
            self.parcels.append(len(parcel))
            self.feed(parcel)
        self.ended = True

    def heard(self) -> list[str]:
        """The names of what came since this was last asked."""
        names, self.events = [event.name for event in self.events], []
        return names


class World:
    """A hub over tasks that a test sets; `reads` are the ids that the store was asked for, a list for each time."""

    def __init__(self, news: int = 100, tasks: int = 10) -> None:
        self.feed = Feed(news)
        self.memory = Memory("boot", self.feed, tasks)
        self.tasks: dict[str, Task] = {}
        self.sending: set[str] = set()
        self.reads: list[Sequence[str]] = []
        self.conditions: dict[str, Condition] = {}
        self.fails: type[OkydromError] | None = None
        self.hub = Hub(self.memory, self._sights(), most=8)
        self._open = ExitStack()
        self._loops: list[asyncio.Task[None]] = []

    def _sights(self) -> Sights:
        async def stats() -> Any:
            return {"now": {}}

        async def bulk(_: str) -> Any:
            return None

        return Sights(
            tasks=self._read,
            status=lambda task: Status.SENDING if task.id in self.sending else task.status,
            held=lambda _: False,
            stats=stats,
            destination=lambda key: {"key": key},
            bulk=bulk,
            conditions=lambda: self.conditions,
        )

    async def _read(self, ids: Sequence[str]) -> Mapping[str, Task]:
        self.reads.append(ids)
        if self.fails is not None:
            raise self.fails
        return {task_id: self.tasks[task_id] for task_id in ids if task_id in self.tasks}

    async def client(self, wish: Wish, last: str | None = None) -> Client:
        wire = Wire()
        stream = self._open.enter_context(self.hub.one(wish, last, cast(asyncio.Transport, wire)))
        client = Client(stream, wire)
        client.feed(self.hub.beginning(stream))
        self._loops.append(asyncio.create_task(client.run()))
        await linger(0)
        return client

    async def tick(self, times: int = 1) -> None:
        for _ in range(times):
            await self.hub.tick()
            await linger(0)
            await linger(0)

    def put(self, task: Task, before: Status | None = None, **fields: Any) -> Task:
        """A task is as it is said from now on."""
        task = self.tasks[task.id] = msgspec.structs.replace(task, seq=len(self.tasks) + 1, **fields)
        self.feed.publish((Change(task.id, task.destination, task.status, 1, before),))
        return task

    def add(self, **fields: Any) -> Task:
        return self.put(make_task(**fields))

    async def close(self) -> None:
        self._open.close()
        for loop in self._loops:
            loop.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = World()
    yield made
    await made.close()


async def test_a_task_is_told_once_a_tick_whatever_became_of_it_and_read_once_for_all(world: World) -> None:
    clients = [await world.client(Wish(LIST)) for _ in range(7)]
    task = world.add()
    for _ in range(20):
        world.put(task, Status.QUEUED, status=Status.RETRYING)
    await world.tick()
    assert world.reads == [[task.id]]
    for client in clients:
        assert [event.name for event in client.events] == ["task", "fresh"]
        assert [item["status"] for item in client.events[0].data["items"]] == ["retrying"]
    await world.tick(10)
    assert len(world.reads) == 1
    assert [len(client.events) for client in clients] == [2] * 7


async def test_what_begins_an_attempt_is_told_as_sending(world: World) -> None:
    task = world.add()
    client = await world.client(Wish(LIST))
    await world.tick()
    client.heard()
    world.sending.add(task.id)
    world.feed.publish((Moved(task.id, Status.QUEUED),))
    await world.tick()
    assert [item["status"] for item in client.events[0].data["items"]] == ["sending"]


async def test_figures_come_every_other_tick_at_most(world: World) -> None:
    client = await world.client(Wish(frozenset({Topic.STATS})))
    await world.tick(9)
    assert client.heard() == ["stats"] * 4


async def test_only_what_matches_or_is_asked_for_is_told(world: World) -> None:
    mine, other = world.add(), world.add()
    client = await world.client(Wish(LIST, frozenset({mine.id}), FAILED))
    alone = await world.client(Wish(frozenset(), frozenset({mine.id})))
    await world.tick()
    assert client.events[0].data["unmatched"] == [mine.id]
    assert alone.events[0].data["unmatched"] == []
    assert (client.heard(), alone.heard()) == (["task"], ["task"])
    world.put(other, Status.QUEUED, status=Status.RETRYING)
    await world.tick()
    assert (client.heard(), alone.heard()) == ([], [])
    world.put(other, Status.RETRYING, status=Status.FAILED)
    await world.tick()
    assert [event.data for event in client.events][1] == {"count": 1, "exact": True}
    assert (client.heard(), alone.heard()) == (["task", "fresh"], [])


async def test_tasks_of_a_page_are_told_at_the_beginning_though_nothing_changes(world: World) -> None:
    world.tasks = {task.id: task for task in (make_task(), make_task())}
    client = await world.client(Wish(frozenset(), frozenset([*world.tasks, make_task().id])))
    await world.tick(3)
    assert client.heard() == ["task"]
    assert len(world.reads) == 1


async def test_new_matches_are_counted_as_long_as_they_match(world: World) -> None:
    client = await world.client(Wish(LIST, filter=Filter(status=frozenset({Status.QUEUED}))))
    new = [world.add(), world.add(), world.add()]
    await world.tick()
    assert client.events[-1].data["count"] == 3
    client.heard()
    world.sending.add(new[0].id)
    world.feed.publish((Moved(new[0].id, Status.QUEUED),))
    world.put(new[1], Status.QUEUED, attempts=3)
    await world.tick()
    assert client.heard() == ["task"]  # one is being sent: it may be back
    world.sending.clear()
    for task in new[:2]:
        world.put(task, Status.QUEUED, status=Status.DELIVERED)
    await world.tick()
    assert client.events[-1].data["count"] == 1
    assert client.heard() == ["fresh"]


async def test_what_was_there_before_is_no_new_match(world: World) -> None:
    tasks = [make_task(status=Status.FAILED) for _ in range(3)]
    client = await world.client(Wish(LIST, filter=FAILED))
    for task in tasks:
        world.put(task, Status.FAILED)
    await world.tick()
    assert client.heard() == ["task"]


async def test_what_was_new_to_an_earlier_stream_is_not_new_to_a_later_one(world: World) -> None:
    first = await world.client(Wish(LIST))
    task = world.add()
    await world.tick()
    later = await world.client(Wish(LIST))
    world.put(task, Status.QUEUED, attempts=1)
    await world.tick()
    assert (first.heard(), later.heard()) == (["task", "fresh", "task"], ["task"])


async def test_a_count_is_exact_up_to_a_bound(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fresh, "MOST", 2)
    client = await world.client(Wish(LIST))
    for _ in range(3):
        world.add()
    await world.tick()
    assert client.events[-1].data == {"count": 2, "exact": False}


async def test_a_count_that_reached_its_bound_says_so_once_there_are_more(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fresh, "MOST", 2)
    client = await world.client(Wish(LIST))
    for _ in range(4):
        world.add()
        await world.tick()
    assert [event.data for event in client.events if event.name == "fresh"] == [
        {"count": 1, "exact": True},
        {"count": 2, "exact": True},
        {"count": 2, "exact": False},
    ]


async def test_a_count_by_status_is_not_exact_for_who_was_not_told_of_each_moment(world: World) -> None:
    task = world.add(status=Status.RETRYING)
    client = await world.client(Wish(LIST, filter=FAILED))
    client.wire.unread = 1
    ended = world.put(task, Status.RETRYING, status=Status.FAILED, reason=Reason.EXPIRED)
    await world.tick()
    world.put(ended, Status.FAILED, event="edited")
    await world.tick()
    client.wire.unread = 0
    await world.tick()
    assert [event.data for event in client.events if event.name == "fresh"] == [{"count": 0, "exact": False}]


async def test_one_event_lists_a_bounded_number_of_tasks_that_are_not_on_the_page() -> None:
    world = World(10_000, 10_000)
    page = [world.add() for _ in range(3)]
    client = await world.client(Wish(LIST, frozenset(task.id for task in page)))
    others = [world.add() for _ in range(LOOKED_AT)]
    for task in page:
        world.put(task, Status.QUEUED)
    await world.tick()
    told, count = client.events
    assert len(told.data["items"]) == TOLD + 3
    assert {task.id for task in page} <= {item["id"] for item in told.data["items"]}
    assert told.data["more"] == LOOKED_AT - 3 - TOLD  # of those that were looked at
    assert (count.data["exact"], len(world.reads[0])) == (False, LOOKED_AT)
    assert others[0].id not in world.reads[0]
    await world.close()


async def test_one_event_has_a_bounded_size_but_for_what_is_on_the_page(world: World) -> None:
    large = {"url": "http://127.0.0.1:9000/" + "x" * 100_000}
    page = [world.add(**large) for _ in range(5)]
    client = await world.client(Wish(LIST, frozenset(task.id for task in page)))
    for _ in range(5):
        world.add(**large)
    for task in page:
        world.put(task, Status.QUEUED)
    await world.tick()
    told = client.events[0].data
    assert len(told["items"]) == 5 + 3
    assert {task.id for task in page} < {item["id"] for item in told["items"]}
    assert told["more"] == 2


async def test_a_slow_client_has_one_parcel_and_is_told_the_rest_at_once(world: World) -> None:
    client = await world.client(Wish(LIST))
    client.wire.unread = 1
    task = world.add()
    await world.tick(5)
    for _ in range(3):
        world.put(task, Status.QUEUED, attempts=2)
        await world.tick()
    assert client.parcels == []
    client.wire.unread = 0
    await world.tick()
    assert client.heard() == ["task", "fresh"]
    assert len(client.parcels) == 1


async def test_one_that_is_too_slow_is_told_to_reload_and_goes_on_from_there(world: World) -> None:
    client, quick = await world.client(Wish(LIST)), await world.client(Wish(LIST))
    client.wire.unread = 1
    for _ in range(12):
        world.add()
        await world.tick()
    assert "resync" not in quick.heard()
    client.wire.unread = 0
    await world.tick()
    assert [(event.name, event.data) for event in client.events] == [("resync", {"reason": "behind"})]
    assert client.last == world.memory.id_of(world.memory.number)
    client.heard()
    world.add()
    await world.tick()
    assert client.events[-1].data == {"count": 1, "exact": True}
    assert client.heard() == ["task", "fresh"]


async def test_a_stream_goes_on_where_the_last_one_ended(world: World) -> None:
    first = await world.client(Wish(LIST))
    world.add()
    await world.tick()
    missed = [world.add() for _ in range(3)]
    await world.tick()
    again = await world.client(Wish(LIST), first.events[0].id)
    assert again.last == first.events[0].id
    await world.tick()
    items = again.events[0].data["items"]
    assert {task.id for task in missed} < {item["id"] for item in items}
    again = await world.client(Wish(LIST), again.last)
    await world.tick()
    assert again.heard() == []


async def test_a_part_of_a_parcel_is_told_again(world: World) -> None:
    client = await world.client(Wish())
    begun = client.last
    world.add()
    await world.tick(2)
    ids = [event.id for event in client.events]
    assert ids[0] == begun  # more was to come
    assert ids[-1] == world.memory.id_of(world.memory.number)


@pytest.mark.parametrize("last", ["elsewhere-1", "boot-999", "nonsense"])
async def test_who_comes_from_elsewhere_is_told_to_reload(world: World, last: str) -> None:
    client = await world.client(Wish(LIST), last)
    assert client.last is None  # he says the same again, should he lose us now
    await world.tick()
    assert [(event.name, event.data) for event in client.events] == [("resync", {"reason": "unknown"})]
    assert client.last == world.memory.id_of(world.memory.number)


async def test_a_topic_hears_nothing_of_what_another_forgot(world: World) -> None:
    bulk, listed = await world.client(Wish(frozenset({Topic.BULK}))), await world.client(Wish(LIST))
    for client in (bulk, listed):
        client.wire.unread = 1
    for _ in range(12):
        world.add()
    await world.tick()
    for client in (bulk, listed):
        client.wire.unread = 0
    await world.tick()
    assert (bulk.heard(), listed.heard()) == ([], ["resync"])


async def test_destinations_are_told_as_their_condition_changes(world: World) -> None:
    world.conditions = {"http://b:80": Condition(State.PAUSED)}  # as it was before
    client = await world.client(Wish(frozenset({Topic.DESTINATIONS})))
    world.conditions = world.conditions | {"http://a:80": Condition(State.PAUSED)}
    await world.tick(2)
    assert client.events[0].data == {"items": [{"key": "http://a:80"}], "more": 0}
    assert client.heard() == ["destination"]
    await world.tick(4)
    assert client.heard() == []
    del world.conditions["http://a:80"]
    await world.tick(2)
    assert client.heard() == ["destination"]


async def test_silence_is_broken_by_a_comment_that_says_how_far_all_was_told(world: World) -> None:
    client = await world.client(Wish(LIST, filter=FAILED))
    world.add()
    await world.tick(QUIET)
    assert client.comments == 0
    await world.tick()
    assert client.comments == 1
    assert client.last == world.memory.id_of(world.memory.number)
    await world.tick(2 * QUIET + 2)
    assert client.comments == 3


@pytest.mark.parametrize("failure", [Unavailable, StoreFailed])
async def test_a_store_that_can_not_be_read_puts_it_off(world: World, failure: type[OkydromError]) -> None:
    client = await world.client(Wish(LIST))
    world.add()
    world.fails = failure
    await world.tick(QUIET + 1)
    assert (client.heard(), client.comments) == ([], 1)
    world.fails = None
    await world.tick()
    assert client.heard() == ["task", "fresh"]


async def test_there_are_so_many_streams_and_no_more(world: World) -> None:
    for _ in range(8):
        await world.client(Wish(LIST))
    with pytest.raises(Unavailable) as refused:
        await world.client(Wish(LIST))
    assert refused.value.retry_after
    world._open.close()
    assert world.hub.streams == 0
    await world.client(Wish(LIST))


async def test_it_listens_for_a_while_after_the_last_stream(world: World) -> None:
    client = await world.client(Wish(LIST))
    world.add()
    await world.tick()
    world._open.close()
    await world.tick(LINGER - 1)
    heard = [world.feed.heard]
    await world.tick()
    heard.append(world.feed.heard)
    assert heard == [True, False]
    world.add()
    client = await world.client(Wish(LIST), client.last)
    await world.tick()
    assert client.heard() == ["resync"]


async def test_clients_that_left_are_ended(world: World) -> None:
    client = await world.client(Wish(LIST))
    client.wire.closing = True
    await world.tick()
    assert client.ended


async def test_the_end_ends_all_and_lets_nobody_in(world: World) -> None:
    quick, slow = await world.client(Wish(LIST)), await world.client(Wish(LIST))
    slow.wire.unread = 1
    await world.hub.end(cast(Any, None))
    await linger(0)
    assert (quick.ended, quick.wire.closing) == (True, False)
    assert (slow.ended, slow.wire.closing) == (True, True)  # cut off: he would not take the end either
    with pytest.raises(Stopping):
        await world.client(Wish(LIST))
