"""Who calls, and what callers of a role may do."""

from __future__ import annotations

from enum import StrEnum

import msgspec
from aiohttp import web


class Role(StrEnum):
    """What a token is for."""

    SOURCE = "source"  # creates tasks, sees its own and may cancel them
    VIEWER = "viewer"  # reads
    OPERATOR = "operator"  # reads, creates and acts


ANYBODY = frozenset[Role]()  # without a token too
ALL = frozenset(Role)
CREATORS = frozenset({Role.SOURCE, Role.OPERATOR})
READERS = frozenset({Role.VIEWER, Role.OPERATOR})
OPERATORS = frozenset({Role.OPERATOR})


class Caller(msgspec.Struct, frozen=True, gc=False):
    """The name is that of the access token; it is the source of what the caller creates."""

    name: str
    role: Role


LOCAL = Caller("local", Role.OPERATOR)  # every caller, as long as there are no tokens


CALLER = web.RequestKey("caller", Caller)


def caller_of(request: web.Request) -> Caller:
    """Who calls."""
    caller: Caller = request.get(CALLER, LOCAL)
    return caller
