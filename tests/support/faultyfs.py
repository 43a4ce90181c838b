"""File operations that are watched, and that fail when told to."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from okydrom.intake.files import Files

CHANGING = ("create", "write", "truncate", "datasync", "sync", "rename", "unlink", "sync_directory")
Hook = Callable[[str, tuple[Any, ...]], int | None]


class Hooked(Files):
    """Passes every operation to `inner`, one at a time, after `before(name, arguments)`: that may raise OSError, or
    say how many bytes a write takes."""

    def __init__(self, inner: Files, before: Hook) -> None:
        self.inner = inner
        self._before = before
        self._lock = threading.RLock()

    def _pass(self, name: str, *args: Any) -> Any:
        with self._lock:
            limit = self._before(name, args)
            if limit is not None:
                args = (args[0], args[1][:limit])
            return getattr(self.inner, name)(*args)


def _forward(name: str) -> Callable[..., Any]:
    return lambda self, *args: self._pass(name, *args)


for _name in (
    *CHANGING,
    "names",
    "read",
    "stat",
    "free",
    "make_directory",
    "open",
    "seek",
    "allocate",
    "close",
):
    setattr(Hooked, _name, _forward(_name))


class Trace:
    """A hook that remembers the operations that change something: (name, what it was done to)."""

    def __init__(self) -> None:
        self.done: list[tuple[str, str]] = []
        self.paths: dict[int, str] = {}
        self._created: str | None = None

    def __call__(self, name: str, args: tuple[Any, ...]) -> int | None:
        if name in CHANGING:
            self.done.append((name, str(args[-1] if name == "rename" else args[0])))
        return None

    def count(self, name: str) -> int:
        """How often."""
        return sum(1 for done, _ in self.done if done == name)


class Fault:
    """A hook that lets the n-th (from 1) operation of a name fail with `error`, or with `short` only take that share
    of a write and let the next one fail. `lasting`: so does every later one, until `healed`."""

    def __init__(
        self, operation: str, n: int, error: int, *, short: bool = False, lasting: bool = False
    ) -> None:
        self.operation = operation
        self.n = n
        self.error = error
        self.short = short
        self.lasting = lasting
        self.healed = False
        self.count = 0
        self.struck = False
        self.failed_syncs: set[int] = set()
        self.repeated_syncs = 0

    def __call__(self, name: str, args: tuple[Any, ...]) -> int | None:
        if name in ("datasync", "sync") and args[0] in self.failed_syncs:
            self.repeated_syncs += 1
        if name == "close":
            self.failed_syncs.discard(args[0])
        if name != self.operation or self.healed:
            return None
        self.count += 1
        if self.short and self.count == self.n:
            self.struck = True
            return len(args[1]) // 2
        if self.count == self.n + self.short or (self.lasting and self.count > self.n):
            self.struck = True
            if name in ("datasync", "sync"):
                self.failed_syncs.add(args[0])
            raise OSError(
                self.error, os.strerror(self.error), str(args[0]) if isinstance(args[0], Path) else None
            )
        return None
