"""The file of the embedded frontier: its tables, and opening it without trusting it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from crawler.frontier.contract import FrontierError, FrontierStuck

APPLICATION = 0x68656564
"""``heed``: SQLite's application_id of our files."""

VERSION = 4
"""SQLite's user_version of files this module writes."""

WITHOUT_TRAPS = 3
"""The version before, which lacks :data:`TRAPS` and is brought up to date when it is opened."""

TRAPS = """
CREATE INDEX url_host ON url (host);

CREATE TABLE shut (                   -- where links are left, so that it holds after a resumption
  name    TEXT NOT NULL,              -- a host or a politeness domain
  pattern TEXT NOT NULL,              -- '' for the whole of it
  reason  TEXT NOT NULL,
  lasting INTEGER NOT NULL,           -- 0: until everything is asked again
  PRIMARY KEY (name, pattern, reason)
) STRICT, WITHOUT ROWID;
"""

TABLES = """
CREATE TABLE run (
  id      INTEGER PRIMARY KEY,
  began   REAL NOT NULL
) STRICT;

CREATE TABLE session (                -- who works under a name; a new one fences the old one off
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  worker  TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE domain (
  id      INTEGER PRIMARY KEY,
  name    TEXT NOT NULL UNIQUE,
  epoch   INTEGER NOT NULL DEFAULT 0, -- grows whenever the domain changes hands
  owner   INTEGER,                    -- session that holds the lease
  due     REAL,                       -- leased: when the lease ends; else when there is something; NULL: never
  polite  REAL NOT NULL,              -- not before
  since   REAL NOT NULL,              -- when its holder was last served
  more    INTEGER NOT NULL DEFAULT 0, -- 1: something is queued
  wake    REAL,                       -- the earliest url.due of those that wait
  out     INTEGER NOT NULL DEFAULT 0, -- how many are in hand
  turn    INTEGER NOT NULL DEFAULT 0  -- how often one of its hosts was served
) STRICT;
CREATE INDEX domain_due ON domain (due) WHERE due IS NOT NULL;
CREATE INDEX domain_owner ON domain (owner) WHERE owner IS NOT NULL;

CREATE TABLE host (
  id      INTEGER PRIMARY KEY,
  domain  INTEGER NOT NULL,
  name    TEXT NOT NULL,
  turn    INTEGER NOT NULL,           -- domain.turn when it was last served
  more    INTEGER NOT NULL DEFAULT 0, -- 1: something is queued
  UNIQUE (domain, name)
) STRICT;
CREATE INDEX host_turn ON host (domain, turn) WHERE more = 1;

CREATE TABLE url (
  id      INTEGER PRIMARY KEY,
  state   TEXT NOT NULL,              -- a queue is an index over one value of this: no URL is in two
  kept    INTEGER NOT NULL DEFAULT 0,
  tries   INTEGER NOT NULL DEFAULT 0,
  seen    INTEGER NOT NULL DEFAULT 0, -- the last carried.seq when it was handed out
  due     REAL,                       -- not before, where it waits
  key     INTEGER NOT NULL,           -- 64 bits of a digest of url: a small index, checked against url itself
  domain  INTEGER NOT NULL,
  host    INTEGER NOT NULL,
  rank    INTEGER NOT NULL,           -- handed out in this order, within a host
  depth   INTEGER NOT NULL,
  seed    INTEGER NOT NULL,
  link_only INTEGER NOT NULL,
  kind    TEXT NOT NULL,
  outcome TEXT,
  moved   INTEGER,                    -- the url it redirects to, which is told what this one is told
  url     TEXT NOT NULL,
  alt     TEXT,
  caption TEXT,
  work    TEXT                        -- title and creators, by the page that licenses it
) STRICT;
CREATE INDEX url_key ON url (key);
CREATE INDEX url_queued ON url (host, rank) WHERE state = 'queued';
CREATE INDEX url_leased ON url (domain) WHERE state = 'leased';
CREATE INDEX url_waiting ON url (domain, due) WHERE state = 'waiting';

CREATE TABLE page (                   -- where URLs were found
  id      INTEGER PRIMARY KEY,
  key     INTEGER NOT NULL,
  url     TEXT NOT NULL
) STRICT;
CREATE INDEX page_key ON page (key);

CREATE TABLE via (
  url     INTEGER NOT NULL,
  page    INTEGER NOT NULL,
  PRIMARY KEY (url, page)
) STRICT, WITHOUT ROWID;

CREATE TABLE note (                   -- a statement or a hop, once, however many URLs it travels with
  id      INTEGER PRIMARY KEY,
  key     INTEGER NOT NULL,
  meaning TEXT NOT NULL,
  json    TEXT NOT NULL
) STRICT;
CREATE INDEX note_key ON note (key);

CREATE TABLE carried (
  seq     INTEGER PRIMARY KEY AUTOINCREMENT,
  url     INTEGER NOT NULL,
  note    INTEGER NOT NULL,
  UNIQUE (url, note)
) STRICT;

CREATE TABLE unsettled (              -- kept content that must be judged again
  url     INTEGER PRIMARY KEY,
  seq     INTEGER NOT NULL
) STRICT;
"""

