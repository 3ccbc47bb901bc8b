"""ICO: a directory of small pictures, bitmaps without a header or whole PNGs.

https://learn.microsoft.com/previous-versions/ms997538(v=msdn.10)
"""

from __future__ import annotations

from collections.abc import Iterator

from crawler.optout.grammar.container import png
from crawler.optout.grammar.container.collect import Collector
from crawler.optout.grammar.container.octets import le16, le32

PICTURES = 256
"""Pictures that are looked at; more say nothing new."""


def walk(sink: Collector, data: bytes, start: int, end: int) -> None:
    """Take the metadata of the PNGs."""
    if le16(data, start + 4) > PICTURES:
        sink.lost(f"more than {PICTURES} pictures")
    for _, first, stop in _pictures(data, start):
        if data.startswith(png.SIGNATURE, start + first):
            png.walk(sink, data, start + first, min(start + stop, end))


def size(data: bytes) -> tuple[int, int] | None:
    """Width and height of the largest picture, in pixels."""
    largest: tuple[int, int] | None = None
    for said, first, _ in _pictures(data, 0):
        found = png.size(data, first) if data.startswith(png.SIGNATURE, first) else said
        if found and (largest is None or found[0] * found[1] > largest[0] * largest[1]):
            largest = found
    return largest


def _pictures(data: bytes, start: int) -> Iterator[tuple[tuple[int, int], int, int]]:
    """What the directory says of each picture: its size, and from where to where it stands."""
    for entry in range(start + 6, start + 6 + 16 * min(le16(data, start + 4), PICTURES), 16):
        if len(data) < entry + 16:
            return
        first = le32(data, entry + 12)
        yield (data[entry] or 256, data[entry + 1] or 256), first, first + le32(data, entry + 8)
