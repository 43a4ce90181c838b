"""A consistent copy of the database while it is in use."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from okydrom.store.sqlite.schema import make_file


def copy_to(db: sqlite3.Connection, target: Path) -> None:
    """Write a copy beside `target`, then put it in its place: durable, or not there."""
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    make_file(part)
    try:
        db.execute("VACUUM INTO ?", (str(part),))
        _sync(part)
        part.replace(target)
        _sync(target.parent)
    finally:
        part.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
