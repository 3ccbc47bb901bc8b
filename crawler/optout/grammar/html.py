"""One parse of a page, shared by every signal and by link extraction: ``capture.parsed(page)``.

WHATWG HTML (https://html.spec.whatwg.org/multipage/parsing.html), read by lexbor. Declarations count wherever
they stand, in ``<body>``, ``<noscript>`` and ``<template>`` too, but not in comments. What the parser could not
see, because the page was cut or something unclosed swallowed the rest, is told by ``head_complete`` and
searched once more for metas, which are marked ``recovered``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import islice

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.optout.grammar.charset import charset_of, decode
from crawler.optout.grammar.document import (
    NOTHING,
    Anchor,
    DataScript,
    Image,
    Link,
    Meta,
    Page,
    Property,
)
from crawler.optout.grammar.linked_markup import MARKER, licences_in, places
from crawler.optout.grammar.pictures import offered, shown, words
from crawler.optout.grammar.swallowed import holds_declarations, lost_metas, lost_part
from crawler.optout.grammar.untangle import as_html, is_flat, restored, untangled
from crawler.optout.model import Capture

__all__ = [
    "C2PA",
    "JSON_LD",
    "NOTHING",
    "RSL",
    "Anchor",
    "DataScript",
    "Image",
    "Link",
    "Meta",
    "Page",
    "Property",
    "page",
    "parse",
    "source_of",
    "tokens",
]

RSL = "application/rsl+xml"
JSON_LD = "application/ld+json"
C2PA = "application/c2pa"

MARKUP = frozenset({"text/html", "application/xhtml+xml"})
"""Types that are always parsed."""

PLAIN = re.compile(
    r"text/(?!html|xml)|image/(?!svg)|audio/|video/|font/|application/(json|pdf|epub|zip|octet-stream|rss|atom)"
)
"""Types that are never parsed, whatever the body looks like."""

MOST = 50_000
"""Elements of each sort that are read; a page with more metas, links or scripts is not read to its end."""

MOST_CAPTIONS = 2_000
"""Captions that are read."""

MOST_RSL = 64
"""Elements in the body that hold RSL and whose images are looked up."""

_CLIMB = 64
"""Ancestors looked at to tell where an element stands."""

NOSNIPPET = "data-nosnippet"
"""What marks an element whose words are not to be quoted
(https://developers.google.com/search/docs/crawling-indexing/robots-meta-tag#data-nosnippet-attr)."""

_QUOTED = ("img", "figcaption", "title")
"""Elements whose words are kept with an item."""

_OF_RIGHTS = ("license", "rights")
"""How the names end of metas that may name a licence."""

_NONE: frozenset[str] = frozenset()
_NOBODY: frozenset[int] = frozenset()


def is_markup(capture: Capture) -> bool:
    """Whether the body is read as HTML: by its type, or where that says nothing, by its first character."""
    claimed = capture.media_type or ""
    if claimed in MARKUP:
        return True
    if PLAIN.match(claimed):
        return False
    begins = capture.body[:1024].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x0b\x0c")
    return begins.startswith(b"<")


def page(capture: Capture) -> Page:
    """What the page declares; :data:`NOTHING` for a body that is no HTML. Never raises."""
    if not capture.body or not is_markup(capture):
        return NOTHING
    return parse(source_of(capture), xml=capture.media_type != "text/html", cut=not capture.complete)


def source_of(capture: Capture) -> str:
    """The markup of a page as text."""
    return decode(capture.body, charset_of(capture)).replace("\0", "")


def parse(source: str, *, xml: bool = False, cut: bool = False) -> Page:
    """What the markup ``source`` declares.

    ``xml``: it may be XHTML, where ``<script/>`` is closed and elements may have a prefix. ``cut``: it is only
    the beginning of the document.
    """
    if xml or "xmlns:" in source[:4096]:
        source = as_html(source, xml)
    tame = untangled(source)
    mark = "heedful-end"
    while mark in tame:
        mark += "-"
    # When this last element is not seen, something unclosed has swallowed the end of the page.
    end = f"\n<noframes id={mark}></noframes>"
    tree = LexborHTMLParser(tame + end)
    fragments = _templates(tree) if tree.tags("template") else []

    def every(tag: str) -> list[LexborNode]:
        nodes: list[LexborNode] = tree.tags(tag)
        for fragment in fragments:
            nodes += fragment.css(tag)
        return nodes

    lowered = source.lower()
    place = places(flat=is_flat(tame))
    metas = list(_metas(every("meta")[:MOST], place))
    beside = _Beside()
    links = tuple(_links(every("link")[:MOST], beside))
    scripts = every("script")
    anchors = tuple(_anchors(every))
    trouble = ""
    data_scripts = tuple(_data_scripts(scripts[:MOST], beside, place))
    if len(metas) == MOST or len(links) == MOST or len(scripts) > MOST or beside.full:
        trouble = "more declarations than are read"
    if not any(node.attrs.get("id") == mark for node in every("noframes")):
        lost = lost_part(source)
        if holds_declarations(lost):
            trouble = "something unclosed hides declarations"
            metas += _metas(_elements(lost_metas(lost)), place, recovered=True)
    if cut and not trouble and "</head" not in lowered and "<body" not in lowered:
        trouble = "page cut before the end of its head"

    spoken = MARKER in lowered
    licences, nodes = licences_in(
        [tree, *fragments] if spoken else [], flat=is_flat(tame), refers="itemref" in lowered
    )
    nosnippet = NOSNIPPET in lowered
    unquoted = _unquoted(tree, fragments, flat=is_flat(tame)) if nosnippet else _NOBODY
    pictures = shown(every("img"), every("source"), every("figcaption")[:MOST_CAPTIONS], unquoted)
    titles, root = every("title"), tree.root
    return Page(
        metas=tuple(metas),
        links=links,
        data_scripts=data_scripts,
        anchors=anchors,
        images=(*islice(pictures, MOST), *offered(metas, links, anchors)),
        properties=tuple(_properties([tree, *fragments])) if "itemprop" in lowered else (),
        licences=licences,
        nodes=nodes,
        title=words(titles[0].text().partition(end)[0]) if titles and titles[0].mem_id not in unquoted else "",
        base=next((href for node in every("base") if (href := node.attrs.get("href"))), None),
        lang=root.attributes.get("lang") if root is not None else None,
        head_complete=not trouble,
        trouble=trouble,
        nosnippet=nosnippet,
    )


def _templates(tree: LexborHTMLParser) -> list[LexborNode]:
    """The contents of every template, nested ones included."""
    found = list(tree.template_fragments())
    for fragment in found:  # grows while it is walked
        found += fragment.template_fragments()
    return found


def _unquoted(tree: LexborHTMLParser, fragments: Iterable[LexborNode], *, flat: bool) -> frozenset[int]:
    """The images, captions and titles that are marked ``data-nosnippet``, stand in what is, or hold it.

    Where nobody can tell what they stand in, because nothing of the structure is left (``flat``) or it is a
    template's, all of them.
    """
    found = {
        node.mem_id
        for node in tree.css(", ".join(f"{tag}[{NOSNIPPET}], [{NOSNIPPET}] {tag}" for tag in _QUOTED))
    }
    found |= {
        node.mem_id for node in tree.css("figcaption")[:MOST_CAPTIONS] if node.css_matches(f"[{NOSNIPPET}]")
    }
    if flat:
        found |= {node.mem_id for node in tree.css("img, figcaption")}
    found |= {node.mem_id for fragment in fragments for node in fragment.css("img, figcaption")}
    return frozenset(found)


@lru_cache(maxsize=4096)
def tokens(text: str) -> frozenset[str]:
    """The lower-case, space-separated tokens of an attribute such as ``rel``."""
    return frozenset(text.lower().split())


def _elements(texts: Iterable[str]) -> Iterator[LexborNode]:
    for text in texts:
        yield from LexborHTMLParser(text).tags("meta")


def _metas(
    nodes: Iterable[LexborNode], place: Callable[[LexborNode], str], *, recovered: bool = False
) -> Iterator[Meta]:
    count: dict[str, int] = {}
    for node in nodes:
        attrs = node.attributes
        keys = ("name", "property", "http-equiv", "itemprop")
        name, prop, equiv, item = values = [(attrs.get(key) or "").strip().lower() for key in keys]
        label = next(
            (f"meta[{key}={value[:80]}]" for key, value in zip(keys, values, strict=True) if value), "meta"
        )
        index = count[label] = count.get(label, -1) + 1
        locator = f"{label}[{index}]" + (" (swallowed)" if recovered else "")
        aside = place(node) if not recovered and name.endswith(_OF_RIGHTS) else ""
        yield Meta(name, prop, equiv, item, attrs.get("content") or "", locator, recovered, aside)


def _in_head(node: LexborNode) -> bool:
    parent = node.parent
    for _ in range(_CLIMB):
        if parent is None or parent.tag == "body":
            return False
        if parent.tag == "head":
            return True
        parent = parent.parent
    return False


def _type(value: str | None) -> str:
    return (value or "").partition(";")[0].strip().lower()


class _Beside:
    """The image addresses beside RSL in the body: inside the element that it stands in."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[str, ...]] = {}
        self.full = False

    def images(self, node: LexborNode, kind: str, head: bool) -> tuple[str, ...]:
        parent = node.parent
        if head or kind != RSL or parent is None:
            return ()
        place: int = parent.mem_id
        if place not in self._known:
            if len(self._known) == MOST_RSL:
                self.full = True
                return ()
            pictures = shown(parent.css("img"), parent.css("source"))
            self._known[place] = tuple(image.src for image in islice(pictures, MOST))
        return self._known[place]


def _links(nodes: Iterable[LexborNode], beside: _Beside) -> Iterator[Link]:
    for index, node in enumerate(nodes):
        attrs = node.attributes
        kind, head = _type(attrs.get("type")), _in_head(node)
        yield Link(
            tokens(attrs.get("rel") or ""),
            (attrs.get("href") or "").strip(),
            kind,
            attrs.get("media") or "",
            attrs.get("hreflang") or "",
            head,
            f"link[{index}]",
            beside.images(node, kind, head),
        )


def _anchors(every: Callable[[str], list[LexborNode]]) -> list[Anchor]:
    found: list[Anchor] = []
    for tag, key in (("a", "href"), ("area", "href"), ("frame", "src")):
        for node in every(tag)[: MOST - len(found)]:
            attrs = node.attributes
            if href := attrs.get(key):
                rel = attrs.get("rel")
                found.append(Anchor(href, tokens(rel) if rel else _NONE))
    return found


def _data_scripts(
    nodes: Iterable[LexborNode], beside: _Beside, place: Callable[[LexborNode], str]
) -> Iterator[DataScript]:
    for index, node in enumerate(nodes):
        kind = _type(node.attributes.get("type"))
        if kind in (JSON_LD, RSL, C2PA):
            head = _in_head(node)
            text = restored(node.text())
            aside = place(node) if kind == JSON_LD and not head else ""
            yield DataScript(kind, text, head, f"script[{index}]", beside.images(node, kind, head), aside)


def _properties(roots: Iterable[LexborNode | LexborHTMLParser]) -> Iterator[Property]:
    for root in roots:
        for node in islice(root.css("[itemprop]"), MOST):
            attrs = node.attributes
            if node.tag != "meta":
                value = next((found for key in ("content", "href", "src") if (found := attrs.get(key))), None)
                for name in tokens(attrs.get("itemprop") or ""):
                    yield Property(name, value if value is not None else words(node.text(deep=False)))
