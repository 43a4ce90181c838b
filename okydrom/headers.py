"""Which request headers a task or a method may set: the grammar of RFC 9110, and the names Okydrom keeps to itself.

What is refused here would fail, or mean something else, on the wire to the recipient.
"""

from __future__ import annotations

import re

# They describe the connection or the message, not what is told; Okydrom writes them, or nobody does.
RESERVED = frozenset(
    {
        "connection",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "okydrom-attempt",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
RESERVED_BEGINNINGS = ("proxy-", "webhook-")

_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+", re.ASCII)
_VALUE = re.compile(r"(?:[!-~](?:[ \t!-~]*[!-~])?)?", re.ASCII)


def name_fault(name: str) -> str | None:
    """Why a header of this name may not be set; None: it may.

    >>> name_fault("X Key"), name_fault("Host"), name_fault("X-Key")
    ('is not a header name (letters, digits, "-")', 'is set by Okydrom itself', None)
    """
    if not _NAME.fullmatch(name):
        return 'is not a header name (letters, digits, "-")'
    lowered = name.lower()
    if lowered in RESERVED or lowered.startswith(RESERVED_BEGINNINGS):
        return "is set by Okydrom itself"
    return None


def value_fault(value: str) -> str | None:
    """Why a header may not have this value; None: it may.

    >>> value_fault("a b"), value_fault("a ") is None, value_fault("ü") is None
    (None, False, False)
    """
    if _VALUE.fullmatch(value):
        return None
    return "has to be visible ASCII, with space and tab only inside"
