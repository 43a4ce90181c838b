"""Carries out bulk operations, a chunk of tasks at a time, so that the store's writer keeps nobody waiting.

    find a chunk behind the cursor ─▶ fence ─▶ find it again ─▶ commands and cursor in one transaction ─▶ unfence

The cursor is a seq, so a task is looked at once, whatever the action makes of its status; and as it moves with the
commands, a crash repeats nothing. While a chunk is fenced none of its tasks begins an attempt; those that have one
under way are passed over, but for a cancel, which is noted.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence

import msgspec
import structlog

from okydrom.delivery.commands import edit_command, whole
from okydrom.delivery.edit import Read, copied, edited
from okydrom.delivery.lanes import Lanes, Withdrawn
from okydrom.delivery.plan import MEANT, Plan, unpack_plan
from okydrom.errors import BadRequest, Conflict, Invalid, OkydromError, TooLarge, Unavailable
from okydrom.record import pack
from okydrom.store.command import Action, Bulk, BulkState, Command, Progress
from okydrom.store.contract import Part, Store
from okydrom.store.query import Filter
from okydrom.task import Status, Task

log = structlog.get_logger("okydrom.bulk")

AT_ONCE = 16  # in one round, of those that need not wait
CHUNK = 100  # tasks in one transaction
CHUNK_BYTES = 8 * 1024 * 1024  # of bodies that are held at once
PAUSE = 0.005  # s between two chunks: others write meanwhile
BACKOFF = 1.0  # s until one that could not go on is tried again
IDLE = 60.0  # s
FENCED = frozenset({Action.RETRY, Action.CANCEL, Action.EDIT})


class Means(msgspec.Struct, frozen=True, kw_only=True):
    """What the work is done with. `admit` raises Unavailable if no more tasks may wait for a destination now; `wake`
    tells the refill that something may be due; `read` makes tasks of documents; `max_age` (ms, 0: none) is the life of
    a new grant."""

    store: Store
    lanes: Lanes
    admit: Callable[[str], None]
    wake: Callable[[], None]
    read: Read
    max_age: int
    now: Callable[[], int]


class Bulks:
    """One loop for all of them."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._wanted = asyncio.Event()
        self._next: dict[
            str, float
        ] = {}  # when those go on that have to wait, or have a rate (loop's time, s)
        self._told: set[str] = set()  # those that have to wait, and were said to

    def begun(self) -> None:
        """There is a new one."""
        self._wanted.set()

    async def run(self) -> None:
        """Work until cancelled; what ran before a crash goes on. A store that can't write now is asked again."""
        while True:
            try:
                pause = await self._round()
            except Unavailable as problem:
                log.warning("bulk_waits", code=problem.code)
                pause = BACKOFF
            try:
                async with asyncio.timeout(pause):
                    await self._wanted.wait()
            except TimeoutError:
                continue
            self._wanted.clear()

    async def _round(self) -> float:
        """A chunk of each that may go on now; the seconds until the next round."""
        self._wanted.clear()
        now = asyncio.get_running_loop().time()
        self._next = {bulk_id: at for bulk_id, at in self._next.items() if at > now}
        running = await self._means.store.running_bulks(AT_ONCE, besides=self._next)
        for bulk in running:
            await self._go_on(bulk)
        if running:
            return PAUSE
        self._told.intersection_update(self._next)
        return max(min(self._next.values(), default=now + IDLE) - now, PAUSE)

    async def _go_on(self, bulk: Bulk) -> None:
        """A chunk of one. One that has to wait keeps no other from going on, and one that can't go on is failed."""
        try:
            await self.step(bulk)
            self._told.discard(bulk.id)
        except Unavailable as problem:
            if bulk.id not in self._told:
                log.warning("bulk_waits", id=bulk.id, code=problem.code)
                self._told.add(bulk.id)
            self._wait(bulk, BACKOFF)
        except (ValueError, OkydromError) as error:  # a store that is broken for good fails the next line too
            log.error("bulk_failed", id=bulk.id, error=str(error))
            await self._end(bulk, BulkState.FAILED)

    async def step(self, bulk: Bulk) -> None:
        """One chunk. Raises Unavailable if it has to wait, ValueError or an OkydromError if it can't be carried out."""
        plan = unpack_plan(bulk.plan)
        wanted = msgspec.structs.replace(plan.wanted(), seq_from=bulk.cursor + 1, seq_to=bulk.last)
        limit = min(CHUNK, max(int(plan.rate), 1)) if plan.rate else CHUNK
        tasks, last = await self._find(wanted, limit)
        if not tasks:
            await self._end(bulk, BulkState.DONE)
            return
        if plan.rate:
            self._wait(bulk, len(tasks) / plan.rate)
        await _Chunk(self._means, bulk, plan, wanted, tasks).carry_out(last)

    def _wait(self, bulk: Bulk, seconds: float) -> None:
        self._next[bulk.id] = asyncio.get_running_loop().time() + seconds

    async def _find(self, wanted: Filter, limit: int) -> tuple[list[Task], bool]:
        """The next tasks, and whether they are the last. A search that reaches its deadline is continued."""
        cursor = None
        while True:
            page = await self._means.store.find(
                wanted,
                limit=limit,
                cursor=cursor,
                oldest_first=True,
                sending=self._means.lanes.flights.by_id.keys(),
            )
            if page.items or page.complete:
                return page.items, page.complete and page.next is None
            cursor = page.next

    async def _end(self, bulk: Bulk, state: BulkState) -> None:
        progress = Progress(id=bulk.id, cursor=bulk.cursor, state=state, at=self._means.now())
        await self._means.store.change([], progress=progress)
        log.info("bulk_ended", id=bulk.id, action=bulk.action, state=state)


