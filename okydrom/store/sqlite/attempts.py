"""An attempt's bytes, as the store keeps them.

MessagePack, an array in this order (new fields are appended; a reader takes those it knows):

    0 started_at · 1 finished_at · 2 waited · 3 code · 4 error · 5 errno · 6 address · 7 rule · 8 duration
    9 parts [dns, connect, tls, wait, read] · 10 resent · 11 request_headers · 12 response_headers
    13 response_body · 14 response_size · 15 truncated · 16 retry_after

Its number stands beside them.
"""

from __future__ import annotations

from typing import Any

import msgspec

from okydrom.store.sqlite.batches import Rows
from okydrom.task import Attempt, Failure, Outcome, Parts

ATTEMPTS = Rows("INSERT INTO attempt (key, seq, number, previous, attempt)", ["?"] * 5)

_encode = msgspec.msgpack.Encoder().encode_into
_decode = msgspec.msgpack.Decoder().decode


def pack_attempt(attempt: Attempt) -> bytearray:
    """The bytes of an attempt."""
    outcome, parts = attempt.outcome, attempt.outcome.parts
    packed = bytearray()
    _encode(
        (
            attempt.started_at,
            attempt.finished_at,
            attempt.waited,
            outcome.code,
            outcome.error,
            outcome.errno,
            outcome.address,
            outcome.rule,
            outcome.duration,
            (parts.dns, parts.connect, parts.tls, parts.wait, parts.read),
            outcome.resent,
            outcome.request_headers,
            outcome.response_headers,
            outcome.response_body,
            outcome.response_size,
            outcome.truncated,
            outcome.retry_after,
        ),
        packed,
    )
    return packed


def unpack_attempt(number: int, packed: bytes) -> Attempt:
    """The attempt of a row. Raises ValueError if the bytes are none."""
    fields: list[Any] = _decode(packed)
    if not isinstance(fields, list) or len(fields) < 17:
        raise ValueError("not an attempt")
    (started, finished, waited, code, error, errno, address, rule, duration) = fields[:9]
    (parts, resent, sent, received, body, size, truncated, retry_after) = fields[9:17]
    outcome = Outcome(
        code=code,
        error=Failure(error) if error else None,
        errno=errno,
        address=address,
        rule=rule,
        duration=duration,
        parts=Parts(*parts),
        resent=resent,
        request_headers=tuple((name, value) for name, value in sent),
        response_headers=tuple((name, value) for name, value in received),
        response_body=body,
        response_size=size,
        truncated=truncated,
        retry_after=retry_after,
    )
    return Attempt(number=number, started_at=started, finished_at=finished, waited=waited, outcome=outcome)
