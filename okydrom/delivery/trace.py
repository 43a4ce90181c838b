"""Passing a trace on (W3C Trace Context): the source's trace goes on in each attempt, as a span of its own.

    00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01        version - trace - span of the caller - flags

`tracestate` is not kept: what it says is about the caller's own span.
"""

from __future__ import annotations

import random
import re

_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?", re.ASCII)


def onward(traceparent: str, rand: random.Random) -> list[tuple[str, str]]:
    """The header of one attempt; none if what came can't be understood.

    >>> onward("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", random.Random(1))[0][1][:36]
    '00-4bf92f3577b34da6a3ce929d0e0e4736-'
    """
    match = _TRACEPARENT.fullmatch(traceparent)
    if match is None:
        return []
    version, trace, caller, flags, more = match.groups()
    if version == "ff" or (more and version == "00") or not int(trace, 16) or not int(caller, 16):
        return []
    span = rand.getrandbits(64) or 1  # all zeros would be no span
    return [("traceparent", f"00-{trace}-{span:016x}-{flags}")]
