"""SVG, which is XML as a whole: the document is the packet. SVGZ is the same within gzip.

A C2PA manifest store stands in ``metadata`` as Base64 (C2PA 2.2 §A.3.4), in an element ``manifest`` of its
namespace under any prefix.
"""

from __future__ import annotations

import base64
import binascii
import re

from crawler.optout.grammar.container.collect import MIB, Collector
from crawler.optout.grammar.container.inflate import inflate

LIMIT = 5 * MIB
"""Octets of a drawing."""

_MANIFEST = re.compile(rb"<[A-Za-z_][\w.-]{0,40}+:manifest(?=[\s>])[^>]{0,500}+>")


def walk(sink: Collector, data: bytes, start: int, end: int) -> None:
    """Take the drawing."""
    if end - start > LIMIT:
        sink.lost(f"a drawing of more than {LIMIT} bytes")
        return
    sink.take_document(data if (start, end) == (0, len(data)) else data[start:end], "document")
    position = start
    while (hit := _MANIFEST.search(data, position, end)) and sink.step():
        position = hit.end()
        locator = sink.number("c2pa:manifest")
        words = data[position : max(data.find(b"</", position, end), position)].strip()
        words = words.removeprefix(b"<![CDATA[").removesuffix(b"]]>")
        try:
            sink.take("manifests", base64.b64decode(words), locator)
        except binascii.Error:
            sink.lost(f"{locator} is no Base64")


def walk_packed(sink: Collector, data: bytes, start: int, end: int) -> None:
    """Take the drawing within gzip."""
    drawing = sink.unpack(inflate, data, ((start, end),), "the drawing", LIMIT)
    if b"<svg" in drawing[:65536] or b":svg" in drawing[:65536]:
        walk(sink, drawing, 0, len(drawing))
