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

_SEQS = Lookup("SELECT json_group_array(seq) FROM task WHERE id")
_HELD = (
    "(t.due IS NOT NULL AND EXISTS (SELECT 1 FROM destination AS h WHERE h.number = t.destination "
    "AND (h.paused = 1 OR h.held_until > ?)))"
)
# What a URL's query holds is not shown, and so not found either.
_WORD = (
    "(instr(lower(t.event), ?) OR EXISTS (SELECT 1 FROM record AS w WHERE w.seq = t.seq AND "
    "(instr(lower(substr(w.url, 1, instr(w.url || '?', '?') - 1)), ?) OR instr(lower(w.labels), ?))) "
    "OR instr(lower(hex(t.id)), ?))"
)
_FOLD = {letter: letter + 32 for letter in range(ord("A"), ord("Z") + 1)}


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
        "order_key": ("t.order_key", wanted.order_key),
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
    if wanted.ids:
        found["id"] = Condition("t.seq IN (SELECT value FROM json_each(?))", [_seqs(db, wanted.ids)])
    if wanted.held is not None:
        found["held"] = Condition(f"{'' if wanted.held else 'NOT '}{_HELD}", [wanted.asked_at])
    for place, word in enumerate(wanted.words):
        found[f"word.{place}"] = _word(word)
    return found | _bounds(wanted)


def _word(word: str) -> Condition:
    """SQLite's lower() knows ASCII alone, so no more is folded here."""
    folded = word.translate(_FOLD)
    return Condition(_WORD, [folded, folded, folded, folded.replace("-", "")])


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
        "seq_from": ("t.seq >= ?", wanted.seq_from),
        "seq_to": ("t.seq <= ?", wanted.seq_to),
        "attempts_from": ("t.attempts >= ?", wanted.attempts_from),
    }
    return {field: Condition(sql, [value]) for field, (sql, value) in bounds.items() if value is not None}


def _seqs(db: sqlite3.Connection, ids: Collection[str]) -> str:
    """A JSON array."""
    rows = _SEQS.run(db, [id_bytes(task_id) for task_id in sorted(ids)])
    return msgspec.json.encode([seq for (found,) in rows for seq in msgspec.json.decode(found)]).decode()


def _numbers(db: sqlite3.Connection, keys: Collection[str]) -> list[int]:
    return [
        number
        for (found,) in _NUMBERS.run(db, list(keys))
        for number in msgspec.json.decode(found, type=list[int])
    ]
