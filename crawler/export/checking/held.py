"""What rechecks hold back of what a ledger keeps, told from its entries alone."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from crawler.audit.entries import Entry
from crawler.corpus.holds import Hold, Holds, State
from crawler.corpus.warc import safe_url
from crawler.optout.host import origin_of
from crawler.optout.model import OPEN, Outcome

_TABLES = (
    "CREATE TABLE latest (url BLOB PRIMARY KEY, number INTEGER, open INTEGER) WITHOUT ROWID",
    "CREATE TABLE reserved (sha256 TEXT PRIMARY KEY) WITHOUT ROWID",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """One decision to keep something."""

    number: int
    """The entry."""
    url: str
    """What it is about."""
    sha256: str
    """Digest of its bytes."""


class Held:
    """What is held back, as far as the ledger was read. Decisions wait in the database of whoever reads it."""

    def __init__(self, db: sqlite3.Connection) -> None:
        """``db``: in which two tables are made."""
        self._db = db
        for table in _TABLES:
            db.execute(table)
        self._holds = Holds()
        self.any = False
        """Whether anything was ever rechecked."""

    def note(self, entry: Entry) -> None:
        """The next finding of a recheck."""
        self.any = True
        self._holds.note(entry)

    def decided(self, url: str, number: int, outcome: Outcome) -> None:
        """The next decision."""
        row = (key_of(url), number, outcome in OPEN)
        self._db.execute("INSERT OR REPLACE INTO latest VALUES (?,?,?)", row)

    def settle(self, kept: Iterable[Kept], stands: Callable[[Kept], bool]) -> None:
        """Find the bytes that one URL of ``kept`` reserves: they are held back under every other, too.

        ``stands``: whether something is kept still; what is not reserves nothing (docs/adr/0016).
        """
        self._db.execute("DELETE FROM reserved")
        if not self.any:
            return
        for one in kept:
            hold = self._hold(one.url)
            if hold is not None and hold.state is State.RESERVED and stands(one):
                self._db.execute("INSERT OR IGNORE INTO reserved VALUES (?)", (one.sha256,))

    def holds(self, url: str, sha256: str) -> bool:
        """Whether a recheck holds these bytes of this URL back, see :meth:`settle`."""
        if not self.any:
            return False
        found = self._db.execute("SELECT 1 FROM reserved WHERE sha256 = ?", (sha256,)).fetchone()
        return found is not None or self._hold(url) is not None

    def _hold(self, url: str) -> Hold | None:
        """Why a recheck holds it back; None: none does, or a later crawl found nothing against it."""
        latest = self._db.execute("SELECT number, open FROM latest WHERE url = ?", (key_of(url),)).fetchone()
        lifted = latest[0] if latest is not None and latest[1] else 0
        holds = (self._holds.of_url(url), self._holds.of_origin(origin_of(url)))
        return next((hold for hold in holds if hold is not None and lifted < hold.entry), None)


def key_of(url: str) -> bytes:
    """A URL by a digest of the form in which the archive holds it."""
    return hashlib.sha256(safe_url(url).encode("utf-8", "replace")).digest()[:16]
