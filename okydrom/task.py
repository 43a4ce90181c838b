"""The words of the service: a task, its attempts, what they brought, and the statuses it goes through.

Times are whole milliseconds since the Unix epoch, UTC; durations are milliseconds too.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

import msgspec


class Status(StrEnum):
    """Where a task stands. `SENDING` lives in memory only and is laid over the stored status."""

    QUEUED = "queued"  # accepted or granted anew; the sender moves it on when its time has come
    SENDING = "sending"  # an attempt is under way; its outcome moves it on
    RETRYING = "retrying"  # an attempt failed and another will follow; the sender moves it on when due
    DELIVERED = "delivered"  # the recipient answered 2xx; only an operator's retry moves it on
    FAILED = "failed"  # given up, `reason` says why; only an operator's retry moves it on
    CANCELLED = "cancelled"  # withdrawn by its source or an operator; only an operator's retry moves it on


class Group(StrEnum):
    """Statuses as operators ask for them."""

    IN_PROGRESS = "in_progress"
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Reason(StrEnum):
    """Why a task failed."""

    ATTEMPTS_SPENT = "attempts_spent"
    EXPIRED = "expired"
    BLOCKED = "blocked"
    STOPPED_BY_RECIPIENT = "stopped_by_recipient"
    DAMAGED = "damaged"  # its stored bytes do not match their checksum: it is never sent in a wrong form


class Failure(StrEnum):
    """Classes of failure of an attempt that got no answer (or none that can be read)."""

    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    RESET = "reset"
    PROTOCOL = "protocol"
    BLOCKED = "blocked"


TRANSITIONS: Mapping[Status, frozenset[Status]] = MappingProxyType(
    {
        Status.QUEUED: frozenset({Status.SENDING, Status.CANCELLED, Status.FAILED}),
        Status.SENDING: frozenset(
            {
                Status.DELIVERED,
                Status.RETRYING,
                Status.FAILED,
                Status.CANCELLED,
                Status.QUEUED,  # interrupted on its first attempt
            }
        ),
        Status.RETRYING: frozenset({Status.SENDING, Status.QUEUED, Status.CANCELLED, Status.FAILED}),
        Status.DELIVERED: frozenset({Status.QUEUED}),
        Status.FAILED: frozenset({Status.QUEUED}),
        Status.CANCELLED: frozenset({Status.QUEUED}),
    }
)

GROUPS: Mapping[Status, Group] = MappingProxyType(
    {
        Status.QUEUED: Group.IN_PROGRESS,
        Status.SENDING: Group.IN_PROGRESS,
        Status.RETRYING: Group.IN_PROGRESS,
        Status.DELIVERED: Group.DELIVERED,
        Status.FAILED: Group.FAILED,
        Status.CANCELLED: Group.CANCELLED,
    }
)

TERMINAL = frozenset({Status.DELIVERED, Status.FAILED, Status.CANCELLED})
VERBS = ("POST", "PUT", "PATCH", "DELETE", "GET")


class Schedule(msgspec.Struct, frozen=True, tag="schedule"):
    """Waits after the first, second… failure; the last repeats. At least one."""

    waits: tuple[int, ...]


class Exponential(msgspec.Struct, frozen=True, tag="exponential"):
    """Waits of first, first x factor, first x factor²… up to `max`."""

    first: int
    factor: float
    max: int


Policy = Schedule | Exponential


class Task(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One notification to one recipient: what was asked (fixed), then where it stands (moved by the store)."""

    id: str  # UUIDv7, canonical text; the recipient's `webhook-id`
    source: str
    method: str
    http_method: str
    url: str  # exact octets that go out, without fragment; ASCII
    destination: str  # scheme://host:port, the port always written
    created_at: int
    expires_at: int | None  # no attempt starts after it
    max_attempts: int  # of one grant
    body: bytes | None = None  # None: no body at all
    content_type: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    event: str | None = None
    labels: Mapping[str, str] = {}
    retry: Policy | None = None  # None: the method's, else the service's
    timeout: int | None = None  # None: the method's, else the service's
    deliver_at: int | None = None
    order_key: str | None = None
    parent: str | None = None
    traceparent: str | None = None
    callback: bytes | None = None  # JSON as posted

    seq: int = 0  # the store's import order; 0 until imported
    status: Status = Status.QUEUED  # never SENDING
    reason: Reason | None = None
    version: int = 1  # raised by every command
    attempts: int = 0  # recorded ones, for ever
    attempts_left: int  # of the present grant
    updated_at: int
    next_attempt_at: int | None  # None when terminal
    finished_at: int | None = None
    last_code: int | None = None
    last_error: Failure | None = None
    cancel_noted: bool = False  # cancelled while in flight: ends as delivered on 2xx, else as cancelled
    stored_size: int = 0  # bytes of the body where it was not read along
    erased_at: int | None = None  # body, headers, query and answers are gone: this is a tombstone
    sha256: bytes | None = None  # of the body that was erased

    @property
    def size(self) -> int:
        """Bytes of the body."""
        return len(self.body) if self.body is not None else self.stored_size

    @property
    def leads_on(self) -> bool:
        """May its end make another task due: its callback, or the next with its order key?"""
        return self.callback is not None or self.order_key is not None

    @property
    def failures(self) -> int:
        """Failed attempts of the present grant."""
        return self.max_attempts - self.attempts_left


