"""What the ledger of a corpus says of the rows of an export.

The ledger is verified as ``heedful verify CORPUS`` does it: every entry is the next one, and the tree over them
is the one that was signed, by a key that counts. It has to begin with what the export's checkpoint was signed
over. Only entries that were read in this way count; nothing of the corpus' own index is believed for them. They
wait in a temporary database, so that memory does not grow with them.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crawler.audit.entries import DECISION, ERASURE, KEY, RECHECK, REMOVAL, WITHDRAWAL, Entry
from crawler.audit.note import Verifier, parse_verifier
from crawler.audit.verify.findings import Findings
from crawler.audit.verify.log import Log, Signed
from crawler.audit.verify.seals import Seals
from crawler.corpus.errors import Damaged
from crawler.corpus.folder import CorpusFolder
from crawler.corpus.holds import Hold, Holds, State
from crawler.corpus.manifest import Manifest
from crawler.corpus.warc import safe_url
from crawler.corpus.withdrawal import Wish
from crawler.export.checking.sealed import Removed
from crawler.export.columns import TABLES, Table
from crawler.export.rows import heard_in
from crawler.optout.host import origin_of
from crawler.optout.model import OPEN, Kind, Malformed, Outcome

_TABLES = """
CREATE TABLE kept (
    number INTEGER PRIMARY KEY, url BLOB, sha256 TEXT, bytes INTEGER,
    kind TEXT, outcome TEXT, run TEXT, heard BLOB, named BLOB, held INTEGER
);
CREATE TABLE there (number INTEGER PRIMARY KEY);
CREATE TABLE reserved (sha256 TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE latest (url BLOB PRIMARY KEY, number INTEGER, open INTEGER) WITHOUT ROWID;
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """One decision to keep something."""

    number: int
    """The entry."""
    url: str
    """What it is about."""
    sha256: str
    """Digest of its bytes."""


class Book:
    """The ledger of one corpus, read once."""

    def __init__(self, corpus: CorpusFolder) -> None:
        """Nothing is read yet; see :meth:`read`."""
        self.size = 0
        """Entries that were read."""
        self._corpus = corpus
        self._removed = Removed()
        self._wishes: list[Wish] = []
        self._holds = Holds()
        self._rechecked = False
        self._blanks: Mapping[int, bool] = {}
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-16000;")
        self._db.executescript(_TABLES)
        self._db.execute("BEGIN")

    @property
    def manifest(self) -> Manifest:
        """What the corpus is."""
        return self._corpus.manifest

    @property
    def ledger(self) -> Path:
        """The ledger's folder."""
        return self._corpus.ledger

    def close(self) -> None:
        """Forget everything."""
        self._db.close()
        self._removed.close()

    def read(
        self, keys: Sequence[Verifier], outside: Iterable[Signed], findings: Findings, *, then: int = 0
    ) -> None:
        """Verify the ledger; ``findings``: the corpus'. ``outside``: checkpoints it must have grown out of.

        ``then``: how many entries it had when the export was made.
        """
        if self._corpus.in_use():
            findings.note("a process writes to the corpus: what it adds meanwhile may seem to be missing")
        seals = Seals(self._corpus.ledger, self._corpus.manifest.origin, keys, findings)
        seals.read()
        if not seals.signed and keys:
            findings.add("no checkpoint is signed by a key that counts", file="ledger/checkpoint")
        log = Log(self._corpus.ledger, [*seals.signed, *outside], findings)
        vkeys = set()
        passed = False
        for entry in log.entries():
            if entry.number > then and not passed:
                passed = True
                self._hold_back()
            try:
                if entry.type == KEY:
                    vkeys.add(str(parse_verifier(str(entry.fields["vkey"]))))
                else:
                    self._take_in(entry)
            except (ArithmeticError, AttributeError, Damaged, LookupError, TypeError, ValueError) as error:
                words = str(error) if isinstance(error, Damaged | Malformed) else repr(error)
                findings.add(f"the entry is no good: {words:.300}", entry=entry.number)
        self.size, self._blanks = log.size, log.blanks
        if not passed:
            self._hold_back()
        self._find_reserved()
        seals.succeeded(frozenset(vkeys))

    def trouble(self, row: Mapping[str, Any], table: Table) -> str:
        """In what a row is not what its entry says; empty: in nothing."""
        number = row["entry"]
        found = self._db.execute("SELECT * FROM kept WHERE number = ?", (number,)).fetchone()
        if found is None and number in self._blanks:
            return ""  # it says nothing any more, neither for the row nor against it; see ``gone``
        if found is None:
            return f"entry {number} is no decision to keep anything"
        _, url, sha256, size, kind, outcome, run, heard, *_ = found
        if url != _key(str(row.get("url"))):
            return f"entry {number} is about another URL"
        if sha256 != row.get("sha256"):
            return f"entry {number} is about other bytes"
        if "bytes" in row and row["bytes"] != size:
            return f"entry {number} is about {size} bytes, not {row['bytes']!r:.20}"
        if TABLES[Kind(kind)] is not table:
            return f"entry {number} is about something of the kind {kind}"
        for name, value in (("outcome", outcome), ("run", run)):
            if name in row and row[name] != value:
                return f"its {name} is {row[name]!r:.60}, entry {number} says {value!r:.60}"
        if "heard" in row and heard != _heard(row["heard"]):
            return f"what was heard is not what entry {number} says"
        return ""

    def gone(self, row: Mapping[str, Any]) -> str:
        """Why a row is not to be there any more; empty: it is.

        ``withdrawn``, because somebody asked for it; ``removed``; ``held back`` by a recheck; ``erased``, the
        decision that it rests on.
        """
        url, sha256 = str(row["url"]), str(row["sha256"])
        removal = self._removed.of(sha256, row["entry"])
        if (removal is not None and removal.withdrawn) or any(
            wish.covers(url, sha256) for wish in self._wishes
        ):
            return "withdrawn"
        if removal is not None:
            return "removed"
        if row["entry"] in self._blanks:
            return "erased"
        return "held back" if self._hold(url) is not None or self._is_reserved(sha256) else ""

    def note_row(self, number: int) -> None:
        """The export has a row of this entry."""
        self._db.execute("INSERT OR IGNORE INTO there VALUES (?)", (number,))

    def absent(self, kinds: Iterable[Kind], then: int) -> Iterator[Kept]:
        """What was kept of these kinds in the first ``then`` entries, is so still, and has no row."""
        rows = self._db.execute(
            "SELECT number, named, sha256, kind FROM kept WHERE number <= ? AND held IS NULL"
            " AND number NOT IN (SELECT number FROM there) ORDER BY number",
            (then,),
        )
        asked = {str(kind) for kind in kinds}
        for number, named, sha256, kind in rows:
            url = named.decode("utf-8", "surrogatepass")
            if kind in asked and not self.gone({"url": url, "sha256": sha256, "entry": number}):
                yield Kept(number=number, url=url, sha256=sha256)

    def _hold(self, url: str) -> Hold | None:
        """Why a recheck holds it back; None: none does, or a later crawl found nothing against it."""
        latest = self._db.execute("SELECT number, open FROM latest WHERE url = ?", (_key(url),)).fetchone()
        lifted = latest[0] if latest is not None and latest[1] else 0
        holds = (self._holds.of_url(url), self._holds.of_origin(origin_of(url)))
        return next((hold for hold in holds if hold is not None and lifted < hold.entry), None)

    def _is_reserved(self, sha256: str) -> bool:
        found = self._db.execute("SELECT 1 FROM reserved WHERE sha256 = ?", (sha256,)).fetchone()
        return found is not None

    def _hold_back(self) -> None:
        """Note what was held back when the export was made, which is what was read so far."""
        self._find_reserved()
        if self._rechecked:
            self._db.execute("UPDATE kept SET held = 1 WHERE sha256 IN (SELECT sha256 FROM reserved)")
            for number, url, _ in self._of_urls():
                if self._hold(url) is not None:
                    self._db.execute("UPDATE kept SET held = 1 WHERE number = ?", (number,))

    def _find_reserved(self) -> None:
        """Note the bytes that a recheck found reserved under some URL, and that were not removed since.

        Bytes that one URL reserves are exported from no other (docs/adr/0016).
        """
        self._db.execute("DELETE FROM reserved")
        if not self._rechecked:
            return
        for number, url, sha256 in self._of_urls():
            hold = self._hold(url)
            if hold is None or hold.state is not State.RESERVED or number in self._blanks:
                continue
            if self._removed.of(sha256, number) is None:
                self._db.execute("INSERT OR IGNORE INTO reserved VALUES (?)", (sha256,))

    def _of_urls(self) -> Iterator[tuple[int, str, str]]:
        """Entry, URL and digest of everything that was kept."""
        for number, named, sha256 in self._db.execute("SELECT number, named, sha256 FROM kept"):
            yield number, named.decode("utf-8", "surrogatepass"), sha256

    def _take_in(self, entry: Entry) -> None:
        fields = entry.fields
        if entry.type == REMOVAL:
            withdrawn = fields.get("withdrawal") is not None
            self._removed.add(str(fields["sha256"]), entry.number, withdrawn=withdrawn)
        elif entry.type == ERASURE:
            for row in fields.get("removed", ()):
                withdrawn = row.get("withdrawal") is not None
                self._removed.add(str(row["sha256"]), int(row["entry"]), withdrawn=withdrawn)
        elif entry.type == WITHDRAWAL:
            self._wishes.append(Wish.heard(fields))
        elif entry.type == RECHECK:
            self._rechecked = True
            self._holds.note(entry)
        elif entry.type == DECISION:
            is_open = Outcome(fields["outcome"]) in OPEN
            row = (_key(str(fields["url"])), entry.number, is_open)
            self._db.execute("INSERT OR REPLACE INTO latest VALUES (?,?,?)", row)
        if entry.type == DECISION and fields.get("collect") is True:
            item = fields["item"]
            origin_of(str(fields["url"]))  # raises where there is none
            size = item["bytes"]
            if not isinstance(size, int) or not 0 <= size < 1 << 63:
                raise Malformed(f"it collects {size!r:.40} bytes")
            self._db.execute(
                "INSERT INTO kept VALUES (?,?,?,?,?,?,?,?,?,NULL)",
                (
                    entry.number,
                    _key(str(fields["url"])),
                    str(item["sha256"]),
                    size,
                    str(Kind(fields["kind"])),
                    str(fields["outcome"]),
                    str(fields["run"]),
                    _heard(heard_in(entry)),
                    str(fields["url"]).encode("utf-8", "surrogatepass"),
                ),
            )


def _key(url: str) -> bytes:
    """A URL by a digest of the form in which the archive holds it."""
    return hashlib.sha256(safe_url(url).encode("utf-8", "replace")).digest()[:16]


def _heard(told: Iterable[str] | None) -> bytes:
    return hashlib.sha256("\n".join(told or ()).encode("utf-8", "replace")).digest()[:16]
