"""Durations and sizes: what is read, what is refused, and that what is shown can be read back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okydrom.units import parse_duration, parse_size, show_duration, show_size


@pytest.mark.parametrize(
    ("written", "milliseconds"),
    [
        ("250ms", 250),
        ("20s", 20_000),
        ("5m", 300_000),
        ("5min", 300_000),
        ("5 min", 300_000),
        ("2h", 7_200_000),
        ("7d", 604_800_000),
        ("1.5h", 5_400_000),
        ("0s", 0),
        (0, 0),
        (90, 90_000),
        (0.25, 250),
    ],
)
def test_a_duration_is_read(written: object, milliseconds: int) -> None:
    assert parse_duration(written) == milliseconds


@pytest.mark.parametrize(
    ("written", "size"),
    [
        ("8MiB", 8 * 1024**2),
        ("1 GB", 10**9),
        ("1gb", 10**9),
        ("64KiB", 65536),
        ("7B", 7),
        ("0B", 0),
        (512, 512),
    ],
)
def test_a_size_is_read(written: object, size: int) -> None:
    assert parse_size(written) == size


NEITHER = [
    "",
    "5",
    "s",
    "-5s",
    "1e3s",
    "5 weeks",
    " 5s",
    "5s ",
    "5  s",
    "٥s",
    "1.s",
    ".5s",
    True,
    None,
    [],
    -1,
]
NEITHER += [float("nan"), float("inf"), 10**400, 2**60]


@pytest.mark.parametrize("written", [*NEITHER, "5M", "5S", "0.0001ms", 0.0001, "9" * 400 + "d"])
def test_what_is_no_duration_is_refused_with_the_units(written: object) -> None:
    with pytest.raises(ValueError, match="must be a duration such as"):
        parse_duration(written)


@pytest.mark.parametrize("written", [*NEITHER, 1.5, "5k", "8M", "9" * 400 + "GiB"])
def test_what_is_no_size_is_refused_with_the_units(written: object) -> None:
    with pytest.raises(ValueError, match="must be a size such as"):
        parse_size(written)


@given(st.integers(0, 2**53))
def test_what_is_shown_is_exact(amount: int) -> None:
    assert parse_duration(show_duration(amount)) == amount
    assert parse_size(show_size(amount)) == amount


def test_the_largest_unit_that_fits_is_shown() -> None:
    assert [show_duration(n) for n in (0, 999, 61_000, 120_000, 172_800_000)] == [
        "0 s",
        "999 ms",
        "61 s",
        "2 min",
        "2 d",
    ]
    assert [show_size(n) for n in (0, 1000, 1024, 3 * 1024**3)] == ["0 B", "1000 B", "1 KiB", "3 GiB"]
