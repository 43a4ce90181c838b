"""A filter as SQL: conditions on a task `t`."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec

from okydrom.store.query import Filter
from okydrom.store.sqlite.batches import Lookup, places
from okydrom.store.sqlite.rows import id_bytes

_NUMBERS = Lookup("SELECT json_group_array(number) FROM destination WHERE key")


class Condition(msgspec.Struct, frozen=True):
    """An expression that has to hold, with the values of its placeholders."""

    sql: str
    values: Sequence[Any] = ()


def conditions_of(db: sqlite3.Connection, wanted: Filter) -> dict[str, Condition]:
    """The conditions by field; `status` among them is the stored one."""
    words: Mapping[str, tuple[str, Collection[str]]] = {
        "status": ("t.status", wanted.status),
        "reason": ("t.reason", wanted.reason),
        "method": ("t.method", wanted.method),
        "source": ("t.source", wanted.source),
        "event": ("t.event", wanted.event),
        "error": ("t.last_error", wanted.error),
    }
    found = {
        field: one_of(column, sorted(map(str, values))) for field, (column, values) in words.items() if values
    }
    if wanted.destination:
        found["destination"] = one_of("t.destination", _numbers(db, wanted.destination))
    if wanted.codes:
        ranges = " OR ".join(["t.last_code BETWEEN ? AND ?"] * len(wanted.codes))
        found["code"] = Condition(f"({ranges})", [code for bounds in wanted.codes for code in bounds])
    if wanted.parent is not None:
        found["parent"] = Condition("t.parent = ?", [id_bytes(wanted.parent)])
    for key, values in wanted.labels:
        found[f"label.{key}"] = _label(key, values)
    return found | _bounds(wanted)


def one_of(expression: str, values: Sequence[Any]) -> Condition:
    """It is one of these values; of none, it never holds."""
    return Condition(f"{expression} IN ({places(len(values))})", values)


def _label(key: str, values: Collection[str]) -> Condition:
    sql = f"EXISTS (SELECT 1 FROM label AS l WHERE l.key = ? AND l.value IN ({places(len(values))}) AND l.seq = t.seq)"
    return Condition(sql, [key, *sorted(values)])


def _bounds(wanted: Filter) -> dict[str, Condition]:
    bounds = {
        "created_from": ("t.created_at >= ?", wanted.created_from),
        "created_to": ("t.created_at < ?", wanted.created_to),
        "finished_from": ("t.finished_at >= ?", wanted.finished_from),
        "finished_to": ("t.finished_at < ?", wanted.finished_to),
        "due_before": ("t.due < ?", wanted.due_before),
        "attempts_from": ("t.attempts >= ?", wanted.attempts_from),
    }
    return {field: Condition(sql, [value]) for field, (sql, value) in bounds.items() if value is not None}


def _numbers(db: sqlite3.Connection, keys: Collection[str]) -> list[int]:
    return [
        number
        for (found,) in _NUMBERS.run(db, list(keys))
        for number in msgspec.json.decode(found, type=list[int])
    ]
