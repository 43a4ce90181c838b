"""Sets logging up: structlog's events and the standard library's records become lines of one form.

    {"ts":"2026-01-31T12:00:00.000Z","level":"info","event":"started","logger":"okydrom.server","url":"http://…"}

Names of events are stable; everything else about them stands in fields. Without `start` (in tests, embedded) structlog
and logging stay as they are.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from collections.abc import Callable, Mapping, MutableMapping
from datetime import UTC, datetime
from typing import Any

import orjson
import structlog

from okydrom.config import settings
from okydrom.log.privacy import described, masked
from okydrom.log.writer import Writer

LONGEST_LINE = 16 * 1024  # with the writer's limit it bounds the memory of a reader that stalls
Event = MutableMapping[str, Any]


class Logger:
    """What structlog hands rendered lines to."""

    def __init__(self, writer: Writer, name: str = "okydrom") -> None:
        self.name = name
        self._writer = writer

    def write(self, line: bytes) -> None:
        """Have a line written."""
        self._writer.put(line)

    debug = info = warning = error = critical = write


class Records(logging.Handler):
    """Takes the records of libraries as events named `library`."""

    def emit(self, record: logging.LogRecord) -> None:
        """Only the first line: further ones hold what an exception says of itself."""
        try:
            message = record.getMessage()
        except Exception:  # a record whose arguments do not fit is still worth its words
            message = str(record.msg)
        level = min(record.levelno // 10 * 10, logging.CRITICAL)
        line = message.partition("\n")[0]
        structlog.get_logger(record.name).log(level, "library", message=line, exc_info=record.exc_info)


def start(log: settings.Log, descriptor: int = 1, now: Callable[[], float] = time.time) -> Writer:
    """Begin to log to a descriptor; close the writer that comes back at the end. `now` gives seconds."""
    is_text = log.format == "text" or (log.format == "auto" and os.isatty(descriptor))
    render = text_line if is_text else json_line

    def rendered(logger: Logger, method: str, event: Event) -> bytes:
        fields = event_fields(logger.name, method, event, now())
        line = render(fields)
        return line if len(line) <= LONGEST_LINE else render(_cut(fields, len(line)))

    def notice(count: int) -> bytes:
        return render(
            event_fields("okydrom.log", "warning", {"event": "log_lines_lost", "lost": count}, now())
        )

    writer = Writer(descriptor, notice)
    structlog.configure(
        processors=[rendered],
        wrapper_class=structlog.make_filtering_bound_logger(log.level),
        logger_factory=lambda *names: Logger(writer, *names),
        cache_logger_on_first_use=True,
    )
    # Libraries speak up when something is wrong; their chatter (aiosqlite's holds statements) is not ours.
    level = max(logging.WARNING, logging.getLevelNamesMapping()[log.level.upper()])
    logging.basicConfig(handlers=[Records()], level=level, force=True)
    return writer


def event_fields(name: str, level: str, event: Event, now: float) -> dict[str, Any]:
    """The event in its order, masked, with its exception as fields."""
    given = event.pop("exc_info", None)
    error = given[1] if isinstance(given, tuple) else sys.exc_info()[1] if given is True else given
    time_text = datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    head = {"ts": time_text, "level": level, "event": masked(event.pop("event")), "logger": name}
    told = {**event, **described(error)} if isinstance(error, BaseException) else event
    return {**head, **masked(told), **head}  # a field of one of these names would tell something else


def json_line(fields: Mapping[str, Any]) -> bytes:
    """A line for machines."""
    try:
        return orjson.dumps(fields, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError:  # what orjson has no bytes for: half a surrogate pair, 2^64
        return json.dumps(fields).encode() + b"\n"


def text_line(fields: Mapping[str, Any]) -> bytes:
    """A line for people, further ones for the frames of an exception."""
    rest = {
        key: value for key, value in fields.items() if key not in {"ts", "level", "event", "logger", "frames"}
    }
    words = [fields["ts"][11:23], f"{fields['level']:<8}", fields["event"]]
    words += [f"{key}={_shown(value)}" for key, value in rest.items()]
    lines = [" ".join(words), *(f"    {frame}" for frame in fields.get("frames", ()))]
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace")


def _shown(value: Any) -> str:
    """The value as one word; nothing in it can steer a terminal or begin a line."""
    if isinstance(value, str) and value.isprintable() and value and " " not in value:
        return value
    text = json.dumps(value, ensure_ascii=False)
    return text if text.isprintable() else json.dumps(value)


def _cut(fields: Mapping[str, Any], size: int) -> dict[str, Any]:
    """What is left of an event that is too long."""
    return {key: fields[key] for key in ("ts", "level", "event", "logger")} | {"cut": size}
