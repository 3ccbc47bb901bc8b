"""JPEG's marker segments (ITU-T T.81 B.1.1) and what they carry.

APP1: XMP, Extended XMP and Exif (Adobe, XMP Specification Part 3, 1.1.3;
https://developer.adobe.com/xmp/docs/xmp-specifications/). APP11: JUMBF boxes in pieces (ISO 19566-5, Annex D).
APP13: Photoshop's resources. Metadata comes before the pixels, so a picture that is cut in its scan has
said all it says; but pieces between the scans of a progressive picture are read too, and pictures that follow
the first, as of a second lens.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from crawler.optout.grammar.container import photoshop, tiff
from crawler.optout.grammar.container.collect import PACKET, Collector
from crawler.optout.grammar.container.octets import be16, be32, be64

XMP = b"http://ns.adobe.com/xap/1.0/\0"
EXTENDED = b"http://ns.adobe.com/xmp/extension/\0"
EXIF = b"Exif\0"
PHOTOSHOP = (b"Photoshop 3.0\0", b"Adobe_Photoshop2.5:")
JUMBF = b"JP"

SOI, EOI, SOS = 0xD8, 0xD9, 0xDA
APP1, APP11, APP13 = 0xE1, 0xEB, 0xED

_FILL = re.compile(rb"\xff++")
_AMONG_PIXELS = re.compile(rb"\xff[\xd9\xe1\xeb\xed]")
# In coded pixels FF is followed by 00 or a restart marker; these end the picture or carry metadata.
_HAS_EXTENDED = re.compile(rb"HasExtendedXMP[^0-9A-Za-z]{1,20}([0-9A-Fa-f]{32})")

Span = tuple[int, int]


def walk(sink: Collector, data: bytes, start: int, end: int) -> None:
    """Take the metadata of the picture at ``start``, and of those that follow it."""
    position = _picture(sink, data, start + 2, end)
    with sink.quietly(), sink.beside():  # what looks like a picture in the bytes behind one may be anything
        while (position := data.find(b"\xff\xd8\xff", position, end)) >= 0 and sink.step():
            position = _picture(sink, data, position + 2, end)


def size(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels, as the first frame header has them; None where pixels come before one."""
    count = Collector(data)
    position, end = 2, len(data)
    while position + 9 <= end and count.step():
        filled = _FILL.match(data, position, end)
        if filled is None or filled.end() + 8 > end:
            return None
        position = filled.end() + 1
        marker = data[position - 1]
        if marker == 0x01 or 0xD0 <= marker <= SOI:
            continue
        length = be16(data, position)
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return be16(data, position + 5), be16(data, position + 3)
        if length < 2 or marker in (EOI, SOS):
            return None
        position += length
    return None


def _picture(sink: Collector, data: bytes, position: int, end: int) -> int:
    """Walk one picture from behind its SOI; where it ends."""
    found = _Pieces()
    try:
        while sink.step():
            position = data.find(b"\xff", position, end)  # decoders skip what is no marker
            filled = _FILL.match(data, position, end) if position >= 0 else None
            if filled is None or filled.end() >= end:
                sink.lost("the picture ends before its pixels")
                return end
            position = filled.end() + 1
            marker = data[position - 1]
            if marker == EOI:
                return position
            if marker in (0x00, 0x01) or 0xD0 <= marker <= SOI:
                continue  # a marker without a segment
            stop = position + be16(data, position)
            if stop < position + 2:
                sink.lost("a segment without a length")
                continue
            if marker == SOS:
                return _pixels(sink, data, stop, end, found)
            if stop > end:
                sink.lost("a segment runs beyond the end")
                stop = end
            _segment(sink, data, marker, position + 2, stop, found)
            position = stop
        return end
    finally:
        found.put_together(sink, data)


def _pixels(sink: Collector, data: bytes, position: int, end: int, found: _Pieces) -> int:
    """Look for segments among coded pixels; where the picture ends."""
    while (hit := _AMONG_PIXELS.search(data, position, end)) and sink.step():
        position = hit.end()
        marker = data[position - 1]
        if marker == EOI:
            return position
        stop = position + be16(data, position)
        if data.startswith((XMP, EXTENDED, *PHOTOSHOP, JUMBF), position + 2):
            if stop > end:
                sink.lost("a segment runs beyond the end")
            _segment(sink, data, marker, position + 2, min(stop, end), found)
            position = max(position, min(stop, end))
    return end


