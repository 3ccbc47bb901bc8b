"""One pass through the ledger, gathered in a private temporary database: where all figures come from."""

from __future__ import annotations

import json
import sqlite3
from functools import lru_cache
from itertools import takewhile
from typing import TYPE_CHECKING, Literal, Self
from urllib.parse import urljoin

from crawler.audit.fates import Fates
from crawler.audit.report.happenings import Happenings
from crawler.audit.report.literal import Literal as LiteralReading
from crawler.audit.report.model import Count, DomainRow
from crawler.audit.report.periods import Clock
from crawler.audit.report.walls import SIGNALS as MEET_WALLS
from crawler.audit.report.walls import wall_of
from crawler.audit.wording import reason
from crawler.corpus.warc import safe_url
from crawler.domains import host_of, is_address, owner_domain
from crawler.optout.signals import SIGNALS
from crawler.tally import Silence

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from crawler.audit.entries import Entry
    from crawler.audit.report.model import Figures
    from crawler.corpus.corpus import Corpus
    from crawler.corpus.measures import Measures

ADDRESSES = "(address)"
"""Instead of a public suffix: hosts that are IP addresses."""

NOWHERE = "(none)"
"""Instead of a domain and a suffix: URLs in which no host can be read."""

TITLES = {name: signal.title for name, signal in SIGNALS.items()}
"""What signals are called."""

FEW = 5
"""Signals that are named of one domain."""

_COUNT = """coalesce(sum(state = 'kept'), 0), coalesce(sum(bytes), 0), coalesce(sum(state = 'reserved'), 0),
coalesce(sum(state = 'undetermined'), 0), coalesce(sum(state = 'skipped'), 0),
coalesce(sum(state = 'withdrawn'), 0), coalesce(sum(state = 'removed'), 0),
coalesce(sum(state = 'unstored'), 0)"""
# What counted() takes.

_SCHEMA = """
CREATE TABLE stored (url TEXT, sha256 TEXT, PRIMARY KEY (url, sha256)) WITHOUT ROWID;
CREATE TABLE named (licence TEXT, accepted INTEGER, bytes INTEGER);
CREATE TABLE spared (url TEXT PRIMARY KEY, entry INTEGER, pairs TEXT);
CREATE VIEW spare AS SELECT pairs FROM spared JOIN fact USING (url, entry) WHERE state = 'reserved';
CREATE TABLE measure (sha256 TEXT PRIMARY KEY, language TEXT, bytes INTEGER, words INTEGER);
CREATE TABLE wall (url TEXT, domain TEXT, wall TEXT, PRIMARY KEY (url, wall)) WITHOUT ROWID;
CREATE TABLE heading (domain TEXT, signal TEXT, urls INTEGER, PRIMARY KEY (domain, signal)) WITHOUT ROWID;
"""
_LOST = """
UPDATE copy SET lost = 1 WHERE removed IS NULL AND NOT EXISTS
(SELECT 1 FROM stored WHERE stored.url = spelled(copy.url) AND stored.sha256 = copy.sha256)
"""
_FACTS = """
CREATE TABLE fact AS
SELECT page.url, domain_of(page.url) AS domain, suffix_of(page.url) AS suffix, state.kind, state, stage,
  reasons, first, last, page.entry, h.bytes, h.image_bytes, h.text_bytes, h.words,
  h.outcome = 'licensed' AS licensed,
  state = 'kept' OR (state = 'skipped' AND reasons = '["posture"]') AS open
FROM page JOIN state USING (url) LEFT JOIN (
  SELECT held.url, sum(held.bytes) AS bytes, sum(iif(kind = 'image', held.bytes, 0)) AS image_bytes,
    sum(measure.bytes) AS text_bytes, sum(words) AS words, max(entry), outcome
  FROM held LEFT JOIN measure ON measure.sha256 = held.sha256 AND kind != 'image' GROUP BY held.url
) AS h ON h.url = page.url
"""  # a bare column beside max() is that of the row with the maximum: https://sqlite.org/lang_select.html
_DOMAINS = f"""
CREATE TABLE domain AS SELECT domain, {_COUNT}, min(first), max(last),
  sum(state = 'kept' AND kind != 'image') AS texts, sum(state = 'kept' AND kind = 'image'),
  iif(sum(state = 'kept' AND kind != 'image'), sum(text_bytes), 0), coalesce(sum(image_bytes), 0),
  iif(sum(state = 'kept' AND kind != 'image'), sum(words), 0), count(*) AS considered, suffix
FROM fact GROUP BY domain
"""  # noqa: S608  our own words
_HEADING = """
INSERT INTO heading VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET urls = urls + excluded.urls
"""
_ORDERS = {"most": "considered DESC, domain", "name": "domain"}


