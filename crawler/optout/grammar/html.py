"""One parse of a page, shared by every signal and by link extraction: ``capture.parsed(page)``.

WHATWG HTML (https://html.spec.whatwg.org/multipage/parsing.html), read by lexbor. Declarations count wherever
they stand, in ``<body>``, ``<noscript>`` and ``<template>`` too, but not in comments. What the parser could not
see, because the page was cut or an unclosed element swallowed the rest, is told by ``head_complete`` and
searched once more for metas, which are marked ``recovered``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.optout.grammar.charset import decode
from crawler.optout.model import Capture


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
    """One ``<script>`` that holds data: JSON-LD or RSL."""

    type: str
    """``application/ld+json`` or ``application/rsl+xml``."""
    text: str
    """What is inside, as written."""
    in_head: bool
    """Whether it stands in ``<head>`` and so speaks for the whole document."""
    locator: str
    """``script[2]``: counted from 0 among all scripts of the document."""
    images: tuple[str, ...] = ()
    """For RSL outside ``<head>``: the image addresses, as written, inside the parent element."""


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


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """What a page declares, in document order."""

    metas: tuple[Meta, ...] = ()
    """Every meta, recovered ones last."""
    links: tuple[Link, ...] = ()
    """Every ``<link>``."""
    data_scripts: tuple[DataScript, ...] = ()
    """JSON-LD and RSL."""
    anchors: tuple[Anchor, ...] = ()
    """Links to follow, ``nofollow`` ones included."""
    images: tuple[Image, ...] = ()
    """Every image address, candidates of ``srcset`` included."""
    properties: tuple[Property, ...] = ()
    """Microdata."""
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

MARKUP = frozenset({"text/html", "application/xhtml+xml"})
"""Types that are always parsed."""

PLAIN = re.compile(
    r"text/(?!html|xml)|image/(?!svg)|audio/|video/|font/|application/(json|pdf|epub|zip|octet-stream|rss|atom)"
)
"""Types that are never parsed, whatever the body looks like."""

RSL = "application/rsl+xml"
JSON_LD = "application/ld+json"

_IMAGE_NAME = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|jxl|tiff?|bmp|heic|svg)(?:[?#]|\Z)", re.I)
_IMAGE_METAS = frozenset(
    {"og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src", "image"}
)
_SPACE = re.compile(r"\s+")
_ADDRESS = re.compile(r"[\s,]*+(\S++)")
_DESCRIPTORS = re.compile(r"[^,(]*+(?:\([^)]*+\)?+[^,(]*+)*+,?+")
_LOST = re.compile(r"<(?:/head|meta|link|head|body|html|script)\b", re.I)
_LOST_META = re.compile(r"<(?:[\w-]+:)?meta\b[^<>]*", re.I)
_OPENER = re.compile(
    r"<(?:(!--)|(title|script|style|textarea|xmp|iframe|noembed|noframes|plaintext)(?=[\s/>]))", re.I
)
_SELF_CLOSED = re.compile(r"<(title|script|style|textarea|xmp|iframe|noembed|noframes)\b([^<>]*)/>", re.I)
_PREFIX = re.compile(
    r"""xmlns:([\w.-]{1,40})\s*=\s*["']https?://www\.w3\.org/(?:1999/xhtml|2002/06/xhtml2)/?["']""", re.I
)

_CLIMB = 64
"""Ancestors looked at to tell where an element stands."""

_MOST_RECOVERED = 64
"""Swallowed metas that are read again."""


def is_markup(capture: Capture) -> bool:
    """Whether the body is read as HTML: by its type, or where that says nothing, by its first character."""
    claimed = capture.media_type or ""
    if claimed in MARKUP:
        return True
    if PLAIN.match(claimed):
        return False
    return (
        capture.body[:1024].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x0b\x0c").startswith(b"<")
    )


def page(capture: Capture) -> Page:
    """What the page declares; :data:`NOTHING` for a body that is no HTML. Never raises."""
    if not capture.body or not is_markup(capture):
        return NOTHING
    source = decode(capture.body, _charset(capture)).replace("\0", "")
    return parse(source, xml=capture.media_type != "text/html", cut=not capture.complete)


