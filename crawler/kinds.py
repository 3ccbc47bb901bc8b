"""Which kind of asset a URL, a claimed media type or bytes make something."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

from crawler.optout.grammar.epub import may_be_epub
from crawler.optout.grammar.feed import feed_of
from crawler.optout.grammar.sniff import document, kind_of, looks_binary, packed, picture
from crawler.optout.model import Capture, Kind

IMAGE_SUFFIXES = (
    ".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".svg", ".bmp", ".tif", ".tiff", ".ico", ".jxl", ".heic",
)  # fmt: skip

DOCUMENT_SUFFIXES = {".pdf": Kind.PDF, ".epub": Kind.EPUB}

UNTYPED = frozenset({None, "application/octet-stream", "binary/octet-stream"})
"""Claims that claim nothing: only the bytes can tell."""

FEED_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/rdf+xml"})
XML_TYPES = frozenset({"application/xml", "text/xml"})
"""Claims under which feeds are served: their own, and those of any XML."""


def may_be_feed(media_type: str | None) -> bool:
    """Whether a claimed media type is one under which feeds are served."""
    return media_type in FEED_TYPES or media_type in XML_TYPES


def is_feed(capture: Capture) -> bool:
    """Whether the answer is a feed, however it was found: it leads on, and is nothing to keep."""
    if capture.media_type in XML_TYPES:
        feed = capture.parsed(feed_of)
        return bool(feed.items or feed.terms)
    return capture.media_type in FEED_TYPES


def kind_of_url(url: str) -> Kind:
    """What a URL is expected to be, by its path; text unless it looks like an image or document."""
    path = urlsplit(url).path.lower()
    if path.endswith(IMAGE_SUFFIXES):
        return Kind.IMAGE
    return DOCUMENT_SUFFIXES.get(path[path.rfind(".") :], Kind.TEXT)


def unwanted(media_type: str | None, only: Collection[Kind]) -> bool:
    """Whether a claimed media type rules out every kind in ``only``, so that the body need not be read."""
    claimed = kind_of(media_type)
    return claimed not in only if claimed is not None else media_type not in UNTYPED


def kind_of_content(capture: Capture, expected: Kind, only: Collection[Kind]) -> Kind | None:
    """What the bytes are; None: nothing that is collected.

    An image, PDF or EPUB is what its bytes say, never what it is called, and an archive is no text; but text
    that begins like an image, as a page may with a drawing, stays the text it is called. With ``only`` empty
    everything is collected, and what cannot be told is judged as text, which can say most.
    """
    if not capture.complete or not capture.body:
        return expected
    kind = kind_of(capture.media_type)
    if (found := document(capture.body)) is not None:
        kind = found
    elif picture(capture.body) is not None:
        if kind is not Kind.TEXT or looks_binary(capture.body):
            kind = Kind.IMAGE
    elif kind is Kind.TEXT and packed(capture.body):
        kind = None  # nobody could read what it says
    elif kind is not Kind.TEXT and not (kind is Kind.EPUB and may_be_epub(capture)):
        claimless = kind is None and capture.media_type in UNTYPED
        kind = Kind.TEXT if claimless and not looks_binary(capture.body) else None
    if not only:
        return kind or Kind.TEXT
    return kind if kind in only else None
