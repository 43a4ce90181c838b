"""What a store keeps about a destination besides its tasks."""

from __future__ import annotations

import msgspec
from msgspec import UNSET, UnsetType


class Due(msgspec.Struct, frozen=True, gc=False):
    """A destination with unclaimed waiting tasks: when its earliest is (or was) due, not before its hold ends."""

    destination: str
    next_due: int


class Pause(msgspec.Struct, frozen=True):
    """An operator stopped sending there. `since` in epoch ms."""

    since: int
    by: str
    note: str | None = None


class Hold(msgspec.Struct, frozen=True):
    """The recipient asked to wait. Times in epoch ms; `code` is that of the answer."""

    since: int
    until: int
    code: int | None = None


class Steered(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for a destination. None: nothing of the kind."""

    destination: str
    pause: Pause | None = None
    hold: Hold | None = None
    concurrency: int | None = None  # attempts in flight
    rate: float | None = None  # attempts a second


class Steer(msgspec.Struct, frozen=True, kw_only=True):
    """What is to hold from now on; UNSET leaves it as it is, None ends it."""

    destination: str
    pause: Pause | UnsetType | None = UNSET
    hold: Hold | UnsetType | None = UNSET
    concurrency: int | UnsetType | None = UNSET
    rate: float | UnsetType | None = UNSET


class DestinationRow(msgspec.Struct, frozen=True, kw_only=True):
    """A destination as kept: tasks waiting (queued and retrying), its earliest due time, and its steering."""

    destination: str
    waiting: int
    next_due: int | None  # of its unclaimed tasks
    paused: bool
    held_until: int | None
    delivered: int = 0
    failed: int = 0
    cancelled: int = 0
    steered: Steered | None = None
