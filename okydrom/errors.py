"""The tree of failures.

Each class has a machine word (`code`) that appears in answers, logs and the page; its docstring's first line is
the sentence for people when none is given. HTTP statuses belong to `web`, exit codes to `server`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar


class OkydromError(Exception):
    """Something went wrong in Okydrom."""

    code: ClassVar[str] = "error"

    def __init__(self, detail: str | None = None, **params: Any) -> None:
        self.detail = detail or first_line(type(self))
        self.params = params
        super().__init__(self.detail)


def first_line(kind: type[OkydromError]) -> str:
    """The default message of an error class: the first line of its docstring."""
    return (kind.__doc__ or "").strip().partition("\n")[0]


class Fault:
    """One fault of an input: where (JSON pointer, RFC 6901; `#name` for a query parameter or header), which, why."""

    __slots__ = ("code", "message", "params", "pointer")

    def __init__(self, pointer: str, code: str, message: str, **params: Any) -> None:
        self.pointer = pointer
        self.code = code
        self.message = message
        self.params = params

    def __repr__(self) -> str:
        return f"Fault({self.pointer!r}, {self.code!r}, {self.message!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Fault) and self.as_dict() == other.as_dict()

    def __hash__(self) -> int:
        return hash((self.pointer, self.code, self.message))

    def as_dict(self) -> dict[str, Any]:
        """The shape that a problem document lists."""
        return {"pointer": self.pointer, "code": self.code, "message": self.message, "params": self.params}


# --- what a client sent ------------------------------------------------------------------------------------------


class BadRequest(OkydromError):
    """The request can't be read."""

    code = "bad_request"


class Invalid(OkydromError):
    """The request has faults; each is listed with its place."""

    code = "invalid"

    def __init__(self, faults: list[Fault], detail: str | None = None, **params: Any) -> None:
        super().__init__(detail, **params)
        self.faults = faults


class NoneAccepted(Invalid):
    """No item is in order; each is answered with its faults."""

    code = "none_accepted"

    def __init__(self, faults: list[Fault], items: Sequence[Mapping[str, Any]] = ()) -> None:
        super().__init__(faults)
        self.items = items


class NotFound(OkydromError):
    """There is no such thing, or retention removed it."""

    code = "not_found"


class Erased(NotFound):
    """The body was erased."""

    code = "erased"


class KeyReused(OkydromError):
    """This idempotency key came with another request before."""

    code = "idempotency_key_reused"


class Conflict(OkydromError):
    """The task's present status does not allow this."""

    code = "conflict"


class StalePlan(Conflict):
    """The plan of this bulk operation no longer holds: make a new one."""

    code = "stale_plan"


class Stale(OkydromError):
    """The task has changed since it was read."""

    code = "stale"


class Forbidden(OkydromError):
    """This is not allowed."""

    code = "forbidden"


class Unauthorized(OkydromError):
    """An access token is needed (`Authorization: Bearer …`), or a session."""

    code = "unauthorized"


class CrossSite(Forbidden):
    """A web page of another site may not do this."""

    code = "cross_site"


class WrongHost(OkydromError):
    """The Host header names a host that this server does not answer for."""

    code = "wrong_host"


class TooLarge(OkydromError):
    """The request is larger than allowed."""

    code = "too_large"


class WrongMediaType(OkydromError):
    """The content type or encoding of the request is not supported."""

    code = "unsupported_media_type"


class TooSlow(OkydromError):
    """The request's body did not arrive in time."""

    code = "request_timeout"


# --- what can't be kept now: repeat later ------------------------------------------------------------------------


class Unavailable(OkydromError):
    """Okydrom can't do this now; repeat it later."""

    code = "unavailable"

    def __init__(self, detail: str | None = None, *, retry_after: int = 5, **params: Any) -> None:
        super().__init__(detail, **params)
        self.retry_after = retry_after


class DiskFull(Unavailable):
    """The disk is full: nothing can be accepted until there is space."""

    code = "disk_full"


class TooMany(Unavailable):
    """More than allowed; repeat it later."""

    code = "too_many"


class SourceLimit(TooMany):
    """This source hands in more tasks a second than it may."""

    code = "source_limit"


class TooManyFailures(TooMany):
    """Too many wrong access tokens came from this address."""

    code = "too_many_failures"


class DestinationFull(TooMany):
    """Too many tasks wait for this destination already."""

    code = "destination_full"


class Overloaded(Unavailable):
    """More is waiting to be stored than allowed; repeat in a moment."""

    code = "overloaded"


class IndexBehind(Unavailable):
    """What was just accepted is not in the store yet."""

    code = "index_behind"


class StoreBusy(Unavailable):
    """Another program holds the store's database; waiting for it."""

    code = "store_busy"


class Stopping(Unavailable):
    """Okydrom is starting or stopping and takes no tasks at this moment."""

    code = "stopping"


# --- the process -------------------------------------------------------------------------------------------------


class ConfigError(OkydromError):
    """The configuration has faults; each is listed with its key."""

    code = "config"

    def __init__(self, faults: list[Fault], detail: str | None = None, **params: Any) -> None:
        super().__init__(detail, **params)
        self.faults = faults


class DataInUse(OkydromError):
    """Another process uses the data directory."""

    code = "data_in_use"


class DataUnusable(OkydromError):
    """The data directory can't be used."""

    code = "data_unusable"


class AddressTaken(OkydromError):
    """The address to listen on is taken or not of this host."""

    code = "address_taken"


class JournalFailed(OkydromError):
    """The journal failed while running: nothing more can be promised."""

    code = "journal_failed"


class StoreFailed(OkydromError):
    """The store failed while running."""

    code = "store_failed"
