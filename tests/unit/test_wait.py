"""The one helper that waits: it must neither pass too soon nor hang."""

import time

import pytest

from tests.support.wait import linger, wait_until


async def test_it_returns_once_a_function_is_true() -> None:
    answers = iter([0, "", 1])
    await wait_until(lambda: next(answers))
    assert next(answers, "spent") == "spent"


async def test_it_returns_once_a_coroutine_function_is_true() -> None:
    answers = iter([False, True])

    async def condition() -> bool:
        return next(answers)

    await wait_until(condition)
    assert next(answers, "spent") == "spent"


async def test_it_fails_after_the_timeout_and_says_for_what_it_waited() -> None:
    with pytest.raises(AssertionError, match=r"not within 0\.02 s: the task is delivered"):
        await wait_until(lambda: False, timeout=0.02, message="the task is delivered")


async def test_a_fault_of_the_condition_is_not_waited_out() -> None:
    with pytest.raises(ZeroDivisionError):
        await wait_until(lambda: 1 / 0)


async def test_lingering_takes_its_time() -> None:
    start = time.monotonic()
    await linger(0.02)
    assert time.monotonic() - start >= 0.019
