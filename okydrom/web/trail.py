"""What changed last, each thing once, within a bound: whoever knows how far he came can be told what came since."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator

import msgspec

from okydrom.task import Status


class Mark(msgspec.Struct, frozen=True, gc=False):
    """The last change of one thing. `number` is that of the moment; `before` the status until then, of a task that
    was there; `born` the number of the moment it was new at, 0: it was there already."""

    key: str
    number: int
    before: Status | None = None
    born: int = 0


class Trail:
    """At most `limit` things in the order of their last changes. What changed after `horizon` is remembered."""

    def __init__(self, limit: int) -> None:
        self.horizon = 0
        self._limit = limit
        self._marks: OrderedDict[str, Mark] = OrderedDict()

    def note(self, key: str, number: int, before: Status | None = None, *, new: bool = False) -> None:
        """A change at a moment; numbers never fall."""
        known = self._marks.pop(key, None)
        born = number if new else known.born if known is not None else 0
        self._marks[key] = Mark(key, number, before, born)
        if len(self._marks) > self._limit:
            _, oldest = self._marks.popitem(last=False)
            self.horizon = oldest.number

    def since(self, number: int) -> Iterator[Mark]:
        """What changed after that moment, the last first."""
        for mark in reversed(self._marks.values()):
            if mark.number <= number:
                return
            yield mark

    def forget(self, number: int) -> None:
        """Nothing is known of what changed until then."""
        self._marks.clear()
        self.horizon = number
