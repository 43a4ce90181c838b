"""When a posted task begins and ends: `delay` or `deliver_at`, `ttl` or `expires_at`."""

from __future__ import annotations

from okydrom.config.settings import DAY
from okydrom.errors import Fault
from okydrom.store.values import moment
from okydrom.units import parse_duration, show_duration
from okydrom.web.draft import Draft, sentence

LONGEST = 365 * DAY


def times_of(draft: Draft, now: int, max_age: int, faults: list[Fault]) -> tuple[int | None, int | None]:
    """Not before, and not after (epoch ms; None: at once, never).

    `ttl` counts from acceptance, which is `now`; where no end is given it comes `max_age` (ms, 0: none) after the
    beginning.
    """
    known = len(faults)
    begin = _one_of("delay", draft.delay, "deliver_at", draft.deliver_at, now, faults)
    end = _one_of("ttl", draft.ttl, "expires_at", draft.expires_at, now, faults)
    if end is not None and end <= now and draft.ttl is not None:
        faults.append(Fault("/ttl", "invalid_duration", "Must be more than 0."))
    if len(faults) == known and begin is not None and end is not None and begin > end:
        field = "delay" if draft.delay is not None else "deliver_at"
        message = "The task would be given up before it is due."
        faults.append(Fault(f"/{field}", "after_deadline", message))
    if end is None and max_age:
        end = (begin or now) + max_age
    return (begin if begin != now else None), end


def _one_of(
    span: str, length: object, point: str, time: str | None, now: int, faults: list[Fault]
) -> int | None:
    """The time that one of two fields gives: a span from now on, or a point in time."""
    if length is not None and time is not None:
        faults.append(Fault("", "conflict", f"At most one of {span} and {point} may be given."))
    if time is not None:
        return _point(point, time, now, faults)
    return None if length is None else _span(span, length, now, faults)


def _span(field: str, length: object, now: int, faults: list[Fault]) -> int | None:
    try:
        span = parse_duration(length)
    except ValueError as error:
        faults.append(Fault(f"/{field}", "invalid_duration", sentence(str(error))))
        return None
    if span > LONGEST:
        message = f"Must be at most {show_duration(LONGEST)}."
        faults.append(Fault(f"/{field}", "invalid_duration", message))
        return None
    return now + span


def _point(field: str, time: str, now: int, faults: list[Fault]) -> int | None:
    try:
        if time.startswith("-") or " " in time:  # ages and forgiven spaces are for filters
            raise ValueError
        point = moment(time, now)
    except ValueError:
        message = 'Must be a time (RFC 3339) such as "2026-01-31T12:00:00Z".'
        faults.append(Fault(f"/{field}", "invalid_time", message))
        return None
    if not now < point <= now + LONGEST:
        message = f"Must be in the future, and at most {show_duration(LONGEST)} ahead."
        faults.append(Fault(f"/{field}", "out_of_range", message))
        return None
    return point
