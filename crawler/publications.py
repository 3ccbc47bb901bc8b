"""What a kept PDF or EPUB says of itself: its title, its author, its licence."""

from __future__ import annotations

from typing import Any

from crawler.attribution import LONGEST_TITLE, credit, plain
from crawler.optout.grammar.credits import credits_of
from crawler.optout.grammar.epub import epub_of
from crawler.optout.grammar.pdf import pdf_of
from crawler.optout.model import Capture, Decision, Kind

MEDIA_TYPES = {Kind.PDF: "application/pdf", Kind.EPUB: "application/epub+zip"}
"""What their bytes are, whatever they are called."""


def described(decision: Decision, capture: Capture) -> dict[str, Any]:
    """Fields of a :class:`~crawler.items.Visit` for a document that is kept."""
    kind = decision.asset.kind
    if kind is Kind.PDF:
        document, own = capture.parsed(pdf_of), capture.parsed(credits_of)
        title, author = document.title or own.title, document.author or own.creator
        notice = own.copyright
    else:
        publication = capture.parsed(epub_of)
        title, author = publication.title, publication.creator
        notice = next(iter(publication.rights), "")
    title, author = plain(title, LONGEST_TITLE), plain(author, LONGEST_TITLE)
    credited = credit(decision, title=title, creators=[author] if author else (), notice=notice)
    return {
        "title": title or None,
        "author": author or None,
        "licence": credited.licence,
        "attribution": credited.attribution,
        "media_type": MEDIA_TYPES[kind],
    }
