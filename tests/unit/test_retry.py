"""What follows an attempt."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okydrom.config.settings import DEFAULT_SCHEDULE, HOUR
from okydrom.delivery.retry import attempts_of, decide, wait
from okydrom.task import Exponential, Failure, Outcome, Policy, Reason, Schedule, Status
from tests.support.tasks import make_task

NOW = 1_800_000_000_000
FIVE = Schedule((5_000,))


def decided(outcome: Outcome, *, policy: Policy = FIVE, jitter: float = 0.0, **task: Any) -> Any:
    return decide(make_task(**task), outcome, policy, NOW, random.Random(7), jitter)


@pytest.mark.parametrize("code", [200, 201, 204, 299])
def test_any_2xx_delivers(code: int) -> None:
    assert decided(Outcome(code=code)).status is Status.DELIVERED


@pytest.mark.parametrize("code", [100, 199, 300, 302, 304, 400, 404, 429, 500, 503, 999])
def test_every_other_code_is_tried_again(code: int) -> None:
    assert decided(Outcome(code=code)).status is Status.RETRYING


@pytest.mark.parametrize("error", [kind for kind in Failure if kind is not Failure.BLOCKED])
def test_no_answer_is_tried_again(error: Failure) -> None:
    assert decided(Outcome(error=error)).status is Status.RETRYING


def test_a_blocked_address_ends_the_task_at_once() -> None:
    decision = decided(Outcome(error=Failure.BLOCKED), attempts_left=9)
    assert (decision.status, decision.reason) == (Status.FAILED, Reason.BLOCKED)


def test_410_ends_the_task_at_once() -> None:
    decision = decided(Outcome(code=410), attempts_left=9)
    assert (decision.status, decision.reason) == (Status.FAILED, Reason.STOPPED_BY_RECIPIENT)


def test_the_last_attempt_spends_the_grant() -> None:
    decision = decided(Outcome(code=500), attempts_left=1)
    assert (decision.status, decision.reason, decision.attempts_left) == (
        Status.FAILED,
        Reason.ATTEMPTS_SPENT,
        0,
    )


def test_a_next_attempt_after_the_deadline_fails_the_task_now() -> None:
    decision = decided(Outcome(code=500), expires_at=NOW + 4_999)
    assert (decision.status, decision.reason) == (Status.FAILED, Reason.EXPIRED)
    assert decided(Outcome(code=500), expires_at=NOW + 5_000).status is Status.RETRYING


def test_retry_after_puts_the_next_attempt_off_but_never_brings_it_forward() -> None:
    assert decided(Outcome(code=429, retry_after=60_000)).next_attempt_at == NOW + 60_000
    assert decided(Outcome(code=503, retry_after=1_000)).next_attempt_at == NOW + 5_000


def test_the_schedule_starts_again_with_a_new_grant() -> None:
    schedule = Schedule((1_000, 2_000, 3_000))
    first = decided(Outcome(code=500), policy=schedule, max_attempts=4, attempts_left=4, attempts=11)
    third = decided(Outcome(code=500), policy=schedule, max_attempts=4, attempts_left=2, attempts=13)
    assert (first.next_attempt_at, third.next_attempt_at) == (NOW + 1_000, NOW + 3_000)


@given(st.integers(1, 400), st.integers(0, 2**32), st.floats(0, 1))
def test_no_wait_is_ever_shorter_than_the_policy_says(failures: int, seed: int, jitter: float) -> None:
    policy = Exponential(1_000, 2.0, 6 * HOUR)
    task = make_task(max_attempts=failures + 100, attempts_left=101)
    decision = decide(task, Outcome(code=500), policy, NOW, random.Random(seed), jitter)
    base = wait(policy, failures)
    assert decision.next_attempt_at is not None
    assert base <= decision.next_attempt_at - NOW <= base * (1 + jitter)


def test_the_default_schedule_makes_ten_attempts() -> None:
    assert attempts_of(DEFAULT_SCHEDULE) == 10
    assert attempts_of(Exponential(1, 2, 3)) is None
