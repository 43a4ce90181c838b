"""What a bulk operation is to do: to which tasks, what, and how fast. It is kept as JSON, as it was asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from okydrom.delivery.edit import Edit
from okydrom.errors import Fault, Invalid
from okydrom.store.command import Action
from okydrom.store.query import Filter, parse_filter
from okydrom.task import Status, Task

_encode = msgspec.json.Encoder(order="deterministic").encode


class Rebase(msgspec.Struct, frozen=True, rename={"start": "from"}):
    """Another beginning for URLs."""

    start: str
    to: str


class Plan(msgspec.Struct, frozen=True, kw_only=True, rename={"patch": "set"}, omit_defaults=True):
    """One of `filter` and `ids` is given. `at` (epoch ms) is the time that ages in the filter speak of."""

    action: Action
    filter: Mapping[str, Any] | UnsetType = UNSET
    ids: tuple[str, ...] | UnsetType = UNSET
    patch: Mapping[str, msgspec.Raw] | UnsetType = UNSET
    rebase: Rebase | UnsetType = UNSET
    rate: float | UnsetType = UNSET  # tasks a second
    at: int = 0

    def wanted(self) -> Filter:
        """The tasks that it is about. Raises Invalid, its pointers into the plan."""
        if self.ids is not UNSET:
            return Filter(ids=frozenset(self.ids))
        try:
            return parse_filter(pairs(self.filter or {}), self.at)
        except Invalid as invalid:
            raise Invalid([_placed(fault) for fault in invalid.faults]) from None

    def edit_of(self, task: Task) -> Edit | None:
        """What it changes of a task; None: its URL does not begin so."""
        patch = dict(self.patch or {})
        if self.rebase is not UNSET:
            url = rebased(task.url, self.rebase)
            if url is None:
                return None
            patch["url"] = msgspec.Raw(_encode(url))
        return Edit(patch)


# Shown statuses that an action means; tasks of others are passed over.
MEANT: Mapping[Action, frozenset[Status]] = {
    Action.RETRY: frozenset(set(Status) - {Status.SENDING}),
    Action.CANCEL: frozenset({Status.QUEUED, Status.SENDING, Status.RETRYING}),
    Action.EDIT: frozenset(set(Status) - {Status.SENDING, Status.DELIVERED}),
    Action.RESEND: frozenset(Status),
    Action.DELETE: frozenset({Status.DELIVERED, Status.FAILED, Status.CANCELLED}),
}


def pack_plan(plan: Plan) -> bytes:
    """Its JSON; equal plans have equal ones."""
    return _encode(plan)


def unpack_plan(data: bytes) -> Plan:
    """The plan of its JSON. Raises ValueError."""
    return msgspec.json.decode(data, type=Plan)


def pairs(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """A filter in JSON as the pairs of a query string.

    >>> list(pairs({"status": ["failed", "queued"], "label": {"tenant": "acme"}, "attempts_from": 3, "held": True}))
    [('status', 'failed'), ('status', 'queued'), ('label.tenant', 'acme'), ('attempts_from', '3'), ('held', 'true')]
    """
    for name, value in given.items():
        if name == "label" and isinstance(value, Mapping):
            yield from pairs({f"label.{label}": inner for label, inner in value.items()})
        else:
            for each in value if isinstance(value, list) else [value]:
                yield name, each if isinstance(each, str) else _encode(each).decode()


def rebased(url: str, rebase: Rebase) -> str | None:
    """The URL with another beginning; None if it does not begin so. A host or a part of a path is met as a whole.

    >>> rule = Rebase("http://a/v1", "https://b")
    >>> rebased("http://a/v1/x?k=1", rule), rebased("http://a/v10", rule)
    ('https://b/x?k=1', None)
    """
    if not url.startswith(rebase.start):
        return None
    rest = url[len(rebase.start) :]
    if rest and rest[0] not in "/?" and rebase.start[-1:] not in ("/", "?", "=", "&"):
        return None
    return rebase.to + rest


def _placed(fault: Fault) -> Fault:
    name = fault.pointer.removeprefix("#").replace("~", "~0").replace("/", "~1")
    return Fault(f"/filter/{name}", fault.code, fault.message, **fault.params)
