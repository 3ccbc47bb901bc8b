"""Photoshop's image resources, which hold IPTC-IIM in JPEG and TIFF.

Adobe Photoshop File Formats Specification, "Image Resources"
(https://www.adobe.com/devnet-apps/photoshop/fileformatashtml/)::

    resource = "8BIM" id(2) name(Pascal string, padded to even) size(4) data(padded to even)
"""

from __future__ import annotations

from crawler.optout.grammar.container.collect import Collector
from crawler.optout.grammar.container.octets import be16, be32

IIM = 0x0404
XMP = 0x0424


def walk(sink: Collector, data: bytes, locator: str) -> bool:
    """Take the IIM and XMP among the resources in ``data``; whether there was XMP."""
    seen = False
    position = data.find(b"8BIM")
    while position >= 0 and position + 12 <= len(data) and sink.step():
        number = be16(data, position + 4)
        named = position + 6
        sized = named + (data[named] + 2 & ~1)
        start = sized + 4
        end = start + be32(data, sized)
        if number == XMP:
            seen = True
            if end > len(data):
                sink.lost(f"{locator}: a resource runs beyond the end")
            sink.join("xmp", data, ((start, min(end, len(data))),), f"{locator}/8BIM[{number:#06x}]")
        elif number == IIM:
            sink.join("iim", data, ((start, min(end, len(data))),), f"{locator}/8BIM[{number:#06x}]")
        position = data.find(b"8BIM", min(end, len(data)))
    return seen
