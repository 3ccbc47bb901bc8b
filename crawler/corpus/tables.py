"""The tables of the index, and the ways to open them."""

from __future__ import annotations

import errno
import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

VERSION = 4
"""Of the tables; an index of another version is made again."""

SCHEMA = """
CREATE TABLE file (area TEXT, serial INTEGER, name TEXT, indexed INTEGER, PRIMARY KEY (area, serial));
CREATE TABLE reach (one INTEGER PRIMARY KEY, entries INTEGER);
CREATE TABLE block (number INTEGER PRIMARY KEY, serial INTEGER, start INTEGER, length INTEGER);
CREATE TABLE mention (url INTEGER, number INTEGER, PRIMARY KEY (url, number)) WITHOUT ROWID;
CREATE TABLE tombstone (sha256 BLOB, number INTEGER, withdrawal INTEGER, last INTEGER,
                        PRIMARY KEY (sha256, number)) WITHOUT ROWID;
CREATE INDEX tombstone_number ON tombstone (number);
CREATE TABLE withdrawal (number INTEGER PRIMARY KEY, data BLOB);
CREATE TABLE mark (mark BLOB, url TEXT, number INTEGER, key TEXT, PRIMARY KEY (mark, url)) WITHOUT ROWID;
CREATE TABLE reading (digest BLOB PRIMARY KEY, body BLOB, serial INTEGER, start INTEGER) WITHOUT ROWID;
CREATE INDEX reading_body ON reading (body);
CREATE TABLE item (serial INTEGER, start INTEGER, length INTEGER, url INTEGER, sha256 BLOB, number INTEGER,
                   data BLOB, PRIMARY KEY (serial, start));
CREATE INDEX item_url ON item (url);
CREATE INDEX item_sha256 ON item (sha256);
"""
"""``file``: how far each file is indexed. ``reach`` (how many entries are), ``block`` (by its first entry),
``mention``, ``tombstone``, ``withdrawal``, ``mark``: the ledger. ``reading``: the evidence. ``item``: the
archive. ``url`` is a hash, but of a mark the URL itself; ``serial`` and ``start`` say where; ``number`` is an
entry, of a mark the last one. Of a tombstone, ``withdrawal`` is the entry that asked for it and ``last`` a hash
of the last URL it names, NULL if its entry was erased."""

LEDGER = ("reach", "block", "mention", "tombstone", "withdrawal", "mark")
NAMES = ("file", *LEDGER, "reading", "item")


def for_writing(path: Path) -> sqlite3.Connection:
    """The tables on disk; what is no index of this version is deleted first. Raises ``OSError``."""
    try:
        return _opened(path)
    except sqlite3.DatabaseError:
        discard(path)
    try:
        return _opened(path)
    except sqlite3.Error as error:
        raise OSError(errno.EIO, str(error), str(path)) from error


def for_reading(path: Path, *, untouched: bool = False) -> sqlite3.Connection | None:
    """The tables on disk as another process writes them; None if they cannot be used.

    ``untouched``: put nothing beside them, where no writer left anything to be read there. None may write then:
    https://www.sqlite.org/uri.html#uriimmutable
    """
    log = path.with_name(f"{path.name}-wal")
    still = untouched and not (log.exists() and log.stat().st_size)
    try:
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro{'&immutable=1' if still else ''}", uri=True
        )
    except sqlite3.Error:
        return None
    try:
        if _version(connection) == VERSION:
            return connection
    except sqlite3.Error:
        pass
    connection.close()
    return None


def in_memory(source: sqlite3.Connection | None) -> sqlite3.Connection:
    """A copy of the tables of ``source``; empty ones if there is none."""
    connection = sqlite3.connect(":memory:")
    if source is None:
        _create(connection)
    else:
        source.backup(connection)
    return connection


def discard(path: Path) -> None:
    """Delete the tables."""
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        path.with_name(name).unlink(missing_ok=True)


def _opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path)
    try:
        # What was removed leaves no trace in free pages.
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        if _version(connection) != VERSION:
            if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                raise sqlite3.DatabaseError("tables of another version")
            _create(connection)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _create(connection: sqlite3.Connection) -> None:
    connection.executescript(f"BEGIN; {SCHEMA}; PRAGMA user_version = {VERSION}; COMMIT")
