"""TIFF and BigTIFF, which is also what Exif is made of.

TIFF 6.0 (https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf) and the BigTIFF design
(https://www.awaresystems.be/imaging/tiff/bigtiff.html): directories of tags, each directory naming the next.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from crawler.optout.grammar.container import photoshop
from crawler.optout.grammar.container.collect import Collector

XMP, IIM, PHOTOSHOP, C2PA = 700, 33723, 34377, 0xCD41
SUB_DIRECTORIES = (330, 34665)
"""The tags that name further directories: SubIFDs and Exif's."""
WAITING = 1000
"""Directories in line to be read; no picture has a tenth of them."""

WIDTH, HEIGHT = 256, 257
RESOURCES = 1 << 22
"""Octets read of a block of Photoshop's resources."""

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
"""Octets of a value, by its type."""


class Entry(NamedTuple):
    """One tag of a directory."""

    tag: int
    size: int
    """Octets of one of its values."""
    start: int
    end: int
    """Where its values stand; they may claim more than there is."""
    page: int
    """The number of its page, from 0; directories that the page itself names are of it."""


def begins(data: bytes, start: int) -> bool:
    """Whether a TIFF begins at ``start``."""
    return data[start : start + 4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def walk(sink: Collector, data: bytes, start: int, end: int, locator: str = "") -> None:
    """Take the metadata of every directory; ``locator``: what the TIFF stands in."""
    prefix = f"{locator}/" if locator else ""
    for entry in entries(sink, data, start, end):
        if entry.tag not in (XMP, IIM, PHOTOSHOP, C2PA):
            continue
        if entry.end > end:
            sink.lost(f"{prefix}tag {entry.tag} runs beyond the end")
        span = (min(entry.start, end), min(entry.end, end))
        name = sink.number(f"{prefix}tag {entry.tag}")
        if entry.tag == XMP and entry.page:
            with sink.beside():
                sink.join("xmp", data, (span,), name)
        elif entry.tag == XMP:
            sink.join("xmp", data, (span,), name)
        elif entry.tag == IIM:
            sink.join("iim", data, (span,), name)
        elif entry.tag == C2PA:
            sink.join("manifests", data, (span,), name)
        elif sink.read(min(span[1] - span[0], RESOURCES)):
            photoshop.walk(sink, data[span[0] : min(span[1], span[0] + RESOURCES)], name)


def size(data: bytes) -> tuple[int, int] | None:
    """Width and height of the largest picture, in pixels; None where no directory says."""
    quiet = Collector(data)
    largest: tuple[int, int] | None = None
    across = 0
    for entry in entries(quiet, data, 0, len(data)):
        if entry.tag == WIDTH:
            across = _value(data, entry)
        elif entry.tag == HEIGHT:
            down = _value(data, entry)
            if largest is None or across * down > largest[0] * largest[1]:
                largest = (across, down)
    return largest


def entries(sink: Collector, data: bytes, start: int, end: int) -> Iterator[Entry]:
    """The tags of every directory that can be reached, each directory once."""
    order: Literal["little", "big"] = "little" if data[start : start + 2] == b"II" else "big"
    big = data[start + 2 : start + 4] in (b"+\0", b"\0+")
    wide = 8 if big else 4  # octets of an offset
    counted, row = (8, 20) if big else (2, 12)
    seen: set[int] = set()
    waiting = [(int.from_bytes(data[start + wide : start + 2 * wide], order), 0)]
    while waiting and sink.step():
        offset, page = waiting.pop()
        directory = start + offset
        if directory in seen:
            sink.lost("a directory that was there before")
            continue
        seen.add(directory)
        first = directory + counted
        if first > end:
            sink.lost("a directory beyond the end")
            continue
        count = int.from_bytes(data[directory:first], order)
        last = first + count * row
        if last + wide > end:
            # Exif's last directory often lacks the offset of the next; a row that is not there is missed.
            if last > end:
                sink.lost("a directory runs beyond the end")
                count = (end - first) // row
        elif following := int.from_bytes(data[last : last + wide], order):
            waiting.append((following, page + 1))
        if not sink.rows(count):
            return
        for at in range(first, first + count * row, row):
            tag = int.from_bytes(data[at : at + 2], order)
            one = _SIZES.get(int.from_bytes(data[at + 2 : at + 4], order), 1)
            length = one * int.from_bytes(data[at + 4 : at + 4 + wide], order)
            place = at + 4 + wide
            if length > wide:
                place = start + int.from_bytes(data[place : place + wide], order)
            entry = Entry(tag, one, place, place + length, page)
            yield entry
            if tag in SUB_DIRECTORIES:
                waiting += [(below, page) for below in _offsets(data, entry, order, end)]
                if len(waiting) > WAITING:
                    sink.lost(f"more than {WAITING} directories in line")
                    return


def _offsets(data: bytes, entry: Entry, order: Literal["little", "big"], end: int) -> list[int]:
    """The directories a tag names, at most as many as anybody writes."""
    last = min(entry.end, end, entry.start + 64 * entry.size)
    return [
        int.from_bytes(data[at : at + entry.size], order)
        for at in range(entry.start, last - entry.size + 1, entry.size)
    ]


def _value(data: bytes, entry: Entry) -> int:
    order: Literal["little", "big"] = "little" if data[:2] == b"II" else "big"
    return int.from_bytes(data[entry.start : entry.start + entry.size], order)
