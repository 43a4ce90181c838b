"""Public JSON → Task: every check that can be made before a task is kept, all faults reported at once."""

from __future__ import annotations

import random
from binascii import a2b_base64
from collections.abc import Callable

from okydrom.config.settings import KIB, Limits, Retry
from okydrom.delivery.egress import check_headers
from okydrom.delivery.methods import Methods
from okydrom.errors import Fault, Invalid, TooLarge
from okydrom.headers import value_fault
from okydrom.policy import parse_policy
from okydrom.task import Policy, Task, new_id
from okydrom.units import parse_duration, show_duration
from okydrom.web.aims import MOST_ATTEMPTS, Aims, attempts_granted
from okydrom.web.draft import ABSENT, Draft, read_draft, sentence
from okydrom.web.names import EVENT_LENGTH, ORDER_KEY_LENGTH, check_labels, check_name, too_long
from okydrom.web.telling import callback_json
from okydrom.web.timing import times_of

CONTENT_TYPE_LENGTH = 255
SHORTEST_TIMEOUT = 1  # ms
LONGEST_TIMEOUT = 600_000
ESCAPED = 3  # a two-byte letter takes six as \u0430: so much longer is a text that is posted as ASCII
SURROUNDINGS = 64 * KIB  # event, labels, names of fields…


class Schema:
    """Reads posted tasks. `now` is the service's clock in epoch ms; `rand` makes the ids."""

    def __init__(
        self, limits: Limits, retry: Retry, methods: Methods, *, now: Callable[[], int], rand: random.Random
    ) -> None:
        self.largest = largest_create(limits)
        self._limits = limits
        self._retry = retry
        self._aims = Aims(methods, retry, limits.url)
        self._now = now
        self._rand = rand

    def task(self, data: bytes, source: str, traceparent: str | None = None) -> Task:
        """The task that a source posted. Raises BadRequest, TooLarge, or Invalid with all faults."""
        draft, faults = read_draft(data, self._limits.depth)
        aims = self._aims
        aim = aims.known.get((draft.method, draft.url)) or aims.judge(draft.method, draft.url, faults)
        body, content_type = self._body(draft, faults)
        headers = tuple(draft.headers.items()) if draft.headers else ()
        if headers:
            faults += check_headers(
                headers,
                count=self._limits.headers,
                size=self._limits.header_size,
                typed=draft.content_type is not None,
            )
        if draft.event is not None:
            check_name("/event", draft.event, EVENT_LENGTH, faults)
        if draft.labels:
            check_labels(draft.labels, faults)
        policy = _policy(draft, faults) if draft.retry is not None else None
        attempts = _attempts(draft, policy, faults)
        timeout = _timeout(draft, faults) if draft.timeout is not None else None
        now, max_age = self._now(), self._retry.max_age
        deliver_at, expires_at = None, now + max_age if max_age else None
        if _is_timed(draft):
            deliver_at, expires_at = times_of(draft, now, max_age, faults)
        if draft.order_key is not None:
            check_name("/order_key", draft.order_key, ORDER_KEY_LENGTH, faults)
        callback = None
        if draft.callback is not None:
            callback = callback_json(draft.callback, aims, max_age, faults)
        if faults or aim is None:
            raise Invalid(faults)
        attempts = attempts or aim.attempts
        return Task(
            id=new_id(now, self._rand),
            source=source,
            method=aim.method,
            http_method=aim.http_method,
            url=aim.url,
            destination=aim.destination,
            created_at=now,
            expires_at=expires_at,
            max_attempts=attempts,
            body=body,
            content_type=content_type,
            headers=headers,
            event=draft.event,
            labels=draft.labels or {},
            retry=policy,
            timeout=timeout,
            deliver_at=deliver_at,
            order_key=draft.order_key,
            traceparent=traceparent,
            callback=callback,
            attempts_left=attempts,
            updated_at=now,
            next_attempt_at=now if deliver_at is None else deliver_at,
        )

    def _body(self, draft: Draft, faults: list[Fault]) -> tuple[bytes | None, str | None]:
        body: bytes | None = None
        usual: str | None = None
        given = 0
        if draft.payload is not ABSENT:
            body, usual, given = bytes(draft.payload), "application/json", 1
        if draft.body is not None:
            body, usual, given = draft.body.encode(), "text/plain; charset=utf-8", given + 1
        if draft.body_base64 is not None:
            body, usual, given = _binary(draft.body_base64, faults), "application/octet-stream", given + 1
        if given > 1:
            faults.append(Fault("", "conflict", "At most one of payload, body and body_base64 may be given."))
        if body is not None and len(body) > self._limits.body:
            raise TooLarge("The task's body is larger than allowed.", limit=self._limits.body, size=len(body))
        if draft.content_type is not None:
            usual = draft.content_type
            if len(usual) > CONTENT_TYPE_LENGTH:
                faults.append(too_long("/content_type", CONTENT_TYPE_LENGTH))
            elif not usual or value_fault(usual):
                message = "A content type is visible ASCII, such as text/xml; charset=utf-8."
                faults.append(Fault("/content_type", "invalid_content_type", message))
        return body, usual


def _is_timed(draft: Draft) -> bool:
    """Does it say when it begins or ends?"""
    return (
        draft.delay is not None
        or draft.ttl is not None
        or draft.deliver_at is not None
        or draft.expires_at is not None
    )


def _attempts(draft: Draft, policy: Policy | None, faults: list[Fault]) -> int | None:
    """How many attempts the task itself asks for; None: it does not say."""
    given = draft.max_attempts
    if given is None:
        return None if policy is None else attempts_granted(policy)
    if not 1 <= given <= MOST_ATTEMPTS:
        message = f"Must be from 1 to {MOST_ATTEMPTS}."
        faults.append(Fault("/max_attempts", "out_of_range", message, min=1, max=MOST_ATTEMPTS))
    return given


def _binary(text: str, faults: list[Fault]) -> bytes | None:
    try:
        return a2b_base64(text, strict_mode=True)
    except ValueError:
        faults.append(Fault("/body_base64", "not_base64", "Must be base64 (RFC 4648, section 4)."))
        return None


def _policy(draft: Draft, faults: list[Fault]) -> Policy | None:
    try:
        return parse_policy(draft.retry)
    except ValueError as error:
        faults.append(Fault("/retry", "invalid_retry", sentence(str(error))))
        return None


def _timeout(draft: Draft, faults: list[Fault]) -> int | None:
    try:
        timeout = parse_duration(draft.timeout)
        if SHORTEST_TIMEOUT <= timeout <= LONGEST_TIMEOUT:
            return timeout
        message = f"Must be more than 0 and at most {show_duration(LONGEST_TIMEOUT)}."
    except ValueError as error:
        message = sentence(str(error))
    faults.append(Fault("/timeout", "invalid_duration", message))
    return None


def largest_create(limits: Limits) -> int:
    """Bytes that the JSON of one task may have."""
    return ESCAPED * limits.body + limits.headers * limits.header_size + limits.url + SURROUNDINGS