def parse(source: str, *, xml: bool = False, cut: bool = False) -> Page:
    """What the markup ``source`` declares.

    ``xml``: it may be XHTML, where ``<script/>`` is closed and elements may have a prefix. ``cut``: it is only
    the beginning of the document.
    """
    if xml or "xmlns:" in source[:4096]:
        source = _as_html(source, xml)
    mark = "heedful-end"
    while mark in source:
        mark += "-"
    # When the last element is not seen, something unclosed has swallowed the end of the document.
    tree = LexborHTMLParser(f"{source}\n<noframes id={mark}></noframes>")
    roots: list[LexborNode | LexborHTMLParser] = [tree]
    if tree.tags("template"):
        roots += _templates(tree)
    swallowed = not any(node.attrs.get("id") == mark for node in _all(roots, "noframes"))

    metas = list(_metas(_all(roots, "meta")))
    trouble = ""
    if swallowed:
        lost = source[_lost_from(source) :]
        if _LOST.search(lost):
            trouble = "an unclosed element hides declarations"
            metas += _recovered(lost)
    lowered = source.lower()
    if cut and not trouble and "</head" not in lowered and "<body" not in lowered:
        trouble = "page cut before the end of its head"

    root = tree.root
    title = tree.css_first("title")
    return Page(
        metas=tuple(metas),
        links=tuple(_links(roots)),
        data_scripts=tuple(_data_scripts(roots)),
        anchors=tuple(_anchors(roots)),
        images=tuple(_images(roots, metas)),
        properties=tuple(_properties(roots)) if "itemprop" in lowered else (),
        title=_words(title.text().partition("<noframes id=heedful-end")[0]) if title is not None else "",
        base=next((href for node in _all(roots, "base") if (href := node.attrs.get("href"))), None),
        lang=root.attributes.get("lang") if root is not None else None,
        head_complete=not trouble,
        trouble=trouble,
        nosnippet="data-nosnippet" in lowered,
    )


def _charset(capture: Capture) -> str | None:
    for value in capture.values("content-type"):
        _, found, rest = value.lower().partition("charset=")
        if found:
            return rest.partition(";")[0].strip(" \t\"'") or None
    return None


def _as_html(source: str, xml: bool) -> str:
    for prefix in set(_PREFIX.findall(source[:4096])):
        source = re.sub(rf"<(/?){re.escape(prefix)}:", r"<\1", source)
    return _SELF_CLOSED.sub(r"<\1\2></\1>", source) if xml else source


def _templates(tree: LexborHTMLParser) -> list[LexborNode]:
    """The contents of every template, nested ones included."""
    found = list(tree.template_fragments())
    for fragment in found:  # grows while it is walked
        found += fragment.template_fragments()
    return found


def _all(roots: Iterable[LexborNode | LexborHTMLParser], tag: str) -> Iterator[LexborNode]:
    for root in roots:
        yield from root.tags(tag) if isinstance(root, LexborHTMLParser) else root.css(tag)


def _words(text: str) -> str:
    """``text`` with white space collapsed, at most 1,000 characters of it."""
    return _SPACE.sub(" ", text[:4000]).strip()[:1000]


@lru_cache(maxsize=4096)
def tokens(text: str) -> frozenset[str]:
    """The lower-case, space-separated tokens of an attribute such as ``rel``."""
    return frozenset(text.lower().split())


def _metas(nodes: Iterable[LexborNode], *, recovered: bool = False) -> Iterator[Meta]:
    count: dict[str, int] = {}
    for node in nodes:
        attrs = node.attributes
        name, prop, equiv, item = (
            (attrs.get(key) or "").strip().lower() for key in ("name", "property", "http-equiv", "itemprop")
        )
        label = "meta"
        for key, value in (("name", name), ("property", prop), ("http-equiv", equiv), ("itemprop", item)):
            if value:
                label = f"meta[{key}={value[:80]}]"
                break
        index = count[label] = count.get(label, -1) + 1
        locator = f"{label}[{index}]" + (" (swallowed)" if recovered else "")
        yield Meta(name, prop, equiv, item, attrs.get("content") or "", locator, recovered)


def _lost_from(source: str) -> int:
    """Where the text begins that an unclosed comment, element or tag has swallowed."""
    position, lowered = 0, source.lower()
    while match := _OPENER.search(source, position):
        if match[1]:
            begin, closer = match.end(), "-->"
        else:
            begin, closer = source.find(">", match.end()) + 1, f"</{match[2].lower()}"
            if not begin:
                break
        # "<!-->" is a whole comment.
        end = lowered.find(closer, begin - 2 if match[1] else begin)
        if end < 0:
            return begin
        position = end + len(closer)
    last = source.rfind("<")
    return last if last > source.rfind(">") else 0


def _recovered(lost: str) -> Iterator[Meta]:
    """The metas in swallowed text, their quotes closed where they were cut."""
    nodes: list[LexborNode] = []
    for match in _LOST_META.finditer(lost):
        text = re.sub(r"\A<[\w-]+:", "<", match[0])
        text += '"' * (text.count('"') % 2) + "'" * (text.count("'") % 2) + ">"
        nodes += LexborHTMLParser(text).tags("meta")
        if len(nodes) >= _MOST_RECOVERED:
            break
    yield from _metas(nodes, recovered=True)


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


