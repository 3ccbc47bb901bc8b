"""PNG's chunks (W3C PNG, third edition, https://www.w3.org/TR/png-3/) and the text in them.

XMP stands in ``iTXt`` under ``XML:com.adobe.xmp``, before or after the pixels. Older writers put profiles into
text as hexadecimal ("Raw profile type xmp"). ``caBX`` holds a C2PA manifest store, ``eXIf`` Exif. Checksums are
not looked at: who damaged a chunk did not take back what it says.
"""

from __future__ import annotations

import re

from crawler.optout.grammar.container import photoshop, tiff
from crawler.optout.grammar.container.collect import PACKET, Collector
from crawler.optout.grammar.container.inflate import as_it_is, inflate
from crawler.optout.grammar.container.octets import be32

SIGNATURE = b"\x89PNG\r\n\x1a\n"
XMP = b"XML:com.adobe.xmp"
PROFILE = b"Raw profile type "
TEXTS = (b"tEXt", b"zTXt", b"iTXt")
PIXELS = (b"IDAT", b"fdAT")
PIXEL_CHUNKS = 200_000
"""Chunks of pixels that are stepped over; they are not counted among the pieces of a file."""

_KIND = re.compile(rb"[A-Za-z]{4}")
_RDF = b"22-rdf-syntax-ns#"
_JUST_BEGUN = 1024
"""Octets from which it is told what a text is."""

_RAW = re.compile(rb"\s*+([A-Za-z0-9]{1,20}+)\s++\d{1,12}+\s++([0-9A-Fa-f\s]*+)")


def walk(sink: Collector, data: bytes, start: int, end: int) -> None:
    """Take the metadata of the picture that begins at ``start``."""
    position = start + len(SIGNATURE)
    pixel_chunks = PIXEL_CHUNKS
    while True:
        kind = data[position + 4 : position + 8]
        if kind in PIXELS and pixel_chunks:
            pixel_chunks -= 1
        elif not sink.step():
            return
        if position + 8 > end:
            sink.lost("the picture ends before its end chunk")
            return
        if not _KIND.fullmatch(kind):
            sink.lost("no chunk where one should be")
            return
        if kind == b"IEND":
            return
        first, stop = position + 8, position + 8 + be32(data, position)
        if stop > end:
            sink.lost("a chunk runs beyond the end")
        _chunk(sink, data, kind, first, min(stop, end))
        if stop > end:
            return
        position = stop + 4


def size(data: bytes, start: int) -> tuple[int, int] | None:
    """Width and height of the picture at ``start``, in pixels."""
    if len(data) < start + 24:
        return None
    return be32(data, start + 16), be32(data, start + 20)


def _chunk(sink: Collector, data: bytes, kind: bytes, start: int, stop: int) -> None:
    if kind in TEXTS:
        _text(sink, data, kind, start, stop)
    elif kind == b"caBX":
        sink.join("manifests", data, ((start, stop),), sink.number("caBX"))
    elif kind == b"eXIf":
        start += 6 if data.startswith(b"Exif\0", start, stop) else 0
        with sink.quietly():
            tiff.walk(sink, data, start, stop, sink.number("eXIf"))


def _text(sink: Collector, data: bytes, kind: bytes, start: int, stop: int) -> None:
    """The text of one chunk, unpacked when it may matter."""
    locator = sink.number(kind.decode("ascii"))
    named = data.find(b"\0", start, min(stop, start + 80))
    if named < 0:
        return
    keyword, at, packed = data[start:named], named + 1, False
    if kind == b"zTXt":
        at, packed = at + 1, True
    elif kind == b"iTXt":
        packed = data[at : at + 1] not in (b"\0", b"")
        language = data.find(b"\0", at + 2, stop)
        translated = data.find(b"\0", language + 1, stop) if language >= 0 else -1
        if translated < 0:
            if keyword == XMP:
                sink.lost(f"{locator} ends before its text")
            return
        at = translated + 1
    unpack = inflate if packed else as_it_is
    at = min(at, stop)
    begins = unpack((memoryview(data)[at : min(stop, at + 4 * _JUST_BEGUN)],), _JUST_BEGUN).data.lstrip()
    wanted = keyword == XMP or keyword.startswith(PROFILE)
    if not wanted and not begins.startswith(b"<"):
        return
    if keyword == XMP and not packed:
        sink.join("xmp", data, ((at, stop),), locator)
        return
    text = sink.unpack(unpack, data, ((at, stop),), locator)
    if keyword == XMP or _RDF in text:
        if not packed:
            sink.cover(at, stop)
        sink.take("xmp", text, locator)
    elif keyword.startswith(PROFILE):
        _profile(sink, text, locator)
    elif b"rsl" in text.lower():
        sink.take("texts", text, locator)


def _profile(sink: Collector, text: bytes, locator: str) -> None:
    """A profile as ImageMagick writes it: its name, its length and its octets in hexadecimal."""
    read = _RAW.match(text)
    digits = b"".join(read[2].split()) if read else b""
    if read is None or not digits:
        sink.lost(f"{locator} is no profile")
        return
    profile = bytes.fromhex(digits[: len(digits) & ~1].decode("ascii"))
    name = read[1].lower()
    if name in (b"icc", b"icm"):
        return
    if profile.startswith(b"http://ns.adobe.com/xap/1.0/\0"):
        sink.take("xmp", profile[29:], locator)
    elif profile.startswith(b"Exif\0"):
        with sink.quietly():
            tiff.walk(sink, profile, 6, len(profile), locator)
    elif profile.startswith(b"8BIM") or b"8BIM" in profile[:64]:
        photoshop.walk(sink, profile[:PACKET], locator)
    elif profile.startswith(b"\x1c"):
        sink.take("iim", profile, locator)
    elif name == b"xmp" or _RDF in profile:
        sink.take("xmp", profile, locator)
