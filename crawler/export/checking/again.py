"""Rows made again from the archive and held against those of the export, and kept items that have no row.

The ledger has the digest of a page and not of its words, so that neither forged words nor a row that was left
out show in it. Both show when the archive is read again, with the same versions of everything that has a part
in words: with others, words may be others, and nothing is said of them. What there is to read waits in a
temporary database.
"""

from __future__ import annotations

import hashlib
import json
import random
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from crawler.corpus.errors import CorpusError
from crawler.corpus.holds import Holds
from crawler.corpus.warc import safe_url
from crawler.export.columns import TABLES, Column, Table, Type, columns_of
from crawler.export.model import WINDOW, Wanted
from crawler.export.rows import image_row, name_of, text_row
from crawler.export.selection import Selection, tables_of
from crawler.export.streams import closable
from crawler.optout.codec import time_to_text
from crawler.optout.model import Malformed
from crawler.text.model import PASSING, Unread, Words
from crawler.text.pool import read_words, usable_cores

if TYPE_CHECKING:
    from crawler.audit.verify.findings import Findings
    from crawler.corpus.corpus import Corpus
    from crawler.corpus.items import Item
    from crawler.export.checking.book import Book
    from crawler.export.checking.said import Said

SAMPLE = 200
"""Rows of each table that are made again, and kept texts without a row that are read again, where nobody asks
for all of them. They are drawn anew each time: whoever forges others than these does not know which."""

_EACH = 64  # texts for which one more worker is started
_APART = frozenset(
    {"image", "near_group"}
)  # the picture is compared as bytes; groups hang on all texts at once
_TABLES = "CREATE TABLE waiting (entry INTEGER PRIMARY KEY, part TEXT, url TEXT, row TEXT)"


@dataclass(kw_only=True, slots=True)
class Seen:
    """How much of an export was made again."""

    rows: int = 0
    """Rows that were made again and compared."""
    of: int = 0
    """Rows there are."""
    absent: Counter[str] = field(default_factory=Counter)
    """Kept items without a row, by why; of those under ``missing`` nothing says why."""
    unchecked: list[str] = field(default_factory=list)
    """What was not looked at, and why, each one sentence."""


