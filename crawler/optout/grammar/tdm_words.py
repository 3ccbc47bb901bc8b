"""TDMRep's two properties where they stand inside a file: in XMP, and in the package of an EPUB.

TDM Reservation Protocol, Final Community Group Report of 2024-05-10, §6.4 and §6.5
(https://www.w3.org/community/reports/tdmrep/CG-FINAL-tdmrep-20240510/)::

    EPUB 2  <meta name="tdm:reservation" content="1"/>
    EPUB 3  <meta property="tdm:reservation">1</meta>      prefix tdm: http://www.w3.org/ns/tdmrep#
    PDF     <tdm:reservation>1</tdm:reservation>           xmlns:tdm="http://www.w3.org/ns/tdmrep/"

The report ends its namespace in two ways; both are taken everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from crawler.optout.grammar.epub import Epub
from crawler.optout.grammar.xmp import Xmp

NAMESPACES = ("http://www.w3.org/ns/tdmrep/", "http://www.w3.org/ns/tdmrep#")
"""Exactly one of these, for a permission to be believed."""

LOCALS = {"reservation": "reservation", "tdm-reservation": "reservation"} | {
    "policy": "policy",
    "tdm-policy": "policy",
}
"""Local name in lower case → the property it means."""

MOST = 64
"""Places in one packet that are looked at for its bytes alone."""

_WORD = re.compile(rb"reservation", re.IGNORECASE)

# What a value looks like when the markup around it cannot be trusted: an attribute, an element, a meta.
_RESERVATION = re.compile(
    rb"(?<![/\w.:-])(?:tdm[-:]|[A-Za-z][\w.-]{0,20}:)reservation[\"']?\s*+"
    rb"(?:(?:content\s*+)?=\s*+[\"']|[^<>=]{0,200}+>)\s*+([^<\"'\s]{1,20})",
    re.IGNORECASE,
)


class Word(NamedTuple):
    """One property as it was found."""

    means: str
    """``reservation`` or ``policy``."""
    text: str
    """Its value, stripped, never empty."""
    written: str
    """Property and value in one line."""
    locator: str
    """Where."""
    exact: bool
    """Whether it is written as the report asks, about the whole file."""
    grants: bool = True
    """Whether it is of the picture that is shown, and no other one in the file."""


def words_in_xmp(xmp: Xmp) -> Iterator[Word]:
    """The properties of every packet; where one that is not well-formed shows none, what its bytes show."""
    spoken: set[str] = set()
    for namespace, local in xmp.spellings(*LOCALS):
        named = namespace in NAMESPACES and local in ("reservation", "policy")
        for value in xmp.values(namespace, local):
            if "tdmrep" in namespace.lower() or value.name.lower().startswith("tdm:"):
                exact = value.exact and named
                spoken.add(value.locator.partition(" > ")[0])
                means = LOCALS[local.lower().rpartition(":")[2]]
                yield Word(means, value.text, value.written, value.locator, exact, value.grants)
    for part in xmp.broken:
        data = part.data.replace(b"\0", b"")
        if part.locator in spoken or b"tdm" not in data.lower():
            continue
        for words, text in _reservations_in(data):
            yield Word("reservation", text, words, part.locator, False)


def _reservations_in(data: bytes) -> Iterator[tuple[str, str]]:
    """What looks like a reservation in ``data``, and its value; too many of the word are one more of them."""
    places = [match.start() for match in islice(_WORD.finditer(data), MOST + 1)]
    for place in places[:MOST]:
        if match := _RESERVATION.search(data, max(0, place - 24), place + 260):
            yield match[0].decode("utf-8", "replace"), match[1].decode("utf-8", "replace")
    if len(places) > MOST:
        yield "reservation", f"more than {MOST} times"


def words_in_epub(epub: Epub) -> Iterator[Word]:
    """The properties in the metadata of its packages."""
    for meta in epub.metas:
        means = LOCALS.get(meta.local.lower())
        spelled = meta.name.lower().startswith(("tdm:", "tdm-"))
        if means is None or not meta.value or not (spelled or "tdmrep" in meta.namespace.lower()):
            continue
        # EPUB 2 knows no prefixes: there the name alone is what the report asks for.
        exact = meta.namespace in NAMESPACES or (not meta.namespace and meta.name == f"tdm:{means}")
        exact = exact and not meta.refines
        yield Word(means, meta.value, f"{meta.name} = {meta.value}", meta.locator, exact)
