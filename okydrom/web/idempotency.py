"""`Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a request's key, and what it is a request for."""

from __future__ import annotations

import hashlib
import re

from okydrom.errors import Fault, Invalid

HEADER = "Idempotency-Key"
LONGEST = 255

_QUOTED = re.compile(r'"((?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"', re.ASCII)  # RFC 8941, section 3.3.3
_BARE = re.compile(r"[\x21-\x7e]+", re.ASCII)
_ESCAPED = re.compile(r"\\(.)")


def parse_key(given: str) -> str:
    """The key of a header's value: a quoted string, or a bare one of visible characters. Raises Invalid.

    >>> parse_key('"a b"'), parse_key("a"), parse_key('"a"')
    ('a b', 'a', 'a')
    """
    text = given.strip()
    if quoted := _QUOTED.fullmatch(text):
        key = _ESCAPED.sub(r"\1", quoted[1])
    elif not text.startswith('"') and _BARE.fullmatch(text):
        key = text
    else:
        key = ""
    if not 0 < len(key) <= LONGEST:
        message = f"Must be 1 to {LONGEST} visible characters, or a quoted string of as many."
        raise Invalid([Fault(f"#{HEADER}", "invalid_key", message, max=LONGEST)])
    return key


def digest_of(body: bytes, content_type: str, query: str) -> bytes:
    """What tells two requests apart: SHA-256 of body bytes, content type and query."""
    found = hashlib.sha256(body)
    found.update(f"\0{content_type}\0{query}".encode("utf-8", "surrogateescape"))
    return found.digest()
