"""Open licences: what a creator lets everybody do, bound to the very thing it was said of.

HTML ``rel=license`` (https://html.spec.whatwg.org/multipage/links.html#link-type-license) and the same relation
in a ``Link`` header (RFC 8288); schema.org ``license`` (https://schema.org/license); ccREL
(https://www.w3.org/submissions/ccREL/) in RDFa and XMP; Dublin Core; ``License:`` lines of robots.txt that lead
to a licence instead of RSL terms. A licence counts by the URL of its own page, see
:mod:`~crawler.optout.grammar.licences`; words do not.

All that is read here are permissions, and no permission cancels a reservation. Each is bound: a page's licence
is of its text and never of its images; an image's is said by the image, its own response, or a node that names
it. What stands in the wrong place, or is not what its syntax asks for, permits nothing, but is heard: where it
names another licence, nobody can tell which one holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urljoin

from crawler.optout.agents import FRAMEWORK_AGENTS
from crawler.optout.grammar.document import Node
from crawler.optout.grammar.epub import DC, DCTERMS, epub_of
from crawler.optout.grammar.html import Page, page
from crawler.optout.grammar.licence_lines import licence_lines
from crawler.optout.grammar.licences import licence_of
from crawler.optout.grammar.linked_data import linked_data
from crawler.optout.grammar.prose import reserving, rights_reserved
from crawler.optout.grammar.robots import ROBOTS_TXT
from crawler.optout.grammar.second import is_about, joined
from crawler.optout.grammar.weblink import WebLink, read_links
from crawler.optout.grammar.xmp import xmp_of
from crawler.optout.model import (
    Asset,
    Basis,
    Capture,
    Carrier,
    Context,
    Evidence,
    Kind,
    Preference,
    Purpose,
    Signal,
    Statement,
    quote,
)

METAS = frozenset({"dc.license", "dc.rights", "dc.rights.license", "dcterms.license", "dcterms.rights"})
"""Names of metas whose content may be a licence's URL."""

XMP: tuple[tuple[str, str], ...] = (
    ("http://creativecommons.org/ns#", "license"),
    ("http://web.resource.org/cc/", "license"),
    ("http://ns.adobe.com/xap/1.0/rights/", "WebStatement"),
)
"""Namespaces and names of the XMP properties that name a licence."""

RIGHTS: tuple[tuple[str, str], ...] = (
    (DC, "rights"),
    ("http://ns.adobe.com/xap/1.0/rights/", "UsageTerms"),
)
"""The XMP properties in which all rights may be reserved."""

LONGEST = 2_083
"""Characters of a licence's URL that are kept."""

_ANYBODY = frozenset({"comment", "disqus", "out of sight", "template", "no structure", "too many"})
"""Places where strangers write, or that nobody sees: nothing there licenses an image."""


_WEB = re.compile(r"\s*(?:https?:)?//\S+\s*\Z", re.I)
"""A URL and nothing beside it."""


class Named(NamedTuple):
    """A licence that is named somewhere."""

    reference: str
    """Its absolute URL; of what is none, the words."""
    evidence: Evidence
    """Where."""
    exact: bool
    """Whether it is named as specified, in a place that speaks of what it is read for."""


def read_robots_txt(capture: Capture, asset: Asset, context: Context) -> Iterable[Statement]:
    """``License:`` lines with the URL of an open licence: of the whole site, and weak for that."""
    return capture.parsed(_OfTheSite(context.agents))


@dataclass(frozen=True, slots=True)
class _OfTheSite:
    """What ``License:`` lines permit, in the form that ``Capture.parsed`` remembers it by."""

    agents: tuple[str, ...]

    def __call__(self, capture: Capture) -> tuple[Statement, ...]:
        named = []
        for said in licence_lines(capture, self.agents, sorted(FRAMEWORK_AGENTS)):
            if licence_of(said.reference) is not None:
                evidence = quote(
                    capture, Carrier.ROBOTS_TXT, f"line {said.line.number}", said.line.text, of_file=True
                )
                exact = said.exact and said.grants and not said.inferred
                named.append(Named(said.reference, evidence, exact))
        return tuple(_permissions(named))


