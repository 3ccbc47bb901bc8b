"""RSL terms that travel inside a file: in its XMP, in a PNG's text chunks, in the package of an EPUB.

RSL 1.0 (https://rslstandard.org/rsl), embedding: one ``rsl`` element with exactly one ``content``, whose url is
the canonical address of the work. The terms hold for the file wherever a copy of it lies.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

from lxml import etree

from crawler.optout.grammar.container.walk import metadata_of
from crawler.optout.grammar.epub import epub_of
from crawler.optout.grammar.markup import read_markup
from crawler.optout.grammar.rsl import Document, is_rsl, read_rsl
from crawler.optout.grammar.xml import name_of, parse_xml
from crawler.optout.grammar.xmp import xmp_of
from crawler.optout.model import EXCERPT_LIMIT, Capture, Malformed

MOST = 20
"""Terms read of one file."""

_MARK = re.compile(rb"<(?:[\w.-]{1,20}+:)?rsl[\s/>]")
"""What terms that nobody can read are recognised by."""


class Embedded(NamedTuple):
    """Terms found in a file."""

    locator: str
    """Where."""
    text: str
    """Their beginning, as written."""
    terms: Document | None
    """What they say; None when they could not be read."""
    exact: bool
    """Whether they stand in well-formed markup, in a place that the format has for them."""


def terms_in_metadata(capture: Capture) -> list[Embedded]:
    """The terms in XMP and text chunks, at most one more than :data:`MOST`."""
    return list(islice(_in_metadata(capture), MOST + 1))


def terms_in_epub(capture: Capture) -> list[Embedded]:
    """The terms in an EPUB's packages, at most one more than :data:`MOST`."""
    return list(islice(_in_epub(capture), MOST + 1))


def _in_metadata(capture: Capture) -> Iterator[Embedded]:
    xmp = capture.parsed(xmp_of)
    broken = {part.locator for part in xmp.broken}
    read: set[str] = set()
    for local in ("rsl", "content"):
        for found in xmp.elements(local):
            if _is_terms(found.element):
                read.add(found.locator)
                defect = "not well-formed" if found.locator in broken else ""
                yield _embedded(found.element, found.locator, exact=found.exact, defect=defect)
    for part in xmp.broken:
        if part.locator not in read:
            yield from _unread(part.data, part.locator)
    for part in capture.parsed(metadata_of).texts:
        yield from _in_markup(part.data, part.locator)


def _in_epub(capture: Capture) -> Iterator[Embedded]:
    for index, package in enumerate(capture.parsed(epub_of).packages):
        yield from _in_markup(package, f"package[{index}]" if index else "package")


def _in_markup(data: bytes, locator: str) -> Iterator[Embedded]:
    if b"rsl" not in data.replace(b"\0", b""):
        return
    markup = read_markup(data)
    exact = True
    try:
        root = parse_xml(markup.data)
    except Malformed:
        exact = False
        try:
            root = parse_xml(markup.data, recover=True)
        except Malformed:
            yield from _unread(data, locator)
            return
    found = [element for element in root.iter("{*}rsl", "{*}content") if _is_terms(element)]
    for element in found:
        defect = "" if exact else "not well-formed"
        yield _embedded(element, locator, exact=exact and markup.exact, defect=defect)
    if not found:
        yield from _unread(data, locator)


def _unread(data: bytes, locator: str) -> Iterator[Embedded]:
    plain = data.replace(b"\0", b"")
    if mark := _MARK.search(plain):
        yield Embedded(locator, plain[mark.start() :][:EXCERPT_LIMIT].decode("utf-8", "replace"), None, False)


def _is_terms(element: etree._Element) -> bool:
    """Whether terms begin here: an ``rsl``, or a ``content`` that stands in none."""
    namespace, local = name_of(element)
    if not (is_rsl(namespace) or element.prefix == "rsl" or local.lower().startswith("rsl:")):
        return False
    if local.lower().rpartition(":")[2] == "rsl":
        return True
    return not any(_is_rsl_root(above) for above in _above(element))


def _above(element: etree._Element) -> Iterable[etree._Element]:
    return islice(element.iterancestors(), 4)


def _is_rsl_root(element: etree._Element) -> bool:
    return name_of(element)[1].lower().rpartition(":")[2] == "rsl"


def _embedded(element: etree._Element, locator: str, *, exact: bool, defect: str) -> Embedded:
    document = read_rsl(element)
    defects = list(document.defects)
    if defect:
        defects += [(content.place, defect) for content in document.contents[:1]]
    if name_of(element)[1].lower().rpartition(":")[2] != "rsl":
        defects += [(content.place, "content outside rsl") for content in document.contents[:1]]
    if len(document.contents) > 1:
        defects.append((document.contents[1].place, "more than one content"))
    defects += [(content.place, "no canonical url") for content in document.contents if not content.url][:1]
    place = document.contents[0].place if document.contents else None
    text = place.excerpt if place else etree.tostring(element, encoding="unicode", with_tail=False)
    return Embedded(locator, text[:EXCERPT_LIMIT], replace(document, defects=tuple(defects)), exact)
