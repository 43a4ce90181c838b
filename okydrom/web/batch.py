"""Several tasks in one request: a JSON array, or one object a line (NDJSON).

They are read one by one, so that bad ones are refused beside good ones, and in pieces, so that others have their turn
in between.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence
from time import monotonic
from typing import Any

import msgspec

from okydrom.errors import BadRequest, Fault, Invalid, NoneAccepted, OkydromError, TooLarge
from okydrom.task import Task
from okydrom.web.problems import error_json
from okydrom.web.schema import Schema

MOST = 1_000
PIECE = 0.005  # s of reading until others have their turn

_ABSENT = msgspec.Raw(b"")
# An array of at most so many raw values: what has more is refused at the first too many, not read to its end.
_Items = msgspec.defstruct(
    "_Items",
    [(f"item{number}", msgspec.Raw, _ABSENT) for number in range(MOST)],
    array_like=True,
    forbid_unknown_fields=True,
)
_decode = msgspec.json.Decoder(_Items).decode
_line = re.compile(rb"[^\s][^\n]*")


class Item(msgspec.Struct, frozen=True):
    """One of a batch: its task, or what is wrong with it."""

    index: int
    task: Task | None = None
    error: OkydromError | None = None


def items_of(body: bytes, lines: bool) -> Sequence[bytes]:
    """The bytes of each item, as they were posted. Raises BadRequest, Invalid (none), TooLarge (more than 1,000).

    >>> items_of(b'[1, {"a": [2]}]', False), items_of(b"1\\n\\n {} ", True)
    ([b'1', b'{"a": [2]}'], [b'1', b'{} '])
    """
    items = list(_lines(body) if lines else _elements(body))
    if not items:
        raise Invalid([Fault("", "empty", "There is no task in the request.")])
    return items


async def read_items(
    schema: Schema, items: Sequence[bytes], source: str, traceparent: str | None
) -> list[Item]:
    """The tasks, or what is wrong, in order. Others have their turn in between."""
    found = []
    begun = monotonic()
    for index, data in enumerate(items):
        if monotonic() - begun > PIECE:
            await asyncio.sleep(0)
            begun = monotonic()
        found.append(_read(schema, index, data, source, traceparent))
    return found


def answer(items: Sequence[Item]) -> dict[str, Any]:
    """What became of each, in order. Raises NoneAccepted if none is a task."""
    answers = list(_answers(items))
    if not any(item.task is not None for item in items):
        raise NoneAccepted([fault for item in items for fault in _placed(item)], answers)
    return {"items": answers}


def _elements(body: bytes) -> Iterator[bytes]:
    try:
        found = _decode(body)
    except msgspec.ValidationError:
        raise _too_many() from None
    except (msgspec.DecodeError, RecursionError):
        raise BadRequest("The body is not a JSON array.") from None
    for field in _Items.__struct_fields__:
        raw = getattr(found, field)
        if raw is _ABSENT:
            return
        yield bytes(raw)


def _lines(body: bytes) -> Iterator[bytes]:
    for number, match in enumerate(_line.finditer(body)):
        if number == MOST:
            raise _too_many()
        yield match[0]


def _too_many() -> TooLarge:
    return TooLarge(f"A request has at most {MOST} tasks.", limit=MOST)


def _read(schema: Schema, index: int, data: bytes, source: str, traceparent: str | None) -> Item:
    try:
        if len(data) > schema.largest:
            raise TooLarge(limit=schema.largest, size=len(data))
        return Item(index, task=schema.task(data, source, traceparent))
    except (BadRequest, Invalid, TooLarge) as error:
        return Item(index, error=error)


def _answers(items: Sequence[Item]) -> Iterator[dict[str, Any]]:
    for item in items:
        if item.task is not None:
            yield {"index": item.index, "id": item.task.id}
        elif item.error is not None:
            yield {"index": item.index, "error": error_json(item.error)}


def _placed(item: Item) -> Iterator[Fault]:
    """The faults of an item with their place in the whole request."""
    if isinstance(item.error, Invalid):
        for fault in item.error.faults:
            yield Fault(f"/{item.index}{fault.pointer}", fault.code, fault.message, **fault.params)
    elif item.error is not None:
        yield Fault(f"/{item.index}", item.error.code, item.error.detail)
