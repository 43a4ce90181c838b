"""Values of filters as people write them. What can't be read raises ValueError with a sentence that says why."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from okydrom.destination import destination_of
from okydrom.units import parse_duration

Read = Callable[[str, int], Any]  # of a value, at a time (epoch ms)

LATEST = 253_402_300_799_999  # the year 9999
LONGEST = 1024

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_CODE = re.compile(r"([1-9])(\d\d|[xX][xX])", re.ASCII)


class Misread(ValueError):
    """What can't be read, with what may have been meant."""

    def __init__(self, sentence: str, suggestion: str | None = None) -> None:
        super().__init__(sentence)
        self.params = {} if suggestion is None else {"suggestion": suggestion}


def text(value: str, _: int) -> str:
    """Any text that may stand in a task."""
    if not is_text(value):
        raise ValueError(f"Must be a text of at most {LONGEST} characters.")
    return value


def is_text(value: str) -> bool:
    """Is it short enough, and something that UTF-8 and SQLite can hold?"""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return len(value) <= LONGEST and "\0" not in value


def member(kind: type[StrEnum]) -> Read:
    """One of an enumeration's words."""

    def read(value: str, _: int) -> StrEnum:
        if value not in list(kind):
            near = difflib.get_close_matches(value.lower()[:64], list(kind), 1)
            hint = f" Did you mean {near[0]!s}?" if near else ""
            raise Misread(f"Must be of {', '.join(kind)}.{hint}", str(near[0]) if near else None)
        return kind(value)

    return read


def destination(value: str, _: int) -> str:
    """A destination in its one spelling.

    >>> destination("https://API.example.com", 0)
    'https://api.example.com:443'
    """
    try:
        return destination_of(value)
    except ValueError:
        raise ValueError("Must be a destination such as https://api.example.com:443.") from None


def code_range(value: str, _: int) -> tuple[int, int]:
    """One status code, or a hundred of them; first and last.

    >>> code_range("503", 0), code_range("5xx", 0)
    ((503, 503), (500, 599))
    """
    match = _CODE.fullmatch(value)
    if match is None:
        raise ValueError("Must be a status code such as 503, or a class of them such as 5xx.")
    if match[2].isdigit():
        return int(value), int(value)
    return int(match[1]) * 100, int(match[1]) * 100 + 99


def id_text(value: str, _: int) -> str:
    """A task's id in its one spelling."""
    try:
        return str(UUID(value))
    except ValueError:
        raise ValueError("Must be the id of a task.") from None


def whole(value: str, _: int) -> int:
    """A whole number."""
    if not re.fullmatch(r"\d{1,9}", value, re.ASCII):
        raise ValueError("Must be a whole number.")
    return int(value)


def flag(value: str, _: int) -> bool:
    """Yes or no."""
    if value not in ("true", "false"):
        raise ValueError("Must be true or false.")
    return value == "true"


def moment(value: str, now: int) -> int:
    """Epoch milliseconds of an RFC 3339 time, or of an age.

    >>> moment("1970-01-01T01:00:00.25+01:00", 0), moment("-24h", 86_400_000), moment("-1.5m", 90_000)
    (250, 0, 0)
    """
    if value.startswith("-"):
        return max(now - _age(value[1:]), 0)
    match = _MOMENT.fullmatch(value.replace(" ", "+"))  # a plus sign that was not escaped
    if match is None:
        raise ValueError('Must be a time such as "2026-01-31T12:00:00Z", or an age such as "-24h".')
    return _epoch(f"{match[1]}T{match[2]}{match[4].upper().replace('Z', '+00:00')}", match[3])


def _age(amount: str) -> int:
    try:
        return parse_duration(amount)
    except ValueError:
        raise ValueError('Must be an age such as "-24h" (units ms s m min h d).') from None


def _epoch(whole_seconds: str, fraction: str | None) -> int:
    try:
        seconds = datetime.fromisoformat(whole_seconds).timestamp()
    except (ValueError, OverflowError):
        raise ValueError("Must be a time that exists.") from None
    return min(max(int(seconds) * 1000 + int(float(fraction or 0) * 1000), 0), LATEST)
