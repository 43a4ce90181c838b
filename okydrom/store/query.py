"""What a list is filtered by, and how that is written in a query string.

    status=queued,retrying & group=failed & label.tenant=acme & code=503,5xx & created_from=-24h

A field left empty filters nothing; several values of one field (repeated or after commas) mean "or", several fields
mean "and". Times are RFC 3339, or an age such as `-24h`. `q` is the same in the filter language
(`language`); what it says has to hold beside the other parameters.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from okydrom.errors import Fault, Invalid
from okydrom.store.joining import joined, merged
from okydrom.store.language import LABEL, Piece, fault_at, read_phrase
from okydrom.store.values import (
    Read,
    code_range,
    destination,
    flag,
    id_text,
    is_text,
    member,
    moment,
    text,
    whole,
)
from okydrom.task import GROUPS, Failure, Group, Reason, Status

MOST_VALUES = 100  # of one field
MOST_LABELS = 16  # different ones: a task has no more
MOST_WORDS = 10  # of free text: each is sought in every task that is looked at
PHRASE = "q"


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Fields are joined by "and". Times are epoch milliseconds, from inclusive, to exclusive."""

    status: frozenset[Status] = frozenset()  # groups are resolved into their statuses
    reason: frozenset[Reason] = frozenset()
    method: frozenset[str] = frozenset()
    destination: frozenset[str] = frozenset()
    source: frozenset[str] = frozenset()
    event: frozenset[str] = frozenset()
    labels: tuple[tuple[str, frozenset[str]], ...] = ()
    codes: tuple[tuple[int, int], ...] = ()  # inclusive ranges of the last code: 503, 503 or 500, 599
    error: frozenset[Failure] = frozenset()
    parent: str | None = None
    created_from: int | None = None
    created_to: int | None = None
    finished_from: int | None = None
    finished_to: int | None = None
    due_before: int | None = None  # of waiting tasks
    attempts_from: int | None = None
    order_key: frozenset[str] = frozenset()
    held: bool | None = None  # waiting at a destination that is paused or held, or at none such
    asked_at: int = 0  # the time that `held` speaks of
    words: tuple[
        str, ...
    ] = ()  # each in event, URL (but for its query), id or labels; ASCII letters in any case
    ids: frozenset[str] = frozenset()
    seq_from: int | None = None  # by order of import, both inclusive
    seq_to: int | None = None


class Field(msgspec.Struct, frozen=True):
    """A parameter: how one value of it is read, and whether it may have several."""

    read: Read
    many: bool = True


FIELDS: Mapping[str, Field] = {
    "status": Field(member(Status)),
    "group": Field(member(Group)),
    "reason": Field(member(Reason)),
    "method": Field(text),
    "destination": Field(destination),
    "source": Field(text),
    "event": Field(text),
    "code": Field(code_range),
    "error": Field(member(Failure)),
    "parent": Field(id_text, many=False),
    "created_from": Field(moment, many=False),
    "created_to": Field(moment, many=False),
    "finished_from": Field(moment, many=False),
    "finished_to": Field(moment, many=False),
    "due_before": Field(moment, many=False),
    "attempts_from": Field(whole, many=False),
    "order_key": Field(text),
    "held": Field(flag, many=False),
}


def parse_filter(query: Iterable[tuple[str, str]], now: int) -> Filter:
    """The filter that a query string's pairs write. Raises Invalid with all faults.

    >>> sorted(parse_filter([("group", "in_progress"), ("code", "5xx")], 0).status)[0], parse_filter([], 0) == Filter()
    (<Status.QUEUED: 'queued'>, True)
    """
    query = list(query)
    reading = _Reading(now)
    reading.add([piece for name, value in query if name != PHRASE for piece in _pieces(name, value)])
    for name, value in query:
        if name == PHRASE:
            reading.add_phrase(value)
    if reading.faults:
        raise Invalid(reading.faults)
    return Filter(**reading.fields)


def _pieces(name: str, value: str) -> list[Piece]:
    """The values of a parameter."""
    field = _field(name)
    parts = value.split(",") if field is not None and field.many else [value]
    return [Piece(name, part.strip()) for part in parts]


