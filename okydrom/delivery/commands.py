"""What a person or source does to one task: withdraw it from its lane, change it in the store, offer it again.

While a command runs the task is fenced: no copy of it enters a lane, so none that is stale can be sent.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec
import structlog

from okydrom.delivery.edit import Edit, Read, copied, edited, summary
from okydrom.delivery.lanes import Lanes, Withdrawn
from okydrom.errors import Conflict, NotFound, Stale
from okydrom.record import pack
from okydrom.store.command import Action, Audited, Changed, Command
from okydrom.store.contract import Part, Store
from okydrom.task import Status, Task

log = structlog.get_logger("okydrom.commands")

TRIES = 8  # of an edit that others keep overtaking


class Order(msgspec.Struct, frozen=True):
    """A command as it is asked for. `version`: only if the task still has it; `audited`: an operator asks."""

    task_id: str
    by: str
    version: int | None = None
    audited: bool = False


class Commands:
    """All of them. `settled` waits until the store knows all that has happened to a task; `wake` tells the refill
    that something may be due; `read` makes tasks of documents; `admit` raises if no more may wait for a destination
    now; `max_age` (ms, 0: none) is the deadline of a new grant.

    Each raises NotFound, Conflict (with the present status) or Stale, or what the store raises."""

    def __init__(
        self,
        store: Store,
        lanes: Lanes,
        *,
        settled: Callable[[str], Awaitable[None]],
        wake: Callable[[], None],
        read: Read,
        admit: Callable[[str], None],
        max_age: int,
        now: Callable[[], int],
    ) -> None:
        self._store = store
        self._lanes = lanes
        self._settled = settled
        self._wake = wake
        self._read = read
        self._admit = admit
        self._max_age = max_age
        self._now = now

    async def retry(self, order: Order) -> Changed:
        """Terminal: a new grant, same id; queued or retrying: due at once."""
        return await self._fenced(order, self._retry)

    async def cancel(self, order: Order) -> Changed:
        """Withdraw; `noted` is set if an attempt is under way."""
        return await self._fenced(order, self._cancel)

    async def delete(self, order: Order) -> Changed:
        """Erase a terminal one."""
        return await self._fenced(order, self._delete)

    async def edit(self, order: Order, edit: Edit) -> Changed:
        """Change what it asks. Raises Invalid with all faults too."""
        for _ in range(TRIES):
            changed = await self._fenced(order, lambda order, met: self._edit(order, met, edit))
            if changed.conflict is None:
                return changed
        raise Stale("Others change the task at the same time.")

    async def resend(self, order: Order, edit: Edit) -> Changed:
        """A new task like this one, but for the edit. Raises Invalid with all faults too."""
        await self._settled(order.task_id)
        task = whole(await self._found(order))
        copy = copied(task, edit, self._read)
        self._admit(copy.destination)
        change = msgspec.json.encode({"id": copy.id})
        command = self._command(Action.RESEND, order, task=copy, record=pack(copy), change=change)
        changed = await self._carry_out(command, order)
        self._wake()
        return checked(changed)

    # --- inside -----------------------------------------------------------------------------------------------------

    async def _fenced(
        self, order: Order, act: Callable[[Order, Withdrawn], Awaitable[Changed | None]]
    ) -> Changed:
        """`act` on a task that is in no lane; it is given back to its lane if nothing came of it."""
        await self._settled(order.task_id)
        met = self._lanes.fence(order.task_id)
        changed: Changed | None = None
        try:
            changed = await act(order, met)
        finally:
            self._lanes.unfence(order.task_id)
            if met is Withdrawn.QUEUED and (changed is None or changed.conflict):
                self._lanes.give_back([order.task_id])  # nothing was changed: it waits on
        self._wake()
        if changed is None:
            return Changed(order.task_id, await self._found(order))
        return changed if changed.conflict == LOST else checked(changed)

    async def _retry(self, order: Order, met: Withdrawn) -> Changed:
        _refuse_in_flight(met)
        expires_at = self._now() + self._max_age if self._max_age else None
        return await self._carry_out(self._command(Action.RETRY, order, expires_at=expires_at), order)

    async def _cancel(self, order: Order, met: Withdrawn) -> Changed:
        command = self._command(Action.CANCEL, order, in_flight=met is Withdrawn.SENDING)
        return await self._carry_out(command, order)

    async def _delete(self, order: Order, met: Withdrawn) -> Changed:
        _refuse_in_flight(met)
        return await self._carry_out(self._command(Action.DELETE, order), order)

    async def _edit(self, order: Order, met: Withdrawn, edit: Edit) -> Changed | None:
        """None: it changes nothing."""
        _refuse_in_flight(met)
        task = whole(await self._found(order))
        if task.status is Status.DELIVERED:
            raise Conflict("The task is delivered.", status=task.status)
        command = edit_command(task, edited(task, edit, self._read), self._now(), order.by)
        if command is None:
            return None
        changed = await self._carry_out(command, order)
        overtaken = changed.conflict == "version" and order.version is None
        return msgspec.structs.replace(changed, conflict=LOST) if overtaken else changed

    async def _found(self, order: Order) -> Task:
        task = await self._store.get(order.task_id, Part.FULL)
        if task is None:
            raise NotFound
        if order.version is not None and order.version != task.version:
            raise Stale(version=task.version)
        return task

    def _command(self, action: Action, order: Order, **fields: object) -> Command:
        return msgspec.structs.replace(
            Command(action=action, id=order.task_id, at=self._now(), by=order.by, version=order.version),
            **fields,
        )

    async def _carry_out(self, command: Command, order: Order) -> Changed:
        audit = None
        if order.audited:
            subject = msgspec.json.encode({"id": command.id})
            audit = Audited(at=command.at, by=command.by, action=command.action, subject=subject, count=1)
        (changed,) = await self._store.change([command], audit=audit)
        log.info(
            "command",
            action=command.action,
            id=command.id,
            by=command.by,
            conflict=changed.conflict,
            noted=changed.noted,
        )
        return changed


LOST = "lost"  # an edit was overtaken by another command: to be tried again


def edit_command(before: Task, after: Task, now: int, by: str) -> Command | None:
    """The command that makes the one task the other; None if they are the same."""
    if msgspec.structs.replace(after, stored_size=before.stored_size) == before:
        return None
    return Command(
        action=Action.EDIT,
        id=before.id,
        at=now,
        by=by,
        version=before.version,
        task=after,
        record=pack(after),
        change=summary(before, after),
    )


def checked(changed: Changed) -> Changed:
    """The change, or the error that its conflict means."""
    if changed.task is None:
        raise NotFound
    if changed.conflict == "version":
        raise Stale(version=changed.task.version)
    if changed.conflict == "status":
        raise Conflict(f"The task is {changed.task.status}.", status=changed.task.status)
    if changed.conflict == "erased":
        raise erased(changed.task)
    return changed


def whole(task: Task) -> Task:
    """The same, if all of it is there to be sent. Raises Conflict."""
    if task.erased_at is not None:
        raise erased(task)
    if task.body is None and task.size:
        raise Conflict("The task's stored bytes are damaged.", status=task.status, damaged=True)
    return task


def erased(task: Task) -> Conflict:
    """Nothing is left of a task that could be sent."""
    return Conflict("The task was erased: nothing is left to send.", status=task.status, erased=True)


def _refuse_in_flight(met: Withdrawn) -> None:
    if met is Withdrawn.SENDING:
        raise Conflict("An attempt is under way.", status=Status.SENDING)
