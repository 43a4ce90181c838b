"""Reading a chunk: what is whole comes out as frames, what is not as holes, in order. Nothing is trusted unverified."""

from __future__ import annotations

from collections.abc import Iterator
from zlib import crc32

import msgspec

from okydrom.errors import DataUnusable
from okydrom.intake.frames import (
    ENVELOPE,
    FRONT,
    KINDS,
    MAGIC,
    OPENS_GROUP,
    VERSION,
    WHOLE,
    Header,
    Kind,
    unpack_header,
)


class Frame(msgspec.Struct, frozen=True, gc=False):
    """One frame, verified."""

    number: int
    kind: int  # a `Kind`, or one that a later version knows
    payload: bytes
    opens: bool  # first of its group
    end: int  # offset behind it


class Hole(msgspec.Struct, frozen=True, gc=False):
    """Bytes that are no frame. `inner`: a frame follows in the same chunk, else only zeros do."""

    start: int
    end: int
    inner: bool


def read_header(data: bytes) -> tuple[int, Header, int] | None:
    """A chunk's first number, its header, and the offset behind it; None if it is not whole."""
    frame = _read(data, 0, 0)
    if frame is None or frame.kind != Kind.HEADER:
        return None
    return frame.number, unpack_header(frame.payload), frame.end


def scan(data: bytes, seed: int, start: int = 0) -> Iterator[Frame | Hole]:
    """Frames and holes from an offset on. Raises DataUnusable for a frame of a later version."""
    offset = start
    while offset < len(data):
        frame = _read(data, offset, seed)
        if frame is not None:
            yield frame
            offset = frame.end
            continue
        resume = _resume(data, offset, seed)
        end = resume if resume is not None else len(data.rstrip(b"\0"))
        if end > offset:
            yield Hole(offset, end, resume is not None)
        if resume is None:
            return
        offset = resume


def _read(data: bytes, offset: int, seed: int) -> Frame | None:
    start = offset + ENVELOPE
    if start > len(data):
        return None
    magic, version, kind, length, number, check, crc = WHOLE.unpack_from(data, offset)
    end = start + length
    if magic != MAGIC or end > len(data):
        return None
    found = crc32(data[offset : offset + FRONT.size], seed)
    payload = data[start:end]
    if found & 0xFFFF != check or crc32(payload, found) != crc:
        return None
    if version > VERSION:
        raise DataUnusable(
            f"The journal was written by a later version of Okydrom (format {version}, this one reads {VERSION}).",
            format=version,
        )
    opens, kind = kind >= OPENS_GROUP, kind & ~OPENS_GROUP
    return Frame(number, KINDS.get(kind, kind), payload, opens, end)


def _resume(data: bytes, offset: int, seed: int) -> int | None:
    """Where the next frame begins after the bad one at `offset`; None if there is none."""
    while True:
        length = _length(data, offset, seed)
        # A sound envelope says how much to skip: what a bad payload holds is not searched for frames.
        offset = offset + ENVELOPE + length if length is not None else data.find(MAGIC, offset + 1)
        if not 0 <= offset < len(data):
            return None
        if _read(data, offset, seed) is not None:
            return offset


def _length(data: bytes, offset: int, seed: int) -> int | None:
    """The payload's length according to a sound envelope."""
    if offset + ENVELOPE > len(data):
        return None
    magic, _, _, length, _, check, _ = WHOLE.unpack_from(data, offset)
    sound = magic == MAGIC and crc32(data[offset : offset + FRONT.size], seed) & 0xFFFF == check
    return int(length) if sound else None
