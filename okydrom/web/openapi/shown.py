"""What the API shows, as types. The answers are rendered elsewhere; tests hold them against these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from okydrom.delivery.condition import State
from okydrom.store.command import Action
from okydrom.task import Failure, Group, Reason, Status
from okydrom.web.openapi.words import Count, Id, Json, Key, Pair, Seconds, Time


class Shown(Struct, kw_only=True):
    """An object of an answer. Fields may be added in time, so a reader has to pass those that it does not know."""


class Fault(Shown, kw_only=True):
    """One fault of an input."""

    pointer: str  # RFC 6901; `#name` of a parameter or header
    code: str
    message: str
    params: Mapping[str, Json]


class Within(Shown, kw_only=True):
    """What is wrong with one item of a batch."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    params: Mapping[str, Json]
    errors: Sequence[Fault] | UnsetType = UNSET


class Taken(Shown, kw_only=True):
    """One item of a batch: kept, or refused."""

    index: Count
    id: Id | UnsetType = UNSET
    error: Within | UnsetType = UNSET


class Problem(Within, kw_only=True):
    """What went wrong (RFC 9457). Programs go by `code`."""

    request_id: str
    items: Sequence[Taken] | UnsetType = UNSET


class Receipt(Shown):
    """A task that is kept."""

    id: Id
    status: Status
    created_at: Time
    destination: Key
    duplicate: bool


class Receipts(Shown):
    """Several tasks, of which at least one is kept."""

    items: Sequence[Taken]
    duplicate: bool


class Task(Shown):
    """A task as it stands in lists."""

    id: Id
    status: Status
    group: Group
    reason: Reason | None
    method: str
    http_method: str
    url: str  # its query is masked
    destination: Key
    event: str | None
    source: str
    labels: Mapping[str, str]
    order_key: str | None
    parent: Id | None
    attempts: Count
    max_attempts: Count
    attempts_left: Count
    created_at: Time
    updated_at: Time
    next_attempt_at: Time | None
    finished_at: Time | None
    last_code: int | None
    last_error: Failure | None
    size: Count
    version: Count


class Hold(Shown):
    """What keeps a destination's tasks waiting."""

    until: Time
    reason: Literal["retry_after"]


class Callback(Shown):
    """Where a task's end is told."""

    url: str
    method: str
    on: Sequence[Literal["delivered", "failed"]]


class Past(Shown):
    """What was done to a task."""

    at: Time
    by: str
    action: str
    change: Json


class Details(Task, kw_only=True):
    """A task with all that is known of it."""

    etag: str
    content_type: str | None
    headers: Sequence[Pair]
    expires_at: Time | None
    hold: Hold | None
    sending_since: Time | None
    cancel_noted: bool
    keep_until: Time | None
    allowed: Sequence[Action]
    retry: Mapping[str, Json] | None
    timeout: Seconds | None
    deliver_at: Time | None
    callback: Callback | None
    erased_at: Time | None
    journal_until: Time | None
    sha256: str | None
    ahead: Count
    behind: Count
    children: Sequence[Id]
    callback_id: Id | None
    history: Sequence[Past]


class Tasks(Shown):
    """A page of tasks."""

    items: Sequence[Task]
    next: str | None
    prev: str | None
    complete: bool


class Counted(Shown):
    """How many tasks a filter wants."""

    total: Count
    by_group: Mapping[Group, Count]
    by_status: Mapping[Status, Count]
    exact: bool
    as_of: Time


class Parts(Shown):
    """How the time of an attempt was spent, in ms."""

    dns: float | None
    connect: float | None
    tls: float | None
    wait: float | None
    read: float | None


class Attempt(Shown):
    """One request to the recipient."""

    number: Count
    started_at: Time
    finished_at: Time
    outcome: str
    code: int | None
    error: Failure | None
    errno: int | None
    address: str | None
    rule: str | None
    duration_ms: float
    parts_ms: Parts
    waited_s: float | None
    resent: bool
    request_headers: Sequence[Pair]
    response_headers: Sequence[Pair]
    response_body: str  # base64 of the first bytes
    response_size: Count
    truncated: bool


class Attempts(Shown):
    """A task's attempts, oldest first."""

    items: Sequence[Attempt]


class Said(Shown):
    """A reason, in code."""

    code: str
    params: Mapping[str, Json]


class Next(Said):
    """What comes, and when at the earliest."""

    at: Time | None


class Affected(Said):
    """Whom else it concerns."""

    count: Count
    filter: Mapping[str, Json]


class Planned(Shown):
    """An attempt to come."""

    attempt: Count
    earliest: Time


class Explanation(Shown):
    """Why a task is where it is, what comes next, and whom else it concerns."""

    why: Sequence[Said]
    next: Sequence[Next]
    affected: Sequence[Affected]
    schedule: Sequence[Planned]
    gives_up_at: Time | None


class Address(Shown):
    """Where a name leads, and which rule refuses that."""

    address: str
    allowed: bool
    rule: str | None


class Overview(Shown):
    """A destination in short."""

    key: Key
    state: State
    until: Time | None
    waiting: Count


class Rehearsal(Shown, kw_only=True):
    """What would become of a task. An invalid one has its faults alone."""

    valid: bool
    errors: Sequence[Fault]
    addresses: Sequence[Address] | UnsetType = UNSET
    headers: Sequence[Pair] | UnsetType = UNSET
    body_size: Count | UnsetType = UNSET
    destination: Overview | UnsetType = UNSET
    expires_at: Time | UnsetType | None = UNSET
    schedule: Sequence[Planned] | UnsetType = UNSET
