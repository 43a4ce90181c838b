"""Headers that may be set: grammar, and the names that stay with Okydrom."""

import pytest

from okydrom.headers import name_fault, value_fault


@pytest.mark.parametrize(
    "name", ["X-Key", "x", "Authorization", "Content-Type", "!#$%&'*+-.^_`|~09", "proxy"]
)
def test_a_name_may_be_set(name: str) -> None:
    assert name_fault(name) is None


@pytest.mark.parametrize("name", ["", "X Key", "X:Key", "X\r\nY", "Ключ", "X\0", "(x)", "X-Key\n"])
def test_what_is_no_name_is_refused(name: str) -> None:
    assert name_fault(name) == 'is not a header name (letters, digits, "-")'


@pytest.mark.parametrize(
    "name",
    ["Host", "CONTENT-LENGTH", "transfer-encoding", "Expect", "Proxy-Authorization", "Webhook-Id", "TE"],
)
def test_what_okydrom_writes_itself_is_refused(name: str) -> None:
    assert name_fault(name) == "is set by Okydrom itself"


@pytest.mark.parametrize("value", ["", "a", "a b", "a\tb", "Bearer x.y~z=="])
def test_a_value_may_be_set(value: str) -> None:
    assert value_fault(value) is None


@pytest.mark.parametrize("value", [" a", "a ", "a\r\nX: y", "a\nb", "a\0", "ü", "\x7f", "\t", "a\n"])
def test_what_is_no_value_is_refused(value: str) -> None:
    assert value_fault(value) is not None
