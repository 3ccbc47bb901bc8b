"""Taking in offers: which are new, and what the others add to what is known."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable

from crawler.frontier.contract import VIAS, Offer
from crawler.frontier.known import Known
from crawler.frontier.notes import Notes, fingerprint, storable

EARLY = 1 << 40
"""A URL's ``rank`` is this minus its priority; a seed's is only minus its priority, hence always smaller."""

NAMES = 100_000
"""Domains and hosts whose numbers are remembered."""


class Intake:
    """The offers of one transaction after another.

    What it remembers between transactions must be true: call :meth:`committed` or :meth:`undone` after each.
    """

    def __init__(
        self, connection: sqlite3.Connection, notes: Notes, now: Callable[[], float], known: int
    ) -> None:
        self._sql = connection
        self._notes = notes
        self._now = now
        self._known = Known(known)
        self._learnt: list[tuple[object, ...]] = []
        self._domains: dict[str, int] = {}
        self._hosts: dict[tuple[int, str], int] = {}
        self._pages: dict[str, int] = {}
        self._stirred: set[tuple[int, int]] = set()

    def take(self, offers: Iterable[Offer]) -> tuple[int, set[int]]:
        """Take ``offers`` in; how many were new, and which kept URLs have something new to be judged by."""
        new, changed = 0, set()
        for offer in offers:
            said = bool(offer.inherited or offer.hops)
            marks = _marks(offer)
            if not said and any(mark in self._known for mark in marks):
                continue
            address = storable(offer.url)
            key = fingerprint(address)
            row = self._sql.execute(
                "SELECT id, kept, moved, depth, seed, rank FROM url WHERE key = ? AND url = ?", (key, address)
            ).fetchone()
            if row is None:
                number, kept, moved = self._insert(offer, address, key), 0, None
                new += 1
            else:
                number, kept, moved, *order = row
                self._bring_forward(offer, number, *order)
                if offer.work is not None:
                    self._sql.execute(
                        "UPDATE url SET work = ? WHERE id = ? AND work IS NULL",
                        (storable(offer.work), number),
                    )
            full = offer.via is not None and not self._seen_on(number, offer.via)
            if said and self._notes.add(number, offer):
                changed |= {number} if kept else set()
                changed |= self._follow(number) if moved is not None else set()
            self._learnt.append(marks[full])
        self._stir()
        self._note(changed)
        return new, changed

    def moved(self, number: int, to: str) -> set[int]:
        """Let what is said of a URL follow it to where it leads, from now on; which kept URLs that concerns."""
        address = storable(to)
        self._sql.execute(
            "UPDATE url SET moved = (SELECT id FROM url WHERE key = ? AND url = ?) WHERE id = ?",
            (fingerprint(address), address, number),
        )
        changed = self._follow(number)
        self._note(changed)
        return changed

    def _follow(self, number: int) -> set[int]:
        """Pass on what is said of a URL, along the way it moved until there is nothing new."""
        changed: set[int] = set()
        while True:
            row = self._sql.execute(
                "SELECT target.id, target.kept FROM url JOIN url AS target ON target.id = url.moved"
                " WHERE url.id = ?",
                (number,),
            ).fetchone()
            if row is None or not self._notes.pass_on(number, row[0]):
                return changed
            number = row[0]
            if row[1]:
                changed.add(number)

    def _note(self, changed: Iterable[int]) -> None:
        """Remember what must be judged again."""
        self._sql.executemany(
            "INSERT OR REPLACE INTO unsettled (url, seq)"
            " SELECT url, max(seq) FROM carried WHERE url = ? GROUP BY url",
            [(number,) for number in changed],
        )

    def committed(self) -> None:
        """What was learnt is in the database now."""
        for mark in self._learnt:
            self._known.add(mark)
        self._learnt.clear()
        self._pages.clear()
        if len(self._domains) + len(self._hosts) > NAMES:
            self._domains.clear()
            self._hosts.clear()

    def undone(self) -> None:
        """The transaction was rolled back: numbers given out in it are void."""
        for memory in (self._learnt, self._pages, self._domains, self._hosts, self._stirred):
            memory.clear()

    def _insert(self, offer: Offer, address: str, key: int) -> int:
        domain = self._domain(storable(offer.domain))
        host = self._host(domain, storable(offer.host))
        self._stirred.add((domain, host))
        early = offer.seed or offer.link_only
        cursor = self._sql.execute(
            "INSERT INTO url"
            " (state, key, domain, host, rank, depth, seed, link_only, kind, url, alt, caption, work)"
            " VALUES ('queued', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                key,
                domain,
                host,
                (0 if early else EARLY) - max(min(offer.priority, EARLY // 4), -EARLY // 4),
                offer.depth,
                offer.seed,
                offer.link_only,
                offer.kind.value,
                address,
                None if offer.alt is None else storable(offer.alt),
                None if offer.caption is None else storable(offer.caption),
                None if offer.work is None else storable(offer.work),
            ),
        )
        return _number(cursor)

    def _bring_forward(self, offer: Offer, number: int, depth: int, seed: int, rank: int) -> None:
        if offer.depth < depth or (offer.seed and not seed):
            early = offer.seed and rank > EARLY // 2
            self._sql.execute(
                "UPDATE url SET depth = min(depth, ?), seed = max(seed, ?), rank = ? WHERE id = ?",
                (offer.depth, offer.seed, rank - EARLY if early else rank, number),
            )

    def _seen_on(self, number: int, via: str) -> bool:
        """Remember the page; False when there are enough."""
        page = self._page(storable(via))
        (pages,) = self._sql.execute("SELECT count(*) FROM via WHERE url = ?", (number,)).fetchone()
        if pages >= VIAS:
            return False
        self._sql.execute("INSERT OR IGNORE INTO via (url, page) VALUES (?, ?)", (number, page))
        return True

    def _page(self, address: str) -> int:
        if address not in self._pages:
            key = fingerprint(address)
            query = "SELECT id FROM page WHERE key = ? AND url = ?"
            row = self._sql.execute(query, (key, address)).fetchone()
            insert = "INSERT INTO page (key, url) VALUES (?, ?)"
            self._pages[address] = row[0] if row else _number(self._sql.execute(insert, (key, address)))
        return self._pages[address]

    def _domain(self, name: str) -> int:
        if name not in self._domains:
            now = self._now()
            self._sql.execute(
                "INSERT OR IGNORE INTO domain (name, polite, since) VALUES (?, ?, ?)", (name, now, now)
            )
            row = self._sql.execute("SELECT id FROM domain WHERE name = ?", (name,)).fetchone()
            self._domains[name] = row[0]
        return self._domains[name]

    def _host(self, domain: int, name: str) -> int:
        if (domain, name) not in self._hosts:
            # A new host joins behind those that wait: a site that invents hosts must not push its others back.
            self._sql.execute(
                "INSERT OR IGNORE INTO host (domain, name, turn) SELECT id, ?, turn FROM domain WHERE id = ?",
                (name, domain),
            )
            query = "SELECT id FROM host WHERE domain = ? AND name = ?"
            self._hosts[domain, name] = self._sql.execute(query, (domain, name)).fetchone()[0]
        return self._hosts[domain, name]

    def _stir(self) -> None:
        """Something is queued now on these hosts, so their domains have something to hand out."""
        self._sql.executemany(
            "UPDATE host SET more = 1 WHERE id = ? AND more = 0", [(host,) for _, host in self._stirred]
        )
        self._sql.executemany(
            "UPDATE domain SET more = 1, due = iif(owner IS NULL, polite, due) WHERE id = ? AND more = 0",
            [(domain,) for domain in {domain for domain, _ in self._stirred}],
        )
        self._stirred.clear()


def _marks(offer: Offer) -> tuple[tuple[object, ...], tuple[object, ...]]:
    """What is remembered when nothing more can come of an offer: found on this page, or on enough pages."""
    return (offer.url, offer.depth, offer.seed, offer.via), (offer.url, offer.depth, offer.seed, 0)


def _number(cursor: sqlite3.Cursor) -> int:
    assert cursor.lastrowid is not None  # after an INSERT of one row there always is one
    return cursor.lastrowid
