"""The request headers of a task, judged at accept: what would fail at send is refused at the door."""

from __future__ import annotations

from collections.abc import Iterable

from okydrom.config.settings import KIB
from okydrom.errors import Fault
from okydrom.headers import name_fault, value_fault


def check_headers(
    headers: Iterable[tuple[str, str]],
    pointer: str = "/headers",
    *,
    count: int = 32,
    size: int = 8 * KIB,
    typed: bool = False,
) -> list[Fault]:
    """All faults of request headers; none: they may go out as they are. Messages never hold a value.

    `pointer` is that of the JSON object which holds them; `size` bounds the name and value of one, in bytes; `typed`:
    the content type is given beside them, so that they may not give it again.

    >>> [fault.code for fault in check_headers([("X-A", "1"), ("Host", "a"), ("X-B", "1\\r\\n")])]
    ['header_name', 'header_value']
    """
    faults: list[Fault] = []
    seen = {"content-type"} if typed else set()
    given = 0
    for name, value in headers:
        given += 1
        fault = _fault_of(name, value, size, seen)
        if fault is not None:
            faults.append(Fault(f"{pointer}/{escape(name)}", *fault))
        seen.add(name.lower())
    if given > count:
        faults.append(Fault(pointer, "too_many_headers", f"At most {count} headers are allowed.", max=count))
    return faults


def _fault_of(name: str, value: str, size: int, seen: set[str]) -> tuple[str, str] | None:
    if found := name_fault(name):
        return "header_name", f"It {found}."
    if found := value_fault(value):
        return "header_value", f"Its value {found}."
    if len(name) + len(value) > size:
        return "header_too_long", f"A header has at most {size} bytes."
    if name.lower() in seen:
        return "header_twice", "It is given twice."
    return None


def escape(token: str) -> str:
    """A key as a part of a JSON pointer (RFC 6901).

    >>> escape("a/b~c")
    'a~1b~0c'
    """
    return token.replace("~", "~0").replace("/", "~1")
