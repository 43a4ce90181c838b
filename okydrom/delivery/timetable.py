"""When the coming attempts of a task are made, at the earliest."""

from __future__ import annotations

from okydrom.delivery.retry import wait
from okydrom.task import Policy, Task

MOST = 100


def timetable(task: Task, policy: Policy, now: int) -> list[tuple[int, int]]:
    """Number within the grant and earliest time (epoch ms) of each attempt that is left, if each fails at once; those
    that would come after the deadline are not made.

    >>> from okydrom.task import Schedule
    >>> t = Task(id="x", source="s", method="POST", http_method="POST", url="http://a/", destination="http://a:80",
    ...          created_at=0, expires_at=9000, max_attempts=4, attempts_left=4, updated_at=0, next_attempt_at=1000)
    >>> timetable(t, Schedule((2000, 5000)), 0)
    [(1, 1000), (2, 3000), (3, 8000)]
    """
    found: list[tuple[int, int]] = []
    at = max(task.next_attempt_at or now, now)
    for number in range(task.failures + 1, min(task.max_attempts, task.failures + MOST) + 1):
        if task.expires_at is not None and at > task.expires_at:
            break
        found.append((number, at))
        at += wait(policy, number)
    return found
