"""The index: where in ledger, evidence and archive something is. All of it can be made again from them.

Rows are staged in memory and committed together, after what they point to is on disk; the same transaction
records how far each file is indexed. So the index is never ahead of the files, and what it is behind is read
from them when the corpus is next opened.
"""

from __future__ import annotations

import errno
import hashlib
import sqlite3
from array import array
from contextlib import contextmanager, suppress
from itertools import chain
from typing import TYPE_CHECKING, Any

from crawler.audit.blocks import BLOCK
from crawler.audit.entries import ERASURE, REMOVAL, WITHDRAWAL, format_entry, urls_of
from crawler.corpus import tables
from crawler.corpus.items import Item, item_from_json, item_to_json, url_from_json
from crawler.corpus.segments import Place, serial_of
from crawler.corpus.warc import safe_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

LEDGER, EVIDENCE, ARCHIVE = "ledger", "evidence", "archive"

ERASED_URL = "about:erased"
"""Instead of the URL of an erased entry whose marks are remembered."""

REWRITING = -1
"""Instead of the indexed length of a file: it is being rewritten, and what is known of it is void."""

_ITEM = """
SELECT file.name, start, length, data FROM item JOIN file ON area = 'archive' AND file.serial = item.serial
WHERE NOT EXISTS
(SELECT 1 FROM tombstone WHERE tombstone.sha256 = item.sha256 AND tombstone.number > item.number)
"""
_DOOMED = """
SELECT DISTINCT file.name, start, length FROM item JOIN file ON area = 'archive' AND file.serial = item.serial
JOIN tombstone ON tombstone.sha256 = item.sha256 AND item.number < tombstone.number
"""
_READING = """
SELECT name, start FROM reading JOIN file ON area = 'evidence' AND file.serial = reading.serial
"""


def key_of(url: str) -> int:
    """64 bits that stand for a URL; what they find is compared with the URL itself."""
    return int.from_bytes(hashlib.sha256(url.encode("utf-8", "replace")).digest()[:8], signed=True)


