"""How long a recipient asks to wait."""

import pytest

from okydrom.config.settings import DAY, SECOND
from okydrom.delivery.retry_after import retry_after

NOON = 784_900_800_000  # Tue, 15 Nov 1994 12:00:00 GMT
DATE = ("Date", "Tue, 15 Nov 1994 12:00:00 GMT")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0", 0),
        ("7", 7 * SECOND),
        (" 7 ", 7 * SECOND),
        ("86400", DAY),
        ("86401", DAY),
        ("9" * 5000, DAY),  # int() refuses more than 4,300 digits
        ("Tue, 15 Nov 1994 12:00:30 GMT", 30 * SECOND),
        ("Tuesday, 15-Nov-94 12:00:30 GMT", 30 * SECOND),
        ("Tue Nov 15 12:00:30 1994", 30 * SECOND),
        ("Tue, 15 Nov 1994 13:00:30 +0100", 30 * SECOND),
        ("Wed, 16 Nov 1994 12:00:01 GMT", DAY),
        ("Fri, 31 Dec 9999 23:59:59 GMT", DAY),
        ("Tue, 15 Nov 1994 11:59:00 GMT", 0),
        ("Mon, 01 Jan 1900 00:00:00 GMT", 0),
        ("", None),
        ("soon", None),
        ("-7", None),
        ("+7", None),
        ("7.5", None),
        ("7 s", None),
        ("٧", None),
        ("Tue, 99 Nov 1994 12:00:30 GMT", None),
        ("Tue, 15 Nov 99999 12:00:30 GMT", None),
        ("Tue, 15 Nov 1994 12:00:30 +9999999", None),
    ],
)
def test_seconds_and_dates_are_understood_and_nothing_else(value: str, expected: int | None) -> None:
    assert retry_after([("retry-After", value), DATE], now=0) == expected
    assert retry_after([("Retry-After", value)], now=NOON) == expected


def test_a_date_is_read_by_the_clock_of_its_recipient() -> None:
    fields = [("Retry-After", "Tue, 15 Nov 1994 12:00:30 GMT"), DATE]
    assert retry_after(fields, now=NOON + DAY) == 30 * SECOND
    assert retry_after([fields[0], ("Date", "yesterday")], now=NOON) == 30 * SECOND


def test_without_it_nothing_is_asked_for() -> None:
    assert retry_after([DATE], NOON) is None