class _Chunk:
    """Some tasks of a bulk operation, found by its filter a moment ago."""

    def __init__(self, means: Means, bulk: Bulk, plan: Plan, wanted: Filter, tasks: Sequence[Task]) -> None:
        self._means = means
        self._bulk = bulk
        self._plan = plan
        self._wanted = wanted
        self._tasks = tasks
        self._skipped: Counter[str] = Counter()
        self._cursor = bulk.cursor
        self._bytes = 0

    async def carry_out(self, last: bool) -> None:
        """All of it in one transaction, unless its bodies are too large: then as many as may be."""
        store, lanes = self._means.store, self._means.lanes
        ids = [task.id for task in self._tasks] if self._bulk.action in FENCED else []
        met = {task_id: lanes.fence(task_id) for task_id in ids}
        back = {task_id for task_id in ids if met[task_id] is Withdrawn.QUEUED}
        try:
            commands = await self._commands(met)
            whole_chunk = self._cursor == self._tasks[-1].seq
            progress = Progress(
                id=self._bulk.id,
                cursor=self._cursor,
                skipped=self._skipped,
                state=BulkState.DONE if last and whole_chunk else BulkState.RUNNING,
                at=self._means.now(),
            )
            changed = await store.change(commands, progress=progress)
            back -= {each.id for each in changed if each.conflict is None}
        finally:
            for task_id in ids:
                lanes.unfence(task_id)
            if back:
                lanes.give_back(back)  # nothing was changed: they wait on
        self._means.wake()

    async def _commands(self, met: dict[str, Withdrawn]) -> list[Command]:
        """A command for each task that still is what was asked for."""
        present = await self._present()
        commands = []
        for task in self._tasks:
            if self._bytes > CHUNK_BYTES:
                break
            try:
                command = await self._command(present.get(task.id), met.get(task.id))
            except Unavailable:
                if self._cursor == self._bulk.cursor:
                    raise
                break  # what was made so far is kept; the rest has to wait
            if isinstance(command, str):
                self._skipped[command] += 1
            else:
                commands.append(command)
            self._cursor = task.seq
        return commands

    async def _present(self) -> dict[str, Task]:
        """The same tasks as they are now that none of them can begin an attempt."""
        wanted = msgspec.structs.replace(self._wanted, ids=frozenset(task.id for task in self._tasks))
        flights = self._means.lanes.flights.by_id
        sending = [task.id for task in self._tasks if task.id in flights]
        found, cursor = dict[str, Task](), None
        while True:
            page = await self._means.store.find(
                wanted, limit=len(self._tasks), cursor=cursor, oldest_first=True, sending=sending
            )
            found |= {task.id: task for task in page.items}
            if page.next is None:
                return found
            cursor = page.next

    async def _command(self, task: Task | None, met: Withdrawn | None) -> Command | str:
        """What is done to one; or why nothing is."""
        action, means = self._bulk.action, self._means
        if task is None:
            return "changed"
        flying = met is Withdrawn.SENDING
        if flying and action is not Action.CANCEL:
            return "sending"
        if (Status.SENDING if flying else task.status) not in MEANT[action]:
            return "status"
        if action in (Action.EDIT, Action.RESEND):
            return await self._rewrite(task)
        return Command(
            action=action,
            id=task.id,
            at=means.now(),
            by=self._bulk.by,
            version=task.version,
            in_flight=flying,
            expires_at=means.now() + means.max_age if means.max_age else None,
        )

    async def _rewrite(self, head: Task) -> Command | str:
        task = await self._means.store.get(head.id, Part.FULL)
        if task is None or task.version != head.version:
            return "changed"
        edit = self._plan.edit_of(task)
        if edit is None:
            return "rebase"
        self._bytes += task.size
        try:
            whole(task)
            if self._bulk.action is Action.RESEND:
                return self._copy(task, copied(task, edit, self._means.read))
            after = edited(task, edit, self._means.read)
        except Conflict as conflict:
            return "erased" if "erased" in conflict.params else "damaged"
        except (BadRequest, Invalid, TooLarge):
            return "invalid"
        return edit_command(task, after, self._means.now(), self._bulk.by) or "unchanged"

    def _copy(self, task: Task, copy: Task) -> Command:
        self._means.admit(copy.destination)
        return Command(
            action=Action.RESEND,
            id=task.id,
            at=self._means.now(),
            by=self._bulk.by,
            task=copy,
            record=pack(copy),
            change=msgspec.json.encode({"id": copy.id, "bulk": self._bulk.id}),
        )
