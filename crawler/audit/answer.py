"""What was found about a domain, a host, a URL or the digest of a file: what became of each URL.

==================  ===================================================================================
``kept``            its content is held now
``withdrawn``       it was held and is gone on request
``removed``         it was held and is gone without a request: it, or the same bytes elsewhere, is reserved,
                    or a recheck could not ask about it for too long
``reserved``        never kept: a signal reserves it
``undetermined``    never kept: what its creator says could not be told
``skipped``         never kept, for a reason of ours
``unstored``        to be kept, but the crawl ended before its content was on disk
==================  ===================================================================================

It is gathered in a private temporary database, so that memory stays flat however much of a corpus is asked for.
The database holds what the ledger holds, and never content.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from crawler.audit.entries import DECISION, REMOVAL, Entry
from crawler.audit.scope import Scope
from crawler.corpus.errors import Damaged
from crawler.optout.codec import decision_from_dict
from crawler.optout.model import Malformed, Outcome
from crawler.tally import reasons_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from types import TracebackType

    from crawler.audit.selector import Selector


REMEMBERED = 10_000
"""Different reasons that are held in memory."""


class State(StrEnum):
    """What became of one URL; see above."""

    KEPT = "kept"
    WITHDRAWN = "withdrawn"
    REMOVED = "removed"
    RESERVED = "reserved"
    UNDETERMINED = "undetermined"
    SKIPPED = "skipped"
    UNSTORED = "unstored"


class Copy(NamedTuple):
    """Content of a URL that was kept."""

    sha256: str
    """Its digest, hexadecimal."""
    bytes: int
    """Its size."""
    at: str
    """When the decision to keep it was made, RFC 3339."""
    entry: int
    """That decision's ledger entry."""
    removed: int | None
    """The ledger entry that removed it; None: it is held."""


class Event(NamedTuple):
    """Something that was done about URLs, beside deciding."""

    entry: int
    """Its number in the ledger."""
    type: str
    """The entry's type, such as ``removal`` or ``withdrawal``."""
    at: str
    """When, RFC 3339."""
    fields: Mapping[str, Any]
    """Everything the entry says."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """What became of one URL."""

    url: str
    """The URL."""
    kind: str
    """``text``, ``image`` …, as last decided."""
    state: State
    """What became of it."""
    stage: str
    """How far the last decision asked: ``host`` (nothing of it was requested), ``headers``, ``content``."""
    reasons: tuple[str, ...]
    """Why the last decision did not keep it, in few words; empty where it did."""
    grounds: tuple[Mapping[str, Any], ...]
    """The statements the last decision rests on, as ``log --json`` prints them."""
    licence: str | None
    """The accepted licence of the last decision."""
    moved_to: str | None
    """Where it redirected."""
    first: str
    """When it was first decided about, RFC 3339."""
    last: str
    """When it was last decided about, RFC 3339."""
    decisions: int
    """How often."""
    entry: int
    """The last decision's ledger entry."""
    copies: tuple[Copy, ...] = ()
    """What was ever kept of it, oldest first."""
    events: tuple[Event, ...] = ()
    """What was done about it beside deciding, oldest first."""


class Request(NamedTuple):
    """A withdrawal that is on record, whether it matched anything or not."""

    entry: int
    """Its number in the ledger."""
    at: str
    """When, RFC 3339."""
    reason: str
    """Why, in the operator's words."""
    ticket: str | None
    """What the operator calls the request."""
    covers: tuple[str, ...]
    """Its selectors that are about what was asked for, such as ``host a.example``."""


class Heard(NamedTuple):
    """What was asked before something was kept, and what was said."""

    asked: frozenset[str]
    """Signals that were looked for."""
    said: frozenset[tuple[str, str, str, str]]
    """Signal, preference, purpose and kind (or nothing) of what was heard and did not stand against it."""


