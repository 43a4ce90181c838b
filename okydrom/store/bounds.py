"""Bounds as people write them in the filter language, and the parameters they stand for.

    created:>-24h   created:<2026-11-24   created:2026-11-24   created:2026-11-24..2026-11-25   attempts:>=3

A day is all of it, in UTC: `>` begins after its end, `>=` and `<=` include it, and so does a range at both ends. Of
a time the bounds from is inclusive and to is not, as of the parameters: there `>` and `>=` are the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta

import msgspec

Pair = tuple[str, str]


class Bounded(msgspec.Struct, frozen=True):
    """The two parameters of a word; None: it has no such bound."""

    low: str | None
    high: str | None


BOUNDED: Mapping[str, Bounded] = {
    "created": Bounded("created_from", "created_to"),
    "finished": Bounded("finished_from", "finished_to"),
    "due": Bounded(None, "due_before"),
    "attempts": Bounded("attempts_from", None),
}

_COMPARED = re.compile(r"(>=|<=|>|<)(.+)", re.DOTALL)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_WHOLE = re.compile(r"\d{1,9}", re.ASCII)
_MIDNIGHT = re.compile(r"(\d{4}-\d\d-\d\d)T00:00:00Z", re.ASCII)


def parse_bounds(word: str, text: str) -> list[Pair]:
    """The parameters of a word's value. Raises ValueError with a sentence that says what was expected.

    >>> parse_bounds("created", ">-24h"), parse_bounds("attempts", ">3")
    ([('created_from', '-24h')], [('attempts_from', '4')])
    >>> parse_bounds("created", "2026-11-24")
    [('created_from', '2026-11-24T00:00:00Z'), ('created_to', '2026-11-25T00:00:00Z')]
    """
    low, high = _sides(text)
    read = _counted if word == "attempts" else _timed
    names = BOUNDED[word]
    pairs = []
    for name, side, operator in ((names.low, low, ">"), (names.high, high, "<")):
        if side and name is None:
            raise ValueError(_wanted(word))
        if side and name is not None:
            pairs.append(
                (name, read(side[1], after=side[0] in (">", "<=") or (operator == "<" and not side[0])))
            )
    if not pairs:
        raise ValueError(_wanted(word))
    return pairs


def write_bounds(word: str, pairs: Mapping[str, str]) -> str:
    """The value that stands for these parameters, as short as it may be.

    >>> write_bounds("created", {"created_from": "-24h", "created_to": "-1h"})
    '-24h..-1h'
    """
    names = BOUNDED[word]
    low, high = pairs.get(names.low or ""), pairs.get(names.high or "")
    if low is None:
        return f"<{_shown(high or '')}"
    if high is None:
        return f">={_shown(low)}" if word == "attempts" or _shown(low) != low else f">{low}"
    first, end = _MIDNIGHT.fullmatch(low), _MIDNIGHT.fullmatch(high)
    if first is None or end is None or not first[1] < end[1]:
        return f"{low}..{high}"
    last = str(date.fromisoformat(end[1]) - timedelta(days=1))
    return last if last == first[1] else f"{first[1]}..{last}"


def _sides(text: str) -> tuple[Pair | None, Pair | None]:
    """Operator and text of the lower and of the upper bound; a bound of a range has no operator."""
    compared = _COMPARED.fullmatch(text)
    if compared is not None:
        side = (compared[1], compared[2])
        return (side, None) if side[0].startswith(">") else (None, side)
    low, dots, high = text.partition("..")
    if dots:
        return ("", low) if low else None, ("", high) if high else None
    if _DAY.fullmatch(text):
        return ("", text), ("", text)
    raise ValueError(
        "Must be a comparison such as >-24h or <2026-11-24, a day, or a range such as -24h..-1h."
    )


def _timed(text: str, *, after: bool) -> str:
    """A time as a parameter wants it; of a day its beginning, or its end."""
    if not _DAY.fullmatch(text):
        return text
    try:
        day = date.fromisoformat(text) + timedelta(days=1 if after else 0)
    except (ValueError, OverflowError):
        raise ValueError("Must be a day that exists.") from None
    return f"{day}T00:00:00Z"


def _counted(text: str, *, after: bool) -> str:
    if not _WHOLE.fullmatch(text):
        raise ValueError("Must be a whole number, such as >=3.")
    return str(int(text) + after)


def _shown(moment: str) -> str:
    """A day for its beginning; else the time itself."""
    midnight = _MIDNIGHT.fullmatch(moment)
    return midnight[1] if midnight else moment


def _wanted(word: str) -> str:
    if word == "due":
        return "Can only be bounded above, such as due:<-1h."
    if word == "attempts":
        return "Can only be bounded below, such as attempts:>=3."
    return "Needs at least one end."
