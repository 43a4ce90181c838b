"""What a person or source does to one task: withdraw it from its lane, change it in the store, offer it again.

While a command runs the task is fenced: no copy of it enters a lane, so none that is stale can be sent.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog

from okydrom.delivery.lanes import Lanes, Withdrawn
from okydrom.errors import Conflict, NotFound, Stale
from okydrom.store.command import Action, Changed, Command
from okydrom.store.contract import Store
from okydrom.task import Status

log = structlog.get_logger("okydrom.commands")


class Commands:
    """Retry and cancel. `settled` waits until the store knows all that has happened to a task; `wake` tells the
    refill that something may be due; `max_age` (ms, 0: none) is the deadline of a new grant."""

    def __init__(
        self,
        store: Store,
        lanes: Lanes,
        *,
        settled: Callable[[str], Awaitable[None]],
        wake: Callable[[], None],
        max_age: int,
        now: Callable[[], int],
    ) -> None:
        self._store = store
        self._lanes = lanes
        self._settled = settled
        self._wake = wake
        self._max_age = max_age
        self._now = now

    async def retry(self, task_id: str, by: str, version: int | None = None) -> Changed:
        """Terminal: a new grant, same id; queued or retrying: due at once. Raises NotFound, Conflict, Stale."""
        expires = self._now() + self._max_age if self._max_age else None
        return await self._run(Action.RETRY, task_id, by, version, expires)

    async def cancel(self, task_id: str, by: str, version: int | None = None) -> Changed:
        """Withdraw; `noted` is set if an attempt is under way. Raises NotFound, Conflict, Stale."""
        return await self._run(Action.CANCEL, task_id, by, version, None)

    async def _run(
        self, action: Action, task_id: str, by: str, version: int | None, expires_at: int | None
    ) -> Changed:
        await self._settled(task_id)
        met = self._lanes.fence(task_id)
        changed: Changed | None = None
        try:
            if met is Withdrawn.SENDING and action is Action.RETRY:
                raise Conflict("An attempt is under way.", status=Status.SENDING)
            command = Command(
                action=action,
                id=task_id,
                at=self._now(),
                by=by,
                version=version,
                in_flight=met is Withdrawn.SENDING,
                expires_at=expires_at,
            )
            (changed,) = await self._store.change([command])
        finally:
            self._lanes.unfence(task_id)
            if met is Withdrawn.QUEUED and (changed is None or changed.conflict):
                self._lanes.give_back([task_id])  # nothing was changed: it waits on
        self._wake()
        log.info("command", action=action, id=task_id, by=by, conflict=changed.conflict, noted=changed.noted)
        return checked(changed)


def checked(changed: Changed) -> Changed:
    """The change, or the error that its conflict means."""
    if changed.task is None:
        raise NotFound
    if changed.conflict == "version":
        raise Stale(version=changed.task.version)
    if changed.conflict == "status":
        raise Conflict(f"The task is {changed.task.status}.", status=changed.task.status)
    return changed
