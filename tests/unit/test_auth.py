"""Tokens, cookies, the slow-down and quotas, piece by piece; time is a number."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okydrom.config.settings import HOUR, Token
from okydrom.config.tokens import read_tokens, read_tokens_file
from okydrom.errors import SourceLimit, TooManyFailures
from okydrom.web.auth import network_of
from okydrom.web.cookie import KEY_SIZE, LIFETIME, Cookies
from okydrom.web.quota import Quota
from okydrom.web.throttle import EARNED, FAILURES, REMEMBERED, Throttle

DIGEST = hashlib.sha256(b"secret").hexdigest()
CRM = Token("crm", "source", DIGEST)


class Clock:
    """A time that a test sets."""

    def __init__(self) -> None:
        self.now = 1_790_000_000_000

    def __call__(self) -> int:
        return self.now


def cookies(clock: Clock) -> Cookies:
    made = Cookies(clock)
    made.key = bytes(range(KEY_SIZE))
    return made


def test_a_cookie_stands_for_its_token_for_twelve_hours() -> None:
    clock = Clock()
    made = cookies(clock)
    value = made.issue(CRM)
    assert made.token_of(value, {"crm": CRM}) is CRM
    clock.now += LIFETIME - 1
    assert made.token_of(value, {"crm": CRM}) is CRM
    clock.now += 1
    assert LIFETIME == 12 * HOUR
    assert made.token_of(value, {"crm": CRM}) is None


def test_a_cookie_ends_with_its_token_its_role_or_its_key() -> None:
    made = cookies(Clock())
    value = made.issue(CRM)
    assert made.token_of(value, {}) is None
    assert made.token_of(value, {"crm": Token("crm", "source", "0" * 64)}) is None
    made.key = bytes(KEY_SIZE)
    assert made.token_of(value, {"crm": CRM}) is None


@given(st.text(max_size=200), st.integers(0, 200))
def test_no_text_but_an_issued_cookie_is_one(text: str, place: int) -> None:
    made = cookies(Clock())
    value = made.issue(CRM)
    forged = value[:place] + text + value[place + len(text) :]
    assert made.token_of(text, {"crm": CRM}) is None
    if forged != value and not value.startswith(forged):
        found = made.token_of(forged, {"crm": CRM})
        assert found is None or forged.split(".")[1:] == value.split(".")[1:]


def test_an_address_that_fails_too_often_has_to_wait_and_others_have_not() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    assert [throttle.fail("a") for _ in range(FAILURES)] == [0] * FAILURES
    with pytest.raises(TooManyFailures) as refused:
        throttle.check("a")
    assert refused.value.retry_after == EARNED // 1000
    assert throttle.fail("a") == EARNED // 1000
    throttle.check("b")
    clock.now += EARNED
    throttle.check("a")
    assert throttle.fail("a") == 0
    assert throttle.fail("a") > 0


def test_failures_of_many_addresses_take_a_bounded_memory() -> None:
    throttle = Throttle(Clock())
    for number in range(REMEMBERED + 10):
        throttle.fail(str(number))
    assert len(throttle._until) == REMEMBERED


def test_a_quota_lets_in_its_burst_and_then_its_rate() -> None:
    clock = Clock()
    quota = Quota(2, 3, clock)
    quota.take("crm", 3)
    quota.take("shop")
    with pytest.raises(SourceLimit) as refused:
        quota.take("crm")
    assert refused.value.retry_after == 1
    clock.now += 500
    quota.take("crm")
    with pytest.raises(SourceLimit):
        quota.take("crm")
    clock.now += 10_000
    quota.take("crm", 10)  # more than the burst, from a full bucket: the debt is paid first
    clock.now += 3_500
    with pytest.raises(SourceLimit):
        quota.take("crm")
    clock.now += 500
    quota.take("crm")
    Quota(0, 1, clock).take("crm", 10**6)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ("crm", "must be a list"),
        ([1], "must be a list"),
        ([{"name": "crm"}], "role"),
        ([{"name": "", "role": "source", "sha256": DIGEST}], "needs a name"),
        ([{"name": "local", "role": "source", "sha256": DIGEST}], "needs a name"),
        ([{"name": "a b", "role": "source", "sha256": DIGEST}], "needs a name"),
        ([{"name": "crm", "role": "admin", "sha256": DIGEST}], "must be one of source, viewer, operator"),
        ([{"name": "crm", "role": "source", "sha256": "secret"}], "64 hexadecimal digits"),
        ([{"name": "crm", "role": "source", "sha256": DIGEST, "token": "x"}], "'token' is unknown"),
        ([{"name": "a", "role": "source", "sha256": DIGEST}] * 2, "twice"),
        (
            [{"name": name, "role": "source", "sha256": DIGEST} for name in "ab"],
            "two names have the same token",
        ),
    ],
)
def test_what_is_no_list_of_tokens_is_said(raw: object, message: str) -> None:
    with pytest.raises(ValueError, match=message) as refused:
        read_tokens(raw)
    assert DIGEST not in str(refused.value)


def test_a_file_has_a_token_a_line(tmp_path: Path) -> None:
    path = tmp_path / "tokens"
    path.touch(0o600)
    path.write_text(f"# who\n\ncrm source {DIGEST.upper()}\n")
    assert read_tokens_file(path) == (CRM,)
    path.write_text("crm source\n")
    with pytest.raises(ValueError, match="line 1: must be name, role and SHA-256"):
        read_tokens_file(path)


@pytest.mark.parametrize(("mode", "fine"), [(0o600, True), (0o640, True), (0o644, False), (0o602, False)])
def test_a_file_that_everybody_may_read_or_write_is_refused(tmp_path: Path, mode: int, fine: bool) -> None:
    path = tmp_path / "tokens"
    path.write_text(f"crm source {DIGEST}\n")
    path.chmod(mode)
    if fine:
        assert read_tokens_file(path) == (CRM,)
    else:
        with pytest.raises(ValueError, match="chmod 0600"):
            read_tokens_file(path)


@pytest.mark.parametrize(
    ("remote", "key"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        (None, ""),
    ],
)
def test_failures_are_counted_by_address_or_network(remote: str | None, key: str) -> None:
    assert network_of(remote) == key


def test_a_file_without_a_token_lets_nobody_in_by_mistake(tmp_path: Path) -> None:
    path = tmp_path / "tokens"
    path.touch(0o600)
    path.write_text("# crm source\n")
    with pytest.raises(ValueError, match="has no token"):
        read_tokens_file(path)
