"""What became of each URL (:mod:`crawler.audit.fate`), gathered from entries of a ledger.

It is gathered in a private temporary database, so that memory stays flat however much of a corpus is taken in.
The database holds what the ledger holds, and never content.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from typing import TYPE_CHECKING, Any, Self

import msgspec

from crawler.audit.entries import DECISION, ERASED, REMOVAL, Entry
from crawler.audit.fate import Copy, Event, Row, State
from crawler.corpus.errors import Damaged
from crawler.optout.codec import decision_from_dict
from crawler.optout.model import Outcome
from crawler.tally import reasons_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from types import TracebackType

REMEMBERED = 10_000
"""Different reasons that are held in memory."""

_NOT_OURS = (KeyError, TypeError, AttributeError, ValueError, OverflowError,
             sqlite3.ProgrammingError, sqlite3.InterfaceError)  # fmt: skip
# What an entry raises that says something else than ours do; the last two, of values that no column takes.

_SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA cache_size = -32768;
CREATE TABLE page (url TEXT PRIMARY KEY, kind TEXT, stage TEXT, outcome TEXT, collect INTEGER, reasons TEXT,
                   grounds TEXT, licence TEXT, moved TEXT, first TEXT, last TEXT, decisions INTEGER,
                   entry INTEGER);
CREATE TABLE copy (url TEXT, sha256 TEXT, bytes INTEGER, at TEXT, entry INTEGER, removed INTEGER,
                   withdrawn INTEGER DEFAULT 0, lost INTEGER DEFAULT 0, kind TEXT, outcome TEXT, licence TEXT,
                   profile INTEGER);
CREATE INDEX copy_url ON copy (url);
CREATE INDEX copy_sha256 ON copy (sha256);
CREATE VIEW held AS SELECT rowid, * FROM copy WHERE removed IS NULL AND NOT lost;
CREATE TABLE event (url TEXT, entry INTEGER, type TEXT, at TEXT, fields TEXT);
CREATE INDEX event_url ON event (url);
"""
_PAGE = """
INSERT INTO page VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?)
ON CONFLICT (url) DO UPDATE SET kind = excluded.kind, stage = excluded.stage, outcome = excluded.outcome,
collect = excluded.collect, reasons = excluded.reasons, grounds = excluded.grounds, licence = excluded.licence,
moved = excluded.moved, last = excluded.last, decisions = decisions + 1, entry = excluded.entry
"""
_STATES = """
CREATE TABLE state AS SELECT url, coalesce(
  (SELECT kind FROM held WHERE held.url = page.url ORDER BY entry DESC LIMIT 1), kind) AS kind,
CASE
  WHEN EXISTS (SELECT 1 FROM held WHERE held.url = page.url) THEN 'kept'
  WHEN EXISTS (SELECT 1 FROM copy WHERE copy.url = page.url AND withdrawn) THEN 'withdrawn'
  WHEN EXISTS (SELECT 1 FROM copy WHERE copy.url = page.url AND removed NOT NULL) THEN 'removed'
  WHEN outcome IN ('reserved', 'undetermined', 'skipped') THEN outcome
  ELSE 'unstored' END AS state FROM page
"""
_ROWS = """
SELECT url, state.kind, state, stage, reasons, grounds, licence, moved, first, last, decisions, entry
FROM page JOIN state USING (url) WHERE ?1 IS NULL OR state = ?1
ORDER BY instr('kept withdrawn removed reserved undetermined skipped unstored', state), url LIMIT ?2
"""


