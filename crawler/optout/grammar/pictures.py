"""Where a page shows or offers images: ``img``, ``srcset``, lazy ``data-src``, metas, links to image files.

https://html.spec.whatwg.org/multipage/images.html. Every candidate counts, also those a browser would not pick,
because a reservation of the page spreads to all of them. CSS backgrounds are not read.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator

from selectolax.lexbor import LexborNode

from crawler.optout.grammar.document import Anchor, Image, Link, Meta

_LAZY = frozenset({"data-src", "data-original", "data-lazy-src"})
_SETS = frozenset({"srcset", "data-srcset", "data-lazy-srcset"})
_METAS = frozenset(
    {"og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src", "image"}
)
_TYPES = frozenset({"jpg", "jpeg", "png", "gif", "webp", "avif", "jxl", "tif", "tiff", "bmp", "heic", "svg"})
_SPACE = re.compile(r"\s+")
_ADDRESS = re.compile(r"[\s,]*+(\S++)")
_DESCRIPTORS = re.compile(r"[^,(]*+(?:\([^)]*+\)?+[^,(]*+)*+,?+")

_CLIMB = 8
"""Ancestors looked at to find the figure around an image."""


def words(text: str) -> str:
    """``text`` with white space collapsed, at most 1,000 characters of it."""
    return _SPACE.sub(" ", text[:4000]).strip()[:1000]


def candidates(srcset: str) -> Iterator[str]:
    """The addresses of a ``srcset``; https://html.spec.whatwg.org/multipage/images.html#srcset-attributes."""
    position = 0
    while match := _ADDRESS.match(srcset, position):
        position = match.end()
        address = match[1].rstrip(",")
        if address:
            yield address
        if not match[1].endswith(",") and (rest := _DESCRIPTORS.match(srcset, position)):
            position = rest.end()


def shown(
    images: Iterable[LexborNode],
    sources: Iterable[LexborNode],
    figcaptions: Iterable[LexborNode] = (),
    unquoted: Container[int] = (),
) -> Iterator[Image]:
    """The addresses of ``img`` elements, and of the ``source`` elements beside them.

    ``unquoted``: the elements, by ``mem_id``, whose words are not to be kept.
    """
    captions = {
        parent.mem_id: words(node.text())
        for node in figcaptions
        if (parent := node.parent) is not None and node.mem_id not in unquoted
    }
    for node in images:
        attrs = node.attributes
        alt = "" if node.mem_id in unquoted else (attrs.get("alt") or "").strip()
        caption = _caption(node, captions) if captions else ""
        for key, value in attrs.items():
            if not value:
                continue
            if key == "src":
                yield Image(value, alt, caption, "img")
            elif key in _SETS:
                for address in candidates(value):
                    yield Image(address, alt, caption, "srcset")
            elif key in _LAZY:
                yield Image(value, alt, caption, "data-src")
    for node in sources:
        attrs = node.attributes
        caption = _caption(node, captions) if captions else ""
        for key in _SETS.intersection(attrs):
            for address in candidates(attrs[key] or ""):
                yield Image(address, "", caption, "srcset")


def offered(metas: Iterable[Meta], links: Iterable[Link], anchors: Iterable[Anchor]) -> Iterator[Image]:
    """The addresses that the page names without showing them."""
    for meta in metas:
        if meta.content and (meta.property or meta.name or meta.itemprop) in _METAS:
            yield Image(meta.content, "", "", "meta")
    for link in links:
        if link.href and "image_src" in link.rel:
            yield Image(link.href, "", "", "link")
    for anchor in anchors:
        href = anchor.href
        if "?" in href or "#" in href:
            href = href.partition("#")[0].partition("?")[0]
        if href[-5:].rpartition(".")[2].lower() in _TYPES:
            yield Image(anchor.href, "", "", "a")


def _caption(node: LexborNode, captions: dict[int, str]) -> str:
    parent = node.parent
    for _ in range(_CLIMB):
        if parent is None:
            break
        if (found := captions.get(parent.mem_id)) is not None:
            return found
        parent = parent.parent
    return ""