class Parts(msgspec.Struct, frozen=True, gc=False):
    """How an attempt's duration splits, milliseconds with a fraction; None: this part did not take place."""

    dns: float | None = None
    connect: float | None = None
    tls: float | None = None
    wait: float | None = None
    read: float | None = None


class Outcome(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What one attempt brought: a status code, or a class of failure. Exactly one of `code` and `error` is set."""

    code: int | None = None  # 100…999 as it came
    error: Failure | None = None
    errno: int | None = None
    address: str | None = None  # the address dialled, with port
    rule: str | None = None  # the address rule that blocked it
    duration: float = 0.0  # milliseconds
    parts: Parts = Parts()
    resent: bool = False  # a reused connection closed before any answer byte: sent once more on a new one
    request_headers: tuple[tuple[str, str], ...] = ()
    response_headers: tuple[tuple[str, str], ...] = ()
    response_body: bytes = b""
    response_size: int = 0  # bytes of the body that were read, kept or not
    truncated: bool = False  # more was there than was kept
    retry_after: int | None = None  # milliseconds from the answer, of 429 and 503
    aborted: bool = False  # the answer asks for no further attempt of this task

    @property
    def ok(self) -> bool:
        """2xx and nothing else."""
        return self.code is not None and 200 <= self.code < 300

    @property
    def signal(self) -> bool:
        """Does it speak of the destination as a whole (no answer, 429, 503), not of this task alone?"""
        return self.error is not None or self.code in (429, 503)


class Attempt(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A recorded attempt. `number` counts the task's attempts for ever, from 1."""

    number: int
    started_at: int
    finished_at: int
    waited: int | None  # milliseconds since the attempt before ended, or since acceptance
    outcome: Outcome


class Result(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Where an attempt (or a deadline that passed: `attempt` None) leaves its task, for the store to record.

    The status is written only if `version` and the claim still match; the attempt's row is written all the same.
    """

    id: str
    version: int
    at: int
    status: Status
    reason: Reason | None = None
    attempts_left: int
    next_attempt_at: int | None
    attempt: Attempt | None


def new_id(now: int, rand: random.Random) -> str:
    """A UUIDv7 (RFC 9562, section 5.7): 48 bits of milliseconds, 74 random bits.

    >>> new_id(1_700_000_000_000, random.Random(1))[:15]
    '018bcfe5-6800-7'
    """
    bits = rand.getrandbits(74)
    value = (
        (now & 0xFFFF_FFFF_FFFF) << 80 | 0x7 << 76 | (bits >> 62) << 64 | 0b10 << 62 | bits & (1 << 62) - 1
    )
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def created_in(task_id: str) -> int:
    """The milliseconds that a UUIDv7 carries.

    >>> created_in("018bcfe5-6800-7000-8000-000000000000")
    1700000000000
    """
    return UUID(task_id).int >> 80
