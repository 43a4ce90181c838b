"""What a list is filtered by, and how that is written in a query string.

    status=queued,retrying & group=failed & label.tenant=acme & code=503,5xx & created_from=-24h

A field left empty filters nothing; several values of one field (repeated or after commas) mean "or", several fields
mean "and". Times are RFC 3339, or an age such as `-24h`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from okydrom.errors import Fault, Invalid
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

LABEL = "label."
MOST_VALUES = 100  # of one field


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
    faults: list[Fault] = []
    found: dict[str, list[Any]] = {}
    for name, value in query:
        field = _field(name)
        if field is None:
            faults.append(_unknown(name))
            continue
        values = found.setdefault(name, [])
        for piece in value.split(",") if field.many else [value]:
            if piece.strip():
                try:
                    values.append(field.read(piece.strip(), now))
                except ValueError as error:
                    faults.append(Fault(f"#{name}", "invalid_value", str(error)))
        if len(values) > (MOST_VALUES if field.many else 1):
            faults.append(_too_many(name, field))
    fields = _fields({name: values for name, values in found.items() if values}, now, faults)
    if faults:
        raise Invalid(faults)
    return Filter(**fields)


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
            fields["codes"] = tuple(values)
        elif name not in ("status", "group"):
            fields[name] = frozenset(values) if FIELDS[name].many else values[0]
    if labels:
        fields["labels"] = tuple(labels)
    if "held" in fields:
        fields["asked_at"] = now
    fields["status"] = _statuses(found.get("status"), found.get("group"), faults)
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


def _too_many(name: str, field: Field) -> Fault:
    most = MOST_VALUES if field.many else 1
    return Fault(f"#{name}", "too_many", f"At most {most} value{'s' if most > 1 else ''} of it.", max=most)


def _unknown(name: str) -> Fault:
    name = name[:255].encode(errors="replace").decode()  # the answer has to be UTF-8
    near = difflib.get_close_matches(name[:64], [*FIELDS, f"{LABEL}k"], 1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    params = {"suggestion": near[0]} if near else {}
    return Fault(f"#{name}", "unknown_parameter", f"This call has no such parameter.{hint}", **params)
