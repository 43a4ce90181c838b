"""How a list is cut into pages: `limit`, `cursor`, `order`."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from okydrom.errors import Fault, Invalid
from okydrom.web.draft import suggestion

USUAL_LIMIT = 50
MOST = 200
LONGEST_CURSOR = 1024
PAGING = frozenset({"limit", "cursor", "order"})


class Paging(msgspec.Struct, frozen=True):
    """What piece of a list is wanted."""

    limit: int = USUAL_LIMIT
    cursor: str | None = None
    oldest_first: bool = False


def parse_paging(query: Iterable[tuple[str, str]], *, ordered: bool = True) -> Paging:
    """Read the paging of a query; its other parameters are not looked at. Raises Invalid."""
    paging, faults = Paging(), list[Fault]()
    for name, value in query:
        if name == "limit":
            if re.fullmatch("[0-9]{1,3}", value, re.ASCII) and 1 <= int(value) <= MOST:
                paging = msgspec.structs.replace(paging, limit=int(value))
            else:
                faults.append(Fault("#limit", "out_of_range", f"Must be from 1 to {MOST}.", min=1, max=MOST))
        elif name == "cursor":
            if 0 < len(value) <= LONGEST_CURSOR:
                paging = msgspec.structs.replace(paging, cursor=value)
            else:
                faults.append(Fault("#cursor", "invalid_cursor", "This is no cursor of a list."))
        elif name == "order" and ordered:
            if value in ("newest", "oldest"):
                paging = msgspec.structs.replace(paging, oldest_first=value == "oldest")
            else:
                faults.append(Fault("#order", "unknown_value", "Must be newest or oldest."))
    if faults:
        raise Invalid(faults)
    return paging


def check_names(query: Iterable[tuple[str, str]], known: Iterable[str]) -> None:
    """Raises Invalid for parameters that the call does not have: a filter with a typing error would match all."""
    known = list(known)
    faults = []
    for name, _ in query:
        if name not in known:
            near, params = suggestion(name, known)
            faults.append(
                Fault(
                    f"#{name[:255]}", "unknown_parameter", f"This call has no such parameter.{near}", **params
                )
            )
    if faults:
        raise Invalid(faults)
