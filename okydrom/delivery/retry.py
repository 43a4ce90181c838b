"""What follows an attempt: a pure decision over the task, its outcome, the policy, the time and chance."""

from __future__ import annotations

import random
from collections.abc import Container

import msgspec

from okydrom.task import Failure, Outcome, Policy, Reason, Schedule, Status, Task

GONE = 410


class Decision(msgspec.Struct, frozen=True, gc=False):
    """Where the task goes. `next_attempt_at` (epoch ms) is set for RETRYING only."""

    status: Status
    attempts_left: int
    reason: Reason | None = None
    next_attempt_at: int | None = None


def decide(
    task: Task,
    outcome: Outcome,
    policy: Policy,
    now: int,
    rand: random.Random,
    jitter: float = 0.2,
    stops: Container[int | None] = (),
) -> Decision:
    """Decide what follows `outcome`, which ended at `now`; `stops`: further codes that end the task, like 410.

    A wait is the policy's, lengthened by up to `jitter` of itself and never shortened; `Retry-After` of a 429 or 503
    may put it off further. A next attempt that would come after the deadline is not waited for.

    >>> from okydrom.task import Task
    >>> t = Task(id="x", source="s", method="POST", http_method="POST", url="http://a/", destination="http://a:80",
    ...          created_at=0, expires_at=None, max_attempts=3, attempts_left=3, updated_at=0, next_attempt_at=0)
    >>> decide(t, Outcome(code=204), Schedule((5000,)), 1000, random.Random(1)).status.value
    'delivered'
    >>> decide(t, Outcome(code=500), Schedule((5000,)), 1000, random.Random(1), jitter=0)
    Decision(status=<Status.RETRYING: 'retrying'>, attempts_left=2, reason=None, next_attempt_at=6000)
    """
    left = task.attempts_left - 1
    if outcome.ok:
        return Decision(Status.DELIVERED, left)
    if outcome.error is Failure.BLOCKED:
        return Decision(Status.FAILED, left, Reason.BLOCKED)
    if outcome.code == GONE or outcome.aborted or outcome.code in stops:
        return Decision(Status.FAILED, left, Reason.STOPPED_BY_RECIPIENT)
    if left < 1:
        return Decision(Status.FAILED, 0, Reason.ATTEMPTS_SPENT)
    due = now + max(lengthened(wait(policy, task.failures + 1), rand, jitter), outcome.retry_after or 0)
    if task.expires_at is not None and due > task.expires_at:
        return Decision(Status.FAILED, left, Reason.EXPIRED)
    return Decision(Status.RETRYING, left, next_attempt_at=due)


def wait(policy: Policy, failures: int) -> int:
    """The policy's wait in ms after the n-th failure of a grant, n from 1.

    >>> wait(Schedule((5, 50)), 1), wait(Schedule((5, 50)), 7)
    (5, 50)
    >>> from okydrom.task import Exponential
    >>> [wait(Exponential(100, 2.0, 350), n) for n in (1, 2, 3, 5000)]
    [100, 200, 350, 350]
    """
    if isinstance(policy, Schedule):
        return policy.waits[min(failures, len(policy.waits)) - 1]
    try:
        return int(min(policy.first * policy.factor ** (failures - 1), policy.max))
    except OverflowError:  # a float's range, long after any maximum
        return policy.max


def lengthened(base: int, rand: random.Random, jitter: float) -> int:
    """A wait with chance added, so that tasks that failed together do not return together. Never less than `base`."""
    return base + int(base * jitter * rand.random())


def attempts_of(policy: Policy) -> int | None:
    """How many attempts a policy implies: its waits and one more; None if it doesn't say."""
    return len(policy.waits) + 1 if isinstance(policy, Schedule) else None
