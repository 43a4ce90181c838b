"""Keeps out of the log what is nobody's business: queries of URLs, credentials, and texts of foreign exceptions."""

from __future__ import annotations

import re
import traceback
from collections.abc import Mapping
from functools import lru_cache
from pathlib import PurePath
from typing import Any

from okydrom.errors import OkydromError

MASK = "***"
FRAMES = 20
CAUSES = 4

_CREDENTIAL = re.compile(
    r"authorization|cookie|token|secret|passw|credential|signature|api_?key", re.IGNORECASE
)
_SCHEME = re.compile(r"\b(basic|bearer)\s+[\w.~+/=-]{4,}|\bwhsec_[\w+/=]+", re.IGNORECASE)
_QUERY = re.compile(r"\?[^\s\"'<>]+")
_USER = re.compile(r"(://)[^\s/@]+@")

# Their texts are the interpreter's and SQLite's own, about names and types; any other may quote a URL or a body.
_SPEAKING = (
    AttributeError,
    ImportError,
    IndexError,
    NameError,
    RecursionError,
    TypeError,
    ZeroDivisionError,
)


def masked(value: Any) -> Any:
    """The value as it may be logged.

    >>> masked("GET http://u:p@a/b?key=1"), masked({"token": "x", "sent": ["Authorization: Bearer yyyy"]})
    ('GET http://***@a/b?***', {'token': '***', 'sent': ['Authorization: Bearer ***']})
    """
    if isinstance(value, str):
        return masked_text(value)
    if isinstance(value, Mapping):
        return {str(key): MASK if is_credential(str(key)) else masked(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [masked(inner) for inner in value]
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, PurePath):
        return masked_text(str(value))
    return type(value).__name__  # what an object says of itself may hold anything


def masked_text(text: str) -> str:
    """The text without queries, passwords and tokens."""
    if "?" in text:
        text = _QUERY.sub("?" + MASK, text)
    if "@" in text:
        text = _USER.sub(rf"\1{MASK}@", text)
    return _SCHEME.sub(_masked_scheme, text)


@lru_cache(maxsize=1024)
def is_credential(name: str) -> bool:
    """Does a field of this name hold a credential?"""
    return _CREDENTIAL.search(name) is not None


def described(error: BaseException, causes: int = CAUSES) -> dict[str, Any]:
    """An exception as fields: its class, where it was raised, what it came from; its text only where that is safe."""
    kind = type(error)
    fields: dict[str, Any] = {"error": f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")}
    if isinstance(error, OkydromError):
        fields |= {"code": error.code, "detail": error.detail}
    elif isinstance(error, OSError):
        fields |= {"errno": error.errno}
    elif isinstance(error, _SPEAKING) or kind.__module__ == "sqlite3":
        fields |= {"detail": str(error)}
    fields["frames"] = [
        f"{'/'.join(PurePath(frame.filename).parts[-3:])}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)[-FRAMES:]
    ]
    if causes and isinstance(error, BaseExceptionGroup):
        fields["errors"] = [described(inner, causes - 1) for inner in error.exceptions[:CAUSES]]
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if causes and cause is not None:
        fields["cause"] = described(cause, causes - 1)
    return fields


def _masked_scheme(match: re.Match[str]) -> str:
    return f"{match[1]} {MASK}" if match[1] else MASK
