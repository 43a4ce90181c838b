"""What changed last is remembered once for each thing, within a bound; numbers are moments."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from okydrom.delivery.condition import Cause, Condition, State
from okydrom.feed import Change, Feed, Moved, Progressed
from okydrom.task import Status
from okydrom.web.memory import UNKNOWN, Memory
from okydrom.web.trail import Mark, Trail

PAUSED = Condition(State.PAUSED, Cause.OPERATOR)


def change(key: str, before: Status | None, after: Status = Status.QUEUED) -> Change:
    return Change(key, "http://a:80", after, 1, before)


def listening(**options: Any) -> tuple[Memory, Feed]:
    feed = Feed()
    memory = Memory("boot", feed, **options)
    memory.begin({})
    return memory, feed


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.booleans()), max_size=60), st.integers(1, 5))
def test_it_knows_all_that_changed_behind_its_horizon(changes: list[tuple[str, bool]], limit: int) -> None:
    trail, last, born = Trail(limit), dict[str, int](), dict[str, int]()
    for number, (key, new) in enumerate(changes, 1):
        trail.note(key, number, new=new)
        last[key] = number
        if new:
            born[key] = number
    for place in range(trail.horizon, len(changes) + 1):
        expected = sorted((number for number in last.values() if number > place), reverse=True)
        assert [mark.number for mark in trail.since(place)] == expected
        assert all(mark.born in (0, born.get(mark.key)) for mark in trail.since(place))
    assert len(list(trail.since(0))) <= limit


def test_what_is_forgotten_is_behind_the_horizon() -> None:
    trail = Trail(2)
    for number, key in enumerate("aba", 1):
        trail.note(key, number)
    assert (trail.horizon, [mark.key for mark in trail.since(0)]) == (0, ["a", "b"])
    trail.note("c", 4)
    assert (trail.horizon, [mark.key for mark in trail.since(2)]) == (2, ["c", "a"])
    trail.forget(9)
    assert (trail.horizon, list(trail.since(0))) == (9, [])


def test_changes_of_a_moment_are_one_with_what_was_before_all_of_them() -> None:
    memory, feed = listening()
    feed.publish((change("t", Status.FAILED), Moved("t", Status.QUEUED), change("t", Status.QUEUED)))
    feed.publish((Moved("n", Status.QUEUED), change("n", None), change("n", Status.QUEUED)))
    feed.publish((Progressed("b"), Progressed("b")))
    start = memory.number
    memory.gather()
    assert memory.number == start + 1
    marks = {mark.key: mark for mark in memory.tasks.since(start)}
    assert marks == {
        "t": Mark("t", start + 1, Status.FAILED, 0),
        "n": Mark("n", start + 1, None, start + 1),
    }
    assert [mark.key for mark in memory.bulks.since(start)] == ["b"]
    memory.gather()
    assert memory.number == start + 1  # nothing has changed: it is the same moment


def test_a_destination_changes_with_its_condition_but_not_with_what_its_rate_lets_start() -> None:
    memory, _ = listening()
    start = memory.number
    paced = Condition(State.THROTTLED, Cause.LIMIT, value="1/s", until=1)
    memory.gather({"a": PAUSED, "b": paced})
    assert {mark.key for mark in memory.destinations.since(start)} == {"a", "b"}
    memory.gather({"a": PAUSED, "b": Condition(State.THROTTLED, Cause.LIMIT, value="1/s", until=2)})
    assert list(memory.destinations.since(start + 1)) == []
    memory.gather({"b": paced})
    assert [mark.key for mark in memory.destinations.since(start + 1)] == ["a"]


def test_what_is_not_listened_to_is_behind_the_horizon() -> None:
    memory, feed = listening()
    before = memory.number
    memory.end()
    assert not feed.heard
    feed.publish((change("t", None),))
    memory.begin({})
    assert memory.tasks.horizon == memory.bulks.horizon == memory.destinations.horizon == memory.number
    assert memory.number > before


def test_more_news_at_once_than_the_feed_holds_are_a_gap() -> None:
    feed = Feed(limit=10)
    memory = Memory("boot", feed)
    memory.begin({})
    start = memory.number
    feed.publish([change(str(number), None) for number in range(11)])
    memory.gather()
    assert memory.number == memory.tasks.horizon == start + 1
    feed.publish((change("t", None),))
    memory.gather()
    assert (memory.tasks.horizon, memory.number) == (start + 1, start + 2)


def test_an_id_is_known_by_its_own_boot_alone_and_never_before_its_time() -> None:
    memory, _ = listening()
    own = memory.id_of(memory.number)
    assert memory.place_of(own) == memory.number
    for foreign in (
        f"other-{memory.number}",
        memory.id_of(memory.number + 1),
        "boot-",
        "boot-٣",
        "",
        "boot--1",
    ):
        assert memory.place_of(foreign) == UNKNOWN