class Again:
    """What is made again of one export."""

    def __init__(
        self,
        corpus: Corpus,
        said: Said,
        wanted: Wanted,
        versions: tuple[str, ...],
        findings: Findings,
        *,
        every: bool,
    ) -> None:
        """``versions``: in what this program differs from that which made it. ``every``: no sample, but all."""
        self.seen = Seen(of=sum(table.rows for table in said.tables.values()))
        self._corpus, self._said, self._wanted, self._findings = corpus, said, wanted, findings
        self._every = every
        self._versions = versions
        self._table = Table.TEXT
        self._columns = dict[Table, tuple[Column, ...]]()
        self._drawn: frozenset[int] | None = None
        self._number = 0
        self._selection = Selection(corpus, Holds(), wanted, last=said.entries, window=WINDOW)
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-8000;")
        self._db.execute(_TABLES)
        self._db.execute("BEGIN")

    def close(self) -> None:
        """Forget everything."""
        self._db.close()

    def begin(self, table: Table) -> None:
        """The rows of a table follow."""
        self._table = table
        self._columns[table] = columns_of(table, self._wanted.columns)
        rows = self._said.tables[table].rows
        everything = self._every or rows <= SAMPLE
        self._drawn = None if everything else frozenset(random.SystemRandom().sample(range(rows), SAMPLE))
        self._number = 0

    def offer(self, row: Mapping[str, Any]) -> None:
        """The next row, which rests on the ledger; it may be drawn."""
        if self._drawn is None or self._number in self._drawn:
            plain = json.dumps(_plain(row, self._columns[self._table]))
            self._wait(self._table, row["entry"], row["url"], plain)
        self._number += 1

    def compare(self) -> None:
        """Make the rows again that were drawn."""
        for item, row in self._items(Table.IMAGES):
            self._differs(item, row, image_row(item, self._corpus.entry(item.entry), None))
        if self._versions:
            if Table.TEXT in self._columns:
                self._leave("words were not read again")
            return
        told: dict[int, str] = {}

        def items() -> Iterator[Item]:
            for item, row in self._items(Table.TEXT):
                told[item.entry] = row
                yield item

        for item, found in self._read(items()):
            row = told.pop(item.entry)
            if isinstance(found, Words):
                self._differs(item, row, text_row(item, self._corpus.entry(item.entry), found, None))
            else:
                self.seen.unchecked.append(f"row {name_of(item)} could not be made again: {found.reason}")

    def find_absent(self, book: Book) -> None:
        """Find what the corpus keeps, what was asked for, and what has no row all the same."""
        self._db.execute("DELETE FROM waiting")
        for kept in book.absent(self._wanted.kinds, self._said.entries):
            item = self._item(kept.url, kept.number)
            if item is None:
                if not self._is_held(kept.url, kept.sha256):
                    what = "it is kept, and neither the export nor the archive has it"
                    self._findings.add(what, entry=kept.number, url=kept.url)
            elif (why := self._selection.left_out(item)) is not None:
                self.seen.absent[f"not asked for ({why})"] += 1
            elif TABLES[item.kind] is Table.IMAGES:
                self._absent_image(item)
            elif Table.TEXT in tables_of(self._wanted):
                self._wait(Table.TEXT, item.entry, item.url, "")
        self._absent_texts()

    def _absent_image(self, item: Item) -> None:
        try:
            self._corpus.store.read(item)
        except (CorpusError, Malformed, OSError):
            self.seen.absent["damaged"] += 1
        else:
            self._missing(item)

    def _absent_texts(self) -> None:
        (number,) = self._db.execute("SELECT count(*) FROM waiting").fetchone()
        if number and self._versions:
            return self._leave(f"{number:,} kept texts without a row were not read")
        if number > SAMPLE and not self._every:
            entries = [entry for (entry,) in self._db.execute("SELECT entry FROM waiting ORDER BY entry")]
            drawn = random.SystemRandom().sample(entries, SAMPLE)
            self._db.execute("CREATE TEMP TABLE drawn (entry INTEGER PRIMARY KEY)")
            self._db.executemany("INSERT INTO drawn VALUES (?)", ((entry,) for entry in drawn))
            self._db.execute("DELETE FROM waiting WHERE entry NOT IN (SELECT entry FROM drawn)")
            self.seen.unchecked.append(f"of {number:,} kept texts without a row, {SAMPLE} were read")
        then = Counter(self._said.counts.get("unread") or {})
        could_not = sum(number for why, number in then.items() if why in PASSING and isinstance(number, int))
        for item, found in self._read(item for item, _ in self._items(Table.TEXT)):
            if isinstance(found, Unread):
                self.seen.absent["damaged" if found.damaged else "could not be read"] += 1
            elif not found.text.strip():
                self.seen.absent["without words"] += 1
            elif self._wanted.languages and found.language not in self._wanted.languages:
                self.seen.absent["not asked for (language)"] += 1
            elif could_not:
                could_not -= 1
                self.seen.absent["could not be read then, and can now"] += 1
            else:
                self._missing(item)

    def _missing(self, item: Item) -> None:
        self.seen.absent["missing"] += 1
        self._findings.add("it is kept and was asked for, and has no row", entry=item.entry, url=item.url)

    def _differs(self, item: Item, row: str, made: Mapping[str, Any]) -> None:
        """Tell in what a row is not what was made again."""
        self.seen.rows += 1
        told, again = json.loads(row), _plain(made, self._columns[TABLES[item.kind]])
        if (why := self._selection.left_out(item)) is not None:
            self._findings.add(
                f"row {name_of(item)}: it was not asked for ({why})", entry=item.entry, url=item.url
            )
        names = [name for name in told if told[name] != again.get(name)]
        if names:
            self._findings.add(
                f"row {name_of(item)}: made again from the archive, it has another {' and '.join(names)}",
                entry=item.entry,
                url=item.url,
            )

    def _items(self, table: Table) -> Iterator[tuple[Item, str]]:
        """What waits for this table, by entry, with the row that the export has."""
        waiting = self._db.execute(
            "SELECT entry, url, row FROM waiting WHERE part = ? ORDER BY entry", (table,)
        )
        for entry, url, row in waiting:
            item = self._item(url, entry)
            if item is not None:
                yield item, row
            else:
                self._findings.add("what its row was made of is not in the archive", entry=entry, url=url)

    def _wait(self, table: Table, entry: int, url: str, row: str) -> None:
        self._db.execute("INSERT OR IGNORE INTO waiting VALUES (?,?,?,?)", (entry, table, url, row))

    def _leave(self, what: str) -> None:
        self.seen.unchecked.append(f"{what}: other versions made the export ({'; '.join(self._versions)})")

    def _item(self, url: str, entry: int) -> Item | None:
        items = self._corpus.index.items(url=safe_url(url))
        return next((item for item in items if item.entry == entry), None)

    def _is_held(self, url: str, sha256: str) -> bool:
        """Whether the archive has these bytes of a URL, from whenever: what did not change is stored once."""
        return any(item.sha256 == sha256 for item in self._corpus.store.items(url=url))

    def _read(self, items: Iterator[Item]) -> Iterator[tuple[Item, Words | Unread]]:
        (number,) = self._db.execute("SELECT count(*) FROM waiting").fetchone()
        workers = max(1, min(usable_cores(), number // _EACH))
        how = replace(self._wanted.how, near=False)
        with closing(closable(read_words(self._corpus.folder.archive, items, how, workers=workers))) as found:
            yield from found


def _plain(row: Mapping[str, Any], columns: tuple[Column, ...]) -> dict[str, Any]:
    """A row in plain types whatever it was read from, of its words only the digest."""
    plain = {}
    for column in columns:
        if column.name in _APART or column.name not in row:
            continue
        value = row[column.name]
        if isinstance(value, datetime):
            value = time_to_text(value)
        elif isinstance(value, float) and column.type is Type.NUMBER:
            value = round(value, 4)
        elif column.name == "text" and isinstance(value, str):
            value = hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
        plain[column.name] = list(value) if isinstance(value, tuple) else value
    return plain
