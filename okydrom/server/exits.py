"""How the process ends: its exit code, and one line for people who look at what it said last."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Mapping
from pathlib import PurePath
from typing import TypeVar

from okydrom.errors import (
    AddressTaken,
    ConfigError,
    DataInUse,
    DataUnusable,
    DiskFull,
    JournalFailed,
    OkydromError,
    StoreBusy,
    StoreFailed,
    Unavailable,
)

OK = 0
FAULT = 1
RUNNING = 6  # it failed after it had begun to serve

# In both tables the nearest class decides; what is not here is a fault of the program.
CODES: Mapping[type[BaseException], int] = {
    ConfigError: 2,
    DataInUse: 3,
    DataUnusable: 4,
    Unavailable: 4,  # the directory can't be used now
    AddressTaken: 5,
    JournalFailed: RUNNING,
    StoreFailed: RUNNING,
    BaseException: FAULT,
}

LOOK = "Nothing that was accepted is lost; look at the disk, then start again."
ADVICE: Mapping[type[BaseException], str] = {
    ConfigError: "",
    DataInUse: "Stop the other process, or give this one another storage.path.",
    DataUnusable: "Make the directory writable for this user, or give another storage.path.",
    DiskFull: "Make space, then start again.",
    StoreBusy: "Let the other program let go of it, then start again.",
    Unavailable: "Start again later.",
    AddressTaken: "Stop who listens there, or give another server.port.",
    JournalFailed: LOOK,
    StoreFailed: LOOK,
    BaseException: "This is a fault of Okydrom; the log says where.",
}

T = TypeVar("T")


def exit_code(error: BaseException) -> int:
    """The code for what ended the process."""
    return _nearest(CODES, error)


def main_error(error: BaseException) -> BaseException:
    """Of several errors of a clean-up the one that says most: of the highest code, else the first."""
    several: list[BaseException] = list(getattr(error, "exceptions", ())) or [error]
    return max(several, key=exit_code)


def last_words(error: BaseException) -> str:
    """What, where, what to do, on one line. What a foreign exception says of itself is not for everybody's eyes.

    >>> last_words(AddressTaken("Can't listen on 127.0.0.1:80."))
    "okydrom: Can't listen on 127.0.0.1:80. Stop who listens there, or give another server.port."
    """
    if isinstance(error, OkydromError):
        what = error.detail
    elif isinstance(error, asyncio.CancelledError):
        return "okydrom: Stopped at once by a second signal."
    else:
        what = f"{type(error).__name__}{_where(error)}."
    return " ".join(f"okydrom: {what} {_nearest(ADVICE, error)}".split())


def _nearest(table: Mapping[type[BaseException], T], error: BaseException) -> T:
    return next(table[kind] for kind in type(error).__mro__ if kind in table)


def _where(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f" at {PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