class _Reading:
    """Puts a filter together; `faults` are what was wrong with it so far."""

    def __init__(self, now: int) -> None:
        self.fields: dict[str, Any] = {}
        self.faults: list[Fault] = []
        self._now = now

    def add_phrase(self, line: str) -> None:
        """What a text in the filter language says has to hold too."""
        phrase, faults = read_phrase(line)
        before = len(self.faults)
        self.faults += faults
        for term in phrase.terms:
            self.add(term)
        for word in phrase.words[MOST_WORDS:][:1]:
            message = f"At most {MOST_WORDS} words of free text."
            self.faults.append(fault_at(word.column, "too_many", message, max=MOST_WORDS))
        for word in phrase.words:
            if self._read(text, word.value, "q", word.column) is not None:
                self._join({"words": (word.value,)}, word.column)
        self.faults[before:] = sorted(self.faults[before:], key=lambda fault: int(fault.params["column"]))

    def add(self, pieces: Sequence[Piece]) -> None:
        """These have to hold too: alternatives where the name is the same."""
        found: dict[str, list[Any]] = {}
        column = pieces[0].column if pieces else 0
        for piece in pieces:
            field = _field(piece.name)
            if field is None:
                self.faults.append(_unknown(piece))
            elif piece.value:
                value = self._read(field.read, piece.value, piece.name, piece.column)
                values = found.setdefault(piece.name, [])
                values += [] if value is None else [value]
                if value is not None and len(values) == (MOST_VALUES if field.many else 1) + 1:
                    self.faults.append(_too_many(piece, field))
        faults: list[Fault] = []
        fields = _fields({name: values for name, values in found.items() if values}, self._now, faults)
        self.faults += faults
        self._join(fields, column)

    def _read(self, read: Read, value: str, name: str, column: int) -> Any:
        """The value; None if it can't be read."""
        try:
            return read(value, self._now)
        except ValueError as error:
            params = getattr(error, "params", {})
            self.faults.append(_fault(name, column, "invalid_value", str(error), **params))
            return None

    def _join(self, fields: Mapping[str, Any], column: int) -> None:
        before = len(self.fields.get("labels", ()))
        self.fields, contradictory = joined(self.fields, fields)
        if before <= MOST_LABELS < len(self.fields.get("labels", ())):
            message = f"At most {MOST_LABELS} different labels."
            self.faults.append(_fault(LABEL.rstrip("."), column, "too_many", message, max=MOST_LABELS))
        for _ in contradictory[:1]:
            message = "No task can match this and what stands elsewhere in the filter."
            self.faults.append(fault_at(column, "contradiction", message))


def _field(name: str) -> Field | None:
    if name.startswith(LABEL) and is_text(name) and name != LABEL:
        return Field(text)
    return FIELDS.get(name)


def _fields(found: Mapping[str, list[Any]], now: int, faults: list[Fault]) -> dict[str, Any]:
    """The filter's fields of the values read."""
    fields: dict[str, Any] = {}
    labels = []
    for name, values in found.items():
        if name.startswith(LABEL):
            labels.append((name.removeprefix(LABEL), frozenset(values)))
        elif name == "code":
            fields["codes"] = merged(values)
        elif name not in ("status", "group"):
            fields[name] = frozenset(values) if FIELDS[name].many else values[0]
    if labels:
        fields["labels"] = tuple(labels)
    if "held" in fields:
        fields["asked_at"] = now
    if statuses := _statuses(found.get("status"), found.get("group"), faults):
        fields["status"] = statuses
    return fields


def _statuses(
    statuses: list[Status] | None, groups: list[Group] | None, faults: list[Fault]
) -> frozenset[Status]:
    """Statuses and those of the groups; both fields together leave what is in both."""
    of_groups = frozenset(status for status, group in GROUPS.items() if group in (groups or ()))
    if statuses is None or groups is None:
        return of_groups if statuses is None else frozenset(statuses)
    both = of_groups & frozenset(statuses)
    if not both:
        faults.append(Fault("#status", "contradiction", "No status asked for is of a group asked for."))
    return both


def _too_many(piece: Piece, field: Field) -> Fault:
    most = MOST_VALUES if field.many else 1
    message = f"At most {most} value{'s' if most > 1 else ''} of it."
    return _fault(piece.name, piece.column, "too_many", message, max=most)


def _fault(name: str, column: int, code: str, message: str, **params: Any) -> Fault:
    """At a parameter, or at a column of a text in the filter language."""
    if column:
        return fault_at(column, code, message, **params)
    return Fault(f"#{name}", code, message, **params)


def _unknown(piece: Piece) -> Fault:
    name = piece.name[:255].encode(errors="replace").decode()  # the answer has to be UTF-8
    near = difflib.get_close_matches(name[:64], [*FIELDS, PHRASE, f"{LABEL}k"], 1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    params = {"suggestion": near[0]} if near else {}
    return _fault(
        name, piece.column, "unknown_parameter", f"This call has no such parameter.{hint}", **params
    )
