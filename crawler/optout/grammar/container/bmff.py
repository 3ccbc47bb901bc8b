"""The boxes of ISO base media files (ISO/IEC 14496-12) and what AVIF, HEIC, HEIF and JPEG XL keep in them.

XMP is an item of ``meta`` (ISO/IEC 23008-12 Annex A: type ``mime``, content type ``application/rdf+xml``) or a
``uuid`` box; C2PA's store is a ``uuid`` box or, in JPEG XL, a ``jumb`` box. JPEG XL (ISO/IEC 18181-2) has XMP
in ``xml `` and may pack any of its boxes with Brotli in ``brob``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from crawler.optout.grammar.container import tiff
from crawler.optout.grammar.container.collect import Collector
from crawler.optout.grammar.container.inflate import Unpack, as_it_is, inflate, unbrotli
from crawler.optout.grammar.container.octets import be16, be32, be64

XMP_UUID = bytes.fromhex("BE7ACFCB97A942E89C71999491E3AFAC")
C2PA_UUID = bytes.fromhex("D8FEC3D61B0E483C92975828877EC481")
DEPTH = 8
"""Boxes within boxes."""

HOLDERS = (b"moov", b"trak", b"udta", b"mdia", b"minf")
"""Boxes that hold others among which ``meta`` or ``uuid`` may stand."""

CODINGS: dict[bytes, Unpack] = {
    b"": as_it_is,
    b"identity": as_it_is,
    b"deflate": inflate,
    b"gzip": inflate,
    b"br": unbrotli,
}
"""Content codings of items, by the names HTTP gives them."""

_KIND = re.compile(rb"[\x20-\x7e]{4}")


class Box(NamedTuple):
    """One box."""

    kind: bytes
    """Its type, four octets."""
    at: int
    """Where its header begins."""
    start: int
    """Where its content begins."""
    end: int
    """Where it ends, or what it stands in does."""
    whole: bool
    """False: it claims to go on after that, or its header cannot be."""


def boxes(data: bytes, start: int, end: int) -> Iterator[Box]:
    """The boxes between two offsets, one after the other."""
    while end - start >= 8:
        size, content = be32(data, start), start + 8
        if size == 1:
            size, content = be64(data, content), start + 16
        stop = start + size if size else end
        if stop < content or content > end:
            yield Box(data[start + 4 : start + 8], start, min(content, end), min(content, end), False)
            return
        yield Box(data[start + 4 : start + 8], start, content, min(stop, end), stop <= end)
        start = stop


def walk(sink: Collector, data: bytes, start: int, end: int) -> None:
    """Take the metadata of the picture at ``start``."""
    seen: set[bytes] = set()
    for box in boxes(data, start, end):
        if not sink.step():
            return
        if not box.whole:
            if seen & _PIXELS and not _KIND.fullmatch(box.kind):
                return  # what follows the picture is not of it
            sink.lost("a box runs beyond the end")
        seen.add(box.kind)
        _box(sink, data, box, end, 1)
    if not seen & _PIXELS:
        sink.lost("the picture ends before its pixels")


_PIXELS = frozenset({b"meta", b"moov", b"jxlc", b"jxlp"})
"""The boxes of which a picture has one."""


def size(data: bytes) -> tuple[int, int] | None:
    """Width and height of the largest picture among the items, in pixels, before it is turned or cropped."""
    largest: tuple[int, int] | None = None
    for box in _path(data, (b"meta", b"iprp", b"ipco", b"ispe")):
        if box.end - box.start < 12:
            continue
        across, down = be32(data, box.start + 4), be32(data, box.start + 8)
        if largest is None or across * down > largest[0] * largest[1]:
            largest = (across, down)
    return largest


def codestream(data: bytes) -> int:
    """Where the codestream of a boxed JPEG XL begins; -1: nowhere."""
    count = Collector(data)
    for box in boxes(data, 0, len(data)):
        if box.kind in (b"jxlc", b"jxlp"):
            return box.start + (4 if box.kind == b"jxlp" else 0)
        if not count.step():
            break
    return -1


def _path(data: bytes, kinds: tuple[bytes, ...]) -> Iterator[Box]:
    """The boxes at the end of a path of types."""
    count = Collector(data)
    found = [Box(b"", 0, 0, len(data), True)]
    for kind in kinds:
        inside: list[Box] = []
        for parent in found:
            for box in boxes(data, _inside(data, parent), parent.end):
                if not count.step():
                    return
                if box.kind == kind:
                    inside.append(box)
        found = inside
    yield from found


def _inside(data: bytes, box: Box) -> int:
    """Where the boxes within a box begin: ``meta`` has a version and flags, but not in QuickTime files."""
    quicktime = data[box.start + 4 : box.start + 8] == b"hdlr"
    return box.start + 4 if box.kind == b"meta" and not quicktime else box.start


def _box(sink: Collector, data: bytes, box: Box, end: int, depth: int) -> None:
    """Take what one box holds, wherever it stands; ``end``: of the file."""
    match box.kind:
        case b"uuid":
            _uuid(sink, data, box)
        case b"meta":
            _Items(sink, data, box, end).take()
        case b"xml ":
            sink.join("xmp", data, ((box.start, box.end),), sink.number("xml"))
        case b"jumb":
            sink.join("manifests", data, ((box.at, box.end),), sink.number("jumb"))
        case b"Exif":
            _exif(sink, data, box.start, box.end, sink.number("Exif"))
        case b"brob":
            _brotli(sink, data, box)
        case kind if kind in HOLDERS:
            if depth >= DEPTH:
                sink.lost("boxes too deep within others")
                return
            for inner in boxes(data, box.start, box.end):
                if not sink.step():
                    return
                if not inner.whole:
                    sink.lost("a box runs beyond the end")
                _box(sink, data, inner, end, depth + 1)


def _uuid(sink: Collector, data: bytes, box: Box) -> None:
    uuid, start = data[box.start : box.start + 16], box.start + 16
    if uuid == XMP_UUID:
        sink.join("xmp", data, ((start, box.end),), sink.number("uuid"))
    elif uuid == C2PA_UUID:
        # Version and flags, the box's purpose, the offset of another box; then the store.
        if data.startswith(b"merkle\0", start + 4, box.end):
            return
        store = data.find(b"jumb", start, min(box.end, start + 128)) - 4
        locator = sink.number("uuid")
        if store < start:
            sink.lost(f"{locator} holds no manifest store")
            store = start
        sink.join("manifests", data, ((store, box.end),), locator)


def _exif(sink: Collector, data: bytes, start: int, end: int, locator: str) -> None:
    """Exif, behind the offset at which its TIFF begins."""
    with sink.quietly():
        tiff.walk(sink, data, min(start + 4 + be32(data, start), end), end, locator)


def _brotli(sink: Collector, data: bytes, box: Box) -> None:
    kind = data[box.start : box.start + 4]
    if kind not in (b"xml ", b"jumb", b"Exif"):
        return
    locator = sink.number("brob")
    content = sink.unpack(unbrotli, data, ((min(box.start + 4, box.end), box.end),), locator)
    if kind == b"xml ":
        sink.take("xmp", content, locator)
    elif kind == b"jumb":
        sink.take("manifests", (len(content) + 8).to_bytes(4, "big") + kind + content, locator)
    else:
        _exif(sink, content, 0, len(content), locator)


@dataclass
class _Item:
    """An item's entry in ``iinf``."""

    sort: str
    """``xmp``, ``manifests`` or ``exif``."""
    coding: bytes
    spans: list[tuple[int, int]] | None = None
    """Where it stands; None: nothing says."""


