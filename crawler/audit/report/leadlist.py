"""Who could be asked for what, one registrable domain after the other."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from crawler.audit.report.contacts import ORDER, Contact
from crawler.audit.report.gathering import gather
from crawler.audit.report.lead import MOST, SAMPLES, Lead, Sums, Terms, Volume

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crawler.audit.report.census import Census

_SOMETHING = "(named > 0 OR known)"
# Which domains are leads.

_ROWS = f"""
SELECT * FROM lead WHERE {_SOMETHING} ORDER BY pages + images + documents DESC, named DESC,
  all_pages + all_images + all_documents DESC, domain LIMIT ?
"""  # noqa: S608  our own words
_CONTACTS = f"""
SELECT kind, name, addresses, words, source, at FROM lead_contact WHERE domain = ?
  ORDER BY instr('{" ".join(ORDER)}', kind), name, addresses
"""  # noqa: S608  our own words
_SUMS = """
SELECT count(*), coalesce(sum(pages), 0), coalesce(sum(images), 0), coalesce(sum(documents), 0),
  coalesce(sum(also), 0), coalesce(sum(all_pages), 0), coalesce(sum(all_images), 0),
  coalesce(sum(all_documents), 0) FROM lead WHERE
"""


class LeadList:
    """The leads of one corpus; lives as long as its census does."""

    def __init__(self, census: Census) -> None:
        """Gather them, once; see :mod:`crawler.audit.report.gathering`. Raises what it raises."""
        self.unread = gather(census)
        """Damaged records that were passed over: what they say is missing here."""
        self._database = census.database

    def rows(self, limit: int = -1) -> Iterator[Lead]:
        """The leads: by what they would open, then by what came with terms, by what is reserved, by name."""
        for row in self._database.execute(_ROWS, (limit,)):
            yield self._lead(*row[:8])

    @property
    def total(self) -> Sums:
        """All leads together."""
        return self._sums(_SOMETHING)

    @property
    def without(self) -> Sums:
        """The domains with reservations that came without terms, and of which no address is known."""
        return self._sums(f"NOT ({_SOMETHING})")

    def _sums(self, where: str) -> Sums:
        domains, *opens, also, pages, images, documents = self._database.execute(_SUMS + where).fetchone()
        return Sums(
            domains=domains,
            opens=_volume(*opens),
            also=also,
            reserved=_volume(pages, images, documents),
        )

    def _lead(self, domain: str, *numbers: int) -> Lead:
        terms, terms_left = self._few(
            "SELECT kind, reference, urls, source, at FROM lead_term WHERE domain = ?"
            " ORDER BY urls DESC, kind, reference",
            domain,
        )
        prices, prices_left = self._few(
            "SELECT price FROM lead_price WHERE domain = ? ORDER BY urls DESC, price", domain
        )
        contacts, contacts_left = self._few(
            _CONTACTS,
            domain,
        )
        gone = self._database.execute("SELECT urls FROM lead_gone WHERE domain = ?", (domain,)).fetchone()
        return Lead(
            domain=domain,
            opens=_volume(*numbers[:3]),
            also=numbers[3],
            also_by=tuple(
                self._database.execute(
                    "SELECT signal, urls FROM lead_also WHERE domain = ? ORDER BY urls DESC, signal", (domain,)
                )
            ),
            reserved=_volume(*numbers[4:7]),
            withdrawn=0 if gone is None else gone[0],
            terms=tuple(
                Terms(kind=kind, reference=reference, urls=urls, source=source, at=at)
                for kind, reference, urls, source, at in terms
            ),
            terms_left=terms_left,
            prices=tuple(price for (price,) in prices),
            prices_left=prices_left,
            contacts=tuple(
                Contact(
                    kind=kind,
                    name=name,
                    addresses=tuple(json.loads(addresses)),
                    words=words,
                    source=source,
                    at=at,
                )
                for kind, name, addresses, words, source, at in contacts
            ),
            contacts_left=contacts_left,
            samples=tuple(
                url
                for (url,) in self._database.execute(
                    "SELECT url FROM lead_url WHERE domain = ?"
                    " ORDER BY terms AND NOT other DESC, terms DESC, url LIMIT ?",
                    (domain, SAMPLES),
                )
            ),
        )

    def _few(self, query: str, domain: str) -> tuple[list[Any], int]:
        """The first rows, and how many more there are."""
        rows = self._database.execute(f"{query} LIMIT {MOST}", (domain,)).fetchall()
        if len(rows) < MOST:
            return rows, 0
        count = f"SELECT count(*) FROM ({query})"  # noqa: S608  our own words
        return rows, self._database.execute(count, (domain,)).fetchone()[0] - len(rows)


def _volume(pages: int, images: int, documents: int) -> Volume:
    return Volume(pages=pages, images=images, documents=documents)
