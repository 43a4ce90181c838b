"""What the writer's jobs work with, and what is told once their transaction is committed."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeVar

from okydrom.feed import Change
from okydrom.store.minute import Turnover
from okydrom.store.notes import Notes
from okydrom.store.sqlite.blocks import Blocks
from okydrom.store.sqlite.destinations import Destinations, keys_of
from okydrom.store.sqlite.tally import Tally
from okydrom.store.sqlite.troubles import Troubles
from okydrom.task import TERMINAL, Status

T = TypeVar("T")

Told = tuple[
    str, int, Status, int, int, Status | None
]  # id, destination's number, new status, version, since when, status before


class Followed:
    """Does anything follow the end of some task? As long as it does not, nothing is looked up."""

    def __init__(self, lines: bool = False, callbacks: bool = False) -> None:
        self.lines = lines
        self.callbacks = callbacks


class Book:
    """What the writer knows between transactions."""

    def __init__(self, last_seq: int, last_attempt: int) -> None:
        self.last_seq = last_seq
        self.last_attempt = last_attempt
        self.destinations = Destinations()
        self.blocks = Blocks()
        self.followed = Followed()

    def forget(self) -> None:
        """A transaction was rolled back: what was remembered may be wrong."""
        self.destinations.forget()
        self.blocks.forget()


class News:
    """What a transaction did that others want to hear of."""

    def __init__(self) -> None:
        self.finished: list[tuple[str, Status, int, int]] = []
        self.revived: list[tuple[str, int, int | None, int]] = []
        self.edited: list[tuple[bytes, int, int]] = []
        self.erased: list[tuple[str, int]] = []
        self.made: list[bytes] = []
        self.changes: list[Change] = []
        self.accepted = 0
        self.first = 0  # delivered by their first attempt

    @property
    def turnover(self) -> Turnover | None:
        """How many tasks came, and how many ended; None: none did."""
        if not self.accepted and not self.finished:
            return None
        ended = Counter([status for _, status, _, _ in self.finished])
        return Turnover(
            self.accepted,
            ended[Status.DELIVERED],
            self.first,
            ended[Status.FAILED],
            ended[Status.CANCELLED],
        )

    @property
    def notes(self) -> Notes:
        """What the journal is to know."""
        return Notes(
            finished=self.finished,
            revived=self.revived,
            edited=self.edited,
            erased=self.erased,
            made=self.made,
        )


class Transaction:
    """One transaction. `heard`: somebody listens to changes, so they are put down."""

    def __init__(self, db: sqlite3.Connection, book: Book, heard: bool) -> None:
        self.db = db
        self.destinations = book.destinations
        self.blocks = book.blocks
        self.followed = book.followed
        self.last_seq = book.last_seq
        self.last_attempt = book.last_attempt
        self.position = 0
        self.drop_empty: int | None = None  # destinations without tasks, pause or hold at this time go
        self.tally = Tally()
        self.troubles = Troubles()
        self.news = News()
        self._heard = heard
        self._told: list[Told] = []

    def tell(self, told: Sequence[Told]) -> None:
        """Tasks have a new status."""
        self.news.finished += [
            (task_id, status, at, version)
            for task_id, _, status, version, at, _ in told
            if status in TERMINAL
        ]
        self.tell_change(told)

    def tell_change(self, told: Sequence[Told]) -> None:
        """Tasks have changed, and not their status."""
        if self._heard:
            self._told += told

    def finish(self) -> News:
        """Write the counts; what is to be told after the commit."""
        self.tally.write(self.db, self.position, self.last_seq, self.last_attempt)
        self.troubles.write(self.db)
        if self.drop_empty is not None:
            self.destinations.drop_empty(self.db, self.drop_empty)
        if self._told:
            keys = keys_of(self.db, (number for _, number, _, _, _, _ in self._told))
            self.news.changes = [
                Change(task_id, keys[number], status, version, before)
                for task_id, number, status, version, _, before in self._told
            ]
        return self.news


Job = Callable[[Transaction], T]
Tell = Callable[[News], None]
