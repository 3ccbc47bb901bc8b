"""What a page declares, as plain values: the types that :mod:`~crawler.optout.grammar.html` fills.

Attribute values are as written unless a field says otherwise. Tuples instead of classes with methods, because a
page holds hundreds of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

CREATORS = ("creator", "author", "creditText", "copyrightHolder")
"""The properties of a :class:`Node` that say whom to name; the first that is there counts."""

MEDIA = frozenset({"ImageObject", "Photograph", "Barcode"})
"""schema.org types of single images."""


class Meta(NamedTuple):
    """One ``<meta>``."""

    name: str
    """``name``, lower case and stripped; empty when absent, as are the next three."""
    property: str
    """``property``, likewise."""
    http_equiv: str
    """``http-equiv``, likewise."""
    itemprop: str
    """``itemprop``, likewise."""
    content: str
    """``content`` as written; empty when absent."""
    locator: str
    """``meta[name=robots][0]``: counted from 0 among those of the same name."""
    recovered: bool = False
    """Found in text that an unclosed element had swallowed: it may deny, never permit."""
    aside: str = ""
    """As for :class:`LicenceLink`; looked up where it may name a licence."""


class Link(NamedTuple):
    """One ``<link>``."""

    rel: frozenset[str]
    """Lower-case tokens."""
    href: str
    """As written; empty when absent."""
    type: str
    """Media type, lower case and without parameters; empty when absent."""
    media: str
    """As written."""
    hreflang: str
    """As written."""
    in_head: bool
    """Whether it stands in ``<head>`` and so speaks for the whole document."""
    locator: str
    """``link[4]``: counted from 0 in the document."""
    images: tuple[str, ...] = ()
    """For RSL links outside ``<head>``: the image addresses, as written, inside the parent element."""


class DataScript(NamedTuple):
    """One ``<script>`` that holds data: JSON-LD, RSL or a C2PA manifest."""

    type: str
    """``application/ld+json``, ``application/rsl+xml`` or ``application/c2pa``."""
    text: str
    """What is inside, as written."""
    in_head: bool
    """Whether it stands in ``<head>`` and so speaks for the whole document."""
    locator: str
    """``script[2]``: counted from 0 among all scripts of the document."""
    images: tuple[str, ...] = ()
    """For RSL outside ``<head>``: the image addresses, as written, inside the parent element."""
    aside: str = ""
    """For JSON-LD: as for :class:`LicenceLink`."""


class Anchor(NamedTuple):
    """One ``<a>`` or ``<area>`` with a target; also ``<frame>``, which has no other way to its page."""

    href: str
    """As written."""
    rel: frozenset[str]
    """Lower-case tokens."""


class Image(NamedTuple):
    """One address at which the page shows or offers an image."""

    src: str
    """As written."""
    alt: str
    """The alternative text; empty when absent."""
    caption: str
    """The text of the ``<figcaption>`` of the figure around it; empty when absent."""
    element: str
    """``img``, ``srcset``, ``data-src``, ``a``, ``meta`` or ``link``."""


class Property(NamedTuple):
    """One microdata property on an element other than ``<meta>``."""

    name: str
    """``itemprop``, one token, lower case."""
    value: str
    """``content``, ``href``, ``src`` or else the first 1,000 characters of the text."""


class LicenceLink(NamedTuple):
    """One element that names a licence of the page it stands in."""

    href: str
    """The licence as written."""
    text: str
    """The element in short: ``<a rel="license" href="…">``."""
    locator: str
    """``a[rel=license][0]``: counted from 0 among those of the same tag and relation."""
    aside: str
    """Why it may speak of something else than the page, in words; empty: it speaks of the page."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """One thing that structured data describes, in JSON-LD, microdata or RDFa alike; texts as written."""

    locator: str
    """Where it is described."""
    exact: bool = True
    """Whether it is described as its vocabulary asks; otherwise it licenses nothing."""
    named: bool = False
    """Whether a subject is named by its address alone, without a type: RDFa's ``about``."""
    aside: str = ""
    """As for :class:`LicenceLink`."""
    types: frozenset[str] = frozenset()
    """Its types' local names: ``Article``."""
    addresses: tuple[str, ...] = ()
    """What it is at, or on: ``@id``, ``url``, ``mainEntityOfPage``, ``about``."""
    files: tuple[str, ...] = ()
    """``contentUrl``."""
    licences: tuple[str, ...] = ()
    """What its ``license`` says; empty texts where that is nothing to read."""
    title: str = ""
    """``headline`` or ``name``; empty when absent."""
    creators: tuple[str, ...] = ()
    """Names of whoever made it, see :data:`CREATORS`."""
    notices: tuple[str, ...] = ()
    """``copyrightNotice``."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """What a page declares, in document order."""

    metas: tuple[Meta, ...] = ()
    """Every meta, recovered ones last."""
    links: tuple[Link, ...] = ()
    """Every ``<link>``."""
    data_scripts: tuple[DataScript, ...] = ()
    """JSON-LD, RSL and C2PA manifests."""
    anchors: tuple[Anchor, ...] = ()
    """Links to follow, ``nofollow`` ones included."""
    images: tuple[Image, ...] = ()
    """Every image address, candidates of ``srcset`` included."""
    properties: tuple[Property, ...] = ()
    """Microdata."""
    licences: tuple[LicenceLink, ...] = ()
    """Links to a licence of the page, in order."""
    nodes: tuple[Node, ...] = ()
    """What microdata and RDFa say of things that have a licence."""
    title: str = ""
    """The first title, white space collapsed."""
    base: str | None = None
    """``href`` of the first ``<base>`` that has one, as written."""
    lang: str | None = None
    """``lang`` of the root element, as written."""
    head_complete: bool = True
    """False: declarations may have been missed, see ``trouble``."""
    trouble: str = ""
    """Why ``head_complete`` is False, in words."""
    nosnippet: bool = False
    """Whether some element carries ``data-nosnippet``."""


NOTHING = Page()
"""What a body says that is no HTML."""