class Fates:
    """What became of the URLs that were taken in. Holds a temporary database until it is closed.

    Entries are taken in with :meth:`add`, oldest first, then :meth:`settle` is called once; after it, the
    questions can be asked. Everything may raise ``Damaged`` for what is not an entry of ours, and
    ``sqlite3.OperationalError`` where the disk has no room for the database.
    """

    def __init__(self) -> None:
        """Nothing taken in yet."""
        self._database = sqlite3.connect("")  # private, on disk when it grows, gone when it is closed
        self._database.executescript(_SCHEMA)
        self._reasons: dict[Any, str] = {}

    # Asking

    @property
    def found(self) -> bool:
        """Whether any decision was taken in."""
        return self._one("SELECT EXISTS (SELECT 1 FROM page)") == 1

    def counts(self) -> dict[State, Counter[str]]:
        """URLs by state and kind, in the order of :class:`State`."""
        found: dict[State, Counter[str]] = {state: Counter() for state in State}
        for state, kind, count in self._database.execute(
            "SELECT state, kind, count(*) FROM state GROUP BY state, kind ORDER BY kind"
        ):
            found[State(state)][kind] = count
        return {state: kinds for state, kinds in found.items() if kinds}

    def bytes(self) -> int:
        """Bytes held now, the same bytes at several URLs counted once."""
        return self._one(
            "SELECT coalesce(sum(size), 0) FROM (SELECT max(bytes) AS size FROM held GROUP BY sha256)"
        )

    def period(self) -> tuple[str, str] | None:
        """The times of the first and the last decision, RFC 3339; None: there is none."""
        first, last = self._database.execute("SELECT min(first), max(last) FROM page").fetchone()
        return None if first is None else (first, last)

    def reasons(self, state: State) -> Counter[str]:
        """How many URLs of a state have each reason; a URL may have several."""
        found: Counter[str] = Counter()
        query = "SELECT reasons, count(*) FROM page JOIN state USING (url) WHERE state = ? GROUP BY reasons"
        for reasons, count in self._database.execute(query, (state,)):
            for reason in json.loads(reasons):
                found[reason] += count
        return found

    def stages(self, state: State) -> Counter[str]:
        """How far the URLs of a state were asked."""
        query = "SELECT stage, count(*) FROM page JOIN state USING (url) WHERE state = ? GROUP BY stage"
        return Counter(dict(self._database.execute(query, (state,))))

    def licences(self) -> Counter[str]:
        """Accepted licences of what is kept, with the number of URLs."""
        query = (
            "SELECT licence, count(DISTINCT url) FROM held WHERE licence IS NOT NULL "
            "GROUP BY licence ORDER BY licence"
        )
        return Counter(dict(self._database.execute(query)))

    def rows(self, state: State | None = None, *, limit: int = -1) -> Iterator[Row]:
        """What became of each URL, by state and then by URL. ``limit``: at most so many; -1: all."""
        for url, kind, found, stage, reasons, grounds, licence, moved, *times in self._database.execute(
            _ROWS, (state, limit)
        ):
            first, last, count, entry = times
            yield Row(
                url=url,
                kind=kind,
                state=State(found),
                stage=stage,
                reasons=tuple(json.loads(reasons)),
                grounds=tuple(json.loads(grounds)),
                licence=licence,
                moved_to=moved,
                first=first,
                last=last,
                decisions=count,
                entry=entry,
                copies=tuple(self._copies(url)),
                events=tuple(self._events(url)),
            )

    def target(self, url: str) -> str | None:
        """Where a URL that was taken in redirected."""
        row = self._database.execute("SELECT moved FROM page WHERE url = ?", (url,)).fetchone()
        return None if row is None else row[0]

    def close(self) -> None:
        """Let go of the temporary database."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # Gathering

    def add(self, entries: Iterable[Entry]) -> None:
        """Take in entries, oldest first."""
        with self._database:
            for entry in entries:
                try:
                    self._take(entry)
                except _NOT_OURS as error:
                    raise Damaged(f"ledger entry {entry.number} is damaged ({error!r:.200})") from error

    def settle(self) -> None:
        """Say what became of each URL, after everything was taken in."""
        with self._database:
            self._database.execute(_STATES)
            self._database.execute("CREATE INDEX state_url ON state (url)")

    def _take(self, entry: Entry) -> None:
        if entry.type == DECISION:
            self._decided(entry)
        elif entry.type == REMOVAL:
            self._removed(entry)
        elif entry.type != ERASED:
            self._other(entry)

    def _decided(self, entry: Entry) -> None:
        fields = entry.fields
        url, at, outcome, grounds = fields["url"], fields["at"], fields["outcome"], fields["grounds"]
        moved = [row["excerpt"] for row in grounds if row["locator"] == "moved"]
        row = (
            url,
            fields["kind"],
            fields["stage"],
            outcome,
            fields["collect"] is True,
            self._why(fields),
            msgspec.json.encode(grounds).decode(),
            fields["licence"],
            moved[0] if moved and outcome == Outcome.SKIPPED else None,
            at,
            at,
            entry.number,
        )
        self._database.execute(_PAGE, row)
        item = fields.get("item")
        if item is not None:
            self._kept(entry, item["sha256"], item["bytes"])

    def _why(self, fields: Mapping[str, Any]) -> str:
        """Why a decision did not keep something, a JSON list. A domain has many decisions and few reasons."""
        grounds = tuple(
            (row["signal"], row["basis"], row["carrier"], row["locator"]) for row in fields["grounds"]
        )
        key = fields["outcome"], grounds, bool(fields["needs"])
        if key not in self._reasons:
            if len(self._reasons) >= REMEMBERED:
                self._reasons.clear()
            # Only what it rests on is looked into.
            decision = decision_from_dict({**fields, "heard": [], "asked": []})
            self._reasons[key] = json.dumps(sorted(reasons_of(decision)))
        return self._reasons[key]

    def _kept(self, entry: Entry, sha256: str, size: int) -> None:
        fields = entry.fields
        url = fields["url"]
        last = fields["kind"], fields["outcome"], fields["licence"]
        known = self._database.execute(
            "UPDATE copy SET kind = ?, outcome = ?, licence = ?"
            " WHERE url = ? AND sha256 = ? AND removed IS NULL",
            (*last, url, sha256),
        )
        if not known.rowcount:
            self._database.execute(
                "INSERT INTO copy (url, sha256, bytes, at, entry, kind, outcome, licence, profile)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (url, sha256, size, fields["at"], entry.number, *last, self._profile(fields)),
            )

    def _profile(self, fields: Mapping[str, Any]) -> int | None:
        """What whoever builds on this wants to remember of a decision to keep something."""
        return None

    def _removed(self, entry: Entry) -> None:
        self._database.execute(
            "UPDATE copy SET removed = ?1, withdrawn = ?2 WHERE sha256 = ?3 AND entry < ?1 AND removed IS NULL",
            (entry.number, is_withdrawal(entry.fields), entry.fields.get("sha256")),
        )
        self._other(entry)

    def _other(self, entry: Entry) -> None:
        if entry.urls:
            event = (entry.number, entry.type, str(entry.fields["at"]), json.dumps(entry.fields))
            self._database.executemany(
                "INSERT INTO event VALUES (?, ?, ?, ?, ?)", ((url, *event) for url in entry.urls)
            )

    def _copies(self, url: str) -> Iterator[Copy]:
        query = "SELECT sha256, bytes, at, entry, removed FROM copy WHERE url = ? AND NOT lost ORDER BY entry"
        return map(Copy._make, self._database.execute(query, (url,)).fetchall())

    def _events(self, url: str) -> Iterator[Event]:
        query = "SELECT DISTINCT entry, type, at, fields FROM event WHERE url = ? ORDER BY entry"
        for entry, kind, at, fields in self._database.execute(query, (url,)).fetchall():
            yield Event(entry, kind, at, json.loads(fields))

    def _one(self, query: str) -> int:
        return int(self._database.execute(query).fetchone()[0])


def is_withdrawal(removal: Mapping[str, Any]) -> bool:
    """Whether a removal was made on request, and not because of what was heard, or could not be heard."""
    return removal.get("withdrawal") is not None