class Index:
    """The index of one corpus, on disk or in memory."""

    def __init__(self, connection: sqlite3.Connection, where: str) -> None:
        """See :meth:`open` and :meth:`read`."""
        self._db = connection
        self._where = where
        self._staged: list[tuple[str, tuple[Any, ...]]] = []
        self._reached: dict[tuple[str, str], int] = {}
        self._entries = 0  # the last entry that is staged; 0: none is
        self._items: dict[str, list[Item]] = {}
        self._readings: dict[str, tuple[str, int]] = {}
        self._marks: dict[str, dict[str, int]] = {}

    @classmethod
    def open(cls, path: Path) -> Index:
        """The index for writing; one that cannot be used is begun anew, because it can be."""
        return cls(tables.for_writing(path), str(path))

    @classmethod
    def read(cls, path: Path, *, untouched: bool = False) -> Index | None:
        """The index for reading, also while another process writes to it; None if it cannot be used.

        ``untouched``: see :func:`crawler.corpus.tables.for_reading`.
        """
        connection = tables.for_reading(path, untouched=untouched)
        return None if connection is None else cls(connection, str(path))

    def check(self) -> None:
        """Raise ``sqlite3.DatabaseError`` if its pages are spoilt; reads all of it."""
        (said,) = self._db.execute("PRAGMA quick_check(1)").fetchone()
        if said != "ok":
            raise sqlite3.DatabaseError(said)

    @classmethod
    def in_memory(cls, source: Index | None) -> Index:
        """A copy of ``source``, or an empty index, that can be brought up to date without writing to disk."""
        return cls(tables.in_memory(None if source is None else source._db), "the index in memory")

    # How far

    def reached(self, area: str, name: str) -> int:
        """Bytes of the file that are indexed; :data:`REWRITING` if what is known of it is void."""
        row = self._db.execute(
            "SELECT indexed FROM file WHERE area = ? AND serial = ? AND name = ?", (area, serial_of(name), name)
        ).fetchone()
        return int(row[0]) if row else 0

    def known_files(self, area: str) -> dict[str, int]:
        """The files of an area that were indexed, and how far."""
        return dict(self._db.execute("SELECT name, indexed FROM file WHERE area = ? ORDER BY serial", (area,)))

    def last_entry(self) -> int:
        """Number of the last indexed ledger entry."""
        row = self._db.execute("SELECT entries FROM reach").fetchone()
        return int(row[0]) if row else 0

    def last_block(self) -> tuple[int, Place] | None:
        """First entry and place of the last indexed block."""
        return self._block("ORDER BY number DESC LIMIT 1")

    # Staging

    def note_entry(self, number: int, fields: Mapping[str, Any]) -> None:
        """Stage a ledger entry."""
        self._entries = number
        for url in set(urls_of(fields)):
            self._stage("INSERT OR IGNORE INTO mention VALUES (?, ?)", key_of(url), number)
        if fields.get("type") == REMOVAL:
            row = bytes.fromhex(fields["sha256"]), number, fields.get("withdrawal"), key_of(fields["urls"][-1])
            self._stage("INSERT INTO tombstone VALUES (?, ?, ?, ?)", *row)
        elif fields.get("type") == WITHDRAWAL:
            self._stage("INSERT INTO withdrawal VALUES (?, ?)", number, format_entry(fields))
        elif fields.get("type") == ERASURE:
            for gone in fields.get("removed", ()):
                told = bytes.fromhex(gone["sha256"]), int(gone["entry"]), gone.get("withdrawal"), None
                self._stage("INSERT OR IGNORE INTO tombstone VALUES (?, ?, ?, ?)", *told)
        if "reserved" in fields or "freed" in fields:
            self._note_marks(number, fields)

    def note_block(self, first: int, place: Place) -> None:
        """Stage a block of the ledger, which begins with entry ``first``."""
        row = first, serial_of(place.file), place.offset, place.length
        self._stage("INSERT OR REPLACE INTO block VALUES (?, ?, ?, ?)", *row)
        self.note_end(LEDGER, place)

    def note_reading(self, place: Place, digest: str, body: str) -> None:
        """Stage a reading of the evidence."""
        row = (bytes.fromhex(digest), bytes.fromhex(body), serial_of(place.file), place.offset)
        self._readings[digest] = place.file, place.offset
        self._stage("INSERT OR IGNORE INTO reading VALUES (?, ?, ?, ?)", *row)
        self.note_end(EVIDENCE, place)

    def note_item(self, item: Item) -> None:
        """Stage an item of the archive."""
        row = (serial_of(item.file), item.offset, item.length, key_of(item.url), bytes.fromhex(item.sha256))
        self._items.setdefault(item.url, []).append(item)
        self._stage("INSERT INTO item VALUES (?, ?, ?, ?, ?, ?, ?)", *row, item.entry, item_to_json(item))
        self.note_end(ARCHIVE, Place(file=item.file, offset=item.offset, length=item.length))

    def note_end(self, area: str, place: Place) -> None:
        """Stage that the file is indexed up to and with ``place``."""
        self._reached[area, place.file] = place.end

    def commit(self) -> None:
        """Write what is staged, all or nothing. An ``OSError`` names the index and leaves it staged."""
        if not self._staged and not self._reached and not self._entries:
            return
        with self._transaction():
            for statement, row in self._staged:
                self._db.execute(statement, row)
            self._db.executemany(
                "INSERT INTO file VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE "
                "SET name = excluded.name, indexed = excluded.indexed WHERE indexed >= 0",
                [(area, serial_of(name), name, end) for (area, name), end in self._reached.items()],
            )
            if self._entries:
                self._db.execute("INSERT OR REPLACE INTO reach VALUES (1, ?)", (self._entries,))
        self._entries = 0
        for staged in (self._staged, self._reached, self._items, self._readings, self._marks):
            staged.clear()

    # Asking

    def entries(self, url: str) -> list[int]:
        """Number of every ledger entry that may be about ``url``, oldest first."""
        query = "SELECT number FROM mention WHERE url = ? ORDER BY number"
        return [number for (number,) in self._db.execute(query, (key_of(url),))]

    def block(self, number: int) -> tuple[str, int] | None:
        """File and offset of the block that holds an entry; None: it is in none that is indexed."""
        found = self._block("WHERE number = ?", number - (number - 1) % BLOCK)
        return None if found is None else (found[1].file, found[1].offset)

    def items(self, *, url: str | None = None, sha256: str | None = None) -> Iterator[Item]:
        """The items, all or those of a URL or digest, in the order in which they were kept.

        What the ledger says is removed is not among them, even where a crash left it in the archive for now.
        """
        staged = tuple(chain.from_iterable(self._items.values()) if url is None else self._items.get(url, ()))
        where, values = "", tuple[Any, ...]()
        if url is not None:
            where, values = "AND url = ?", (key_of(url),)
        elif sha256 is not None:
            where, values = "AND sha256 = ?", (bytes.fromhex(sha256),)
        for name, start, length, data in self._db.execute(
            f"{_ITEM}{where} ORDER BY item.serial, start", values
        ):
            item = item_from_json(data, {"file": name, "offset": start, "length": length})
            if url in (None, item.url):
                yield item
        yield from (item for item in staged if sha256 in (None, item.sha256))

    def in_order(self, last: int) -> Iterator[Item]:
        """The committed items that ledger entries up to ``last`` decided on, by entry. Takes 8 bytes an item.

        Nothing is locked between two of them: one that is removed meanwhile is passed over, and a file of the
        archive that is rewritten meanwhile is read where its records are then.
        """
        order = "SELECT rowid FROM item WHERE number <= ? ORDER BY number, rowid"
        for row in array("q", (row for (row,) in self._db.execute(order, (last,)))):
            query = f"{_ITEM}AND item.rowid = ? AND item.number <= ?"
            for name, start, length, data in self._db.execute(query, (row, last)).fetchall():
                yield item_from_json(data, {"file": name, "offset": start, "length": length})

    def urls(self) -> Iterator[str]:
        """The URL of every committed item, much quicker than the items; those of one that is removed too."""
        for (data,) in self._db.execute("SELECT data FROM item ORDER BY serial, start"):
            yield url_from_json(data)

    def marked(self, mark: str) -> list[tuple[str, int]]:
        """The URLs that reserved bytes of this mark, each with its last entry that says so, oldest first."""
        query = "SELECT url, number FROM mark WHERE mark = ?"
        found = dict(self._db.execute(query, (bytes.fromhex(mark),))) | self._marks.get(mark, {})
        return sorted(((url, number) for url, number in found.items() if number), key=lambda row: row[1])

    def marks_of(self, numbers: Iterable[int]) -> tuple[str, list[str]]:
        """The marks, and the name of the secret behind them, that count because of these committed entries."""
        rows = [
            row
            for number in numbers
            for row in self._db.execute("SELECT key, mark FROM mark WHERE number = ?", (number,))
        ]
        return (str(rows[0][0]) if rows else ""), sorted({mark.hex() for _, mark in rows})

    def marks_key(self) -> str | None:
        """Which secret the marks were made with that are committed; None: there are none."""
        row = self._db.execute("SELECT key FROM mark LIMIT 1").fetchone()
        return None if row is None else str(row[0])

    def marked_digests(self, mark: Callable[[str], str]) -> list[str]:
        """The committed digests of items whose ``mark`` is known."""
        self._db.create_function(
            "mark_of", 1, lambda digest: bytes.fromhex(mark(digest.hex())), deterministic=True
        )
        rows = self._db.execute(
            "SELECT sha256 FROM (SELECT DISTINCT sha256 FROM item)"
            " WHERE EXISTS (SELECT 1 FROM mark WHERE mark.mark = mark_of(sha256))"
        )
        return [digest.hex() for (digest,) in rows.fetchall()]

    def reading(self, digest: str) -> tuple[str, int] | None:
        """File and offset of a reading."""
        found = self._readings.get(digest)
        return found or self._db.execute(f"{_READING}WHERE digest = ?", (bytes.fromhex(digest),)).fetchone()

    def readings_of(self, body: str) -> list[tuple[str, int]]:
        """File and offset of every reading with this body, the oldest first."""
        query = f"{_READING}WHERE body = ? ORDER BY reading.serial, start"
        return self._db.execute(query, (bytes.fromhex(body),)).fetchall()

    # Removing

    def doomed(self) -> dict[str, list[Place]]:
        """By file, the records that are still there although a later ledger entry removed them."""
        found: dict[str, list[Place]] = {}
        for name, start, length in self._db.execute(_DOOMED):
            found.setdefault(name, []).append(Place(file=name, offset=start, length=length))
        return found

    def last_removal(self) -> tuple[int, int] | None:
        """Number of the last committed removal and :func:`key_of` its last URL; None: there is none."""
        last = self._db.execute(
            "SELECT number, last FROM tombstone WHERE last NOT NULL ORDER BY number DESC LIMIT 1"
        ).fetchone()
        return None if last is None else (int(last[0]), int(last[1]))

    def withdrawals(self) -> list[bytes]:
        """The lines of every committed withdrawal, oldest first."""
        return [line for (line,) in self._db.execute("SELECT data FROM withdrawal ORDER BY number")]

    def withdrawn(self, sha256: str) -> int | None:
        """The entry of a withdrawal that took out bytes with this digest; None: there is none."""
        row = self._db.execute(
            "SELECT min(withdrawal) FROM tombstone WHERE sha256 = ?", (bytes.fromhex(sha256),)
        ).fetchone()
        return None if row[0] is None else int(row[0])

    def rewriting(self, name: str) -> None:
        """Before the file is replaced: what is known of it counts no more. Survives a power cut."""
        self._db.execute("PRAGMA synchronous = FULL")
        with self._transaction():
            self._db.execute(
                "UPDATE file SET indexed = ? WHERE area = 'archive' AND name = ?", (REWRITING, name)
            )
        self._db.execute("PRAGMA synchronous = NORMAL")

    def rewritten(self, name: str, without: Iterable[Place], size: int) -> None:
        """After the file was replaced by one of ``size`` bytes ``without`` these records."""
        serial = serial_of(name)
        with self._transaction():
            gone = 0
            lost = {place.offset: place.length for place in without}
            for start, length in self._db.execute(
                "SELECT start, length FROM item WHERE serial = ? ORDER BY start", (serial,)
            ).fetchall():
                if start in lost:
                    self._db.execute("DELETE FROM item WHERE serial = ? AND start = ?", (serial, start))
                    gone += length
                elif gone:
                    self._db.execute(
                        "UPDATE item SET start = ? WHERE serial = ? AND start = ?",
                        (start - gone, serial, start),
                    )
            self._db.execute("UPDATE file SET indexed = ? WHERE area = 'archive' AND name = ?", (size, name))
        with suppress(sqlite3.OperationalError):  # a reader is busy; the end of the session does it, too
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def forget(self, name: str) -> None:
        """Drop what is known of one file of the archive, to read it again."""
        with self._transaction():
            self._db.execute("DELETE FROM item WHERE serial = ?", (serial_of(name),))
            self._db.execute("DELETE FROM file WHERE area = 'archive' AND name = ?", (name,))

    def forget_ledger(self) -> None:
        """Drop what is known of the ledger, to read it again. Survives a power cut."""
        self._db.execute("PRAGMA synchronous = FULL")
        with self._transaction():
            for table in tables.LEDGER:
                self._db.execute(f"DELETE FROM {table}")  # noqa: S608  our own names
            self._db.execute("DELETE FROM file WHERE area = 'ledger'")
        self._db.execute("PRAGMA synchronous = NORMAL")

    def clear(self) -> None:
        """Drop everything, to read all files again."""
        with self._transaction():
            for table in tables.NAMES:
                self._db.execute(f"DELETE FROM {table}")  # noqa: S608  our own names

    def close(self) -> None:
        """Let go of the file. What is staged and not committed is read from the files when next opened."""
        self._db.close()

    def _note_marks(self, number: int, fields: Mapping[str, Any]) -> None:
        url = safe_url(str(fields.get("url", ERASED_URL)).encode("utf-8", "replace").decode("utf-8"))
        for mark in fields.get("freed", {"marks": ()})["marks"]:
            self._stage("DELETE FROM mark WHERE mark = ? AND url = ?", bytes.fromhex(mark), url)
            self._marks.setdefault(mark, {})[url] = 0
        said = fields.get("reserved", {"key": "", "marks": ()})
        for mark in said["marks"]:
            row = bytes.fromhex(mark), url, number, str(said["key"])
            self._stage("INSERT OR REPLACE INTO mark VALUES (?, ?, ?, ?)", *row)
            self._marks.setdefault(mark, {})[url] = number

    def _block(self, which: str, *values: int) -> tuple[int, Place] | None:
        row = self._db.execute(
            "SELECT number, name, start, length FROM block"  # noqa: S608  our own words
            f" JOIN file ON area = 'ledger' AND file.serial = block.serial {which}",
            values,
        ).fetchone()
        return None if row is None else (row[0], Place(file=row[1], offset=row[2], length=row[3]))

    def _stage(self, statement: str, *row: Any) -> None:
        self._staged.append((statement, row))

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            with self._db:
                yield
        except sqlite3.OperationalError as error:
            full = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
            raise OSError(errno.ENOSPC if full else errno.EIO, str(error), self._where) from error
