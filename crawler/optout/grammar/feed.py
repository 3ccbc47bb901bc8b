"""RSS and Atom feeds: the pages their items link to, and the RSL terms they carry.

RSS 2.0 (https://www.rssboard.org/rss-specification), RSS 1.0, Atom (RFC 4287), told apart by the names of their
elements alone, because namespaces are often wrong in the wild::

    item  = link? guid? ...             ; RSS: the URL is the link's text, or a guid that is a permalink
    entry = link* ...                   ; Atom: the URL is @href of a link without @rel or with rel="alternate"
    rsl:content, rsl:rsl                ; in an item: its terms; beside the items: terms of the feed's URLs
    link rel="license"                  ; RFC 4946 §2, in Atom and in the atom:link of RSS: where terms are

Broken markup is read as far as it goes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urljoin

from lxml import etree

from crawler.optout.grammar.links import normalise_url
from crawler.optout.grammar.rsl import Document, is_rsl, read_rsl
from crawler.optout.grammar.xml import children, name_of, parse_xml, text_of
from crawler.optout.model import Capture, Malformed

MOST = 1_000
"""Items read from one feed."""

_ROOTS = frozenset({"rss", "feed", "rdf"})
_ITEMS = frozenset({"item", "entry"})
_BASE = "{http://www.w3.org/XML/1998/namespace}base"


@dataclass(frozen=True, kw_only=True, slots=True)
class LicenceLink:
    """A ``link`` element with ``rel="license"``."""

    href: str
    """The reference as written."""
    base: str
    """What it is relative to."""
    type: str
    """Its claimed media type, lower case; empty when it has none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One item or entry."""

    link: str | None
    """Absolute, normalised http(s) URL of its page; None when it has none."""
    terms: tuple[Document, ...]
    """The RSL terms inside it."""
    licences: tuple[LicenceLink, ...] = ()
    """Where it says that its licence is."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Feed:
    """What a feed says."""

    items: tuple[Item, ...] = ()
    """In document order."""
    terms: tuple[Document, ...] = ()
    """RSL terms outside the items."""
    licences: tuple[LicenceLink, ...] = ()
    """Where the feed says that its licence is."""

    @property
    def links(self) -> tuple[str, ...]:
        """The pages of the items, each once."""
        return tuple(dict.fromkeys(item.link for item in self.items if item.link))


NO_FEED = Feed()
"""What a document says that is no feed."""


def feed_of(capture: Capture) -> Feed:
    """The feed in a capture, :data:`NO_FEED` for anything else; hand it to ``capture.parsed``."""
    return read_feed(capture.body, capture.url)


def read_feed(body: bytes, url: str) -> Feed:
    """The feed in ``body``, found at ``url``; :data:`NO_FEED` for anything else. Never raises."""
    if not _looks_like_markup(body):
        return NO_FEED
    try:
        root = parse_xml(body, recover=True)
    except Malformed:
        return NO_FEED
    if name_of(root)[1].lower() not in _ROOTS:
        return NO_FEED
    items: list[Item] = []
    terms: list[Document] = []
    licences: list[LicenceLink] = []
    for parent in (root, *(child for child in children(root) if name_of(child)[1].lower() == "channel")):
        terms += _terms(parent)
        licences += _licences(parent, url)
        for child in children(parent):
            if name_of(child)[1].lower() in _ITEMS and len(items) < MOST:
                items.append(
                    Item(
                        link=next(_links(child, url), None),
                        terms=tuple(_terms(child)),
                        licences=tuple(_licences(child, url)),
                    )
                )
    return Feed(items=tuple(items), terms=tuple(terms), licences=tuple(licences))


def _looks_like_markup(body: bytes) -> bool:
    return body[:64].lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n").startswith(b"<")


def _terms(parent: etree._Element) -> Iterator[Document]:
    for child in children(parent):
        namespace, local = name_of(child)
        if is_rsl(namespace) and local.lower() in ("content", "rsl"):
            yield read_rsl(child)


def _licences(parent: etree._Element, url: str) -> Iterator[LicenceLink]:
    for child in children(parent):
        if name_of(child)[1].lower() != "link" or "license" not in (child.get("rel") or "").lower().split():
            continue
        if href := (child.get("href") or text_of(child)).strip():
            with suppress(ValueError):
                kind = (child.get("type") or "").strip().lower()
                yield LicenceLink(href=href, base=_base(child, url), type=kind)


def _links(item: etree._Element, url: str) -> Iterator[str]:
    """The item's own page, most telling form first."""
    found = children(item)
    references = []
    for child in found:
        if name_of(child)[1].lower() == "link" and (child.get("rel") or "alternate") == "alternate":
            references.append((child, child.get("href") or text_of(child)))
    for child in found:
        if name_of(child)[1].lower() == "guid" and (child.get("isPermaLink") or "true").lower() == "true":
            references.append((child, text_of(child)))
    for element, reference in references:
        try:
            if reference and (":" in reference or name_of(element)[1].lower() == "link"):
                yield normalise_url(urljoin(_base(element, url), reference).partition("#")[0])
        except ValueError:  # Malformed is one
            continue


def _base(element: etree._Element, url: str) -> str:
    """The base URL in force: every ``xml:base`` on the way down from the root (RFC 4287 §2)."""
    bases = [base for node in element.iterancestors() if (base := node.get(_BASE))]
    if own := element.get(_BASE):
        bases.insert(0, own)
    for base in reversed(bases):
        url = urljoin(url, base)
    return url
