"""What is wrong at a destination, as a store counts it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from okydrom.config.settings import DAY

TROUBLE_KEPT = DAY  # of what has failed and does not come again


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """Tasks of one destination with the same last outcome. Times are epoch ms."""

    outcome: str | None  # a code or a class of failure; None: they had no attempt
    rule: str | None = None  # which address rule refused it
    retrying: int  # that wait for another attempt
    failed: int  # that have failed since `first_at`
    first_at: int
    last_at: int
    sample_id: str | None  # one of them; None: none was found quickly


class Troubled(msgspec.Struct, frozen=True, kw_only=True):
    """A destination, and all that is wrong there."""

    destination: str
    waiting: int  # all its tasks in progress
    next_due: int | None  # of its unclaimed tasks
    sample_id: str | None  # the next of those
    troubles: Sequence[Trouble] = ()
