"""Several tasks in one request: a JSON array, or one object a line (NDJSON). Bad ones are refused beside good ones."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from okydrom.errors import BadRequest, Fault, Invalid, OkydromError, TooLarge
from okydrom.task import Task
from okydrom.web.draft import read_raw_items
from okydrom.web.schema import Schema

MOST = 1_000
STRIDE = 50  # items that are read before others have their turn

_encode = msgspec.json.Encoder(enc_hook=str).encode


class Item(msgspec.Struct, frozen=True):
    """One of a batch: its task, or what is wrong with it."""

    index: int
    task: Task | None = None
    error: OkydromError | None = None


def items_of(body: bytes, lines: bool, depth: int) -> Sequence[bytes]:
    """The bytes of each item, as they were posted. Raises BadRequest, Invalid (none), TooLarge (more than 1,000)."""
    items: Sequence[bytes] = (
        [line for line in body.split(b"\n") if line.strip()] if lines else read_raw_items(body, depth)
    )
    if not items:
        raise Invalid([Fault("", "empty", "There is no task in the request.")])
    if len(items) > MOST:
        raise TooLarge(f"A request has at most {MOST} tasks.", limit=MOST, size=len(items))
    return items


async def read_items(
    schema: Schema, items: Sequence[bytes], source: str, traceparent: str | None
) -> list[Item]:
    """The tasks, or what is wrong, in order. Others have their turn in between."""
    found = []
    for index, data in enumerate(items):
        if index and index % STRIDE == 0:
            await asyncio.sleep(0)
        found.append(_read(schema, index, data, source, traceparent))
    return found


def answer(items: Sequence[Item]) -> dict[str, Any]:
    """What became of each, in order."""
    return {"items": list(_answers(items))}


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
            problem: dict[str, Any] = {
                "code": item.error.code,
                "detail": item.error.detail,
                "params": item.error.params,
            }
            if isinstance(item.error, Invalid):
                problem["errors"] = [fault.as_dict() for fault in item.error.faults]
            yield {"index": item.index, "error": problem}
