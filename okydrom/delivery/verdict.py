"""What a connection brings for a request: an answer, or none."""

from __future__ import annotations

import msgspec

from okydrom.task import Failure


class Answer(msgspec.Struct, frozen=True, gc=False):
    """A final answer. `size` bytes of its body were read, `body` is what is kept of them."""

    code: int  # 100…999, as it came
    fields: list[tuple[bytes, bytes]]
    body: bytes
    size: int
    truncated: bool
    received: int  # bytes on the wire
    head_at: float  # monotonic seconds


class Loss(msgspec.Struct, frozen=True, gc=False):
    """No answer. `unheard`: the connection closed before a single byte of one came."""

    failure: Failure
    errno: int | None = None
    unheard: bool = False


Verdict = Answer | Loss
