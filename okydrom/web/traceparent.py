"""The `traceparent` of a request (W3C Trace Context, level 1): version, trace id, parent id, flags.

00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_FORM = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?", re.ASCII)
_SAMPLED = 1


def traceparent_of(given: Sequence[str]) -> str | None:
    """What is passed on of the header's values; None: there is none, or it is to be ignored.

    A later version is read as far as level 1 knows it, and passed on as that.

    >>> traceparent_of(["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"])
    '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    >>> traceparent_of(["cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-09-what-comes"])
    '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    >>> traceparent_of(["00-00000000000000000000000000000000-b7ad6b7169203331-01"]) is None
    True
    """
    if len(given) != 1:
        return None
    match = _FORM.fullmatch(given[0].strip(" \t"))
    if match is None:
        return None
    version, trace, parent, flags, further = match.groups()
    if version == "ff" or not trace.strip("0") or not parent.strip("0"):
        return None
    if version != "00":
        return f"00-{trace}-{parent}-{int(flags, 16) & _SAMPLED:02x}"
    return None if further is not None else match[0]
