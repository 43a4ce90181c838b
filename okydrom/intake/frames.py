"""The journal's bytes: frames, one after another in a chunk file, nothing between them.

     0       4    5    6        10               18     20     24
     +-------+----+----+--------+----------------+------+------+---------------+
     | magic | v  | k  | length | number         |check | crc  | payload …     |      little endian
     +-------+----+----+--------+----------------+------+------+---------------+

    magic    AB 4F 4B 59, where reading starts again after damage
    v        version of this layout
    k        bits 0-6 the kind; bit 7 set: first frame of its group, so all that stands before it was synced
    length   of the payload, bytes
    number   grows by one with each frame of the journal and is never used twice
    check    low 16 bits of the CRC-32 of bytes 0-17: the length of a frame with a bad payload can be trusted
    crc      CRC-32 of bytes 0-17 and the payload

Both sums start from the CRC-32 of the instance id, so that no task's body can pass for a frame, nor a frame of another
journal for one of this. Only the header frame, which names the instance, starts from 0; it is valid at offset 0 alone.
A chunk ends with its file or where only zeros follow (chunks are filled with zeros beforehand).

Payloads are MessagePack arrays. Versions of this layout:

    1   the first. Later kinds are skipped by older readers and reported; later fields are appended to the arrays.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from enum import IntEnum
from zlib import crc32

import msgspec

from okydrom.task import Reason, Status

VERSION = 1
MAGIC = b"\xabOKY"
OPENS_GROUP = 0x80
FRONT = struct.Struct("<4sBBIQ")  # magic … number
SUMS = struct.Struct("<HI")  # check, crc
WHOLE = struct.Struct("<4sBBIQHI")
ENVELOPE = WHOLE.size


class Kind(IntEnum):
    """What a frame says. 0 is never used."""

    HEADER = 1  # first of a chunk; its number: all lower ones stand in earlier chunks, or are imported
    ACCEPT = 2  # one create request: its tasks, and its idempotency key
    BURNT = (
        3  # numbers of refused groups: nobody was promised anything, and what stands under them is no loss
    )
    FINISHED = 4  # tasks became terminal
    REVIVED = 5  # an operator's retry
    CHANGED = 6  # an edit
    ERASED = 7  # bodies were erased
    MADE = 8  # tasks made by the store: callbacks, resends


KINDS = {int(kind): kind for kind in Kind}


class Key(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An idempotency key: whose, which, the hash of the request that it came with, and the answer that it got.

    [source, key, hash, status, answer, created_at]
    """

    source: str
    key: str
    hash: bytes
    status: int = 202
    answer: bytes = b""  # JSON
    created_at: int = 0  # epoch ms


class Header(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """HEADER [instance]"""

    instance: str


class Accepted(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """ACCEPT [[record…], nil | key]; records as `okydrom.record` packs them"""

    records: tuple[bytes, ...]
    key: Key | None = None


class Burnt(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """BURNT [first, last], both included"""

    first: int
    last: int


class Ending(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """How a task ended: [id, status, at, version, reason | nil]"""

    id: str
    status: Status
    at: int
    version: int = 1
    reason: Reason | None = None


class Revived(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """REVIVED [id, version, expires_at | nil, at]: the version that the retry gave, the new deadline"""

    id: str
    version: int
    expires_at: int | None
    at: int


class Edited(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """CHANGED [record, version, at]: what the task now asks"""

    record: bytes
    version: int
    at: int


class Erased(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """ERASED [[id…], at]"""

    ids: tuple[str, ...]
    at: int


_pack = msgspec.msgpack.Encoder().encode


def pack_header(instance: str) -> bytes:
    """The payload of HEADER."""
    return _pack(Header(instance))


def pack_accept(records: tuple[bytes, ...], key: Key | None = None) -> bytes:
    """The payload of ACCEPT."""
    return _pack((records, key))


def pack_burnt(first: int, last: int) -> bytes:
    """The payload of BURNT."""
    return _pack((first, last))


def pack_finished(endings: Iterable[Ending]) -> bytes:
    """The payload of FINISHED: [ending…]."""
    return _pack(tuple(endings))


def pack_revived(revived: Revived) -> bytes:
    """The payload of REVIVED."""
    return _pack(revived)


def pack_changed(edited: Edited) -> bytes:
    """The payload of CHANGED."""
    return _pack(edited)


def pack_erased(ids: tuple[str, ...], at: int) -> bytes:
    """The payload of ERASED."""
    return _pack((ids, at))


def pack_made(records: tuple[bytes, ...]) -> bytes:
    """The payload of MADE: [record…]."""
    return _pack(records)


# Each raises ValueError if the payload is none of its kind.
unpack_header = msgspec.msgpack.Decoder(Header).decode
unpack_accept = msgspec.msgpack.Decoder(Accepted).decode
unpack_burnt = msgspec.msgpack.Decoder(Burnt).decode
unpack_finished = msgspec.msgpack.Decoder(tuple[Ending, ...]).decode
unpack_revived = msgspec.msgpack.Decoder(Revived).decode
unpack_changed = msgspec.msgpack.Decoder(Edited).decode
unpack_erased = msgspec.msgpack.Decoder(Erased).decode
unpack_made = msgspec.msgpack.Decoder(tuple[bytes, ...]).decode


def seed_of(instance: str) -> int:
    """What the sums of an instance's frames start from."""
    return crc32(instance.encode())


def encode(kind: int, number: int, payload: bytes, seed: int) -> bytes:
    """A frame's bytes; `kind` with `OPENS_GROUP` for the first of a group."""
    front = FRONT.pack(MAGIC, VERSION, kind, len(payload), number)
    check = crc32(front, seed)
    return front + SUMS.pack(check & 0xFFFF, crc32(payload, check)) + payload
