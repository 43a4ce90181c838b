"""What the value of a setting may be: how it is read from TOML, given as JSON, and shown to people.

A kind reads a value or raises ValueError with a sentence that says what it must be; `read(plain(value)) == value`.
"""

from __future__ import annotations

import ipaddress
import math
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec

from okydrom.config.secrets import read_secrets
from okydrom.config.tokens import read_tokens
from okydrom.destination import destination_of, host_and_port
from okydrom.headers import name_fault, value_fault
from okydrom.policy import parse_factor, parse_policy, parse_waits, policy_table
from okydrom.units import parse_duration, parse_size, show_duration, show_size

_CODES = re.compile(r"(?P<first>[1-9][0-9]{2})(?:-(?P<last>[1-9][0-9]{2}))?|(?P<class>[1-9])xx", re.ASCII)

NOTHING = "—"
DAY = 86_400_000


class Kind(msgspec.Struct, frozen=True):
    """One kind of values. `unit` is that of the plain value: s, bytes, or what is counted."""

    read: Callable[[object], Any]
    plain: Callable[[Any], Any] = lambda value: value
    show: Callable[[Any], str] = str
    unit: str | None = None


def count(low: int, high: int, unit: str | None = None) -> Kind:
    """A whole number within bounds."""

    def read(raw: object) -> int:
        if isinstance(raw, bool) or not isinstance(raw, int) or not low <= raw <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return raw

    return Kind(read, unit=unit)


def duration(low: int = 0, high: int = 3650 * DAY) -> Kind:
    """Milliseconds; plain: seconds."""

    def read(raw: object) -> int:
        return _within(parse_duration(raw), low, high, show_duration)

    return Kind(read, seconds, show_duration, "s")


def size(low: int = 0, high: int = 2**50) -> Kind:
    """Bytes."""

    def read(raw: object) -> int:
        return _within(parse_size(raw), low, high, show_size)

    return Kind(read, show=show_size, unit="bytes")


def choice(*words: str) -> Kind:
    """One of some words."""

    def read(raw: object) -> str:
        if raw not in words:
            raise ValueError(f"must be one of {', '.join(words)}")
        return str(raw)

    return Kind(read)


def text(check: Callable[[str], str] = str) -> Kind:
    """A text; `check` returns what is kept of it, or raises ValueError."""
    return Kind(lambda raw: _text(raw, check), show=lambda value: value or NOTHING)


def texts(check: Callable[[str], str]) -> Kind:
    """A list of such texts."""

    def read(raw: object) -> tuple[str, ...]:
        if not isinstance(raw, list | tuple):
            raise ValueError('must be a list such as ["…", "…"]')
        return tuple(_text(item, check, f"{item!r} ") for item in raw)

    return Kind(read, list, lambda values: ", ".join(values) or NOTHING)


def optional(kind: Kind) -> Kind:
    """`kind`, or None where the setting was not given."""
    return Kind(
        kind.read,
        lambda value: None if value is None else kind.plain(value),
        lambda value: NOTHING if value is None else kind.show(value),
        kind.unit,
    )


def or_off(kind: Kind) -> Kind:
    """`kind`, or 0, which switches it off."""
    return Kind(lambda raw: 0 if raw == 0 else kind.read(raw), kind.plain, kind.show, kind.unit)


def seconds(milliseconds: int) -> int | float:
    """A whole number of seconds where it is one."""
    return milliseconds // 1000 if milliseconds % 1000 == 0 else milliseconds / 1000


def read_path(raw: object) -> Path:
    """A path of the file system."""
    if not isinstance(raw, str) or not raw or "\0" in raw:
        raise ValueError("must be a path")
    return Path(raw)


def read_share(raw: object) -> float:
    """0.2 of `"20%"` or 0.2."""
    number: object = raw
    if isinstance(raw, str) and (match := re.fullmatch(r"([0-9]{1,3}(?:\.[0-9]{1,6})?) ?%", raw, re.ASCII)):
        number = float(match[1]) / 100
    if isinstance(number, bool) or not isinstance(number, int | float) or not 0 <= number <= 1:
        raise ValueError('must be a share such as "20%" or 0.2, from 0 to 1')
    return float(number)


def read_headers(raw: object) -> tuple[tuple[str, str], ...]:
    """Header names and values of a table; a value never stands in a message, it may be a credential."""
    if not isinstance(raw, dict):
        raise ValueError('must be a table such as {"X-Key" = "…"}')
    faults = []
    seen: set[str] = set()
    for name, value in raw.items():
        if fault := name_fault(name):
            faults.append(f"{name!r} {fault}")
        elif name.lower() in seen:
            faults.append(f"{name!r} is there twice")
        elif not isinstance(value, str):
            faults.append(f"{name!r} needs a text as value")
        elif fault := value_fault(value):
            faults.append(f"the value of {name!r} {fault}")
        seen.add(name.lower())
    if faults:
        raise ValueError("; ".join(faults))
    return tuple(raw.items())


