"""One row: whether it is what it says it is, and whether it is still to be there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from crawler.audit.verify.findings import Findings
from crawler.export import pictures
from crawler.export.checking.again import Again
from crawler.export.checking.book import Book
from crawler.export.checking.listing import Listing
from crawler.export.checking.reading import Read
from crawler.export.checking.sealed import Removed
from crawler.export.columns import Table
from crawler.export.model import KEY
from crawler.export.rows import domain_of
from crawler.text.sketch import group_of

AGAIN = "export again into the same folder, or into a new one"
"""What to do about rows that are to go."""

_SHA256 = re.compile(r"[0-9a-f]{64}")


class Rows:
    """The rows of one export, as they go by."""

    def __init__(
        self,
        listing: Listing,
        removed: Removed,
        book: Book | None,
        again: Again | None,
        findings: Findings,
        gone: Counter[str],
    ) -> None:
        """``removed``: what the export itself says was removed. ``book``: the ledger, where there is one.

        ``again``: makes rows again, where there is an archive. ``gone`` counts the rows that are not to be
        there any more.
        """
        self.book = book
        """The ledger."""
        self.again = again
        """What makes rows again."""
        self._listing = listing
        self._removed = removed
        self._findings = findings
        self._gone = gone
        self._first: dict[str, tuple[str, str]] = {}
        self._table = Table.TEXT
        self._columns: frozenset[str] = frozenset()
        self._last = 0

    def begin(self, table: Table, columns: Sequence[str]) -> None:
        """The rows of a table follow, in the order of their entries."""
        self._table, self._columns, self._last = table, frozenset(columns), 0
        if self.again is not None:
            self.again.begin(table)

    def take_in(self, read: Read, where: str) -> None:
        """The next row; ``where``: its shard."""
        self._findings.counts[self._table.value] += 1
        row = read.row
        try:
            trouble = [*read.trouble, *self._formal(row), *self._content(read)]
            if not trouble and self.book is not None:
                trouble = [one for one in (self.book.trouble(row, self._table),) if one]
            if not trouble:
                self._to_go(row, where)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            trouble = [f"it is no row: {error!r:.200}"]
        for one in trouble:
            url, entry = row.get("url"), row.get("entry")
            self._findings.add(
                f"row {row.get('id')!s:.20}: {one}",
                entry=entry if isinstance(entry, int) else None,
                file=where,
                url=url if isinstance(url, str) else None,
            )

    def end(self) -> None:
        """There are no more: say how many are to go."""
        for why, number in self._gone.items():
            name, where = self._first[why]
            rows = f"{number:,} {'row' if number == 1 else 'rows'}"
            self._findings.add(f"{why} since: {rows}, the first of them {name}; {AGAIN}", file=where)

    def _formal(self, row: Mapping[str, Any]) -> list[str]:
        """What is wrong with a row whatever it is about."""
        trouble = []
        missing = self._columns - {"image"} - row.keys()
        more = row.keys() - self._columns
        if missing or more:
            trouble.append(f"its columns are others: {', '.join(sorted(missing | more))[:200]}")
        entry = row["entry"]
        if not isinstance(entry, int) or isinstance(entry, bool) or not self._last < entry < 1 << 63:
            trouble.append(f"it stands after entry {self._last}, and its own is {entry!r:.30}")
            return trouble
        self._last = entry
        if self.book is not None:
            self.book.note_row(entry)
        if row["id"] != format(entry, KEY):
            trouble.append("it is not called after its entry")
        if not _SHA256.fullmatch(row["sha256"]):
            trouble.append("its sha256 is no digest")
        if "domain" in row and row["domain"] != domain_of(row["url"]):
            trouble.append("its domain is not that of its URL")
        return trouble

    def _content(self, read: Read) -> list[str]:
        """Where its words or its picture are not what it says."""
        row = read.row
        trouble = []
        if self._table is Table.TEXT:
            if "text" in row and "exact_group" in row and row["exact_group"] != group_of(row["text"]):
                trouble.append("its words have another digest than its exact_group")
            return trouble
        if row.get("exact_group", row["sha256"]) != row["sha256"]:
            trouble.append("its exact_group is not the digest of its bytes")
        if "image" not in self._columns:
            return trouble
        if read.picture is not None:
            if read.picture.sha256 != row["sha256"]:
                trouble.append("its picture has another digest than it says")
            if row.get("bytes", read.picture.size) != read.picture.size:
                trouble.append(f"its picture has {read.picture.size} bytes, not as many as it says")
        elif read.path is None:
            trouble.append("it has no picture")
        elif pictures.named(read.path) != row["sha256"] or self._listing.digest(read.path) != row["sha256"]:
            trouble.append("its picture is not there, or not what it says")
        return trouble

    def _to_go(self, row: Mapping[str, Any], where: str) -> None:
        """Count a row that is not to be there any more."""
        removal = self._removed.of(row["sha256"], row["entry"])
        if removal is not None:
            self._findings.add(
                f"row {row['id']}: the export's own list says that entry {removal.number} removed it",
                file=where,
            )
        elif self.book is not None and (why := self.book.gone(row)):
            self._gone[why] += 1
            self._first.setdefault(why, (row["id"], where))
        elif self.again is not None:
            self.again.offer(row)
