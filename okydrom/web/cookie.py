"""The session's cookie: whose token, until when, and an HMAC over both and the token's digest.

So nothing is kept of sessions: a token that is removed or replaced ends its own, and the end of the key ends all.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Mapping

from okydrom.config.settings import HOUR, Token

COOKIE = "okydrom_session"
LIFETIME = 12 * HOUR
KEY_SIZE = 32


class Cookies:
    """Issues and reads them. `key` (32 bytes) has to be set before the first is; `now` in epoch ms."""

    def __init__(self, now: Callable[[], int]) -> None:
        self.key = b""
        self._now = now

    def issue(self, token: Token) -> str:
        """A value that holds for 12 hours."""
        expires = self._now() + LIFETIME
        return f"{_text(token.name.encode())}.{expires}.{self._sum(token, expires)}"

    def token_of(self, value: str, tokens: Mapping[str, Token]) -> Token | None:
        """The token that a cookie stands for, if that is still one of `tokens` (by name) and its time is not over."""
        parts = value.split(".")
        if len(parts) != 3 or not parts[1].isascii() or not parts[1].isdecimal() or len(parts[1]) > 16:
            return None
        token = tokens.get(_bytes(parts[0]).decode("ascii", "replace"))
        if token is None:
            return None
        expires = int(parts[1])
        genuine = hmac.compare_digest(self._sum(token, expires).encode(), parts[2].encode("utf-8", "replace"))
        return token if genuine and expires > self._now() else None

    def _sum(self, token: Token, expires: int) -> str:
        if len(self.key) != KEY_SIZE:
            raise RuntimeError("the session's key was not set")
        message = f"{token.name}\n{token.sha256}\n{expires}".encode()
        return _text(hmac.digest(self.key, message, hashlib.sha256))


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return b""