ADVICE = "move it away to start over; what is kept, and why, is not in this file"


def open_database(path: Path, busy: float) -> sqlite3.Connection:
    """Open or create the file; ``busy``: seconds to wait for other processes.

    The journal is a write-ahead log with ``synchronous=NORMAL``: a killed process loses nothing, a power cut
    may lose the last transactions, whole ones, so that their URLs are fetched again. The file belongs on a
    local disk.
    Raises ``FrontierError`` for a file that is not ours, newer than this program, damaged, or out of reach.
    """
    try:
        connection = sqlite3.connect(path, timeout=busy, isolation_level=None, check_same_thread=False)
        try:
            _create_or_check(connection, path)
            _prepare(connection)
        except BaseException:
            connection.close()
            raise
    except (sqlite3.Error, UnicodeDecodeError) as error:  # the latter: SQLite's message quotes damaged text
        raise unusable(path, error) from error
    return connection


def unusable(path: Path, error: Exception) -> FrontierError:
    """What went wrong with the file, as one sentence."""
    reason = " ".join(str(error).split())[:200]  # SQLite quotes whole tables
    if type(error) is sqlite3.DatabaseError or isinstance(error, ValueError):
        return FrontierError(f"The frontier {path} is damaged ({reason}): {ADVICE}.")
    stuck = (getattr(error, "sqlite_errorcode", 0) & 0xFF) in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
    kind = FrontierStuck if stuck else FrontierError  # the latter: locked, closed, out of reach
    return kind(f"The frontier {path} cannot be used now: {reason}.")


def _create_or_check(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("BEGIN IMMEDIATE")  # of two processes that create the file, one waits for the other
    try:
        new = _is_new(connection, path)
        if new:
            for statement in (TABLES + TRAPS).split(";\n"):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION}")
            connection.execute(f"PRAGMA user_version = {VERSION}")
        elif connection.execute("PRAGMA user_version").fetchone()[0] == WITHOUT_TRAPS:
            for statement in TRAPS.split(";\n"):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {VERSION}")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _is_new(connection: sqlite3.Connection, path: Path) -> bool:
    application, version, tables = (
        connection.execute(query).fetchone()[0]
        for query in ("PRAGMA application_id", "PRAGMA user_version", "SELECT count(*) FROM sqlite_schema")
    )
    if not (application or version or tables):
        return True
    if application != APPLICATION:
        raise FrontierError(f"{path} is a database of another program, not a frontier.")
    if version not in (WITHOUT_TRAPS, VERSION):
        age = "a newer" if version > VERSION else "an older"
        raise FrontierError(
            f"The frontier {path} was written by {age} version of this program "
            f"(schema {version}, this one reads {VERSION}): {ADVICE}."
        )
    return False


def _prepare(connection: sqlite3.Connection) -> None:
    found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise sqlite3.DatabaseError(found)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA cache_size = -16384")  # KiB; the system's own cache holds the rest
    connection.execute("PRAGMA wal_autocheckpoint = 4000")  # pages
