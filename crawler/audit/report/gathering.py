"""Gathers what leads are made of, in the census's temporary database, so that memory does not grow with it.

The last word on every reserved URL comes from the ledger, licence documents and site-level files from the
evidence, and what pages say of the pictures they show from the archive. ::

    lead_url      reserved URLs: whether terms came with the reservation, whether it rests on more than these
    lead_also     what that is, for URLs with terms
    lead_term     terms        lead_price    prices        lead_contact  whom to ask
    lead_gone     URLs that were withdrawn
    lead          the domains
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from crawler.audit.entries import DECISION, Filter
from crawler.audit.report.acquire import acquire_pages
from crawler.audit.report.census import bases_of, domain_of
from crawler.audit.report.contacts import ASSIGNER, Contact, contacts_in, may_hold
from crawler.audit.report.rsl_offer import content_of, quoted
from crawler.audit.report.terms import ACQUIRE, RSL, Offer, offers_of
from crawler.corpus import archive
from crawler.corpus.errors import CorpusError, Damaged
from crawler.corpus.evidence import CONTACT, HOST_FILE, LICENCE, UNAUTHENTICATED
from crawler.corpus.warc import capture_of
from crawler.optout.codec import time_to_text
from crawler.optout.model import Kind, Malformed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crawler.audit.entries import Entry
    from crawler.audit.report.census import Census
    from crawler.optout.model import Capture

_SCHEMA = """
DROP TABLE IF EXISTS lead_url; DROP TABLE IF EXISTS lead_also; DROP TABLE IF EXISTS lead_term;
DROP TABLE IF EXISTS lead_price; DROP TABLE IF EXISTS lead_contact; DROP TABLE IF EXISTS lead_document;
DROP TABLE IF EXISTS lead_reading; DROP TABLE IF EXISTS lead_file; DROP TABLE IF EXISTS lead;
DROP TABLE IF EXISTS lead_site; DROP TABLE IF EXISTS lead_gone; DROP TABLE IF EXISTS lead_sold;
CREATE TABLE lead_url (url TEXT PRIMARY KEY, domain TEXT, kind TEXT, terms INTEGER, other INTEGER, via TEXT)
  WITHOUT ROWID;
CREATE TABLE lead_also (domain TEXT, signal TEXT, urls INTEGER, PRIMARY KEY (domain, signal)) WITHOUT ROWID;
CREATE TABLE lead_term (domain TEXT, kind TEXT, reference TEXT, urls INTEGER, source TEXT, at TEXT,
  PRIMARY KEY (domain, kind, reference)) WITHOUT ROWID;
CREATE TABLE lead_price (domain TEXT, price TEXT, urls INTEGER, PRIMARY KEY (domain, price)) WITHOUT ROWID;
CREATE TABLE lead_contact (domain TEXT, kind TEXT, name TEXT, addresses TEXT, words TEXT, source TEXT, at TEXT,
  PRIMARY KEY (domain, kind, name, addresses)) WITHOUT ROWID;
CREATE TABLE lead_document (domain TEXT, sha256 TEXT, content INTEGER, PRIMARY KEY (sha256, content, domain))
  WITHOUT ROWID;
CREATE TABLE lead_reading (sha256 TEXT PRIMARY KEY, at TEXT) WITHOUT ROWID;
CREATE TABLE lead_file (url TEXT PRIMARY KEY, at TEXT, contacts TEXT) WITHOUT ROWID;
CREATE TABLE lead_sold (picture TEXT, page TEXT, PRIMARY KEY (picture, page)) WITHOUT ROWID;
"""
_GONE = """
CREATE TABLE lead_gone AS SELECT domain, count(*) AS urls FROM fact WHERE state = 'withdrawn' GROUP BY domain
"""
_LEAD = """
CREATE TABLE lead AS SELECT domain,
  sum(terms AND NOT other AND kind = 'text') AS pages, sum(terms AND NOT other AND kind = 'image') AS images,
  sum(terms AND NOT other AND kind NOT IN ('text', 'image')) AS documents,
  sum(terms AND other) AS also, sum(kind = 'text') AS all_pages, sum(kind = 'image') AS all_images,
  sum(kind NOT IN ('text', 'image')) AS all_documents, sum(terms) AS named,
  EXISTS (SELECT 1 FROM lead_contact WHERE lead_contact.domain = lead_url.domain) AS known
