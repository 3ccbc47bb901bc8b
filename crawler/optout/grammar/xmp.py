"""XMP: the metadata packets of one file, looked up by namespace.

Extensible Metadata Platform, ISO 16684-1:2019 (https://www.iso.org/standard/75163.html), which is Adobe's XMP
Specification Part 1. A packet is RDF/XML, usually inside ``x:xmpmeta`` and ``<?xpacket?>`` wrappers. An SVG
document is read as one packet, because its RDF stands inside it.

What is not well-formed is read as far as it goes; such values are marked, and the raw packet is kept beside
them for a search that looks at bytes alone. A packet that passes a bound is not read at all, and one that ends
before its root does not say all it had to say: both are trouble.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from lxml import etree

from crawler.optout.grammar.container.collect import BESIDE
from crawler.optout.grammar.container.found import Part
from crawler.optout.grammar.container.walk import metadata_of
from crawler.optout.grammar.markup import is_blank, read_markup
from crawler.optout.grammar.rdf import is_about_file, is_simple, values_of
from crawler.optout.grammar.xml import parse_xml
from crawler.optout.model import Capture, Malformed

ELEMENTS = 100_000
"""Elements read of all packets of one file together."""

ATTRIBUTES = 200_000
"""Attributes read of all packets of one file together, counted by their equals signs."""

_WRAPPER = re.compile(rb"<\?xpacket\s[^<>?]{0,200}+\?>")
"""What stands around a packet; some writers leave it behind when they remove what was in it."""

_END = re.compile(rb"</(?:[\w.-]{1,40}+:)?(?:x[am]pmeta|RDF|svg)\s*+>")


class Value(NamedTuple):
    """One value of a property."""

    text: str
    """Stripped, never empty."""
    name: str
    """The property as written, prefix included: ``plus:DataMining``."""
    locator: str
    """``APP1[0] > plus:DataMining``."""
    exact: bool
    """Whether it is a plain value of the file itself, in well-formed XML in the place that its format has for
    it; nothing else may permit."""
    grants: bool = True
    """Whether it is of the picture that is shown; what is said of another one in the file may not permit."""

    @property
    def written(self) -> str:
        """Property and value in one line, as evidence quotes them."""
        return f"{self.name} = {self.text}"


class Found(NamedTuple):
    """One element that is not XMP's own."""

    element: etree._Element
    """The element."""
    locator: str
    """The packet it stands in."""
    exact: bool
    """As in :class:`Value`, without regard to where in the packet it stands."""


_Place = tuple[etree._Element, str | None]
"""An element, or the attribute of that name on it."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Packet:
    """One packet that was parsed."""

    locator: str
    """Where it stands."""
    exact: bool
    """Whether it is well-formed and was found where its format puts XMP."""
    grants: bool
    """As in :class:`Value`."""
    names: dict[str, list[_Place]]
    """Elements and attributes by their ``{namespace}local``, in the order of the document."""
    spellings: dict[str, list[str]]
    """The keys of ``names`` by their local name in lower case."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Xmp:
    """All packets of one file."""

    packets: tuple[Packet, ...] = ()
    """Those that were parsed, be it with errors."""
    broken: tuple[Part, ...] = ()
    """Those that were not well-formed or not read, as raw bytes."""
    trouble: str = ""
    """Why something may have been missed, in words; empty when every packet was read."""

    def values(self, namespaces: str | Iterable[str], local: str) -> tuple[Value, ...]:
        """The values of a property under any of ``namespaces``, packet after packet."""
        spaces = (namespaces,) if isinstance(namespaces, str) else tuple(namespaces)
        found: list[Value] = []
        for packet in self.packets:
            seen: set[etree._Element] = set()
            for space in spaces:
                places = packet.names.get(f"{{{space}}}{local}" if space else local, ())
                for index, (element, attribute) in enumerate(places):
                    if element not in seen or attribute is not None:
                        found += _values(packet, index, element, attribute, seen)
        return tuple(found)

    def spellings(self, *locals: str) -> tuple[tuple[str, str], ...]:
        """Namespace and local name of every property that is called one of ``locals``, in any case."""
        found: dict[tuple[str, str], None] = {}
        for packet in self.packets:
            for local in locals:
                for name in packet.spellings.get(local, ()):
                    namespace, _, spelled = name.rpartition("}")
                    found[namespace[1:], spelled] = None
        return tuple(found)

    def elements(self, local: str) -> Iterator[Found]:
        """The elements with this local name, in any case and namespace."""
        for packet in self.packets:
            for name in packet.spellings.get(local, ()):
                for element, attribute in packet.names[name]:
                    if attribute is None:
                        yield Found(element, packet.locator, packet.exact and packet.grants)


