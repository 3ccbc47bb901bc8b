"""What the files of a corpus claim of each other, side by side in a temporary database.

Nothing of the corpus's own index is used. The database has no name, is on disk as far as it is large, and is
gone with the process, so that a verification takes no more memory for a million entries than for a thousand.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from crawler.corpus.warc import safe_url
from crawler.optout.model import Malformed

if TYPE_CHECKING:
    from crawler.audit.entries import Entry
    from crawler.corpus.items import Item
    from crawler.corpus.segments import Place

_TABLES = """
CREATE TABLE entry (
    number INTEGER PRIMARY KEY, url BLOB, sha256 BLOB, bytes INTEGER, answer TEXT, said TEXT, run TEXT
);
CREATE INDEX entry_content ON entry (sha256, url);
CREATE TABLE removal (number INTEGER, sha256 BLOB, withdrawn INTEGER);
CREATE INDEX removal_sha256 ON removal (sha256);
CREATE TABLE need (sha256 BLOB PRIMARY KEY, number INTEGER) WITHOUT ROWID;
CREATE TABLE reading (sha256 BLOB PRIMARY KEY, file TEXT, offset INTEGER) WITHOUT ROWID;
CREATE TABLE item (number INTEGER, url BLOB, sha256 BLOB, file TEXT, offset INTEGER);
CREATE INDEX item_content ON item (sha256, url);
CREATE INDEX item_number ON item (number);
"""


class Claims:
    """The claims of one corpus."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-16000;")
        self._db.executescript(_TABLES)
        self._db.execute("BEGIN")

    def close(self) -> None:
        """Forget everything."""
        self._db.close()

    # From the ledger

    def collects(self, entry: Entry, item: Mapping[str, Any]) -> None:
        """A decision to collect ``item``."""
        fields, size = entry.fields, item.get("bytes")
        if not isinstance(size, int) or not 0 <= size < 1 << 63:
            raise Malformed(f"it collects {size!r:.40} bytes")
        said = f"{fields.get('kind')} {fields.get('outcome')}"
        row = (_key(str(fields.get("url"))), _hash(item.get("sha256")), size, str(item.get("answer")))
        run = str(fields.get("run"))
        self._db.execute("INSERT INTO entry VALUES (?,?,?,?,?,?,?)", (entry.number, *row, said, run))

    def removes(self, number: int, sha256: str, *, withdrawn: bool) -> None:
        """A removal of bytes; ``withdrawn``: because somebody asked for it, so that they never come back."""
        self._db.execute("INSERT INTO removal VALUES (?,?,?)", (number, _hash(sha256), withdrawn))

    def needs(self, number: int, reading: str) -> None:
        """An entry rests on a reading."""
        self._db.execute("INSERT OR IGNORE INTO need VALUES (?,?)", (_hash(reading), number))

    # From the evidence

    def reads(self, digest: str, place: Place) -> bool:
        """A reading is stored; whether for the first time."""
        done = self._db.execute(
            "INSERT OR IGNORE INTO reading VALUES (?,?,?)", (_hash(digest), place.file, place.offset)
        )
        return done.rowcount == 1

    def reading(self, digest: str) -> tuple[str, int] | None:
        """Where a reading is stored: file and offset."""
        found: tuple[str, int] | None
        found = self._one("SELECT file, offset FROM reading WHERE sha256 = ?", _hash(digest))
        return found

    def unread(self) -> Iterator[tuple[int, str]]:
        """Readings that entries rest on and that are not stored: the first such entry, and the digest."""
        rows = self._db.execute(
            "SELECT number, sha256 FROM need WHERE sha256 NOT IN (SELECT sha256 FROM reading) ORDER BY number"
        )
        yield from ((number, bytes(digest).hex()) for number, digest in rows)

    # From the archive

    def holds(self, item: Item) -> None:
        """The archive holds an item."""
        row = (item.entry, _key(item.url), _hash(item.sha256), item.file, item.offset)
        self._db.execute("INSERT INTO item VALUES (?,?,?,?,?)", row)

    def collected(self, number: int) -> tuple[bytes, bytes, int, str, str] | None:
        """What an entry says it collects: key of the URL, digest, bytes, answer, kind and outcome."""
        found: tuple[bytes, bytes, int, str, str] | None
        found = self._one("SELECT url, sha256, bytes, answer, said FROM entry WHERE number = ?", number)
        return found

    def content(self, number: int) -> tuple[str, int, bool] | None:
        """Where the content of a decision to collect is: file, offset, whether it was stored for this one.

        What was removed and collected anew is not the content of the decision before: it came at another time.
        """
        own = self._one("SELECT file, offset FROM item WHERE number = ?", number)
        if own is not None:
            return (*own, True)
        other = self._one(
            "SELECT item.file, item.offset FROM entry JOIN item USING (sha256, url)"
            " WHERE entry.number = ? AND item.number < entry.number",
            number,
        )
        return None if other is None else (*other, False)

    def removed_from(self, sha256: str, after: int) -> int | None:
        """The entry that removed these bytes for good, or after the entry ``after``; None: there is none."""
        found = self._one(
            "SELECT number FROM removal WHERE sha256 = ? AND (withdrawn OR number > ?) LIMIT 1",
            _hash(sha256),
            after,
        )
        return None if found is None else int(found[0])

    def lost(self) -> Iterator[tuple[int, str]]:
        """Decisions to collect whose content is neither in the archive nor removed since, and their runs."""
        yield from self._db.execute(
            """SELECT number, run FROM entry WHERE
            NOT EXISTS (SELECT 1 FROM item WHERE item.sha256 = entry.sha256 AND item.url = entry.url)
            AND NOT EXISTS (
                SELECT 1 FROM removal WHERE removal.sha256 = entry.sha256 AND removal.number > entry.number
            ) ORDER BY number"""
        )

    def kept_last(self, run: str) -> int:
        """The last decision of a run whose content was stored for it and is there; 0: none."""
        found = self._one("SELECT MAX(number) FROM entry JOIN item USING (number) WHERE run = ?", run)
        return int(found[0] or 0)

    def twice(self) -> Iterator[tuple[int, str, int]]:
        """Items that rest on an entry on which another rests already: the entry, file and offset."""
        yield from self._db.execute(
            """SELECT number, file, offset FROM item AS later WHERE EXISTS (
                SELECT 1 FROM item WHERE item.number = later.number AND item.rowid < later.rowid
            )"""
        )

    def fits(self, item: Item, answer: str) -> str:
        """In what the item is not what its entry says; empty: in nothing."""
        said = self.collected(item.entry)
        if said is None:
            return f"it rests on entry {item.entry}, which is no decision to collect anything"
        url, digest, size, claimed, words = said
        if url != _key(item.url):
            return f"it is of {item.url}, but entry {item.entry} is about another URL"
        if (bytes(digest).hex(), size) != (item.sha256, item.bytes):
            return f"entry {item.entry} is about other bytes"
        if claimed != answer:
            return f"its status and headers are not those that entry {item.entry} names"
        if words != f"{item.kind.value} {item.outcome.value}":
            return f"it calls itself {item.kind.value}, {item.outcome.value}; entry {item.entry} says {words}"
        return ""

    def _one(self, query: str, *values: Any) -> Any:
        return self._db.execute(query, values).fetchone()


def _key(url: str) -> bytes:
    """A URL by a digest of the form in which the archive holds it."""
    return hashlib.sha256(safe_url(url).encode()).digest()[:16]


def _hash(digest: Any) -> bytes:
    try:
        return bytes.fromhex(str(digest))
    except ValueError:
        return b""
