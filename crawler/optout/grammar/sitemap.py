"""Sitemaps: XML, index, plain text, and feeds used as sitemaps.

The sitemap protocol (https://www.sitemaps.org/protocol.html) with Google's image extension
(https://developers.google.com/search/docs/crawling-indexing/sitemaps/image-sitemaps)::

    urlset       = url*          url = loc ... image:image*       image:image = image:loc ...
    sitemapindex = sitemap*      sitemap = loc ...
    text sitemap = *( URL EOL )  ; UTF-8, one URL a line

A ``loc`` is an absolute http(s) URL; anything else is left out. URLs of other hosts are kept: which hosts are
visited is not decided here. Broken or cut markup is read as far as it goes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from lxml import etree

from crawler.optout.grammar.feed import read_feed
from crawler.optout.grammar.links import normalise_url
from crawler.optout.grammar.xml import children, name_of, parse_xml, text_of
from crawler.optout.model import Malformed

_LINE = re.compile(r"[^\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")
"""What :meth:`str.splitlines` takes for one line."""

LIMIT = 50 * 1024 * 1024
"""Bytes of one sitemap, uncompressed."""

MOST = 50_000
"""Pages, images and sitemaps taken from one sitemap, each."""

NAMED = 4 * MOST
"""References looked at, of which some may be the same or none."""

ELEMENTS = 600_000
"""Elements of one sitemap: a dozen for each page."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sitemap:
    """The absolute, normalised, distinct URLs of a sitemap."""

    pages: tuple[str, ...] = ()
    """Pages, in document order."""
    sitemaps: tuple[str, ...] = ()
    """Further sitemaps, of an index."""
    images: tuple[tuple[str, str], ...] = ()
    """Images, each with the page that shows it."""


NO_SITEMAP = Sitemap()
"""What a document says that is no sitemap."""


def read_sitemap(body: bytes, url: str) -> Sitemap:
    """The sitemap in ``body``, found at ``url`` and no longer compressed. Never raises.

    More than :data:`LIMIT` bytes or :data:`ELEMENTS` elements give :data:`NO_SITEMAP`.
    """
    if len(body) > LIMIT:
        return NO_SITEMAP
    if not body[:64].lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n").startswith(b"<"):
        # One by one: to make a list of millions takes long in one go, which holds everybody up.
        text = body.decode("utf-8-sig", "replace")
        return Sitemap(pages=_distinct(line[0] for line in _LINE.finditer(text)))
    try:
        root = parse_xml(body, limit=LIMIT, elements=ELEMENTS, recover=True)
    except Malformed:
        return NO_SITEMAP
    kind = name_of(root)[1].lower()
    if kind == "sitemapindex":
        return Sitemap(sitemaps=_distinct(_locations(root, "sitemap")))
    if kind == "urlset":
        return Sitemap(pages=_distinct(_locations(root, "url")), images=_images(root))
    return Sitemap(pages=read_feed(body, url).links[:MOST])


def _distinct(references: Iterator[str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for reference in islice(references, NAMED):
        if len(found) >= MOST:
            break
        if (absolute := _absolute(reference)) is not None:
            found[absolute] = None
    return tuple(found)


def _absolute(reference: str) -> str | None:
    try:
        return normalise_url(reference.strip().partition("#")[0])
    except Malformed:
        return None


def _locations(root: etree._Element, kind: str) -> Iterator[str]:
    for entry in children(root):
        if name_of(entry)[1].lower() == kind:
            yield from _loc(entry)


def _loc(entry: etree._Element) -> Iterator[str]:
    for child in children(entry):
        if name_of(child)[1].lower() == "loc":
            yield text_of(child)
            return


def _images(root: etree._Element) -> tuple[tuple[str, str], ...]:
    found: dict[tuple[str, str], None] = {}
    for entry in children(root):
        page = next((_absolute(loc) for loc in _loc(entry)), None)
        for child in children(entry) if page else ():
            if name_of(child)[1].lower() != "image" or len(found) >= MOST:
                continue
            image = next((_absolute(loc) for loc in _loc(child)), None)
            if image and page:
                found[image, page] = None
    return tuple(found)