def read_header(capture: Capture, asset: Asset, context: Context) -> Iterable[Statement]:
    """``Link`` headers with ``rel=license``, of this response alone: what a redirect says binds nothing."""
    named = []
    for index, value in enumerate(capture.values("link")):
        for link in read_links(value):
            if _is_licence(link, capture):
                evidence = quote(capture, Carrier.HEADER, f"link[{index}]", link.text)
                exact = link.exact and "#" not in (link.anchor or "")  # a part is not the response
                named.append(Named(_absolute(capture.url, link.target), evidence, exact))
    yield from _permissions(named)


def read_html(capture: Capture, asset: Asset, context: Context) -> Iterable[Statement]:
    """What the page, and structured data that is the page, say of its text."""
    document = capture.parsed(page)
    named = list(_named_by(capture, document))
    if not named and not any(read_header(capture, asset, context)):
        return
    if words := capture.parsed(rights_reserved):
        named.append(_reserved(capture, "all rights reserved", words))
    yield from _permissions(named, Kind.TEXT)


def of_images(capture: Capture, context: Context) -> Mapping[str, tuple[Statement, ...]]:
    """What structured data says of single images: of an ``ImageObject``, or by RDFa's ``about``."""
    base, whole = _base(capture, capture.parsed(page)), _is_whole(capture)
    found: dict[str, list[Named]] = {}
    for url, node in capture.parsed(linked_data).of_images:
        exact = whole and node.exact and node.aside not in _ANYBODY
        said = found.setdefault(url, [])
        said += _of_node(capture, base, node, exact=exact)
        said += _noticed(capture, node)
    permitted = {url: tuple(_permissions(named, Kind.IMAGE)) for url, named in found.items()}
    return {url: statements for url, statements in permitted.items() if statements}


def read_embedded(capture: Capture, asset: Asset, context: Context) -> Iterable[Statement]:
    """``cc:license`` and ``xmpRights:WebStatement`` in XMP, which anybody could have written: weak."""
    xmp = capture.parsed(xmp_of)
    named = []
    for namespace, local in XMP:
        for value in xmp.values(namespace, local):
            if local == "license" or licence_of(value.text) is not None:
                evidence = quote(capture, Carrier.EMBEDDED, value.locator, value.written)
                named.append(
                    Named(value.text[:LONGEST], evidence, value.exact and value.grants and not xmp.trouble)
                )
    for namespace, local in RIGHTS if named else ():
        for value in xmp.values(namespace, local):
            if reserving(value.text):
                named.append(_reserved(capture, value.locator, value.written, Carrier.EMBEDDED))
    yield from _permissions(named)


def read_document(capture: Capture, asset: Asset, context: Context) -> Iterable[Statement]:
    """``dc:rights``, ``dcterms:license`` and links to a licence in the package of an EPUB."""
    if asset.kind is not Kind.EPUB:
        return  # a feed licenses nothing that it links to
    epub = capture.parsed(epub_of)
    named = []
    for meta in epub.metas:
        if (meta.namespace, meta.local) in ((DC, "rights"), (DCTERMS, "rights"), (DCTERMS, "license")):
            if licence_of(meta.value) is not None or meta.local == "license":
                evidence = quote(capture, Carrier.DOCUMENT, meta.locator, meta.value)
                named.append(Named(meta.value[:LONGEST], evidence, not meta.refines and not epub.trouble))
            elif reserving(meta.value):
                named.append(_reserved(capture, meta.locator, meta.value, Carrier.DOCUMENT))
    for link in epub.links:
        if not link.refines and {"license", "cc:license", "dcterms:license"} & set(link.rel.split()):
            evidence = quote(capture, Carrier.DOCUMENT, link.locator, link.href)
            named.append(Named(link.href[:LONGEST], evidence, not epub.trouble))
    yield from _permissions(named)


def permits(statement: Statement) -> tuple[str, ...]:
    """The licence's identifier; with ``xmp`` or ``site`` where the carrier has to be accepted too."""
    licence = licence_of(statement.terms) if statement.terms else None
    if licence is None:
        return ()
    carrier = {Carrier.EMBEDDED: ("xmp",), Carrier.ROBOTS_TXT: ("site",)}
    return (licence, *carrier.get(statement.evidence.carrier, ()))


def _is_licence(link: WebLink, capture: Capture) -> bool:
    """Whether a link of the header names a licence of the response that carries it, other than RSL terms."""
    return "license" in link.rel and "rsl" not in link.type and is_about(link.anchor, capture.url)


