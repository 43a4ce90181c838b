"""What is wrong now is told once: each waiting task of a destination in trouble with what it waits for."""

from __future__ import annotations

from typing import Any

from okydrom.delivery.condition import NORMAL, Cause, Condition, State
from okydrom.delivery.problems import Problem, problems
from okydrom.store.trouble import Trouble, Troubled

HELD = Condition(State.HELD, Cause.RETRY_AFTER, "503", since=500, until=9_000)
PAUSED = Condition(State.PAUSED, Cause.OPERATOR, since=700)
DUE = 4_000


def trouble(outcome: str | None, retrying: int = 0, failed: int = 0, **fields: Any) -> Trouble:
    """Of one outcome."""
    values: dict[str, Any] = {"first_at": 100, "last_at": 300, "sample_id": f"of-{outcome}"}
    return Trouble(outcome=outcome, retrying=retrying, failed=failed, **(values | fields))


def told(condition: Condition, waiting: int, *troubles: Trouble, due: int | None = DUE) -> list[Problem]:
    """Of one destination."""
    place = Troubled(destination="d", waiting=waiting, next_due=due, sample_id="next", troubles=troubles)
    return problems([(place, condition, due)])


def short(found: list[Problem]) -> list[tuple[str | None, int, int, int | None]]:
    """Outcome, waiting, failed, next attempt."""
    return [(each.outcome, each.waiting, each.failed, each.next_attempt_at) for each in found]


def test_of_a_normal_destination_only_tasks_that_went_wrong_are_counted() -> None:
    found = told(NORMAL, 1_000, trouble("503", 2, 1), trouble("422", 0, 5))
    assert short(found) == [("422", 0, 5, None), ("503", 2, 1, DUE)]
    assert {each.state for each in found} == {State.NORMAL}
    assert told(NORMAL, 1_000) == []


def test_what_is_held_up_counts_with_what_holds_it_up() -> None:
    found = told(HELD, 1_000, trouble("503", 2), trouble("timeout", 7, 1))
    assert short(found) == [("503", 993, 0, 9_000), ("timeout", 7, 1, 9_000)]
    assert sum(each.waiting for each in found) == 1_000
    assert (found[0].first_at, found[0].last_at, found[0].sample_id) == (100, 300, "of-503")


def test_a_destination_that_holds_tasks_up_is_told_without_any_outcome() -> None:
    (found,) = told(HELD, 40)
    assert short([found]) == [("503", 40, 0, 9_000)]
    assert (found.first_at, found.last_at, found.sample_id) == (500, None, "next")


def test_a_pause_has_no_next_attempt() -> None:
    assert short(told(PAUSED, 40, trouble("503", 10))) == [(None, 30, 0, None), ("503", 10, 0, None)]
    assert short(told(PAUSED, 10, trouble("503", 10))) == [("503", 10, 0, None)]
    assert short(told(PAUSED, 0)) == [(None, 0, 0, None)]


def test_tasks_that_expired_in_a_pause_stand_with_it() -> None:
    assert short(told(PAUSED, 3, trouble(None, 0, 4))) == [(None, 3, 4, None)]


def test_what_is_being_sent_has_no_next_attempt_yet() -> None:
    assert short(told(HELD, 1, trouble("503", 1), due=None)) == [("503", 1, 0, None)]


def test_most_tasks_come_first_then_the_latest() -> None:
    def place(key: str, *troubles: Trouble) -> tuple[Troubled, Condition, None]:
        return (
            Troubled(destination=key, waiting=9, next_due=None, sample_id=None, troubles=troubles),
            NORMAL,
            None,
        )

    found = problems(
        [
            place("a", trouble("500", 1, 1, last_at=5)),
            place("b", trouble("500", 2, last_at=6), trouble("502", 0, 3)),
        ]
    )
    assert [(each.destination, each.outcome) for each in found] == [("b", "502"), ("b", "500"), ("a", "500")]


def test_what_is_paced_as_it_was_ordered_is_no_problem() -> None:
    paced = Condition(State.THROTTLED, Cause.LIMIT, value="2/s", until=9_000)
    assert told(paced, 40) == []
    assert short(told(paced, 40, trouble("503", 2))) == [("503", 2, 0, 9_000)]
