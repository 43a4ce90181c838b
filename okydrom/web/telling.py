"""A posted callback: where its source wants to be told of a task's end, checked before the task is kept."""

from __future__ import annotations

from typing import Any

import msgspec

from okydrom.callback import Callback
from okydrom.errors import Fault
from okydrom.task import Status
from okydrom.web.aims import Aims
from okydrom.web.draft import pointer_of, suggestion

ENDS = (Status.DELIVERED, Status.FAILED)
FIELDS = ("url", "on", "method")

_encode = msgspec.json.Encoder(order="deterministic").encode


def callback_json(posted: dict[str, Any], aims: Aims, max_age: int, faults: list[Fault]) -> bytes | None:
    """What `Task.callback` holds; None where there are faults. `max_age` (ms, 0: none) is its deadline."""
    found: list[Fault] = []
    for name in posted:
        if name not in FIELDS:
            near, params = suggestion(name, FIELDS)
            message = f"A callback has no such field.{near}"
            found.append(Fault(pointer_of("callback", name), "unknown_field", message, **params))
    url, method = (_text(posted, field, found) for field in ("url", "method"))
    aim = None if found else aims.known.get((method, url)) or aims.judge(method, url, found, "/callback")
    on = _ends(posted.get("on"), found)
    faults += found
    if found or aim is None:
        return None
    return _encode(
        Callback(
            url=aim.url,
            method=aim.method,
            http_method=aim.http_method,
            on=on,
            attempts=aim.attempts,
            max_age=max_age,
        )
    )


def _text(posted: dict[str, Any], field: str, faults: list[Fault]) -> str | None:
    value = posted.get(field)
    if value is None or isinstance(value, str):
        return value
    faults.append(Fault(pointer_of("callback", field), "wrong_type", "Must be a text."))
    return None


def _ends(value: object, faults: list[Fault]) -> tuple[Status, ...]:
    """Which ends, each once and in one order; all of them if it is not said."""
    if value is None:
        return ENDS
    if isinstance(value, list) and value and all(end in ENDS for end in value if isinstance(end, str)):
        wanted = {end for end in value if isinstance(end, str)}
        if len(wanted) == len(value):
            return tuple(end for end in ENDS if end in wanted)
    message = f"Must be a list of {' and '.join(ENDS)}, or of one of them."
    faults.append(Fault("/callback/on", "unknown_value", message, allowed=list(ENDS)))
    return ENDS
