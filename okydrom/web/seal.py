"""A seal under what was shown before it is done: nobody can have something else done than what was planned."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode

import msgspec

from okydrom.errors import StalePlan


class Sealed(msgspec.Struct, frozen=True, array_like=True):
    """What a plan was made on. Times are epoch ms."""

    at: int
    until: int  # it holds so long
    last: int  # the highest seq at that time
    matched: int


class Seal:
    """Makes and opens tokens with a key that this process alone has: they end with it."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def token(self, sealed: Sealed, plan: bytes, by: str) -> str:
        """Text that stands for a plan of somebody."""
        content = msgspec.json.encode(sealed)
        return f"{_text(content)}.{_text(self._mac(content, plan, by))}"

    def open(self, token: str, plan: bytes, by: str, now: int) -> Sealed:
        """What was sealed. Raises StalePlan if it is another plan, somebody else's, too old, or no token."""
        try:
            content, mac = (urlsafe_b64decode(part.encode() + b"==") for part in token.split("."))
            sealed = msgspec.json.decode(content, type=Sealed)
        except ValueError:
            raise StalePlan("This is no token of a plan.") from None
        if not hmac.compare_digest(mac, self._mac(content, plan, by)):
            raise StalePlan("The token is of another plan, or of another start of the service.")
        if now > sealed.until:
            raise StalePlan("The plan is too old.")
        return sealed

    def _mac(self, content: bytes, plan: bytes, by: str) -> bytes:
        parts = (content, plan, by.encode())
        return hmac.digest(self._key, msgspec.msgpack.encode(parts), hashlib.sha256)


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
