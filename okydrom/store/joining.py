"""Two filters that both have to match, as one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

Ranges = Sequence[tuple[int, int]]
Labels = Sequence[tuple[str, frozenset[str]]]


def joined(one: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The fields (of `Filter`) that hold where both do, and the names of those that no task can satisfy.

    >>> joined({"event": frozenset("ab")}, {"event": frozenset("bc"), "attempts_from": 3})
    ({'event': frozenset({'b'}), 'attempts_from': 3}, [])
    >>> joined({"codes": ((500, 599),)}, {"codes": ((503, 503), (404, 404))})
    ({'codes': ((503, 503),)}, [])
    >>> joined({"parent": "x", "created_to": 5}, {"parent": "y", "created_to": 4})[1]
    ['parent']
    """
    both, contradictory = {**one, **other}, []
    for name in one.keys() & other.keys():
        both[name] = _JOIN.get(name, _same)(one[name], other[name])
        if both[name] in (None, frozenset(), ()):
            contradictory.append(name)
    return both, contradictory


def merged(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """The same numbers in as few ranges as can be, in order: a filter of many terms stays small.

    >>> merged([(500, 599), (503, 503), (404, 404), (400, 403)])
    ((400, 404), (500, 599))
    """
    found: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if found and low <= found[-1][1] + 1:
            found[-1] = found[-1][0], max(found[-1][1], high)
        else:
            found.append((low, high))
    return tuple(found)


def _same(one: Any, other: Any) -> Any:
    """Values of a set that are in both; of a single value: it, if it is the same."""
    if isinstance(one, frozenset):
        return one & other
    return one if one == other else None


def _ranges(one: Ranges, other: Ranges) -> Ranges:
    cut = [(max(low, least), min(high, most)) for low, high in one for least, most in other]
    return tuple((low, high) for low, high in cut if low <= high)


def _labels(one: Labels, other: Labels) -> Labels:
    """Nothing if one label would have to have two values."""
    wanted = dict(one)
    for name, values in other:
        wanted[name] = wanted.get(name, values) & values
    return tuple(wanted.items()) if all(wanted.values()) else ()


_JOIN: Mapping[str, Callable[[Any, Any], Any]] = {
    "codes": _ranges,
    "labels": _labels,
    "created_from": max,
    "finished_from": max,
    "attempts_from": max,
    "created_to": min,
    "finished_to": min,
    "due_before": min,
    "words": lambda one, other: (*one, *other),
}