_SCHEMA = """
CREATE TABLE page (url TEXT PRIMARY KEY, kind TEXT, stage TEXT, outcome TEXT, collect INTEGER, reasons TEXT,
                   grounds TEXT, licence TEXT, moved TEXT, first TEXT, last TEXT, decisions INTEGER,
                   entry INTEGER) WITHOUT ROWID;
CREATE TABLE copy (url TEXT, sha256 TEXT, bytes INTEGER, at TEXT, entry INTEGER, removed INTEGER,
                   withdrawn INTEGER DEFAULT 0, profile INTEGER);
CREATE INDEX copy_url ON copy (url);
CREATE INDEX copy_sha256 ON copy (sha256);
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
CREATE TABLE state AS SELECT url, kind, CASE
  WHEN EXISTS (SELECT 1 FROM copy WHERE copy.url = page.url AND removed IS NULL) THEN 'kept'
  WHEN collect THEN (
    SELECT CASE max(withdrawn) WHEN 1 THEN 'withdrawn' WHEN 0 THEN 'removed' ELSE 'unstored' END
    FROM copy WHERE copy.url = page.url)
  WHEN EXISTS (SELECT 1 FROM copy WHERE copy.url = page.url AND withdrawn) THEN 'withdrawn'
  WHEN EXISTS (SELECT 1 FROM copy WHERE copy.url = page.url) THEN 'removed'
  ELSE outcome END AS state FROM page
"""
_ROWS = """
SELECT url, page.kind, state, stage, reasons, grounds, licence, moved, first, last, decisions, entry
FROM page JOIN state USING (url) WHERE ?1 IS NULL OR state = ?1
ORDER BY instr('kept withdrawn removed reserved undetermined skipped unstored', state), url LIMIT ?2
"""


