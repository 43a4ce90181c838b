"""Durations and sizes as people write them, and back. Settings and tasks use the same words.

A duration is a string with a unit or a number of seconds, and becomes whole milliseconds; a size is a string with
a unit or a number of bytes. What can't be read raises ValueError with a sentence that says what was expected.
"""

from __future__ import annotations

import re

DURATIONS = {"ms": 1, "s": 1_000, "m": 60_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}
SIZES = {
    "b": 1,
    "kb": 1000,
    "mb": 1000**2,
    "gb": 1000**3,
    "tb": 1000**4,
    "kib": 1024,
    "mib": 1024**2,
    "gib": 1024**3,
    "tib": 1024**4,
}

# What is shown: the largest unit that leaves a whole number.
_SHOWN_DURATIONS = (("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1_000))
_SHOWN_SIZES = (("TiB", 1024**4), ("GiB", 1024**3), ("MiB", 1024**2), ("KiB", 1024))

# Digits are bounded, so that no text becomes a number that nothing can hold.
_AMOUNT = re.compile(r"([0-9]{1,16}(?:\.[0-9]{1,9})?) ?([A-Za-z]+)", re.ASCII)
_LARGEST = 2**53  # what every reader of JSON can hold exactly


def parse_duration(value: object) -> int:
    """Milliseconds of `"1.5h"` or `90` (seconds).

    >>> parse_duration("5min"), parse_duration("250ms"), parse_duration(1.5)
    (300000, 250, 1500)
    """
    wanted = f'a duration such as "20s" ({" ".join(DURATIONS)}) or a number of seconds'
    if isinstance(value, str):
        return _parse(value, DURATIONS, wanted)
    return _whole(value, 1_000, wanted)


def parse_size(value: object) -> int:
    """Bytes of `"8MiB"`, `"1 GB"` or `512`.

    >>> parse_size("8MiB"), parse_size("1 GB"), parse_size(512)
    (8388608, 1000000000, 512)
    """
    wanted = 'a size such as "8MiB" (B KiB MiB GiB TiB, KB MB GB TB) or a number of bytes'
    if isinstance(value, str):
        return _parse(value.lower(), SIZES, wanted)
    if isinstance(value, float):
        raise ValueError(f"must be {wanted}")
    return _whole(value, 1, wanted)


def show_duration(milliseconds: int) -> str:
    """The shortest exact way to say it.

    >>> show_duration(86_400_000), show_duration(90_000), show_duration(50), show_duration(0)
    ('1 d', '90 s', '50 ms', '0 s')
    """
    if milliseconds == 0:
        return "0 s"
    return _show(milliseconds, _SHOWN_DURATIONS, "ms")


def show_size(size: int) -> str:
    """The shortest exact way to say it.

    >>> show_size(8 * 1024**2), show_size(1000)
    ('8 MiB', '1000 B')
    """
    return _show(size, _SHOWN_SIZES, "B") if size else "0 B"


def _show(amount: int, units: tuple[tuple[str, int], ...], smallest: str) -> str:
    for name, factor in units:
        if amount % factor == 0:
            return f"{amount // factor} {name}"
    return f"{amount} {smallest}"


def _parse(text: str, units: dict[str, int], wanted: str) -> int:
    match = _AMOUNT.fullmatch(text)
    if match is None or match[2] not in units:
        raise ValueError(f"must be {wanted}")
    return _whole(float(match[1]) if "." in match[1] else int(match[1]), units[match[2]], wanted)


def _whole(value: object, factor: int, wanted: str) -> int:
    """`value` in the smallest unit; what is more than nothing never becomes 0, which would mean "off"."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LARGEST:
        raise ValueError(f"must be {wanted}")
    amount = round(value * factor)
    if amount > _LARGEST or (amount == 0 and value > 0):
        raise ValueError(f"must be {wanted}")
    return amount
