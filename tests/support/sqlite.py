"""What is behind the SQLite store, for tests that look there."""

import sqlite3

from okydrom.store.sqlite.readers import Readers
from okydrom.store.sqlite.store import SqliteStore
from okydrom.store.sqlite.writer import Writer
from tests.support.stores import Rig


def shell(rig: Rig) -> sqlite3.Connection:
    """Another program's connection to the store's file."""
    return sqlite3.connect(rig.path / "store.db", isolation_level=None)


def writer_of(rig: Rig) -> Writer:
    """The open store's writer."""
    assert isinstance(rig.store, SqliteStore)
    return rig.store._writer


def readers_of(rig: Rig) -> Readers:
    """The open store's readers."""
    assert isinstance(rig.store, SqliteStore)
    return rig.store._readers


def database_of(rig: Rig) -> sqlite3.Connection:
    """The writer's own connection, while the writer is idle."""
    return writer_of(rig)._connection._conn
