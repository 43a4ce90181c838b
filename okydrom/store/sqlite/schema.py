"""The database file: made, recognised, migrated."""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from importlib import resources
from pathlib import Path

import msgspec

from okydrom.errors import DataUnusable
from okydrom.store.sqlite.space import number

KIND = 0x4F4B5944  # PRAGMA application_id: "OKYD"


_META = """
SELECT instance, epoch, position, last_seq, last_attempt FROM meta"""


class Meta(msgspec.Struct, frozen=True):
    """What stands in the database at opening."""

    instance: str
    epoch: int
    position: int
    last_seq: int
    last_attempt: int


def make_file(path: Path) -> None:
    """Create the file for its owner alone, if it is not there; SQLite gives its WAL the same mode."""
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def migrations() -> Mapping[int, str]:
    """The steps by number."""
    folder = resources.files("okydrom.store") / "sql"
    return {
        int(entry.name.removesuffix(".sql")): entry.read_text("utf-8")
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".sql")
    }


def recognise(db: sqlite3.Connection) -> None:
    """Look at a file before anything in it is touched. Raises DataUnusable for another program's, or a newer one."""
    kind, version = number(db, "application_id"), number(db, "user_version")
    (tables,) = db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if kind != KIND and (kind or version or tables):
        raise DataUnusable("The store's file is a database of another program.")
    newest = max(migrations())
    if version > newest:
        raise DataUnusable(
            f"The store has format {version}, this version of Okydrom reads up to {newest}.", format=version
        )


def migrate(db: sqlite3.Connection, steps: Mapping[int, str]) -> bool:
    """Bring the schema up to date, each step in a transaction. True: the database was empty."""
    version = number(db, "user_version")
    for step, sql in steps.items():
        if step > version:
            marks = f"PRAGMA application_id = {KIND};\nPRAGMA user_version = {step};"
            db.executescript(f"BEGIN IMMEDIATE;\n{sql}\n{marks}\nCOMMIT;")
    return version == 0


def begin_epoch(db: sqlite3.Connection) -> Meta:
    """Count this opening; the first one names the instance."""
    db.execute(
        "INSERT INTO meta (one, instance, epoch, position, last_seq) VALUES (1, ?, 1, 0, 0) "
        "ON CONFLICT (one) DO UPDATE SET epoch = epoch + 1",
        (secrets.token_hex(16),),
    )
    return Meta(*db.execute(_META).fetchone())
