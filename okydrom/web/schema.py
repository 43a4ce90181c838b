"""Public JSON → Task: every check that can be made before a task is kept, all faults reported at once."""

from __future__ import annotations

import random
import re
from binascii import a2b_base64
from collections.abc import Callable

import msgspec

from okydrom.config.settings import KIB, Limits, Retry
from okydrom.delivery.egress import check_headers, parse_url
from okydrom.delivery.methods import Method, Methods
from okydrom.delivery.retry import attempts_of
from okydrom.errors import Fault, Invalid, TooLarge
from okydrom.headers import value_fault
from okydrom.policy import parse_policy
from okydrom.task import Policy, Task, new_id
from okydrom.units import parse_duration, show_duration
from okydrom.web.draft import ABSENT, Draft, pointer_of, read_draft, sentence, suggestion

MOST_ATTEMPTS = 100
USUAL_ATTEMPTS = 10  # where neither task, method nor schedule says how many
MOST_LABELS = 16
EVENT_LENGTH = 128
LABEL_NAME_LENGTH = 64
LABEL_LENGTH = 256
CONTENT_TYPE_LENGTH = 255
SHORTEST_TIMEOUT = 1  # ms
LONGEST_TIMEOUT = 600_000
REMEMBERED = 1024  # aims…
REMEMBERED_LENGTH = 255  # …of URLs up to this length
ESCAPED = 3  # a two-byte letter takes six as \u0430: so much longer is a text that is posted as ASCII
SURROUNDINGS = 64 * KIB  # event, labels, names of fields…

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class Aim(msgspec.Struct, frozen=True, gc=False):
    """Where a task goes and how, and how many attempts it has if it does not say so itself."""

    method: str
    http_method: str
    url: str
    destination: str
    attempts: int


class Schema:
    """Reads posted tasks. `now` is the service's clock in epoch ms; `rand` makes the ids."""

    def __init__(
        self, limits: Limits, retry: Retry, methods: Methods, *, now: Callable[[], int], rand: random.Random
    ) -> None:
        self.largest = largest_create(limits)
        self._limits = limits
        self._retry = retry
        self._methods = methods
        self._now = now
        self._rand = rand
        self._aims: dict[tuple[str | None, str | None], Aim] = {}  # most tasks go where others went before

    def task(self, data: bytes, source: str) -> Task:
        """The task that a source posted. Raises BadRequest, TooLarge, or Invalid with all faults."""
        draft, faults = read_draft(data, self._limits.depth)
        aim = self._aims.get((draft.method, draft.url)) or self._aim(draft, faults)
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
            _check_name("/event", draft.event, EVENT_LENGTH, faults)
        if draft.labels:
            _check_labels(draft.labels, faults)
        policy = _policy(draft, faults) if draft.retry is not None else None
        attempts = _attempts(draft, policy, faults)
        timeout = _timeout(draft, faults) if draft.timeout is not None else None
        if faults or aim is None:
            raise Invalid(faults)
        now = self._now()
        attempts = attempts or aim.attempts
        max_age = self._retry.max_age
        return Task(
            id=new_id(now, self._rand),
            source=source,
            method=aim.method,
            http_method=aim.http_method,
            url=aim.url,
            destination=aim.destination,
            created_at=now,
            expires_at=now + max_age if max_age else None,
            max_attempts=attempts,
            body=body,
            content_type=content_type,
            headers=headers,
            event=draft.event,
            labels=draft.labels or {},
            retry=policy,
            timeout=timeout,
            attempts_left=attempts,
            updated_at=now,
            next_attempt_at=now,
        )

    def _aim(self, draft: Draft, faults: list[Fault]) -> Aim | None:
        method = self._method(draft.method, faults)
        url = draft.url if draft.url is not None or method is None else method.url
        if url is None:
            if method and not any(fault.pointer == "/url" for fault in faults):
                faults.append(Fault("/url", "required", "It is needed, as the method has no URL."))
            return None
        try:
            target = parse_url(url, limit=self._limits.url)
        except Invalid as invalid:
            faults += invalid.faults
            return None
        if method is None:
            return None
        if not method.permits(target.url):
            message = f"The method {method.name!r} may not go there."
            faults.append(Fault("/url", "host_not_permitted", message, hosts=method.hosts))
        aim = Aim(method.name, method.http_method, target.url, target.destination, self._attempts_by(method))
        if not faults and len(url) <= REMEMBERED_LENGTH:
            if len(self._aims) >= REMEMBERED:
                self._aims.clear()
            self._aims[draft.method, draft.url] = aim
        return aim

    def _method(self, name: str | None, faults: list[Fault]) -> Method | None:
        method = self._methods.get("POST" if name is None else name)
        if method is None:
            near, params = suggestion(str(name), self._methods.names())
            faults.append(Fault("/method", "unknown_method", f"There is no such method.{near}", **params))
        return method

    def _attempts_by(self, method: Method) -> int:
        """How many attempts the method grants, or the schedule that is in force with it."""
        return method.max_attempts or _attempts_of(method.retry or self._retry.policy)

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
                faults.append(_too_long("/content_type", CONTENT_TYPE_LENGTH))
            elif not usual or value_fault(usual):
                message = "A content type is visible ASCII, such as text/xml; charset=utf-8."
                faults.append(Fault("/content_type", "invalid_content_type", message))
        return body, usual


def _attempts(draft: Draft, policy: Policy | None, faults: list[Fault]) -> int | None:
    """How many attempts the task itself asks for; None: it does not say."""
    given = draft.max_attempts
    if given is None:
        return None if policy is None else _attempts_of(policy)
    if not 1 <= given <= MOST_ATTEMPTS:
        message = f"Must be from 1 to {MOST_ATTEMPTS}."
        faults.append(Fault("/max_attempts", "out_of_range", message, min=1, max=MOST_ATTEMPTS))
    return given


def _attempts_of(policy: Policy) -> int:
    return min(attempts_of(policy) or USUAL_ATTEMPTS, MOST_ATTEMPTS)


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


def _check_labels(labels: dict[str, str], faults: list[Fault]) -> None:
    if len(labels) > MOST_LABELS:
        faults.append(_too_many("/labels", MOST_LABELS))
        return
    for name, value in labels.items():
        pointer = pointer_of("labels", name)
        _check_name(pointer, name, LABEL_NAME_LENGTH, faults)
        if len(value) > LABEL_LENGTH:
            faults.append(_too_long(pointer, LABEL_LENGTH))
        elif not value.isprintable() and _CONTROLS.search(value):
            faults.append(_has_controls(pointer))


def _check_name(pointer: str, name: str, length: int, faults: list[Fault]) -> None:
    if not name:
        faults.append(Fault(pointer, "empty", "Must not be empty."))
    elif len(name) > length:
        faults.append(_too_long(pointer, length))
    elif not name.isprintable() and _CONTROLS.search(name):
        faults.append(_has_controls(pointer))


def _has_controls(pointer: str) -> Fault:
    return Fault(pointer, "control_characters", "Must not hold control characters.")


def _too_long(pointer: str, limit: int) -> Fault:
    return Fault(pointer, "too_long", f"Must have at most {limit} characters.", limit=limit)


def _too_many(pointer: str, limit: int) -> Fault:
    return Fault(pointer, "too_many", f"Must have at most {limit} entries.", limit=limit)


def largest_create(limits: Limits) -> int:
    """Bytes that the JSON of one task may have."""
    return ESCAPED * limits.body + limits.headers * limits.header_size + limits.url + SURROUNDINGS