def read_codes(raw: object) -> frozenset[int]:
    """Status codes of a list with codes, ranges and classes: `[410, "420-428", "5xx"]`. None of success."""
    if not isinstance(raw, list | tuple):
        raise ValueError('must be a list such as [404, "405-409", "5xx"]')
    codes: set[int] = set()
    for item in raw:
        codes.update(_codes(item))
    if any(200 <= code < 300 for code in codes):
        raise ValueError("must have no codes from 200 to 299: they mean success")
    return frozenset(codes)


def read_pace(raw: object) -> float:
    """Attempts a second."""
    if (
        isinstance(raw, bool)
        or not isinstance(raw, int | float)
        or not math.isfinite(raw)
        or not 0 < raw <= 1e6
    ):
        raise ValueError("must be a number of attempts a second, more than 0 and at most 1000000")
    return float(raw)


def network(item: str) -> str:
    """A CIDR or a single address."""
    try:
        return str(ipaddress.ip_network(item))
    except ValueError:
        raise ValueError(
            'is not a network such as "10.0.0.0/8" or "fd00::/8" (no bits beyond its prefix)'
        ) from None


def address(item: str) -> str:
    """An address to listen on."""
    try:
        return item if item == "localhost" else str(ipaddress.ip_address(item))
    except ValueError:
        raise ValueError(
            'must be an address such as "127.0.0.1", "::1" or "0.0.0.0", or "localhost"'
        ) from None


def is_loopback(item: str) -> bool:
    """Can only this machine reach an address that is listened on?"""
    return item == "localhost" or ipaddress.ip_address(item).is_loopback


def read_rate(raw: object) -> float:
    """So many a second; 0: off."""
    if (
        isinstance(raw, bool)
        or not isinstance(raw, int | float)
        or not (raw == 0 or 0.001 <= raw <= 1_000_000)
    ):
        raise ValueError("must be a number from 0.001 to 1000000, or 0")
    return float(raw)


def host_name(item: str) -> str:
    """A name as it stands in `Host`, with a port or without."""
    host, port = host_and_port(item)
    return host if port is None else f"{host}:{port}"


def recipient(item: str) -> str:
    """What a method may reach: a host, host:port, or scheme://host:port."""
    return destination_of(item) if "://" in item else host_name(item)


def http_url(item: str) -> str:
    """A URL that a task may have; kept as it is written."""
    destination_of(item)
    return item


def prefix(item: str) -> str:
    """Nothing, or the path before all of ours."""
    if not re.fullmatch(r"(?:/[A-Za-z0-9._~-]+)*", item, re.ASCII):
        raise ValueError('must be empty or a path such as "/okydrom", without a slash at the end')
    return item


CODES = Kind(read_codes, sorted)
SECRETS = Kind(read_secrets, list)
PACE = Kind(read_pace)
PATH = Kind(read_path, str)
SHARE = Kind(read_share, show=lambda value: f"{value * 100:g} %")
HEADERS = Kind(read_headers, dict)
RATE = Kind(read_rate, show=lambda value: f"{value:g}/s" if value else NOTHING)
TOKENS = Kind(read_tokens, show=lambda tokens: ", ".join(token.name for token in tokens) or NOTHING)
POLICY = Kind(parse_policy, policy_table)
FACTOR = Kind(parse_factor, show=lambda value: f"{value:g}")
WAITS = Kind(
    parse_waits,
    lambda waits: [seconds(wait) for wait in waits],
    lambda waits: ", ".join(map(show_duration, waits)),
    "s",
)


def _codes(item: object) -> Iterable[int]:
    if isinstance(item, int) and not isinstance(item, bool):
        item = str(item)
    match = _CODES.fullmatch(item) if isinstance(item, str) else None
    if match is None:
        raise ValueError(f'{item!r} is not a code (410), a range ("400-404") or a class ("5xx")')
    if match["class"]:
        return range(int(match["class"]) * 100, int(match["class"]) * 100 + 100)
    first = int(match["first"])
    last = int(match["last"] or first)
    if first > last:
        raise ValueError(f"{item!r} ends before it begins")
    return range(first, last + 1)


def _within(value: int, low: int, high: int, show: Callable[[int], str]) -> int:
    if not low <= value <= high:
        raise ValueError(f"must be from {show(low)} to {show(high)}")
    return value


def _text(raw: object, check: Callable[[str], str], before: str = "") -> str:
    if not isinstance(raw, str):
        raise ValueError(f"{before}must be a text")
    try:
        return check(raw)
    except ValueError as fault:
        raise ValueError(f"{before}{fault}") from None
