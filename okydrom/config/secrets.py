"""Signing secrets as operators write them (Standard Webhooks 1.0), and the files that hold them.

    whsec_<base64 of 24…64 bytes>        HMAC-SHA256, signature `v1`
    whsk_<base64 of 32 or 64 bytes>      ed25519, signature `v1a`: the seed, alone or with the public key behind it

A secret never stands in a message, a log line or a `repr`.
"""

from __future__ import annotations

from binascii import a2b_base64
from pathlib import Path

import msgspec

SYMMETRIC, ASYMMETRIC = "whsec_", "whsk_"
MOST = 8  # of one method
LARGEST_FILE = 64 * 1024


class Secret(msgspec.Struct, frozen=True):
    """One key and what it is for."""

    key: bytes  # of an asymmetric one the seed
    asymmetric: bool = False

    def __repr__(self) -> str:
        """Nothing of it."""
        return "Secret(***)"


def parse_secret(text: object) -> Secret:
    """The secret that a text stands for. Raises ValueError, whose sentence holds nothing of it.

    >>> parse_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    Secret(***)
    """
    if not isinstance(text, str) or not text.startswith((SYMMETRIC, ASYMMETRIC)):
        raise ValueError("must be a secret that begins with whsec_ (HMAC) or whsk_ (ed25519)")
    asymmetric = text.startswith(ASYMMETRIC)
    digits = text.partition("_")[2]
    try:
        key = a2b_base64(digits + "=" * (-len(digits) % 4), strict_mode=True)
    except ValueError:
        raise ValueError("must be base64 after its beginning") from None
    if asymmetric:
        if len(key) not in (32, 64):
            raise ValueError("must be 32 or 64 bytes in base64 after whsk_")
        return Secret(key[:32], asymmetric=True)
    if not 24 <= len(key) <= 64:
        raise ValueError("must be 24 to 64 bytes in base64 after whsec_")
    return Secret(key)


def read_secrets(raw: object) -> tuple[Secret, ...]:
    """The secrets of a list, in its order."""
    if not isinstance(raw, list | tuple) or len(raw) > MOST:
        raise ValueError(f'must be a list of at most {MOST} secrets such as ["whsec_…"]')
    found = []
    for number, item in enumerate(raw, 1):
        try:
            found.append(parse_secret(item))
        except ValueError as fault:
            raise ValueError(f"number {number} {fault}") from None
    return tuple(found)


def secrets_of(file: Path) -> tuple[Secret, ...]:
    """The secrets of a file: one a line, empty lines and those that begin with # aside. Raises ValueError."""
    try:
        with file.open("rb") as opened:
            data = opened.read(LARGEST_FILE + 1)
        text = data.decode("ascii")
    except OSError as error:
        raise ValueError(f"can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ValueError("must be a text file with one secret a line") from None
    if len(data) > LARGEST_FILE:
        raise ValueError("must be a small text file with one secret a line")
    lines = [line.strip() for line in text.splitlines()]
    secrets = [line for line in lines if line and not line.startswith("#")]
    if not secrets:
        raise ValueError("must hold at least one secret")
    return read_secrets(secrets)