def _beside(node: LexborNode) -> tuple[str, ...]:
    """The image addresses inside the element that ``node`` stands in."""
    parent = node.parent
    if parent is None:
        return ()
    return tuple(image.src for image in _pictures(parent.css("img"), parent.css("source"), {}))


def _links(roots: list[LexborNode | LexborHTMLParser]) -> Iterator[Link]:
    for index, node in enumerate(_all(roots, "link")):
        attrs = node.attributes
        rel, kind, head = tokens(attrs.get("rel") or ""), _type(attrs.get("type")), _in_head(node)
        yield Link(
            rel,
            (attrs.get("href") or "").strip(),
            kind,
            attrs.get("media") or "",
            attrs.get("hreflang") or "",
            head,
            f"link[{index}]",
            _beside(node) if not head and kind == RSL else (),
        )


def _data_scripts(roots: list[LexborNode | LexborHTMLParser]) -> Iterator[DataScript]:
    for index, node in enumerate(_all(roots, "script")):
        kind = _type(node.attrs.get("type"))
        if kind not in (JSON_LD, RSL):
            continue
        head = _in_head(node)
        beside = _beside(node) if not head and kind == RSL else ()
        yield DataScript(kind, node.text(), head, f"script[{index}]", beside)


def _anchors(roots: list[LexborNode | LexborHTMLParser]) -> Iterator[Anchor]:
    for tag, key in (("a", "href"), ("area", "href"), ("frame", "src")):
        for node in _all(roots, tag):
            attrs = node.attrs
            if href := attrs.get(key):
                yield Anchor(href, tokens(attrs.get("rel") or ""))


def candidates(srcset: str) -> Iterator[str]:
    """The addresses of a ``srcset``; https://html.spec.whatwg.org/multipage/images.html#srcset-attributes."""
    position = 0
    while match := _ADDRESS.match(srcset, position):
        position = match.end()
        address = match[1].rstrip(",")
        if address:
            yield address
        if not match[1].endswith(","):
            position = _DESCRIPTORS.match(srcset, position).end()  # type: ignore[union-attr] # matches nothing too


def _pictures(
    images: Iterable[LexborNode], sources: Iterable[LexborNode], captions: dict[int, str]
) -> Iterator[Image]:
    for node in images:
        attrs = node.attributes
        alt = (attrs.get("alt") or "").strip()
        caption = _caption(node, captions) if captions else ""
        for key, value in attrs.items():
            if not value:
                continue
            if key == "src":
                yield Image(value, alt, caption, "img")
            elif key in ("data-src", "data-original", "data-lazy-src"):
                yield Image(value, alt, caption, "data-src")
            elif key in ("srcset", "data-srcset", "data-lazy-srcset"):
                for src in candidates(value):
                    yield Image(src, alt, caption, "srcset")
    for node in sources:
        attrs = node.attributes
        for key in ("srcset", "data-srcset"):
            for src in candidates(attrs.get(key) or ""):
                yield Image(src, "", _caption(node, captions) if captions else "", "srcset")


def _caption(node: LexborNode, captions: dict[int, str]) -> str:
    parent = node.parent
    for _ in range(8):
        if parent is None:
            break
        if (found := captions.get(parent.mem_id)) is not None:
            return found
        parent = parent.parent
    return ""


def _images(roots: list[LexborNode | LexborHTMLParser], metas: Iterable[Meta]) -> Iterator[Image]:
    captions: dict[int, str] = {}
    for node in _all(roots, "figcaption"):
        if node.parent is not None:
            captions[node.parent.mem_id] = _words(node.text())
    yield from _pictures(_all(roots, "img"), _all(roots, "source"), captions)
    for meta in metas:
        if meta.content and (meta.property or meta.name or meta.itemprop) in _IMAGE_METAS:
            yield Image(meta.content, "", "", "meta")
    for link in _links(roots):
        if "image_src" in link.rel and link.href:
            yield Image(link.href, "", "", "link")
    for anchor in _anchors(roots):
        if _IMAGE_NAME.search(anchor.href):
            yield Image(anchor.href, "", "", "a")


def _properties(roots: list[LexborNode | LexborHTMLParser]) -> Iterator[Property]:
    for root in roots:
        for node in root.css("[itemprop]"):
            if node.tag == "meta":
                continue
            attrs = node.attributes
            value = next((found for key in ("content", "href", "src") if (found := attrs.get(key))), None)
            for name in tokens(attrs.get("itemprop") or ""):
                yield Property(name, value if value is not None else _words(node.text()))
