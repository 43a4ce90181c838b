"""Which of several forms of an answer a client wants (RFC 9110, section 12.5.1)."""

from __future__ import annotations

import re
from collections.abc import Sequence

_RANGE = re.compile(r"\s*([^\s;,/]+/[^\s;,/]+)\s*((?:;[^,]*)?)", re.ASCII)
_GIVEN = re.compile(r";\s*q\s*=", re.ASCII | re.IGNORECASE)
_QUALITY = re.compile(r";\s*q\s*=\s*(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)\s*(?:;|$)", re.ASCII | re.IGNORECASE)


def preferred(accept: str, offered: Sequence[str]) -> str:
    """The media type that is wanted most; of several the first one offered, and that too if none is acceptable:
    a client that names other types is answered all the same.

    >>> types = ("application/json", "text/csv")
    >>> preferred("text/csv;q=0.8, */*;q=0.1", types), preferred("text/*", types), preferred("text/html", types)
    ('text/csv', 'text/csv', 'application/json')
    >>> preferred("", types), preferred("application/json, text/csv", types), preferred("text/csv;q=0, */*", types)
    ('application/json', 'application/json', 'application/json')
    """
    ranges = {}
    for part in accept.split(","):
        if match := _RANGE.fullmatch(part):
            quality = _QUALITY.search(match[2])
            if quality or not _GIVEN.search(match[2]):  # a quality that is none says nothing
                ranges[match[1].lower()] = float(quality[1]) if quality else 1.0
    return max(offered, key=lambda offer: _quality(offer, ranges))


def _quality(offer: str, ranges: dict[str, float]) -> float:
    """That of the most specific range which the type is in."""
    kind = offer.partition("/")[0]
    for name in (offer, f"{kind}/*", "*/*"):
        if name in ranges:
            return ranges[name]
    return 0.0
