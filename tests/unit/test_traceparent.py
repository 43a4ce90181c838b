"""Passing a trace on: the same trace, a new span for each attempt, nothing of what can't be understood."""

import random

import pytest

from okydrom.delivery.trace import onward

TRACE, CALLER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


class Zero(random.Random):
    """Chance that brings nothing but zeros."""

    def getrandbits(self, k: int, /) -> int:
        return 0


@pytest.mark.parametrize("flags", ["00", "01", "ff"])
def test_the_trace_goes_on_with_a_span_of_its_own(flags: str) -> None:
    rand = random.Random(1)
    spans = set()
    for _ in range(100):
        ((name, value),) = onward(f"00-{TRACE}-{CALLER}-{flags}", rand)
        version, trace, span, kept = value.split("-")
        assert (name, version, trace, kept) == ("traceparent", "00", TRACE, flags)
        assert len(span) == 16
        spans.add(span)
    assert len(spans) == 100
    assert CALLER not in spans


def test_a_later_version_is_passed_on_as_the_one_we_know() -> None:
    ((_, value),) = onward(f"cc-{TRACE}-{CALLER}-01-what-the-future-brings", random.Random(1))
    assert value.startswith(f"00-{TRACE}-")


def test_a_span_is_never_all_zeros() -> None:
    ((_, value),) = onward(f"00-{TRACE}-{CALLER}-01", Zero())
    assert value == f"00-{TRACE}-0000000000000001-01"


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "x",
        f"ff-{TRACE}-{CALLER}-01",
        f"00-{'0' * 32}-{CALLER}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE.upper()}-{CALLER}-01",
        f"00-{TRACE}-{CALLER}-01-more",
        f"00-{TRACE}-{CALLER}-01\r\nX: y",
        f"00-{TRACE[1:]}-{CALLER}-01",
    ],
)
def test_what_is_no_trace_is_not_passed_on(bad: str) -> None:
    assert onward(bad, random.Random(1)) == []