class _Items:
    """The items of one ``meta`` box that can say something."""

    def __init__(self, sink: Collector, data: bytes, meta: Box, end: int) -> None:
        self.sink, self.data, self.end = sink, data, end
        self.inside: dict[bytes, Box] = {}
        for box in boxes(data, _inside(data, meta), meta.end):
            if not sink.step():
                break
            if not box.whole:
                sink.lost("a box runs beyond the end")
            self.inside.setdefault(box.kind, box)
            if box.kind == b"uuid":
                _uuid(sink, data, box)
            elif box.kind == b"xml ":
                span = (min(box.start + 4, box.end), box.end)  # behind its version and flags
                sink.join("xmp", data, (span,), sink.number("meta/xml"))

    def take(self) -> None:
        """Take them."""
        items = self._named()
        if not items:
            return
        self._locate(items)
        properties = self.inside.get(b"iprp")
        if properties and self.data.find(b"cmpC", properties.start, properties.end) >= 0:
            self.sink.lost("items are packed by generic compression, which is not read")
        for number, item in items.items():
            locator = f"meta/item[{number}]"
            if item.spans is None:
                self.sink.lost(f"{locator} is nowhere")
                continue
            spans = [(min(start, self.end), min(end, self.end)) for start, end in item.spans]
            if spans != item.spans:
                self.sink.lost(f"{locator} runs beyond the end")
            unpack = CODINGS.get(item.coding)
            if unpack is None:
                self.sink.lost(f"{locator} is packed in an unknown way")
            elif item.sort == "exif":
                for start, end in spans[:1]:
                    _exif(self.sink, self.data, start, end, locator)
            elif unpack is as_it_is:
                self.sink.join("xmp" if item.sort == "xmp" else "manifests", self.data, spans, locator)
            else:
                content = self.sink.unpack(unpack, self.data, spans, locator)
                self.sink.take("xmp" if item.sort == "xmp" else "manifests", content, locator)

    def _named(self) -> dict[int, _Item]:
        """The items that matter, by number (ISO/IEC 14496-12 §8.11.6)."""
        items: dict[int, _Item] = {}
        info = self.inside.get(b"iinf")
        if info is None:
            return items
        start = info.start + (8 if self.data[info.start : info.start + 1] not in (b"\0", b"") else 6)
        for box in boxes(self.data, start, info.end):
            if not self.sink.step():
                break
            if not box.whole:
                self.sink.lost("a box runs beyond the end")
            number, item = self._entry(box)
            if item is not None:
                items.setdefault(number, item)
        return items

    def _entry(self, box: Box) -> tuple[int, _Item | None]:
        data = self.data
        version, at = data[box.start : box.start + 1], box.start + 4
        wide = 4 if version >= b"\3" else 2
        number = be32(data, at) if wide == 4 else be16(data, at)
        at += wide + 2
        kind = b"mime"
        if version >= b"\2":
            kind = data[at : at + 4]
            at += 4
        words = data[min(at, box.end) : min(box.end, at + 4096)].split(b"\0")[1:]
        content_type, coding = (word.strip().lower() for word in [*words, b"", b""][:2])
        if kind == b"Exif":
            return number, _Item("exif", b"")
        if kind == b"mime" and b"xml" in content_type and b"svg" not in content_type:
            return number, _Item("xmp", coding)
        if kind == b"mime" and b"c2pa" in content_type:
            return number, _Item("manifests", coding)
        return number, None

    def _locate(self, items: dict[int, _Item]) -> None:
        """Where the items stand (ISO/IEC 14496-12 §8.11.3)."""
        box = self.inside.get(b"iloc")
        if box is None:
            return
        data, at = self.data, box.start + 6
        version = data[box.start : box.start + 1]
        sizes = be16(data, box.start + 4)
        offset_size, length_size, base_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
        index_size = sizes & 15 if version in (b"\1", b"\2") else 0
        wide = 4 if version == b"\2" else 2

        def number(size: int) -> int:
            nonlocal at
            at += size
            return int.from_bytes(data[at - size : at], "big")

        for _ in range(number(wide)):
            if at >= box.end or not self.sink.step():
                if at >= box.end:
                    self.sink.lost("the places of items end too early")
                return
            item = items.get(number(wide))
            method = number(2) & 15 if version in (b"\1", b"\2") else 0
            elsewhere = number(2)
            base = number(base_size)
            spans: list[tuple[int, int]] = []
            for _ in range(number(2)):
                if at >= box.end or not self.sink.step():
                    break
                number(index_size)
                offset = base + number(offset_size)
                spans.append((offset, number(length_size)))
            if item is None or item.spans is not None or elsewhere or method > 1:
                continue
            item.spans = self._placed(spans, method)

    def _placed(self, spans: list[tuple[int, int]], method: int) -> list[tuple[int, int]] | None:
        """Offsets and lengths as spans of the file; ``method`` 1: they count from ``idat``."""
        start, end = 0, self.end
        if method == 1:
            if b"idat" not in self.inside:
                return None
            start, end = self.inside[b"idat"].start, self.inside[b"idat"].end
        return [
            (start + offset, start + offset + length if length else max(end, start + offset))
            for offset, length in spans
        ]
