"""The judgement over a load finds each kind of wrong: a judge that can't condemn shows nothing."""

from tests.support.ledger import Answer, Arrival, Ledger, Verdict, judge

POSTED = {"a": b"1", "b": b"2"}


def verdict(*arrivals: tuple[str, bytes], posted: tuple[bytes, ...] = (b"1", b"2", b"3")) -> Verdict:
    ledger = Ledger()
    for task_id, body in arrivals:
        ledger.enter(Arrival(task_id, 0.0, "POST", "/hook", "127.0.0.1", {}, body))
    return judge(POSTED, posted, ledger)


def test_all_that_was_acknowledged_arrived_once() -> None:
    assert verdict(("a", b"1"), ("b", b"2")) == Verdict(2, (), (), 0)


def test_what_was_posted_without_an_answer_may_arrive() -> None:
    assert verdict(("a", b"1"), ("b", b"2"), ("c", b"3")) == Verdict(2, (), (), 0)


def test_a_lost_task_is_found() -> None:
    assert verdict(("a", b"1")).lost == ("b",)


def test_a_duplicate_is_counted() -> None:
    assert verdict(("a", b"1"), ("b", b"2"), ("a", b"1"), ("a", b"1")).duplicates == 2


def test_an_arrival_that_was_refused_makes_no_duplicate() -> None:
    ledger = Ledger()
    for status in (500, 503, 204):
        ledger.answer = lambda _, status=status: Answer(status)  # type: ignore[misc]
        ledger.enter(Arrival("a", 0.0, "POST", "/hook", "127.0.0.1", {}, b"1"))
    assert judge({"a": b"1"}, [b"1"], ledger) == Verdict(1, (), (), 0)


def test_one_post_under_two_ids_is_found() -> None:
    assert verdict(("a", b"1"), ("b", b"2"), ("c", b"3"), ("d", b"3")).wrong == ("d",)
    assert verdict(("a", b"1"), ("b", b"2"), ("d", b"2")).wrong == ("d",)


def test_a_body_that_nobody_posted_is_found() -> None:
    assert verdict(("a", b"1"), ("b", b"2"), ("c", b"9")).wrong == ("c",)


def test_the_body_of_another_task_is_found() -> None:
    assert verdict(("a", b"2"), ("b", b"2")).wrong == ("a",)