class Answer:
    """What was found. Holds a temporary database until it is closed."""

    def __init__(self, selector: Selector) -> None:
        """See :func:`look_up`."""
        self.selector = selector
        self.scope = Scope(entries=0)
        """What the answer rests on."""
        self.requests: tuple[Request, ...] = ()
        """Withdrawals on record that are about what was asked for, or a part of it."""
        self.marked: tuple[tuple[str, int], ...] = ()
        """URLs that reserve bytes of the digest that was asked for, each with the entry that says so."""
        self.similar: tuple[str, ...] = ()
        """Other spellings of a URL of which the ledger knows nothing, under which it knows something."""
        self._database = sqlite3.connect("")  # private, on disk when it grows, gone when it is closed
        self._database.executescript(_SCHEMA)
        self._profiles: dict[Heard, int] = {}
        self._reasons: dict[Any, list[str]] = {}

    # Asking

    @property
    def found(self) -> bool:
        """Whether the ledger holds any decision about what was asked for."""
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
            "SELECT coalesce(sum(size), 0) FROM "
            "(SELECT max(bytes) AS size FROM copy WHERE removed IS NULL GROUP BY sha256)"
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
            "SELECT licence, count(*) FROM page JOIN state USING (url) "
            "WHERE state = 'kept' AND licence IS NOT NULL GROUP BY licence"
        )
        return Counter(dict(self._database.execute(query)))

    def heard(self) -> Heard:
        """What was asked, in every case, for all that is kept, and what was said in any of them."""
        wanted = {
            number
            for (number,) in self._database.execute("SELECT DISTINCT profile FROM copy WHERE removed IS NULL")
        }
        profiles = [profile for profile, number in self._profiles.items() if number in wanted]
        asked = (
            frozenset.intersection(*(profile.asked for profile in profiles)) if profiles else frozenset[str]()
        )
        return Heard(asked, frozenset(row for profile in profiles for row in profile.said))

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

    def close(self) -> None:
        """Let go of the temporary database."""
        self._database.close()

    def __enter__(self) -> Answer:
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
                if entry.type == DECISION:
                    self._decided(entry)
                elif entry.type == REMOVAL:
                    self._removed(entry)
                else:
                    self._other(entry)

    def settle(self) -> None:
        """Say what became of each URL, after everything was taken in."""
        with self._database:
            self._database.execute(_STATES)
            self._database.execute("CREATE INDEX state_url ON state (url)")

    def target(self, url: str) -> str | None:
        """Where a URL that was taken in redirected."""
        row = self._database.execute("SELECT moved FROM page WHERE url = ?", (url,)).fetchone()
        return None if row is None else row[0]

    def _decided(self, entry: Entry) -> None:
        fields = entry.fields
        try:
            url, at, outcome, grounds = fields["url"], fields["at"], fields["outcome"], fields["grounds"]
            moved = [row["excerpt"] for row in grounds if row["locator"] == "moved"]
            row = (
                url,
                fields["kind"],
                fields["stage"],
                outcome,
                fields["collect"] is True,
                json.dumps(self._why(fields)),
                json.dumps(grounds),
                fields["licence"],
                moved[0] if moved and outcome == Outcome.SKIPPED else None,
                at,
                at,
                entry.number,
            )
            self._database.execute(_PAGE, row)
            item = fields.get("item")
            if item is not None:
                self._kept(url, item["sha256"], item["bytes"], at, entry)
        except (KeyError, TypeError, sqlite3.ProgrammingError, sqlite3.InterfaceError, Malformed) as error:
            raise Damaged(f"ledger entry {entry.number} is damaged ({error!r:.200})") from error

    def _why(self, fields: Mapping[str, Any]) -> list[str]:
        """Why a decision did not keep something. A domain has many decisions and few reasons."""
        grounds = tuple(
            (row["signal"], row["basis"], row["carrier"], row["locator"]) for row in fields["grounds"]
        )
        key = fields["outcome"], grounds, bool(fields["needs"])
        if key not in self._reasons:
            if len(self._reasons) >= REMEMBERED:
                self._reasons.clear()
            # Only what it rests on is looked into.
            decision = decision_from_dict({**fields, "heard": [], "asked": []})
            self._reasons[key] = sorted(reasons_of(decision))
        return self._reasons[key]

    def _kept(self, url: str, sha256: str, size: int, at: str, entry: Entry) -> None:
        known = "SELECT 1 FROM copy WHERE url = ? AND sha256 = ? AND removed IS NULL"
        if self._database.execute(known, (url, sha256)).fetchone() is None:
            profile = self._profiles.setdefault(_heard(entry.fields), len(self._profiles))
            self._database.execute(
                "INSERT INTO copy (url, sha256, bytes, at, entry, profile) VALUES (?, ?, ?, ?, ?, ?)",
                (url, sha256, size, at, entry.number, profile),
            )

    def _removed(self, entry: Entry) -> None:
        self._database.execute(
            "UPDATE copy SET removed = ?1, withdrawn = ?2 WHERE sha256 = ?3 AND entry < ?1 AND removed IS NULL",
            (entry.number, is_withdrawal(entry.fields), entry.fields.get("sha256")),
        )
        self._other(entry)

    def _other(self, entry: Entry) -> None:
        event = (entry.number, entry.type, str(entry.fields["at"]), json.dumps(entry.fields))
        for url in entry.urls:
            self._database.execute("INSERT INTO event VALUES (?, ?, ?, ?, ?)", (url, *event))

    def _copies(self, url: str) -> Iterator[Copy]:
        query = "SELECT sha256, bytes, at, entry, removed FROM copy WHERE url = ? ORDER BY entry"
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


def _heard(fields: Mapping[str, Any]) -> Heard:
    """What a decision says was asked and heard."""
    asked = frozenset(name for row in fields.get("asked", ()) for name in row.get("signals", ()))
    said = frozenset(
        (row["signal"], row["preference"], row["purpose"], row["kind"] or "") for row in fields.get("heard", ())
    )
    return Heard(asked, said)
