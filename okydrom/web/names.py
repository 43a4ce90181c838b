"""The names that a task is given: event, labels, order key."""

from __future__ import annotations

import re

from okydrom.errors import Fault
from okydrom.web.draft import pointer_of

MOST_LABELS = 16
EVENT_LENGTH = 128
ORDER_KEY_LENGTH = 256
LABEL_NAME_LENGTH = 64
LABEL_LENGTH = 256

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def check_name(pointer: str, name: str, length: int, faults: list[Fault]) -> None:
    """It is not empty, not too long, and has no control characters."""
    if not name:
        faults.append(Fault(pointer, "empty", "Must not be empty."))
    elif len(name) > length:
        faults.append(too_long(pointer, length))
    elif not name.isprintable() and _CONTROLS.search(name):
        faults.append(_has_controls(pointer))


def check_labels(labels: dict[str, str], faults: list[Fault]) -> None:
    """Their number, names and values."""
    if len(labels) > MOST_LABELS:
        message = f"Must have at most {MOST_LABELS} entries."
        faults.append(Fault("/labels", "too_many", message, limit=MOST_LABELS))
        return
    for name, value in labels.items():
        pointer = pointer_of("labels", name)
        check_name(pointer, name, LABEL_NAME_LENGTH, faults)
        if len(value) > LABEL_LENGTH:
            faults.append(too_long(pointer, LABEL_LENGTH))
        elif not value.isprintable() and _CONTROLS.search(value):
            faults.append(_has_controls(pointer))


def too_long(pointer: str, limit: int) -> Fault:
    """A text has too many characters."""
    return Fault(pointer, "too_long", f"Must have at most {limit} characters.", limit=limit)


def _has_controls(pointer: str) -> Fault:
    return Fault(pointer, "control_characters", "Must not hold control characters.")
