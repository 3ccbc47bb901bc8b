"""WebP's chunks (RFC 9649 §2.7): ``XMP``, ``EXIF`` and C2PA's.

The sizes in the wild are not always right: some files count the first eight octets too, and some leave out the
octet that pads an odd chunk. Neither hides anything, so neither is trouble.
"""

from __future__ import annotations

import re

from crawler.optout.grammar.container import tiff
from crawler.optout.grammar.container.collect import Collector
from crawler.optout.grammar.container.octets import le32

XMP = (b"XMP ", b"XMP\0")
KNOWN = (*XMP, b"EXIF", b"C2PA")
_KIND = re.compile(rb"[A-Za-z0-9 ]{3}[A-Za-z0-9 \0]")


def walk(sink: Collector, data: bytes, start: int, end: int) -> None:
    """Take the metadata of the picture at ``start``."""
    claimed = start + 8 + le32(data, start + 4)
    if claimed > end + 8:
        sink.lost("the file is shorter than it says")
    if claimed < start + 20:
        claimed = end  # a writer that could not go back
    position = start + 12
    while end - position >= 8 and sink.step():
        if not _KIND.fullmatch(data, position, position + 4):
            if not _KIND.fullmatch(data, position - 1, position + 3):
                if position < claimed:
                    sink.lost("no chunk where one should be")
                return
            position -= 1  # the padding was left out
        kind, first = data[position : position + 4], position + 8
        if position >= claimed and kind not in KNOWN:
            return  # what follows the picture is not of it
        stop = first + le32(data, position + 4)
        if stop > end:
            sink.lost("a chunk runs beyond the end")
        _chunk(sink, data, kind, first, min(stop, end))
        position = stop + (stop - start) % 2


def _chunk(sink: Collector, data: bytes, kind: bytes, start: int, stop: int) -> None:
    if kind in XMP:
        sink.join("xmp", data, ((start, stop),), sink.number("XMP"))
    elif kind == b"C2PA":
        sink.join("manifests", data, ((start, stop),), sink.number("C2PA"))
    elif kind == b"EXIF":
        start += 6 if data.startswith(b"Exif\0", start, stop) else 0
        with sink.quietly():
            tiff.walk(sink, data, start, stop, sink.number("EXIF"))
