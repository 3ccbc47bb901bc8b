"""IPTC-IIM: the data sets that older programs write beside XMP, for credits alone.

Information Interchange Model 4.2 (https://iptc.org/std/IIM/4.2/specification/IIMV4.2.pdf) §1.5 and §2::

    data set = 1C record number size data      ; record and number one octet, size two, big-endian
    size     = 8000 | n, then n octets of size ; extended data sets

Data set 1:90 names the character set; ESC % G is UTF-8, and without it writers use whatever their system did,
which is read as Latin-1. Nothing in IIM reserves or permits: it is human text.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from crawler.optout.grammar.container.found import Part
from crawler.optout.grammar.container.walk import metadata_of
from crawler.optout.model import Capture

MOST = 10_000
"""Data sets read of one file; more are not looked at."""

LONGEST = 2_000
"""Bytes of one value that are taken: what the model allows for its longest text."""

CHARSET = (1, 90)
TITLE = (2, 5)
BYLINE = (2, 80)
CREDIT = (2, 110)
COPYRIGHT = (2, 116)

_UTF8 = b"\x1b%G"

Iim = dict[tuple[int, int], tuple[str, ...]]
"""Record and number → the values, stripped, in the file's order and none of them empty."""


def iim_of(capture: Capture) -> Iim:
    """The data sets of the file in ``capture``; use as ``capture.parsed(iim_of)``. Never raises."""
    found: dict[tuple[int, int], list[str]] = {}
    left = MOST
    for part in capture.parsed(metadata_of).iim:
        sets = list(_sets(part, left))
        left -= len(sets)
        marked = any(at == CHARSET and data.startswith(_UTF8) for at, data in sets)
        for at, data in sets:
            if at != CHARSET and (text := _text(data[:LONGEST], marked)):
                found.setdefault(at, []).append(text)
    return {at: tuple(values) for at, values in found.items()}


def _sets(part: Part, most: int) -> Iterator[tuple[tuple[int, int], bytes]]:
    data, at = part.data, 0
    for _ in range(most):
        if len(data) - at < 5 or data[at] != 0x1C:
            return
        record, number, size = struct.unpack_from(">BBH", data, at + 1)
        at += 5
        if size & 0x8000:
            width = size & 0x7FFF
            if width > 8:
                return
            size = int.from_bytes(data[at : at + width], "big")
            at += width
        if size > len(data) - at:
            return
        yield (record, number), data[at : at + size]
        at += size


def _text(data: bytes, marked: bool) -> str:
    try:
        text = data.decode("utf-8", "ignore" if marked else "strict")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    return text.replace("\0", "").strip()
