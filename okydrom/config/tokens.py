"""Access tokens as they are configured: a name, a role, and the SHA-256 of a token that nobody keeps here.

In config.toml a list of tables, in a file of their own one a line: name, role, SHA-256, divided by blanks.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Iterable
from pathlib import Path

from okydrom.config.settings import ROLES, Token

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
OTHERS = stat.S_IRWXO | stat.S_IWGRP  # a group may be let read: that of the service
RESERVED = "local"  # whoever calls while there are no tokens
EXAMPLE = '[{name = "crm", role = "source", sha256 = "…"}]'


def read_tokens(raw: object) -> tuple[Token, ...]:
    """The tokens of a list of tables; a SHA-256 never stands in a message. Raises ValueError."""
    if not isinstance(raw, list | tuple) or not all(isinstance(item, dict) for item in raw):
        raise ValueError(f"must be a list such as {EXAMPLE}")
    return unique(_token(item) for item in raw)


def read_tokens_file(path: Path) -> tuple[Token, ...]:
    """The tokens of a file, one at least. Raises ValueError for what is no token, or if others may read or write the
    file, OSError if it can't be read."""
    if path.stat().st_mode & OTHERS:
        raise ValueError("may be read or written by everybody; chmod 0600 makes it yours")
    tokens = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if len(words) != 3:
            raise ValueError(f"line {number}: must be name, role and SHA-256")
        try:
            tokens.append(_token(dict(zip(("name", "role", "sha256"), words, strict=True))))
        except ValueError as fault:
            raise ValueError(f"line {number}: {fault}") from None
    if not tokens:
        raise ValueError("has no token")
    return unique(tokens)


def unique(tokens: Iterable[Token]) -> tuple[Token, ...]:
    """The tokens, if no two have a name or a value in common. Raises ValueError."""
    found = tuple(tokens)
    names = [token.name for token in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"{twice[0]!r} is there twice")
    if len({token.sha256 for token in found}) < len(found):
        raise ValueError("two names have the same token")
    return found


def _token(item: dict[str, object]) -> Token:
    unknown = sorted(item.keys() - {"name", "role", "sha256"})
    if unknown:
        raise ValueError(f"{unknown[0]!r} is unknown: a token has name, role and sha256")
    name, role, digest = (str(item.get(key, "")) for key in ("name", "role", "sha256"))
    if not _NAME.fullmatch(name) or name == RESERVED:
        raise ValueError(
            f'each needs a name of letters, digits and ._- (at most 64, not {RESERVED!r}), such as "crm"'
        )
    if role not in ROLES:
        raise ValueError(f"the role of {name!r} must be one of {', '.join(ROLES)}")
    if not _SHA256.fullmatch(digest.lower()):
        raise ValueError(f"the sha256 of {name!r} must be 64 hexadecimal digits; `okydrom token` makes them")
    return Token(name, role, digest.lower())