FROM lead_url GROUP BY domain
"""


def gather(census: Census) -> int:
    """Fill the tables; returns how many damaged records of evidence and archive were passed over.

    Raises ``Damaged`` for a damaged ledger, and ``sqlite3.OperationalError`` where the disk is full.
    """
    return _Gathering(census).run()


class _Gathering:
    def __init__(self, census: Census) -> None:
        self._corpus = census.corpus
        self._database = census.database
        self._unread = 0

    def run(self) -> int:
        self._database.executescript(_SCHEMA)
        with self._database:
            for entry in self._corpus.entries(Filter(type=DECISION, outcome="reserved")):
                try:
                    self._note(entry)
                except (KeyError, TypeError, AttributeError, ValueError) as error:
                    raise Damaged(f"ledger entry {entry.number} is damaged ({error!r:.200})") from error
            self._note_sold()
            self._note_documents()
            self._note_files()
            self._database.execute(_GONE)
            self._database.execute(_LEAD)
        return self._unread

    def _note(self, entry: Entry) -> None:
        """Take in a decision, if it is the last word on its URL and the URL was never let go on request."""
        fields = entry.fields
        found = self._database.execute(
            "SELECT state.kind FROM page JOIN state USING (url) WHERE page.url = ? AND page.entry = ?"
            " AND state IN ('reserved', 'removed')",
            (fields["url"], entry.number),
        ).fetchone()
        if found is None:
            return
        domain, others = domain_of(fields["url"]), set[str]()
        offers: dict[Offer, Mapping[str, Any]] = {}
        for ground in fields["grounds"]:
            said = offers_of(ground)
            offers |= dict.fromkeys(said, ground)
            if not said:
                others.add(ground["signal"])
        self._database.execute(
            "INSERT OR REPLACE INTO lead_url VALUES (?, ?, ?, ?, ?, ?)",
            (fields["url"], domain, found[0], bool(offers), bool(others), fields["via"]),
        )
        if offers:
            self._note_others(domain, others)
            self._note_offers(domain, offers)
        self._database.executemany(
            "INSERT INTO lead_reading VALUES (?, ?) ON CONFLICT DO UPDATE SET at = max(at, excluded.at)",
            [(reading["sha256"], reading["at"]) for reading in fields.get("evidence", ())],
        )

    def _note_offers(self, domain: str, offers: Mapping[Offer, Mapping[str, Any]]) -> None:
        for kind, reference in {(offer.kind, offer.reference) for offer in offers}:
            ground = next(row for one, row in offers.items() if (one.kind, one.reference) == (kind, reference))
            self._note_term(domain, kind, reference, ground["source"], ground["at"])
        for price in {price for offer in offers for price in offer.prices}:
            self._note_price(domain, price)
        for offer, ground in offers.items():
            if offer.person is not None:
                self._note_contact(domain, offer.person)
            if offer.kind == RSL:
                row = domain, ground["sha256"], content_of(ground["locator"])
                self._database.execute("INSERT OR IGNORE INTO lead_document VALUES (?, ?, ?)", row)

    def _note_others(self, domain: str, signals: set[str]) -> None:
        self._database.executemany(
            "INSERT INTO lead_also VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET urls = urls + 1",
            [(domain, signal) for signal in signals],
        )

    def _note_term(self, domain: str, kind: str, reference: str, source: str, at: str) -> None:
        self._database.execute(
            "INSERT INTO lead_term VALUES (?, ?, ?, 1, ?, ?) ON CONFLICT DO UPDATE SET urls = urls + 1,"
            " source = iif(excluded.at >= at, excluded.source, source), at = max(at, excluded.at)",
            (domain, kind, reference, source, at),
        )

    def _note_price(self, domain: str, price: str) -> None:
        self._database.execute(
            "INSERT INTO lead_price VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET urls = urls + 1", (domain, price)
        )

    def _note_contact(self, domain: str, one: Contact) -> None:
        self._database.execute(
            "INSERT INTO lead_contact VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
            " words = excluded.words, source = excluded.source, at = excluded.at WHERE excluded.at >= at",
            (domain, one.kind, one.name, json.dumps(one.addresses), one.words, one.source, one.at),
        )

    def _note_sold(self) -> None:
        """What kept pages say of reserved pictures, as far as their sites show such pictures at all."""
        self._database.execute(
            "CREATE TABLE lead_site AS SELECT DISTINCT domain_of(via) AS domain FROM lead_url"
            " WHERE kind = 'image' AND via IS NOT NULL"
        )
        self._database.execute("CREATE UNIQUE INDEX lead_site_domain ON lead_site (domain)")
        store, shows = self._corpus.store, "SELECT 1 FROM lead_site WHERE domain = ?"
        anywhere = self._database.execute("SELECT EXISTS (SELECT 1 FROM lead_site)").fetchone()[0]
        for item in store.items() if anywhere else ():
            if item.kind is not Kind.TEXT:
                continue
            if self._database.execute(shows, (domain_of(item.url),)).fetchone() is None:
                continue
            try:
                capture = store.read(item)
            except CorpusError:
                self._unread += 1
                continue
            for picture, sold in dict.fromkeys(acquire_pages(capture)):
                self._sell(picture, sold, capture.url, time_to_text(capture.at))

    def _sell(self, picture: str, sold: str, source: str, at: str) -> None:
        row = self._database.execute(
            "SELECT domain, terms, reasons FROM lead_url JOIN page USING (url) WHERE url = ?", (picture,)
        ).fetchone()
        if row is None:
            return
        domain, terms, reasons = row
        told = self._database.execute("INSERT OR IGNORE INTO lead_sold VALUES (?, ?)", (picture, sold))
        if not told.rowcount:
            return
        self._note_term(domain, ACQUIRE, sold, source, at)
        if not terms:
            self._note_others(domain, set(bases_of(reasons)))
            self._database.execute("UPDATE lead_url SET terms = 1, other = 1 WHERE url = ?", (picture,))

    def _note_documents(self) -> None:
        """What the licence documents say that reservations named."""
        rows = self._database.execute("SELECT sha256, content, domain FROM lead_document").fetchall()
        for sha256, content, domain in rows:
            try:
                readings = self._corpus.evidence.with_body(sha256)
            except CorpusError:
                self._unread += 1
                continue
            except ValueError as error:
                raise Damaged(f"the ledger names {sha256!r:.80} as a digest") from error
            for reading in readings[-1:]:
                self._note_document(domain, reading, content)

    def _note_document(self, domain: str, reading: Capture, content: int) -> None:
        """What is not told by the statements already stands behind what is."""
        said, at = quoted(reading, content), time_to_text(reading.at)
        for price in said.prices:
            self._database.execute("INSERT OR IGNORE INTO lead_price VALUES (?, ?, 0)", (domain, price))
        for address in said.addresses:
            row = domain, RSL, address, 0, reading.url, at
            self._database.execute("INSERT OR IGNORE INTO lead_term VALUES (?, ?, ?, ?, ?, ?)", row)
        if said.contact is not None:
            self._note_contact(domain, said.contact)

    def _note_files(self) -> None:
        """The addresses in the site-level files, each as it was read last."""
        folder = self._corpus.folder.evidence
        for name in archive.names(folder):
            try:
                for _, record in archive.walk(folder, name):
                    if record.get("Heedful-Source") in (HOST_FILE, UNAUTHENTICATED, LICENCE, CONTACT):
                        digest = (record.get("Heedful-Reading") or "").removeprefix("sha256:")
                        self._note_file(capture_of(record), digest)
            except (Damaged, Malformed):
                self._unread += 1  # what follows it in this file is left out, too
        for url, contacts in self._database.execute("SELECT url, contacts FROM lead_file"):
            for row in json.loads(contacts):
                one = Contact(**{**row, "addresses": tuple(row["addresses"])})
                for domain in self._asked_by(url, one):
                    self._note_contact(domain, one)

    def _note_file(self, capture: Capture, digest: str) -> None:
        if capture.status is None or capture.status >= 500 or not may_hold(capture):
            return  # what was read before is all that is known
        # A reading is stored once however often it is made; decisions tell when it was made again.
        again = self._database.execute("SELECT at FROM lead_reading WHERE sha256 = ?", (digest,)).fetchone()
        at = max(time_to_text(capture.at), again[0] if again else "")
        found = [{**asdict(contact), "at": at} for contact in contacts_in(capture)]
        self._database.execute(
            "INSERT INTO lead_file VALUES (?, ?, ?) ON CONFLICT DO UPDATE"
            " SET at = excluded.at, contacts = excluded.contacts WHERE excluded.at >= at",
            (capture.url, at, json.dumps(found)),
        )

    def _asked_by(self, url: str, contact: Contact) -> Iterator[str]:
        """The domains that a file speaks for: its own, and of a policy those whose reservations name it."""
        yield domain_of(url)
        if contact.kind == ASSIGNER:
            query = "SELECT DISTINCT domain FROM lead_term WHERE reference = ? AND domain != ?"
            yield from (domain for (domain,) in self._database.execute(query, (url, domain_of(url))).fetchall())
