"""What is done to stored tasks by command, and what is kept about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

import msgspec

from okydrom.task import Task


class Action(StrEnum):
    """What a command asks for."""

    RETRY = "retry"
    CANCEL = "cancel"
    EDIT = "edit"
    DELETE = "delete"
    RESEND = "resend"


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """One command on one task.

    RETRY: terminal → queued with a new grant; queued or retrying → due at once; ends the claim (the caller has
    withdrawn the task from its lane); `expires_at` is the new deadline.
    CANCEL: queued or retrying → cancelled; `in_flight` and still claimed → noted, the attempt's result ends it;
    cancelled already → nothing changes and it is no conflict. Noting leaves the version as it is, so that the
    result of the attempt under way still fits; all else that a command changes raises it.
    EDIT: any status but delivered, and not in flight; `task` is the task as it will be, `record` its bytes; a
    waiting one is due at `task.next_attempt_at`, a failed or cancelled one changes its data only.
    DELETE: a terminal one is erased: body, headers, the URL's query and the stored answers go at once, the row stays
    as a tombstone until retention removes it; erased already: nothing changes and it is no conflict.
    RESEND: `task` with its `record` is added unclaimed, beside `id`, its parent, whatever status that has.
    """

    action: Action
    id: str
    at: int
    by: str
    version: int | None = None  # If-Match; None: any
    in_flight: bool = False
    expires_at: int | None = None
    task: Task | None = None
    record: bytes = b""
    change: bytes = b""  # JSON of what is changed, for the history


class Changed(msgspec.Struct, frozen=True):
    """What a command did. `conflict` is None, "missing", "version", "status", or "erased": there is nothing to
    send."""

    id: str
    task: Task | None  # as it now is (RESEND: the new one), None if missing
    conflict: str | None = None
    noted: bool = False


class Past(msgspec.Struct, frozen=True):
    """What was done to a task: its history, oldest first."""

    at: int
    by: str
    action: str
    change: bytes | None = None  # JSON


class Audited(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator changed. `key` orders them and is 0 until stored."""

    at: int
    by: str
    action: str
    subject: bytes  # JSON: a filter, ids, or a destination
    count: int
    key: int = 0


class BulkState(StrEnum):
    """How it stands with a bulk operation."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"  # by an operator
    FAILED = "failed"  # it could not go on


class Bulk(msgspec.Struct, frozen=True, kw_only=True):
    """A command over a filter: what was planned, and how far it has come. Tasks with a seq above `last` came after
    the plan and are not touched."""

    id: str  # UUIDv7
    action: Action
    plan: bytes  # JSON: filter, set, rebase, rate as they were asked for
    by: str
    matched: int
    last: int
    created_at: int
    state: BulkState = BulkState.RUNNING
    done: int = 0
    skipped: Mapping[str, int] = {}  # by reason
    cursor: int = 0  # the last seq that was looked at
    finished_at: int | None = None


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """A step of a bulk operation: where it stands once the step's commands are carried out. What was carried out, and
    what was refused, by its conflict, is added to what was. A stopped one stays stopped."""

    id: str
    cursor: int
    skipped: Mapping[str, int] = {}  # of those that no command was made for
    state: BulkState = BulkState.RUNNING
    at: int = 0


class Slice(msgspec.Struct, frozen=True):
    """A piece of the audit log or of the bulk operations, newest first; `next` is the cursor of what follows."""

    items: Sequence[Audited] | Sequence[Bulk]
    next: str | None
