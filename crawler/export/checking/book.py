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
from pathlib import Path
from typing import Any

from crawler.audit.entries import DECISION, ERASURE, KEY, RECHECK, REMOVAL, WITHDRAWAL, Entry
from crawler.audit.note import Verifier, parse_verifier
from crawler.audit.verify.findings import Findings
from crawler.audit.verify.log import Log, Signed
from crawler.audit.verify.seals import Seals
from crawler.corpus.errors import Damaged
from crawler.corpus.folder import CorpusFolder
from crawler.corpus.manifest import Manifest
from crawler.corpus.withdrawal import Wish
from crawler.export.checking.held import Held, Kept, key_of
from crawler.export.checking.sealed import Removed
from crawler.export.columns import TABLES, Table
from crawler.export.rows import heard_in
from crawler.optout.host import origin_of
from crawler.optout.model import Kind, Malformed, Outcome

_TABLES = """
CREATE TABLE kept (
    number INTEGER PRIMARY KEY, url BLOB, sha256 TEXT, bytes INTEGER,
    kind TEXT, outcome TEXT, run TEXT, heard BLOB, named BLOB, held INTEGER
);
CREATE TABLE there (number INTEGER PRIMARY KEY);
"""


class Book:
    """The ledger of one corpus, read once."""

    def __init__(self, corpus: CorpusFolder) -> None:
        """Nothing is read yet; see :meth:`read`."""
        self.size = 0
        """Entries that were read."""
        self._corpus = corpus
        self._removed = Removed()
        self._wishes: list[Wish] = []
        self._blanks: Mapping[int, bool] = {}
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-16000;")
        self._db.executescript(_TABLES)
        self._db.execute("BEGIN")
        self._held = Held(self._db)

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
        self._held.settle(self._kept(), self._stands)
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
        if url != key_of(str(row.get("url"))):
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
        return "held back" if self._held.holds(url, sha256) else ""

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

    def _hold_back(self) -> None:
        """Note what was held back when the export was made, which is what was read so far."""
        self._held.settle(self._kept(), self._stands)
        for kept in self._kept() if self._held.any else ():
            if self._held.holds(kept.url, kept.sha256):
                self._db.execute("UPDATE kept SET held = 1 WHERE number = ?", (kept.number,))

    def _stands(self, kept: Kept) -> bool:
        """Whether what was kept is kept still."""
        return kept.number not in self._blanks and self._removed.of(kept.sha256, kept.number) is None

    def _kept(self) -> Iterator[Kept]:
        """Everything that was kept, as far as it was read."""
        for number, named, sha256 in self._db.execute("SELECT number, named, sha256 FROM kept"):
            yield Kept(number=number, url=named.decode("utf-8", "surrogatepass"), sha256=sha256)

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
            self._held.note(entry)
        elif entry.type == DECISION:
            self._held.decided(str(fields["url"]), entry.number, Outcome(fields["outcome"]))
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
                    key_of(str(fields["url"])),
                    str(item["sha256"]),
                    size,
                    str(Kind(fields["kind"])),
                    str(fields["outcome"]),
                    str(fields["run"]),
                    _heard(heard_in(entry)),
                    str(fields["url"]).encode("utf-8", "surrogatepass"),
                ),
            )


def _heard(told: Iterable[str] | None) -> bytes:
    return hashlib.sha256("\n".join(told or ()).encode("utf-8", "replace")).digest()[:16]