def xmp_of(capture: Capture) -> Xmp:
    """The XMP of the file in ``capture``; use as ``capture.parsed(xmp_of)``. Never raises."""
    packets: list[Packet] = []
    broken: list[Part] = []
    trouble: list[str] = []
    elements, attributes = ELEMENTS, ATTRIBUTES
    for part in capture.parsed(metadata_of).xmp:
        markup = read_markup(part.data)
        if not _WRAPPER.sub(b"", markup.data).strip():
            if not (markup.data or is_blank(part.data)):
                broken.append(part)
                trouble.append(f"{part.locator}: no markup")
            continue
        elements -= markup.data.count(b"<") - markup.data.count(b"</")
        attributes -= markup.data.count(b"=")
        try:
            if elements < 0 or attributes < 0:
                raise Malformed("more elements or attributes than are read")
            root, well_formed = _parsed(markup.data)
        except Malformed as error:
            broken.append(part)
            trouble.append(f"{part.locator}: {error}")
            continue
        if not well_formed:
            broken.append(part)
            if not _END.search(markup.data):
                trouble.append(f"{part.locator}: ends early")
        exact = well_formed and markup.exact and not part.locator.startswith("scan[")
        names = _names(root)
        packets.append(
            Packet(
                locator=part.locator,
                exact=exact,
                grants=not part.locator.startswith(BESIDE),
                names=names,
                spellings=_by_local_name(names),
            )
        )
    return Xmp(packets=tuple(packets), broken=tuple(broken), trouble="; ".join(trouble[:4]))


def _parsed(markup: bytes) -> tuple[etree._Element, bool]:
    """The root, and whether the markup is well-formed."""
    try:
        return parse_xml(markup), True
    except Malformed:
        pass
    # Several roots in a row need one around them; a document type cannot stand inside an element.
    wrapped = markup if b"<!DOCTYPE" in markup else b"<packets>" + markup + b"</packets>"
    return parse_xml(wrapped, recover=True), False


def _names(root: etree._Element) -> dict[str, list[_Place]]:
    names: dict[str, list[_Place]] = {}
    for element in root.iter("*"):
        names.setdefault(str(element.tag), []).append((element, None))
        for name in element.attrib:
            if str(name).startswith("{") or ":" in str(name):
                names.setdefault(str(name), []).append((element, str(name)))
    return names


def _by_local_name(names: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in names:
        # A prefix that is declared nowhere stays in the name.
        found.setdefault(name.rpartition("}")[2].rpartition(":")[2].lower(), []).append(name)
    return found


def _values(
    packet: Packet, index: int, element: etree._Element, attribute: str | None, seen: set[etree._Element]
) -> Iterator[Value]:
    if attribute is None:
        parent = element.getparent()
        texts = values_of(element, seen)
        exact = packet.exact and is_simple(element) and parent is not None and is_about_file(parent)
    else:
        texts = [text] if (text := str(element.get(attribute) or "").strip()) else []
        exact = packet.exact and is_about_file(element)
    if texts:
        name = _name(element, attribute)
        locator = f"{packet.locator} > {name}[{index}]" if index else f"{packet.locator} > {name}"
        yield from (Value(text, name, locator, exact, packet.grants) for text in texts)


def _name(element: etree._Element, attribute: str | None) -> str:
    """A property as written, prefix included."""
    namespace, _, local = str(attribute or element.tag).rpartition("}")
    if attribute is None:
        prefix = element.prefix
    else:
        prefix = next((key for key, space in element.nsmap.items() if key and space == namespace[1:]), None)
    return f"{prefix}:{local}" if prefix else local
