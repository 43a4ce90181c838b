"""What the API is sent, as types: fields, and such bounds as a schema can tell."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from okydrom.policy import MOST_WAITS
from okydrom.store.command import Action
from okydrom.web.aims import MOST_ATTEMPTS
from okydrom.web.names import MOST_LABELS
from okydrom.web.openapi.words import Duration, Event, Json, Label, LabelName, OrderKey, Url
from okydrom.web.orders import LEAST_RATE, LONGEST_NOTE, MOST_CONCURRENCY, MOST_RATE
from okydrom.web.planning import FASTEST, MOST_IDS

Labels = Annotated[dict[LabelName, Label], Meta(max_length=MOST_LABELS)]
Merged = Annotated[dict[str, str | None], Meta(description="By name; null takes one away.")]
GivenTime = Annotated[str, Meta(description="RFC 3339.", extra_json_schema={"format": "date-time"})]
Attempts = Annotated[int, Meta(ge=1, le=MOST_ATTEMPTS)]
Ends = Annotated[
    list[Literal["delivered", "failed"]], Meta(min_length=1, extra_json_schema={"uniqueItems": True})
]
Uuid = Annotated[str, Meta(description="The id of a task.", extra_json_schema={"format": "uuid"})]


class Posted(Struct, kw_only=True, forbid_unknown_fields=True):
    """A posted object: every field may be left out."""


class Retry(Posted, kw_only=True):
    """When attempts are made again: a schedule, whose last wait repeats, or growing waits."""

    schedule: Annotated[list[Duration], Meta(min_length=1, max_length=MOST_WAITS)] | UnsetType = UNSET
    first: Duration | UnsetType = UNSET
    factor: Annotated[float, Meta(ge=1, le=100)] | UnsetType = UNSET
    max: Duration | UnsetType = UNSET


class Told(Posted, kw_only=True):
    """Where a task's end is told; needs a URL unless the method has one."""

    url: Url | UnsetType | None = UNSET
    method: str | UnsetType | None = UNSET
    on: Ends | UnsetType | None = UNSET


class Asked(Posted, kw_only=True):
    """What is asked of a delivery. At most one of payload, body and body_base64, of delay and deliver_at, of ttl and
    expires_at."""

    url: Url | UnsetType | None = UNSET
    method: str | UnsetType | None = UNSET
    payload: Annotated[Any, Meta(description="Any JSON value; sent as its exact bytes.")] | UnsetType = UNSET
    body: str | UnsetType | None = UNSET
    body_base64: str | UnsetType | None = UNSET
    content_type: str | UnsetType | None = UNSET
    event: Event | UnsetType | None = UNSET
    max_attempts: Attempts | UnsetType | None = UNSET
    timeout: Duration | UnsetType | None = UNSET
    delay: Duration | UnsetType | None = UNSET
    deliver_at: GivenTime | UnsetType | None = UNSET
    ttl: Duration | UnsetType | None = UNSET
    expires_at: GivenTime | UnsetType | None = UNSET
    order_key: OrderKey | UnsetType | None = UNSET


class Draft(Asked, kw_only=True):
    """A task to be created. At most one of payload, body and body_base64, of delay and deliver_at, of ttl and
    expires_at."""

    headers: dict[str, str] | UnsetType | None = UNSET
    labels: Labels | UnsetType | None = UNSET
    retry: Retry | UnsetType | None = UNSET
    callback: Told | UnsetType | None = UNSET


class Patch(Asked, kw_only=True):
    """What is to be different (JSON merge patch, RFC 7396): null takes a field away, a masked value stays."""

    headers: Merged | UnsetType | None = UNSET
    labels: Merged | UnsetType | None = UNSET
    retry: dict[str, Json] | UnsetType | None = UNSET
    callback: dict[str, Json] | UnsetType | None = UNSET


class Operation(Posted, kw_only=True):
    """A bulk operation: a filter or ids, and a dry run or the token of one."""

    action: Action
    filter: dict[str, Json] | UnsetType | None = UNSET
    ids: Annotated[list[Uuid], Meta(min_length=1, max_length=MOST_IDS)] | UnsetType | None = UNSET
    set: dict[str, Json] | UnsetType | None = UNSET
    rebase: dict[Literal["from", "to"], Annotated[str, Meta(min_length=1)]] | UnsetType | None = UNSET
    rate: Annotated[float, Meta(gt=0, le=FASTEST)] | UnsetType | None = UNSET
    dry_run: bool | UnsetType | None = UNSET
    token: str | UnsetType | None = UNSET


class Limits(Posted, kw_only=True):
    """Limits of a destination; null takes an order back."""

    concurrency: Annotated[int, Meta(ge=1, le=MOST_CONCURRENCY)] | UnsetType | None = UNSET
    rate: Annotated[float, Meta(ge=LEAST_RATE, le=MOST_RATE)] | UnsetType | None = UNSET


class Pause(Posted, kw_only=True):
    """Why sending is stopped."""

    note: Annotated[str, Meta(max_length=LONGEST_NOTE)] | UnsetType | None = UNSET


class Nothing(Posted, kw_only=True):
    """No fields."""


class SignIn(Posted, kw_only=True):
    """The token that a session is for."""

    token: str
