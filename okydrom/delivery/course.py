"""The course of one attempt, and the Outcome it ends in."""

from __future__ import annotations

from time import monotonic

from okydrom.delivery.failures import DialFailed
from okydrom.delivery.retry_after import retry_after
from okydrom.delivery.verdict import Answer, Loss
from okydrom.delivery.wire import Request
from okydrom.task import Failure, Outcome, Parts

KEPT_HEADERS = 64  # of an answer, and at most…
KEPT_HEADER_BYTES = 16 * 1024  # …of their names and values

_no_parts = Parts()


class Course:
    """Started at `started` (monotonic seconds); ends, whatever happens, with exactly one Outcome."""

    __slots__ = ("asked", "deadline", "parts", "request", "resent", "started")

    def __init__(self, request: Request, timeout: float) -> None:
        self.request = request
        self.started = self.asked = monotonic()  # `asked`: when the request began to go out
        self.deadline = self.started + timeout
        self.parts = _no_parts  # of the dial, if there was one
        self.resent = False

    def answered(self, answer: Answer, address: str, now: int) -> Outcome:
        """A final answer came; `now` in epoch milliseconds."""
        ended = monotonic()
        fields = _kept(answer)
        parts, code = self.parts, answer.code
        return Outcome(
            code=code,
            address=address,
            duration=(ended - self.started) * 1000,
            parts=Parts(
                parts.dns,
                parts.connect,
                parts.tls,
                (answer.head_at - self.asked) * 1000,
                (ended - answer.head_at) * 1000,
            ),
            resent=self.resent,
            request_headers=self.request.recorded,
            response_headers=fields,
            response_body=answer.body,
            response_size=answer.size,
            truncated=answer.truncated,
            retry_after=retry_after(fields, now) if code in (429, 503) else None,
            aborted=not 200 <= code < 300 and _aborts(answer.fields),
        )

    def lost(self, loss: Loss, address: str) -> Outcome:
        """The request went out, no answer came."""
        parts = self.parts
        waited = (monotonic() - self.asked) * 1000
        return self._failed(
            loss.failure, loss.errno, address, None, Parts(parts.dns, parts.connect, parts.tls, waited)
        )

    def undialled(self, failed: DialFailed) -> Outcome:
        """There was no connection to send it on."""
        return self._failed(failed.failure, failed.errno, failed.address, failed.rule, failed.parts)

    def broken(self) -> Outcome:
        """Something raised while the request was built or its answer read."""
        return self._failed(Failure.PROTOCOL, None, None, None, self.parts)

    def _failed(
        self, failure: Failure, number: int | None, address: str | None, rule: str | None, parts: Parts
    ) -> Outcome:
        return Outcome(
            error=failure,
            errno=number,
            address=address,
            rule=rule,
            duration=(monotonic() - self.started) * 1000,
            parts=parts,
            resent=self.resent,
            request_headers=self.request.recorded,
        )


def _aborts(fields: list[tuple[bytes, bytes]]) -> bool:
    """Does the recipient want no further attempt of this task? Kept or not, every header counts."""
    return any(
        name.lower() == b"webhook-delivery" and value.strip().lower() == b"abort-message"
        for name, value in fields
    )


def _kept(answer: Answer) -> tuple[tuple[str, str], ...]:
    fields = answer.fields
    if answer.received > KEPT_HEADER_BYTES or len(fields) > KEPT_HEADERS:
        fields = _first(fields)
    return tuple([(name.decode("latin-1"), value.decode("latin-1")) for name, value in fields])


def _first(fields: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    kept: list[tuple[bytes, bytes]] = []
    room = KEPT_HEADER_BYTES
    for name, value in fields[:KEPT_HEADERS]:
        room -= len(name) + len(value)
        if room >= 0:
            kept.append((name, value))
    return kept
