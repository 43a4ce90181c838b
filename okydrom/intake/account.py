"""Accounting for the numbers of a journal while it is read: which frames count, what is missing, what damage means.

    q00003  …  41 42 43 ▒▒▒ 46 47           ▒ no frame, but a later group follows: damage; 44-45 are a gap
    q00004  48 49 [50 51]                   [] refused: burnt according to the next chunk
    q00005  (52: 50-51 are burnt) 53 54 ▚▚  ▚ no frame at the very end: torn, nobody was answered

A number that is missing above the store's position and was not burnt is a gap. Bytes that are no frame in the last
group of all are torn: that group was being written when the power went, since no later one exists.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from okydrom.intake.frames import Burnt, Kind, unpack_burnt
from okydrom.intake.scan import Frame, Hole

BURNT = Kind.BURNT


class Gap(msgspec.Struct, frozen=True):
    """Missing numbers, both included; `last` None: it can't be known."""

    first: int
    last: int | None


class Source(msgspec.Struct, frozen=True):
    """A chunk to read. `first`: its header's number, None if it is damaged; `refused`: numbers that later chunks call
    burnt, so what stands here under them was refused."""

    path: Path
    number: int
    first: int | None
    start: int  # offset behind the header
    refused: tuple[Burnt, ...] = ()


class Damage(msgspec.Struct, frozen=True):
    """Bytes of a chunk that are no frame, and the number before them."""

    path: Path
    hole: Hole
    before: int


class Account:
    """Takes what stands in the chunks, in order. `position`: the store has all up to it."""

    def __init__(self, position: int) -> None:
        self.position = position
        self.last = 0  # the last number that counts, or is said to stand in an earlier chunk
        self.highest = 0  # of the numbers that were refused
        self.gaps: list[Gap] = []
        self.damage: list[Damage] = []
        self.torn: list[Damage] = []
        self.unknown = 0  # frames of a kind that a later version knows
        self.strays = 0  # frames whose number was seen before
        self.offset = 0  # where the last chunk's frames and damage end
        self._open: list[Damage | Gap] = []  # not yet known to have been synced
        self._source = Source(Path(), 0, None, 0)

    def begin(self, source: Source) -> None:
        """The next chunk is read."""
        self._source = source
        self.offset = source.start
        if source.first is not None:
            self._reach(source.first)
            self._settle()
            self.last = max(self.last, source.first - 1)

    def miss(self, hole: Hole) -> None:
        """Account for bytes that are no frame."""
        self.offset = hole.end
        self._open.append(Damage(self._source.path, hole, self.last))

    def take(self, frame: Frame) -> bool:
        """Account for a frame. Is it one to replay?"""
        self.offset = frame.end
        number = frame.number
        if self._source.refused and self._refused(number):
            self.highest = max(self.highest, number)
            counts = False
        elif number <= self.last:
            self.strays += 1
            counts = False
        else:
            if number != self.last + 1:  # a BURNT frame explains what is missing before it
                self._reach(unpack_burnt(frame.payload).first if frame.kind is BURNT else number)
            self.last = number
            counts = number > self.position
        if frame.opens and self._open:
            self._settle()
        if counts and not isinstance(frame.kind, Kind):
            self.unknown += 1
            return False
        return counts and frame.kind is not BURNT

    def end(self, lost_head: bool) -> None:
        """All is read. `lost_head`: a chunk is known to have followed."""
        if lost_head:
            self.gaps += [found for found in self._open if isinstance(found, Gap)]
            self.gaps.append(Gap(max(self.last, self.position) + 1, None))
        headless = self._source.first is None  # if nothing names its journal, nothing is thrown away
        for found in self._open:
            if isinstance(found, Damage):
                self._judge(found, synced=lost_head or headless or self.position > found.before)

    def _judge(self, found: Damage, synced: bool) -> None:
        if synced:
            self.damage.append(found)
            return
        self.torn.append(found)
        if not found.hole.inner:
            self.offset = found.hole.start

    def _refused(self, number: int) -> bool:
        return any(burnt.first <= number <= burnt.last for burnt in self._source.refused)

    def _reach(self, number: int) -> None:
        known = max(self.last, self.position)
        if number > known + 1:
            self._open.append(Gap(known + 1, number - 1))

    def _settle(self) -> None:
        """A later group exists, so all before it was synced: what is no frame is damage, what is missing is lost."""
        gaps = [found for found in self._open if isinstance(found, Gap)]
        for found in self._open:
            if isinstance(found, Damage):
                harmless = not found.hole.inner and not gaps
                (self.torn if harmless else self.damage).append(found)
        self.gaps += gaps
        self._open.clear()
