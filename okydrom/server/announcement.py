"""`server.json` in the data directory: where the running process can be reached, for whoever started it with port 0.

{"url": "http://127.0.0.1:8080", "pid": 4711, "version": "0.1.0", "started_at": "2026-01-31T12:00:00.000Z"}
"""

from __future__ import annotations

import os
from pathlib import Path

import orjson

from okydrom import __version__
from okydrom.intake.files import Files, remove, replace
from okydrom.times import rfc3339

NAME = "server.json"


def announce(directory: Path, url: str, started_at: int) -> None:
    """Write the file as a whole. Raises OSError."""
    fields = {"url": url, "pid": os.getpid(), "version": __version__, "started_at": rfc3339(started_at)}
    replace(Files(), directory / NAME, orjson.dumps(fields) + b"\n")


def withdraw(directory: Path) -> None:
    """Remove the file; legal if there is none. Raises OSError."""
    remove(Files(), directory / NAME)
