"""A store of a few dictionaries: what the real ones must agree with after any sequence of calls."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256

from msgspec.structs import replace

from okydrom.callback import callback_of
from okydrom.store.command import Action, Command
from okydrom.store.entry import reason_of
from okydrom.task import TERMINAL, Reason, Result, Status, Task


class Model:
    """Tasks as heads by id, and which of them are claimed."""

    def __init__(self) -> None:
        self.tasks: dict[str, Task] = {}
        self.claimed: set[str] = set()
        self.bodies: dict[str, bytes | None] = {}
        self.callbacks: dict[str, bytes | None] = {}
        self.ready: dict[tuple[str, str], str] = {}  # whose turn it is, by source and order key

    def add(self, task: Task, claimed: bool) -> None:
        """A known one changes nothing."""
        if task.id not in self.tasks:
            self.tasks[task.id] = head_of(task)
            self.bodies[task.id] = task.body
            self.callbacks[task.id] = task.callback
            if claimed:
                self.claimed.add(task.id)

    def claim(self, destination: str, most: int, now: int) -> list[str]:
        """Ids in order."""
        due = [
            (task.next_attempt_at or 0, place, task.id)
            for place, task in enumerate(self.tasks.values())
            if task.destination == destination
            and task.id not in self.claimed
            and task.status not in TERMINAL
            and not self.behind(task)
            and (task.next_attempt_at or 0) <= now
        ]
        ids = [task_id for _, _, task_id in sorted(due)[:most]]
        self.claimed.update(ids)
        return ids

    def release(self, task_id: str, now: int) -> None:
        """A noted cancel ends its task."""
        if task_id in self.claimed:
            self.claimed.discard(task_id)
            if self.tasks[task_id].cancel_noted:
                self._end(task_id, Status.CANCELLED, None, now)

    def record(self, result: Result) -> bool:
        """Was the status written?"""
        task = self.tasks[result.id]
        task = self.tasks[result.id] = replace(task, attempts=task.attempts + (result.attempt is not None))
        if result.id not in self.claimed or result.version != task.version:
            return False
        self.claimed.discard(result.id)
        status, reason = reason_of(result, task.cancel_noted)
        answer = result.attempt.outcome if result.attempt else None
        self.tasks[result.id] = replace(
            task,
            status=status,
            reason=reason,
            cancel_noted=False,
            attempts_left=result.attempts_left,
            updated_at=result.at,
            next_attempt_at=None if status in TERMINAL else result.next_attempt_at,
            finished_at=result.at if status in TERMINAL else None,
            last_code=answer.code if answer else task.last_code,
            last_error=answer.error if answer else task.last_error,
        )
        self._tell(result.id)
        return True

    def command(self, command: Command) -> str | None:
        """The conflict, if there is one."""
        task = self.tasks[command.id]
        flying = command.in_flight and command.id in self.claimed
        if command.action in (Action.EDIT, Action.DELETE, Action.RESEND):
            return self._rewrite(command, task, flying)
        if command.action is Action.RETRY:
            if flying:
                return "status"
            ended = task.status in TERMINAL
            if task.erased_at is not None:
                return "erased"
            self.claimed.discard(command.id)
            self.tasks[command.id] = replace(
                task,
                status=Status.QUEUED if ended else task.status,
                reason=None,
                version=task.version + 1,
                cancel_noted=False,
                attempts_left=task.max_attempts if ended else task.attempts_left,
                updated_at=command.at,
                next_attempt_at=command.at,
                finished_at=None,
                expires_at=command.expires_at if ended else task.expires_at,
            )
        elif task.status in TERMINAL:
            return None if task.status is Status.CANCELLED else "status"
        elif flying:
            self.tasks[command.id] = replace(task, cancel_noted=True)
        else:
            self._end(command.id, Status.CANCELLED, None, command.at)
            self.tasks[command.id] = replace(self.tasks[command.id], version=task.version + 1)
        return None

    def behind(self, task: Task) -> bool:
        """Does it wait behind another of its order key?"""
        if task.order_key is None or task.status in TERMINAL:
            return False
        return self.ready.get((task.source, task.order_key)) != task.id

    def advance(self) -> None:
        """After each transaction: where the ready one has ended it is the turn of the first that waits."""
        waiting = [task for task in self.tasks.values() if task.order_key and task.status not in TERMINAL]
        self.ready = {
            line: task_id for line, task_id in self.ready.items() if task_id in {t.id for t in waiting}
        }
        for task in waiting:
            self.ready.setdefault((task.source, str(task.order_key)), task.id)

    def shown(self) -> list[Task]:
        """Heads in order of import."""
        return [
            replace(task, next_attempt_at=None) if self.behind(task) else task for task in self.tasks.values()
        ]

    def _tell(self, task_id: str) -> None:
        """A callback for an end that its source wants to hear of."""
        task = self.tasks[task_id]
        callback = (
            callback_of(replace(task, callback=self.callbacks[task_id])) if task.status in TERMINAL else None
        )
        if callback is not None:
            self.add(callback, claimed=False)

    def _rewrite(self, command: Command, task: Task, flying: bool) -> str | None:
        """An edit, an erasure, a copy."""
        if command.action is Action.DELETE:
            if task.status not in TERMINAL:
                return "status"
            if task.erased_at is None:
                self._erase(command, task)
            return None
        if command.action is Action.EDIT and (task.status is Status.DELIVERED or flying):
            return "status"
        if task.erased_at is not None:
            return "erased"
        assert command.task is not None
        if command.action is Action.RESEND:
            self.add(command.task, claimed=False)
        else:
            self._edit(command, task, command.task)
        return None

    def _erase(self, command: Command, task: Task) -> None:
        body = self.bodies[task.id]
        self.tasks[task.id] = replace(
            task,
            url=task.url.partition("?")[0],
            version=task.version + 1,
            updated_at=command.at,
            erased_at=command.at,
            sha256=None if body is None else sha256(body).digest(),
        )

    def _edit(self, command: Command, task: Task, wanted: Task) -> None:
        ended = task.status in TERMINAL
        self.claimed.discard(task.id)
        self.bodies[task.id] = wanted.body
        self.callbacks[task.id] = wanted.callback
        self.tasks[task.id] = replace(
            head_of(wanted),
            version=task.version + 1,
            updated_at=command.at,
            cancel_noted=False,
            attempts_left=task.attempts_left if ended else wanted.attempts_left,
            next_attempt_at=None if ended else wanted.next_attempt_at or task.next_attempt_at,
        )

    def sweep(self, now: int, ages: dict[Status, int]) -> None:
        """All of it."""
        for task_id, task in list(self.tasks.items()):
            if task.status not in TERMINAL and task_id not in self.claimed and (task.expires_at or now) < now:
                self._end(task_id, Status.FAILED, Reason.EXPIRED, now)
        self.tasks = {
            task_id: task
            for task_id, task in self.tasks.items()
            if task.finished_at is None or task.finished_at >= now - ages[task.status]
        }

    def reopen(self, now: int) -> None:
        """A new epoch."""
        for task_id in list(self.claimed):
            self.release(task_id, now)

    def counts(self) -> dict[Status, int]:
        """By stored status."""
        found = Counter(task.status for task in self.tasks.values())
        return {status: found[status] for status in Status if status is not Status.SENDING}

    def rows(self) -> dict[str, tuple[int, int, int, int, int | None]]:
        """Waiting, delivered, failed, cancelled and next due by destination; none that has no tasks."""
        found: dict[str, list[Task]] = {}
        for task in self.tasks.values():
            found.setdefault(task.destination, []).append(task)
        return {key: self._row(tasks) for key, tasks in found.items()}

    def troubles(self) -> dict[tuple[str, str], tuple[int, int]]:
        """How many are retrying and have failed, by destination and last outcome."""
        found = dict[tuple[str, str], tuple[int, int]]()
        for task in self.tasks.values():
            if task.status in (Status.RETRYING, Status.FAILED):
                key = (task.destination, str(task.last_error or task.last_code or ""))
                retrying, failed = found.get(key, (0, 0))
                is_failed = task.status is Status.FAILED
                found[key] = (retrying + (not is_failed), failed + is_failed)
        return found

    def _row(self, tasks: list[Task]) -> tuple[int, int, int, int, int | None]:
        of = Counter(task.status for task in tasks)
        due = [
            task.next_attempt_at
            for task in tasks
            if task.next_attempt_at and task.id not in self.claimed and not self.behind(task)
        ]
        waiting = of[Status.QUEUED] + of[Status.RETRYING]
        return waiting, of[Status.DELIVERED], of[Status.FAILED], of[Status.CANCELLED], min(due, default=None)

    def _end(self, task_id: str, status: Status, reason: Reason | None, at: int) -> None:
        self.claimed.discard(task_id)
        self.tasks[task_id] = replace(
            self.tasks[task_id],
            status=status,
            reason=reason,
            cancel_noted=False,
            updated_at=at,
            next_attempt_at=None,
            finished_at=at,
        )
        self._tell(task_id)


def head_of(task: Task) -> Task:
    """What a list shows of a task that is given with its record."""
    return replace(
        task, body=None, stored_size=task.size, content_type=None, headers=(), callback=None, traceparent=None
    )