def _named_by(capture: Capture, document: Page) -> Iterator[Named]:
    """The licences that a page names as its own, or seems to."""
    base, whole = _base(capture, document), _is_whole(capture)
    for link in document.licences:
        evidence = quote(capture, Carrier.HTML, _place(link.locator, link.aside), link.text)
        yield Named(_absolute(base, link.href), evidence, whole and not link.aside)
    for meta in document.metas:
        if meta.name in METAS and _WEB.match(meta.content):
            evidence = quote(capture, Carrier.HTML, _place(meta.locator, meta.aside), meta.content)
            exact = whole and not meta.recovered and not meta.aside
            yield Named(_absolute(base, meta.content), evidence, exact)
    data = capture.parsed(linked_data)
    for node in data.of_page:
        yield from _of_node(capture, base, node, exact=whole and node.exact and not node.aside)
        yield from _noticed(capture, node)
    for node in data.astray:
        yield from _of_node(capture, base, node, exact=False, place="another subject")


def _of_node(capture: Capture, base: str, node: Node, *, exact: bool, place: str = "") -> Iterator[Named]:
    for reference in node.licences:
        locator = _place(f"{node.locator} > license", place or node.aside)
        yield Named(_absolute(base, reference), quote(capture, Carrier.HTML, locator, reference), exact)


def _noticed(capture: Capture, node: Node) -> Iterator[Named]:
    """All rights reserved in the copyright notice of what a licence is named for."""
    for notice in node.notices:
        if node.licences and reserving(notice):
            yield _reserved(capture, node.locator, notice)


def _place(locator: str, aside: str) -> str:
    return f"{locator} ({aside})" if aside else locator


def _is_whole(capture: Capture) -> bool:
    """Whether the page was read to its end, so that a second licence cannot have been missed."""
    return capture.complete and capture.parsed(page).head_complete


def _base(capture: Capture, document: Page) -> str:
    return joined(capture.url, document.base or "")


def _absolute(base: str, reference: str) -> str:
    """The licence's URL; words stay as they are."""
    reference = reference.strip()
    try:
        return urljoin(base, reference)[:LONGEST] if len(reference.split()) == 1 else reference[:LONGEST]
    except ValueError:
        return reference[:LONGEST]


def _reserved(capture: Capture, locator: str, words: str, carrier: Carrier = Carrier.HTML) -> Named:
    """All rights are reserved beside a licence: it holds no longer, whichever it is."""
    return Named("", quote(capture, carrier, f"{locator}, so that no licence holds", words), exact=False)


def _permissions(named: Iterable[Named], kind: Kind | None = None) -> Iterator[Statement]:
    """Each licence once, and what is none once; of those that count and those that do not, each."""
    said: set[tuple[str | None, bool]] = set()
    for one in named:
        key = (licence_of(one.reference), one.exact)
        if key not in said:
            said.add(key)
            yield Statement(
                signal="licence",
                purpose=Purpose.ANY,
                preference=Preference.ALLOW,
                basis=Basis.STATED if one.exact else Basis.INFERRED,
                evidence=one.evidence,
                kind=kind,
                terms=one.reference or None,
            )


SIGNAL = Signal(
    name="licence",
    title="Open licences",
    spec="https://html.spec.whatwg.org/multipage/links.html#link-type-license",
    version="HTML, schema.org 29, ccREL 1.0, 2026-11-22",
    readers={
        Carrier.ROBOTS_TXT: read_robots_txt,
        Carrier.HEADER: read_header,
        Carrier.HTML: read_html,
        Carrier.EMBEDDED: read_embedded,
        Carrier.DOCUMENT: read_document,
    },
    meanings=(
        (
            "rel=license in the head or the main content, to an open licence",
            "the page's text is under it; its images are not",
        ),
        ("license of the schema.org node that is the page", "the same"),
        ("license of an ImageObject, or of RDFa's about", "the image it names is under it"),
        ("Link: rel=license", "the response that carries it is under it"),
        ("cc:license, xmpRights:WebStatement in XMP", "evidence that counts only where xmp is accepted"),
        ("License: with an open licence in robots.txt", "evidence that counts only where site is accepted"),
        ("rel=license in a footer, beside the content, among comments", "permits nothing"),
        ("sdLicense, Open Graph, words without a URL", "nothing"),
        ("two licences, or all rights reserved beside one", "permits nothing: nobody can tell which holds"),
    ),
    host_files=(ROBOTS_TXT,),
    of_images=of_images,
    permits=permits,
)
