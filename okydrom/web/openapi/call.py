"""What one call takes and answers, beside what the table of routes says of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

JSON = "application/json"


class Parameter(msgspec.Struct, frozen=True):
    """One in the query or a header. `schema` is JSON Schema; `many`: it may be given several times, or with commas."""

    name: str
    schema: Mapping[str, Any]
    about: str = ""
    many: bool = False
    place: str = "query"
    needed: bool = False


class Body(msgspec.Struct, frozen=True):
    """What is posted: a type for each media type (None: any bytes)."""

    kinds: Mapping[str, Any]
    needed: bool = True


class Answer(msgspec.Struct, frozen=True):
    """One way to succeed: the type of its JSON (several: one of them; None: no body), or `media`, whose bytes are not
    looked into. `also` are further media types of the same, not looked into either."""

    about: str
    kind: Any = None
    media: str = JSON
    also: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    leads: str | None = (
        None  # the path that stands for what was made: its id leads to all calls at it and below
    )

    @property
    def kinds(self) -> tuple[Any, ...]:
        """The types, each once."""
        if self.kind is None:
            return ()
        return self.kind if isinstance(self.kind, tuple) else (self.kind,)


class Call(msgspec.Struct, frozen=True):
    """All of it. `problems` are statuses beside those that any call of its kind may have."""

    answers: Mapping[int, Answer]
    parameters: tuple[Parameter, ...] = ()
    body: Body | None = None
    problems: tuple[int, ...] = ()
