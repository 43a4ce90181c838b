"""Figures of one minute, and what a transaction adds to them."""

from __future__ import annotations

import msgspec

BITS = 32  # of a bucket


class Turnover(msgspec.Struct, frozen=True, gc=False):
    """Tasks that a transaction took in (copies and callbacks among them), and those that ended in it."""

    accepted: int = 0
    delivered: int = 0
    first: int = 0  # of these, by their first attempt
    failed: int = 0
    cancelled: int = 0


class Minute(msgspec.Struct, kw_only=True):
    """What happened within a minute, and what stood at its end.

    `times` says how long the attempts took, as one number: `BITS` for each bucket of `okydrom.delivery.recent`,
    so that those of many minutes are added up like any other figure.
    """

    number: int  # minutes since the epoch
    accepted: int = 0
    delivered: int = 0
    first: int = 0
    failed: int = 0
    cancelled: int = 0
    attempts: int = 0
    not_2xx: int = 0
    times: int = 0
    waiting: int | None = None  # tasks in progress; None: as many as before
    free: int | None = None  # bytes of the disk; None: it was not looked at

    def turn(self, turnover: Turnover) -> None:
        """Count what a transaction did."""
        self.accepted += turnover.accepted
        self.delivered += turnover.delivered
        self.first += turnover.first
        self.failed += turnover.failed
        self.cancelled += turnover.cancelled

    def add(self, other: Minute) -> None:
        """Count what happened in another one too; what stood at its end stands now."""
        for name in COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.waiting = self.waiting if other.waiting is None else other.waiting
        self.free = self.free if other.free is None else other.free


COUNTS = ("accepted", "delivered", "first", "failed", "cancelled", "attempts", "not_2xx", "times")
