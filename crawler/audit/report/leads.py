"""``report --format licence-leads``: what could be had by asking, and from whom.

A reservation is often a price, a policy or an address: its owner did not say never, but not like this. Who
wants what was left out can ask there. Files::

    licence-leads.html   the leads as one page that loads nothing, the first 1,000 of them
    licence-leads.csv    all of them, one registrable domain a row, and a last row for all the others
    licence-leads.json   the same in full
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO

from crawler import __version__
from crawler.audit.printable import json_text
from crawler.audit.report.cells import Cell, csv_bytes
from crawler.audit.report.contacts import SECURITY
from crawler.audit.report.contacts import WORDS as PLACES
from crawler.audit.report.lead import Lead, Sums, Volume
from crawler.audit.report.leadlist import LeadList
from crawler.audit.report.page import render
from crawler.audit.report.terms import WORDS as TERMS
from crawler.corpus.disk import replace_file, replacing
from crawler.optout.codec import time_to_text

if TYPE_CHECKING:
    from pathlib import Path

    from crawler.audit.report.request import Request

PAGE, TABLE, DATA = "licence-leads.html", "licence-leads.csv", "licence-leads.json"
"""The files."""

FORMAT = 1
"""The version of the JSON; grows when a reader of the old object would misread the new one."""

SHOWN = 1000
"""Leads that the page itself shows."""

TOP = 20
"""Leads that the report on everything shows."""

IS = (
    "A lead is an address and the words that were found beside a reservation. Nobody has agreed to anything: "
    "nothing of this is in the corpus, and nothing of it may be taken because it is listed here. Asking, and "
    "being told yes by who may say so, is the way from a reservation to a permission."
)
"""What a lead is and is not."""

PURPOSE = (
    "An address is published for a purpose. Where that is not licences, ask whether it may be used, or do not. "
    "Addresses of security.txt are for security reports; they stand last and are marked. Whoever asked for "
    "works to be taken out has answered already."
)
"""What an address may be used for."""

COUNTED = (
    "What would open is counted from what was heard. Something that was turned away by one word may be "
    "reserved by another that nobody heard, because it was never requested."
)
"""What the volumes do not say."""

OTHERS = "(without terms or address)"
"""Instead of a domain: all that are no leads."""

HEAD = (
    "domain", "would open", "pages", "images", "documents", "with terms, also reserved otherwise",
    "also reserved by", "reserved in all", "kinds of terms", "terms", "prices as written", "ask",
    "where the address was read", "for security reports only", "withdrawn on request", "samples",
)  # fmt: skip
"""Columns of the table. Several values in a cell are separated by `` | ``."""


def write(request: Request) -> tuple[Path, ...]:
    """Write the page, the table and the data; the page is the first of them.

    Raises ``OSError`` with the file's name where it cannot be written; old files then stay. Memory does not
    grow with the number of leads.
    """
    assert request.census is not None, "only of a corpus"
    assert request.figures is not None, "only of a corpus"
    leads = LeadList(request.census)
    table, data, file = (request.folder / name for name in (TABLE, DATA, PAGE))
    with replacing(table) as csv, replacing(data) as plain:
        shown = _written(leads, request, csv, plain)
    replace_file(
        file,
        render(
            "leads.html",
            script="leads.js",
            leads=shown,
            total=leads.total,
            without=leads.without,
            unread=leads.unread,
            figures=request.figures,
            at=request.at,
            version=__version__,
            **WORDS,
        ),
    )
    return file, table, data


@dataclass(frozen=True, kw_only=True, slots=True)
class Asking:
    """What the report on everything tells of leads."""

    rows: tuple[Lead, ...]
    """The first :data:`TOP`."""
    total: Sums
    """All of them together."""
    unread: int
    """Damaged records that were passed over."""
    words: tuple[str, ...] = (IS, PURPOSE, COUNTED)
    """What they are and are not."""
    terms_words: Mapping[str, str] = field(default_factory=lambda: TERMS)
    """What kinds of terms are called."""
    places: Mapping[str, str] = field(default_factory=lambda: PLACES)
    """What places of addresses are called."""
    security: str = SECURITY
    """The place whose addresses are not for licences."""


def asking(leads: LeadList) -> Asking:
    """The first leads, and what all of them come to."""
    return Asking(rows=tuple(leads.rows(TOP)), total=leads.total, unread=leads.unread)


WORDS: dict[str, Any] = {
    "words": (IS, PURPOSE, COUNTED),
    "terms_words": TERMS,
    "places": PLACES,
    "security": SECURITY,
}
"""What templates of leads are given beside them."""


def _written(leads: LeadList, request: Request, csv: BinaryIO, plain: BinaryIO) -> Sequence[Lead]:
    """Write table and data in one go; returns the leads that the page shows."""
    shown: list[Lead] = []
    csv.write(csv_bytes([HEAD]))
    plain.write(_head(leads, request))
    first = True
    for some in _pieces(leads.rows()):
        csv.write(csv_bytes(map(cells, some)))
        for lead in some:
            plain.write((b"\n" if first else b",\n") + _encoded(as_dict(lead)))
            first = False
        shown += some[: SHOWN - len(shown)]
    csv.write(csv_bytes([_rest(leads.without)]))
    plain.write(b"\n]}\n")
    return shown


def _pieces(rows: Iterable[Lead]) -> Iterator[list[Lead]]:
    source = iter(rows)
    while some := list(islice(source, 500)):
        yield some


def cells(lead: Lead) -> tuple[Cell, ...]:
    """One row of the table."""
    asked = [one for one in lead.contacts if one.kind != SECURITY]
    security = [one for one in lead.contacts if one.kind == SECURITY]
    return (
        lead.domain,
        lead.opens.urls,
        lead.opens.pages,
        lead.opens.images,
        lead.opens.documents,
        lead.also,
        _joined(f"{signal}: {urls}" for signal, urls in lead.also_by),
        lead.reserved.urls,
        _joined(TERMS[kind] for kind in lead.kinds),
        _joined((one.reference for one in lead.terms if one.reference), lead.terms_left),
        _joined(lead.prices, lead.prices_left),
        _joined((one.named for one in asked), lead.contacts_left),
        _joined(f"{PLACES[one.kind]}, {one.source}, {one.at}" for one in asked),
        _joined(f"{one.named}, {one.source}, {one.at}" for one in security),
        lead.withdrawn,
        _joined(lead.samples),
    )


def _rest(sums: Sums) -> tuple[Cell, ...]:
    """The last row: the domains that are no leads, together."""
    row: list[Cell] = [None] * len(HEAD)
    row[0] = f"{sums.domains} {OTHERS}"
    row[1] = row[2] = row[3] = row[4] = row[5] = 0
    row[7] = sums.reserved.urls
    return tuple(row)


def _joined(parts: Iterable[str], left: int = 0) -> str:
    return " | ".join([*parts, *([f"and {left} more"] if left else [])])


def as_dict(lead: Lead) -> dict[str, Any]:
    """A lead as plain data."""
    return {
        "domain": lead.domain,
        "would_open": _volume(lead.opens),
        "also_reserved": lead.also,
        "also_reserved_by": dict(lead.also_by),
        "reserved": _volume(lead.reserved),
        "withdrawn": lead.withdrawn,
        "kinds": list(lead.kinds),
        "terms": [
            {
                "kind": one.kind,
                "reference": one.reference or None,
                "urls": one.urls,
                "source": one.source,
                "at": one.at,
            }
            for one in lead.terms
        ],
        "terms_left": lead.terms_left,
        "prices": list(lead.prices),
        "prices_left": lead.prices_left,
        "contacts": [
            {
                "kind": one.kind,
                "for_licences": one.kind != SECURITY,
                "name": one.name or None,
                "addresses": list(one.addresses),
                "words": one.words or None,
                "source": one.source,
                "at": one.at,
            }
            for one in lead.contacts
        ],
        "contacts_left": lead.contacts_left,
        "samples": list(lead.samples),
    }


def _head(leads: LeadList, request: Request) -> bytes:
    """The object up to its list."""
    assert request.figures is not None
    about = request.figures.about
    told = {
        "format": FORMAT,
        "at": time_to_text(request.at),
        "made_by": f"heedful {__version__}",
        "ledger": {"origin": about.log, "entries": about.entries, "root": about.root},
        "read_this_first": [IS, PURPOSE, COUNTED],
        "total": _sums(leads.total),
        "without": _sums(leads.without),
        "unread": leads.unread,
    }
    return _encoded(told)[:-1] + b', "leads": ['


def _sums(sums: Sums) -> dict[str, Any]:
    return {
        "domains": sums.domains,
        "would_open": _volume(sums.opens),
        "also_reserved": sums.also,
        "reserved": _volume(sums.reserved),
    }


def _volume(volume: Volume) -> dict[str, int]:
    return {
        "urls": volume.urls,
        "pages": volume.pages,
        "images": volume.images,
        "documents": volume.documents,
    }


def _encoded(value: Any) -> bytes:
    return json_text(value).encode()
