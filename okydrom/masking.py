"""What is not shown to everybody who may look at a task: credentials in headers, and queries of URLs."""

from __future__ import annotations

import re
from collections.abc import Iterable

MASK = "***"

_CREDENTIAL = re.compile(
    r"auth|cookie|token|secret|passw|credential|signature|session|api-?key|access-?key|\bkey\b"
)


def masked_url(url: str) -> str:
    """The URL with its query hidden: it often carries a key.

    >>> masked_url("https://a.example/hook?key=1"), masked_url("https://a.example/hook")
    ('https://a.example/hook?***', 'https://a.example/hook')
    """
    path, mark, _ = url.partition("?")
    return path + mark + MASK if mark else url


def masked_headers(headers: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Name and value of each header, in order; values of those that carry credentials hidden.

    >>> masked_headers([("Authorization", "Bearer x"), ("X-Api-Key", "y"), ("X-Keyboard", "de")])
    [['Authorization', '***'], ['X-Api-Key', '***'], ['X-Keyboard', 'de']]
    """
    return [[name, MASK if _CREDENTIAL.search(name.lower()) else value] for name, value in headers]