class Census(Fates):
    """What became of every URL of a corpus; see :meth:`take`. Holds a temporary database until it is closed."""

    def __init__(self, corpus: Corpus, measures: Measures | None, at: datetime) -> None:
        """See :meth:`take`."""
        super().__init__()
        self._database.executescript(_SCHEMA)
        for name, function in (
            ("domain_of", domain_of),
            ("suffix_of", suffix_of),
            ("origin_of", origin_of),
            ("spelled", safe_url),
            ("worded", _worded),
        ):
            self._database.create_function(name, 1, function, deterministic=True)
        self.corpus = corpus
        """The corpus."""
        self.at = at
        """When the census was taken, UTC."""
        self.clock = Clock()
        """Decisions over time."""
        self.happenings = Happenings()
        """Withdrawals and rechecks."""
        self.silence = Silence()
        """Origins that could not be judged."""
        self._measures = measures
        self._literal = LiteralReading()

    @classmethod
    def take(cls, corpus: Corpus, measures: Measures | None, at: datetime) -> Self:
        """Read the ledger and the list of items once; the caller closes it.

        ``measures``: what is known of texts; None: nothing. While a crawl writes to the corpus, its last
        moments are left out. Raises ``Damaged``, and ``sqlite3.OperationalError`` where the disk is full.
        """
        census = cls(corpus, measures, at)
        try:
            last = corpus.index.last_entry()  # up to here the archive holds what the ledger says is kept
            census._note_items()
            census.add(takewhile(lambda entry: entry.number <= last, corpus.entries()))
            census.settle()
        except BaseException:
            census.close()
            raise
        return census

    @property
    def database(self) -> sqlite3.Connection:
        """The tables that figures are taken from; see the top of this module."""
        return self._database

    def figures(self) -> Figures:
        """All figures but the domains."""
        from crawler.audit.report.figures import figures_of

        return figures_of(self)

    def domains(self, order: Literal["most", "name"] = "most") -> Iterator[DomainRow]:
        """Every registrable domain, one at a time: most URLs first and then by name, or by name."""
        query = f"SELECT * FROM domain ORDER BY {_ORDERS[order]}"  # noqa: S608  our own words
        signals = "SELECT signal FROM heading WHERE domain = ? ORDER BY urls DESC, signal LIMIT ?"
        for name, *row in self._database.execute(query):
            first, last, texts, images, text_bytes, image_bytes, words = row[8:15]
            yield DomainRow(
                domain=name,
                count=counted(*row[:8]),
                texts=texts,
                images=images,
                text_bytes=text_bytes,
                image_bytes=image_bytes,
                words=words,
                first=first,
                last=last,
                signals=tuple(signal for (signal,) in self._database.execute(signals, (name, FEW))),
            )

    def settle(self) -> None:
        """Say what became of each URL, and of what is held how much text it is."""
        with self._database:
            self._database.execute(_LOST)
        super().settle()
        with self._database:
            self._measure()
            self._database.execute(_FACTS)
            self._database.execute(_DOMAINS)
            self._database.execute("CREATE INDEX domain_name ON domain (domain)")
            self._count_headings()
            self._meet_walls()

    def _note_items(self) -> None:
        with self._database:
            for item in self.corpus.index.items():
                self._database.execute("INSERT OR IGNORE INTO stored VALUES (?, ?)", (item.url, item.sha256))
                if item.note.licence:
                    row = item.note.licence, item.outcome == "licensed", item.bytes
                    self._database.execute("INSERT INTO named VALUES (?, ?, ?)", row)

    def _take(self, entry: Entry) -> None:
        super()._take(entry)
        self.happenings.note(entry)

    def _decided(self, entry: Entry) -> None:
        super()._decided(entry)
        fields = entry.fields
        sources = ((row["carrier"], row["standing"]) for row in fields["asked"])
        self.silence.note(fields["url"], fields["stage"], fields["outcome"], sources, fields["at"])
        self.clock.note(fields["at"], "kept" if fields["collect"] is True else fields["outcome"])
        if (pairs := self._literal.spares(fields)) is not None:
            row = fields["url"], entry.number, pairs
            self._database.execute("INSERT OR REPLACE INTO spared VALUES (?, ?, ?)", row)

    def _measure(self) -> None:
        if self._measures is None:
            return
        texts = self._database.execute("SELECT DISTINCT sha256 FROM held WHERE kind != 'image'")
        for (sha256,) in texts:
            found = self._measures.of(sha256)
            if found is not None and found.failure is None:
                row = sha256, found.language or "", found.bytes, found.words
                self._database.execute("INSERT INTO measure VALUES (?, ?, ?, ?)", row)

    def _count_headings(self) -> None:
        query = "SELECT domain, reasons, count(*) FROM fact WHERE state = 'reserved' GROUP BY domain, reasons"
        for domain, reasons, urls in self._database.execute(query):
            for signal in bases_of(reasons):
                self._database.execute(_HEADING, (domain, signal, urls))

    def _meet_walls(self) -> None:
        query = "SELECT url, domain, page.grounds FROM fact JOIN page USING (url) WHERE state = 'reserved' AND "
        query += " OR ".join(["fact.reasons LIKE ?"] * len(MEET_WALLS)).join("()")
        for url, domain, grounds in self._database.execute(query, [f"%{name}%" for name in MEET_WALLS]):
            for wall in {wall for ground in json.loads(grounds) if (wall := wall_of(ground))}:
                self._database.execute("INSERT OR IGNORE INTO wall VALUES (?, ?, ?)", (url, domain, wall))


