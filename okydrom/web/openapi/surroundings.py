"""What the API shows beside tasks, as types: bulk operations, destinations, reference lists, the service itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from msgspec import field

from okydrom.delivery.condition import Cause, State
from okydrom.delivery.recent import Figures
from okydrom.store.command import Action, BulkState
from okydrom.task import Group, Status
from okydrom.web.caller import Role
from okydrom.web.openapi.shown import Shown, Task
from okydrom.web.openapi.words import Count, Id, Json, Key, Seconds, Time


class Plan(Shown):
    """What a bulk operation would do, and the token that makes it happen."""

    count: Count
    exact: bool
    sample: Sequence[Task]
    skipped: Mapping[str, Count]
    token: str
    expires_at: Time


class Bulk(Shown):
    """A bulk operation and how far it has come."""

    id: Id
    action: Action
    filter: Mapping[str, Json] | None
    ids: Sequence[Id] | None
    set: Mapping[str, Json] | None
    rebase: Mapping[str, str] | None
    rate: float | None
    state: BulkState
    matched: Count
    done: Count
    skipped: Mapping[str, Count]
    by: str
    created_at: Time
    finished_at: Time | None


class Bulks(Shown):
    """A page of bulk operations, newest first."""

    items: Sequence[Bulk]
    next: str | None
    prev: str | None
    complete: bool


class Bilingual(Shown):
    """A text in both languages."""

    ru: str
    en: str


class StatusInfo(Shown):
    """A status, and how many of all kept tasks stand there."""

    status: Status
    group: Group
    terminal: bool
    title: Bilingual
    description: Bilingual
    transitions: Sequence[Status]
    count: Count


class Statuses(Shown):
    """The statuses."""

    items: Sequence[StatusInfo]


class Method(Shown):
    """A named way to notify."""

    name: str
    http_method: str
    url: str | None
    builtin: bool
    timeout: Seconds | None
    max_attempts: Count | None
    signed: Count  # how many secrets sign it
    description: str | None


class Methods(Shown):
    """The methods."""

    items: Sequence[Method]


class Parameter(Shown):
    """A setting of the service."""

    name: str
    section: str
    value: Json
    default: Json
    display: str
    origin: Literal["default", "file", "environment"]
    env: str | None
    unit: str | None
    secret: bool
    description: Bilingual


class Parameters(Shown):
    """The settings."""

    items: Sequence[Parameter]


class Why(Shown):
    """What keeps a destination from being normal."""

    kind: Cause
    code: str | None
    value: str | None
    note: str | None
    by: str | None


class Ordered(Shown):
    """The limits that an operator ordered."""

    concurrency: int | None
    rate: float | None


class Deliveries(Shown):
    """What was delivered in each step of the last hour, oldest first; the last is under way."""

    begin: Time = field(name="from")
    step_s: Count
    delivered: Sequence[Count]


class Destination(Shown):
    """A destination: what waits for it, and what is made of that."""

    key: Key
    state: State
    reason: Why | None
    since: Time | None
    until: Time | None
    waiting: Count
    oldest_due_at: Time | None
    in_flight: Count
    window: Count
    limit: Count
    rate: float | None
    ordered: Ordered
    recent: Figures
    series: Deliveries | None


class Destinations(Shown):
    """A page of destinations."""

    items: Sequence[Destination]
    next: str | None
    prev: str | None
    complete: bool


class Session(Shown):
    """Who is calling, and whom."""

    auth: Literal["none", "token"]
    name: str | None
    role: Role | None
    allowed: Sequence[Literal["read", "create", "act"]]
    lang: str
    instance: str
    version: str
    started_at: Time
    now: Time
    ready: bool


class Change(Shown):
    """What an operator changed."""

    at: Time
    by: str
    action: str
    subject: Json
    count: Count


class Audit(Shown):
    """A page of the audit log, newest first."""

    items: Sequence[Change]
    next: str | None
    prev: str | None
    complete: bool


class Alive(Shown):
    """The process turns."""

    status: Literal["ok"]


class Trouble(Shown):
    """Why tasks are not taken."""

    code: str
    detail: str
    params: Mapping[str, Json]


class Ready(Shown):
    """Are tasks taken?"""

    ready: bool
    reasons: Sequence[Trouble]
