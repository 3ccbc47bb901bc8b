"""Where content is from and what kind it is, as far as names, languages and media types tell; no further."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Any

from crawler.audit.report.answer import Table
from crawler.audit.report.facts import Facts
from crawler.audit.report.languages import NONE, UNMEASURED
from crawler.audit.report.model import LanguageRow
from crawler.audit.report.page import TEMPLATES, share, size
from crawler.audit.wording import count

LIMIT = 40
"""Rows of a table inside a document; what is beyond is added up."""

UNLOCATED = (
    "Where a server stands and where an author lives is not recorded, and a name under a country's domain "
    "does not prove either."
)
"""Why geography is told by names alone."""

DEMOGRAPHICS = (
    "Beside the content itself the crawler records names that a page or file gives as its author, its licensor "
    "or whom to credit. It records no ages, sexes, origins or professions of those who wrote or are shown, and "
    "infers nothing about them."
)
"""Why demographics are not known."""


def geography(facts: Facts) -> tuple[str, Table | None]:
    """Which registries the names belong to, by what is kept."""
    places = _places()
    rows = [row for row in facts.figures.suffixes if row.count.kept]
    kept = sum(row.count.kept for row in rows)
    national = [row for row in rows if row.suffix in places["country"]]
    if not rows:
        return "Nothing is kept.", None
    countries = sum(row.count.kept for row in national)
    part = share(countries, kept) if countries else "None"
    told = f"{part} of what is kept is from names under a country's top-level domain. {UNLOCATED}"
    cells = [
        (
            _ending(row.suffix),
            _registry(row.suffix),
            f"{row.domains:,}",
            f"{row.count.kept:,}",
            share(row.count.kept, kept),
        )
        for row in rows[:LIMIT]
    ]
    if rows[LIMIT:]:
        rest = sum(row.count.kept for row in rows[LIMIT:])
        domains = sum(row.domains for row in rows[LIMIT:])
        cells.append((f"{len(rows) - LIMIT:,} more", "", f"{domains:,}", f"{rest:,}", share(rest, kept)))
    columns = ("Ending of the name", "Registry", "Domains considered", "Items kept", "Share")
    return told, Table(columns=columns, rows=tuple(cells), numeric=frozenset({2, 3, 4}))


def site_kinds(facts: Facts) -> tuple[str, ...]:
    """What is known of the kinds of sites without looking at what they are about."""
    places = _places()
    rows = [row for row in facts.figures.suffixes if row.count.kept]
    told = [
        f"Content is kept from {count(facts.figures.contributing, 'registrable domain')}; the largest are "
        "named in the list of domains.",
        *(
            f".{row.suffix} is kept for {places['kept'][row.suffix]}: {count(row.count.kept, 'item')}."
            for row in rows
            if row.suffix in places["kept"]
        ),
        "The crawler does not sort sites into categories: whether one is a newspaper, a forum or a shop is not "
        "recorded.",
    ]
    return tuple(told)


def languages(facts: Facts) -> tuple[str, Table | None]:
    """Which languages, with their shares by bytes of text."""
    known = [row for row in facts.figures.languages if row.language != UNMEASURED]
    found = [row for row in known if row.language != NONE]
    whole = sum(row.text_bytes for row in known)
    if facts.figures.languages and not known:
        return "The languages were not measured when these figures were taken.", None
    if not found:
        return _with_unread("No language was told: there is too little text, or none.", facts), None
    union = _places()["union"]["languages"]
    official = [row.name for row in found if row.language in union]
    others = [row.name for row in found if row.language not in union]
    told = (
        f"Official languages of the European Union: {', '.join(official) or 'none'}. Other languages: "
        f"{', '.join(others) or 'none'}. Detected by a program for each page and document, with the errors "
        "that this has; shares are of the UTF-8 bytes of the text."
    )
    shown = [*found[:LIMIT], *(row for row in known if row.language == NONE)]
    cells = [_language(row, whole) for row in shown]
    if found[LIMIT:]:
        items, held = (sum(getattr(row, name) for row in found[LIMIT:]) for name in ("items", "text_bytes"))
        cells.append((f"{len(found) - LIMIT:,} more", f"{items:,}", f"{held:,}", share(held, whole)))
    columns = ("Language", "Pages and documents", "Bytes of text", "Share")
    return _with_unread(told, facts), Table(columns=columns, rows=tuple(cells), numeric=frozenset({1, 2, 3}))


def unread(facts: Facts) -> str | None:
    """That the words of some of what is kept are not known, where those of others are; None: all are."""
    rows = facts.figures.languages
    lost = sum(row.items for row in rows if row.language == UNMEASURED)
    if not lost:
        return None
    whole = sum(row.items for row in rows)
    return (
        f"The words of {texts(lost)} of {whole:,} could not be read, or were not measured; they are left out."
    )


def texts(number: int) -> str:
    """``1 page or document``, ``2 pages and documents``."""
    return "1 page or document" if number == 1 else f"{number:,} pages and documents"


def types(facts: Facts, modality: str) -> str:
    """The media types of one modality."""
    rows = [(media, number) for kind, media, number in facts.holdings.media_types if kind == modality]
    return ", ".join(f"{_MEDIA.get(media, media)} ({number:,})" for media, number in rows) or "none"


def content(facts: Facts) -> tuple[str, Table | None]:
    """Media types, sizes and licences of what is kept."""
    text = "" if facts.text_bytes is None else f", {size(facts.text_bytes)} of text in {facts.words:,} words"
    licensed = sum(row.items for row in facts.figures.licences)
    named = f"{count(licensed, 'item')} of these {'names' if licensed == 1 else 'name'} a licence."
    told = (
        f"{texts(facts.texts)}{text}: {types(facts, 'text')}. {count(facts.images, 'image')}, "
        f"{size(facts.image_bytes)}: {types(facts, 'image')}. {named}"
    )
    rows = tuple(
        (row.licence[:200], f"{row.items:,}", f"{row.accepted:,}", size(row.bytes))
        for row in facts.figures.licences[:LIMIT]
    )
    columns = ("Licence named", "Items", "Accepted as a permission", "Size")
    return told, Table(columns=columns, rows=rows, numeric=frozenset({1, 2, 3})) if rows else None


def _with_unread(words: str, facts: Facts) -> str:
    return " ".join(filter(None, [words, unread(facts)]))


def _language(row: LanguageRow, whole: int) -> tuple[str, ...]:
    return row.name, f"{row.items:,}", f"{row.text_bytes:,}", share(row.text_bytes, whole)


def _ending(suffix: str) -> str:
    return suffix if suffix.startswith("(") else f".{suffix}"


def _registry(suffix: str) -> str:
    places = _places()
    if suffix in places["country"]:
        name = str(places["country"][suffix])
        return f"{name}; sold to anybody" if suffix in places["anybody"]["codes"] else name
    if suffix in places["kept"]:
        return str(places["kept"][suffix])
    if suffix.startswith("("):
        return "no name, an IP address"
    return "reserved for documentation and tests" if suffix in ("example", "test") else "generic"


@cache
def _places() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads((TEMPLATES / "places.toml").read_text("utf-8"))


_MEDIA = {
    "text/html": "web pages",
    "application/xhtml+xml": "web pages in XHTML",
    "application/pdf": "PDF documents",
    "application/epub+zip": "EPUB books",
    "text/plain": "plain text files",
    "image/jpeg": "JPEG images",
    "image/png": "PNG images",
    "image/webp": "WebP images",
    "image/gif": "GIF images",
    "image/avif": "AVIF images",
    "image/svg+xml": "SVG drawings",
    "other": "other types",
}
