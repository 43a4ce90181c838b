"""How long a recipient asks to wait (RFC 9110, section 10.2.3)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from email.utils import parsedate_to_datetime

from okydrom.config.settings import DAY


def retry_after(fields: Iterable[tuple[str, str]], now: int) -> int | None:
    """Milliseconds from the answer on, 24 h at most; None if it does not say or can't be understood.

    A date is read against the answer's own `Date`, else against `now`: their clock need not be ours.

    >>> retry_after([("Retry-After", "120")], now=0)
    120000
    >>> retry_after([("retry-after", "Fri, 31 Dec 1999 23:59:59 GMT"), ("date", "Fri, 31 Dec 1999 23:59:00 GMT")], 0)
    59000
    """
    found = {name.lower(): value.strip() for name, value in fields if name.lower() in ("retry-after", "date")}
    wanted = found.get("retry-after", "")
    if wanted.isascii() and wanted.isdigit():
        return DAY if len(wanted) > 6 else min(int(wanted) * 1000, DAY)
    until = _parse_date(wanted)
    if until is None:
        return None
    since = _parse_date(found.get("date", ""))
    return min(max(until - (now if since is None else since), 0), DAY)


def _parse_date(text: str) -> int | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() * 1000)
