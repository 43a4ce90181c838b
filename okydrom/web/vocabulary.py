"""Which values the fields of tasks have, remembered for a few seconds, so that typing costs one look."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

import msgspec

from okydrom.store.contract import Frequent, Store

REMEMBERED = 8  # fields
LASTS = 5.0  # s
DEADLINE = 0.5  # s


class Value(msgspec.Struct, frozen=True, gc=False):
    """A value, how often it was found, and its beginnings in folded case."""

    value: str
    count: int
    begins: tuple[str, ...]


class Known(msgspec.Struct, frozen=True):
    """What was found for a field, most frequent first, in so many tasks; it holds until then (s of the loop's time)."""

    values: Sequence[Value]
    looked_at: int
    until: float

    def beginning(self, prefix: str) -> Iterator[Value]:
        """Values that begin so, in any case."""
        wanted = prefix.casefold()
        return (each for each in self.values if any(begin.startswith(wanted) for begin in each.begins))


class Vocabulary:
    """What was found last, of a few fields."""

    def __init__(self) -> None:
        self._known: dict[str, Known] = {}
        self._one = asyncio.Lock()

    async def of(self, store: Store, field: str) -> Known:
        """All values of a field."""
        async with self._one:
            now = asyncio.get_running_loop().time()
            self._known = {name: known for name, known in self._known.items() if known.until > now}
            if field not in self._known:
                known = await _look(store, field, now + LASTS)
                if len(self._known) == REMEMBERED:
                    del self._known[next(iter(self._known))]
                self._known[field] = known
            return self._known[field]


async def _look(store: Store, field: str, until: float) -> Known:
    found = await store.frequent(field, DEADLINE)
    return await asyncio.to_thread(_known, field, found, until)  # there may be thousands


def _known(field: str, found: Frequent, until: float) -> Known:
    ordered = sorted(found.counts.items(), key=lambda item: (-item[1], item[0]))
    return Known([Value(*item, _begins(field, item[0])) for item in ordered], found.looked_at, until)


def _begins(field: str, value: str) -> tuple[str, ...]:
    """A destination is sought by its host, too."""
    folded = value.casefold()
    return (folded, folded.partition("://")[2]) if field == "destination" else (folded,)