def _segment(sink: Collector, data: bytes, marker: int, start: int, stop: int, found: _Pieces) -> None:
    """Take what one segment holds, or keep it for later when it is a piece of something."""
    if marker == APP1:
        locator = sink.number("APP1")
        if data.startswith(XMP, start, stop):
            span = (start + len(XMP), stop)
            sink.join("xmp", data, (span,), locator)
            found.promised.update(guid.lower() for guid in _HAS_EXTENDED.findall(data, *span))
        elif data.startswith(EXTENDED, start, stop):
            head = start + len(EXTENDED)
            if head + 40 > stop:
                sink.lost("a piece of Extended XMP is too short")
                return
            group = found.extended.setdefault(data[head : head + 32].lower(), _Extended(be32(data, head + 32)))
            group.add(be32(data, head + 36), (head + 40, stop))
        elif data.startswith(EXIF, start, stop) and tiff.begins(data, start + 6):
            with sink.quietly():
                tiff.walk(sink, data, start + 6, stop, locator)
    elif marker == APP13:
        locator = sink.number("APP13")
        for name in PHOTOSHOP:
            if data.startswith(name, start, stop):
                found.resources.append((start + len(name), stop))
    elif marker == APP11 and data.startswith(JUMBF, start, stop):
        if start + 16 > stop:
            sink.lost("a piece of a JUMBF box is too short")
            return
        instance, number = be16(data, start + 2), be32(data, start + 4)
        boxes = found.boxes.setdefault(instance, [_Box()])
        if number in boxes[-1].pieces:
            boxes.append(_Box())
        boxes[-1].pieces[number] = (start + 8, stop)


@dataclass
class _Extended:
    """Extended XMP of one GUID."""

    length: int
    pieces: dict[int, Span] = field(default_factory=dict)
    """Offset in the packet → where that piece stands."""
    contradictory: bool = False

    def add(self, offset: int, span: Span) -> None:
        known = self.pieces.setdefault(offset, span)
        if known[1] - known[0] != span[1] - span[0]:
            self.contradictory = True


@dataclass
class _Box:
    """One JUMBF box; each piece repeats the box's header."""

    pieces: dict[int, Span] = field(default_factory=dict)


@dataclass
class _Pieces:
    """What the segments of one picture hold in pieces."""

    extended: dict[bytes, _Extended] = field(default_factory=dict)
    promised: set[bytes] = field(default_factory=set)
    """The GUIDs of the Extended XMP that the packets name."""
    resources: list[Span] = field(default_factory=list)
    boxes: dict[int, list[_Box]] = field(default_factory=dict)

    def put_together(self, sink: Collector, data: bytes) -> None:
        """Hand in what the pieces make."""
        for guid, group in self.extended.items():
            self._extended(sink, data, guid, group)
        if self.promised - self.extended.keys():
            sink.lost("Extended XMP is missing")
        if self.resources:
            self._resources(sink, data)
        for instance, boxes in self.boxes.items():
            for box in boxes:
                self._box(sink, data, instance, box)

    def _extended(self, sink: Collector, data: bytes, guid: bytes, group: _Extended) -> None:
        spans: list[Span] = []
        reached = 0
        whole = not group.contradictory
        for offset, (start, stop) in sorted(group.pieces.items()):
            whole = whole and offset <= reached
            start = min(start + max(reached - offset, 0), stop)
            spans.append((start, stop))
            reached = max(reached, offset) + stop - start
        if not whole or reached < group.length:
            sink.lost("a piece of Extended XMP is missing")
        sink.join("xmp", data, spans, f"APP1 extended[{guid.decode('ascii', 'replace')}]")

    def _resources(self, sink: Collector, data: bytes) -> None:
        """Resources may run on from one segment into the next."""
        view = memoryview(data)
        joined = b"".join(view[start:stop] for start, stop in self.resources)[:PACKET]
        if photoshop.walk(sink, joined, "APP13"):
            for start, stop in self.resources:
                sink.cover(start, stop)

    def _box(self, sink: Collector, data: bytes, instance: int, box: _Box) -> None:
        (first, _), *_ = pieces = [span for _, span in sorted(box.pieces.items())]
        length, head = be32(data, first), 8
        if length == 1:
            length, head = be64(data, first + 8), 16
        if data[first + 4 : first + 8] != b"jumb":
            return
        spans = [pieces[0], *((min(start + head, stop), stop) for start, stop in pieces[1:])]
        if sum(stop - start for start, stop in spans) < length:
            sink.lost("a piece of a JUMBF box is missing")
        sink.join("manifests", data, spans, f"APP11[{instance}]")