def counting(columns: str = "", rest: str = "") -> str:
    """A query of ``columns`` of ours and the numbers that :func:`counted` takes, over all URLs."""
    return f"SELECT {columns}{_COUNT} FROM fact {rest}"  # noqa: S608  our own words


def counted(*row: int) -> Count:
    """What the numbers of :func:`counting` say."""
    kept, size, reserved, undetermined, skipped, withdrawn, removed, unstored = row
    return Count(
        kept=kept,
        bytes=size,
        reserved=reserved,
        undetermined=undetermined,
        skipped=skipped,
        withdrawn=withdrawn,
        removed=removed,
        unstored=unstored,
    )


def bases_of(reasons: str) -> dict[str, str]:
    """The signals of a reservation's reasons, each with the most direct basis on which it was said."""
    found: dict[str, str] = {}
    for words in json.loads(reasons):
        signal, _, basis = words.rpartition(" ")
        found[signal] = min(filter(None, (found.get(signal), basis[1:-1])), key=_DIRECT.index)
    return found


_DIRECT = ("stated", "recovered", "inferred")


def domain_of(url: str) -> str:
    """The registrable domain of a URL; :data:`NOWHERE` where no host can be read."""
    return _place(_host(url))[0]


def suffix_of(url: str) -> str:
    """The last label of a URL's host name; :data:`ADDRESSES` where the host is an IP address."""
    return _place(_host(url))[1]


def origin_of(url: str) -> str:
    """The root URL of a URL's origin; empty where it has none."""
    try:
        return urljoin(url, "/")
    except ValueError:
        return ""


@lru_cache(maxsize=16)
def _host(url: str) -> str:
    """Of one URL more than one question is asked in a row."""
    try:
        return host_of(url)
    except ValueError:
        return ""


@lru_cache(maxsize=65_536)
def _place(host: str) -> tuple[str, str]:
    if not host:
        return NOWHERE, NOWHERE
    return owner_domain(host), ADDRESSES if is_address(host) else host.rpartition(".")[2]


def _worded(words: str) -> str:
    return reason(words, TITLES)
