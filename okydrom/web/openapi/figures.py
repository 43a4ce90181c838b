"""What the API shows of how the service stands, as types: figures, what is wrong, what may be typed."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import field

from okydrom.delivery.condition import State
from okydrom.intake.health import Level
from okydrom.web.openapi.shown import Shown
from okydrom.web.openapi.words import Count, Id, Key, Time


class Now(Shown):
    """Figures of the moment."""

    queued: Count
    sending: Count
    retrying: Count
    senders: Count
    oldest_due_at: Time | None
    next_due_at: Time | None


class Totals(Shown):
    """What happened from a time on."""

    begin: Time = field(name="from")
    accepted: Count
    delivered: Count
    failed: Count
    cancelled: Count
    first_attempt_share: float | None


class Series(Shown):
    """The same in steps, oldest first; the last is under way."""

    begin: Time = field(name="from")
    step_s: Count
    accepted: Sequence[Count]
    delivered: Sequence[Count]
    not_2xx: Sequence[Count]
    waiting: Sequence[Count | None]
    p50_ms: Sequence[float | None]
    p95_ms: Sequence[float | None]
    p99_ms: Sequence[float | None]


class Check(Shown):
    """A figure of a part of the service, and whether it is as it should be."""

    key: str
    level: Level
    value: float | str | None
    unit: str


class Stats(Shown):
    """How the service stands, and what has been going on."""

    as_of: Time
    now: Now
    window: Totals
    previous: Totals
    series: Series
    health: Sequence[Check]


class Incident(Shown):
    """What is wrong at a destination: tasks with the same outcome."""

    destination: Key
    outcome: str | None
    rule: str | None
    state: State
    waiting: Count
    failed: Count
    first_at: Time | None
    last_at: Time | None
    next_attempt_at: Time | None
    sample_id: Id | None


class Problems(Shown):
    """What is wrong now, most tasks first; `more`: not all of it is shown."""

    as_of: Time
    items: Sequence[Incident]
    more: bool


class Suggestion(Shown):
    """A value, and how many of the tasks that were looked at have it."""

    value: str
    count: Count


class Suggestions(Shown):
    """Values that begin so, most frequent first."""

    items: Sequence[Suggestion]
    looked_at: Count
