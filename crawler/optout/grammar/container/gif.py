"""GIF's blocks (GIF 89a, https://www.w3.org/Graphics/GIF/spec-gif89a.txt) and application extensions.

XMP stands in its extension without sub-blocks, followed by 258 octets that lead readers who expect sub-blocks
to its end (XMP Specification Part 3, 1.1.2). C2PA's store is in ordinary sub-blocks.
"""

from __future__ import annotations

from crawler.optout.grammar.container.collect import ROOM, Collector, Sort

XMP = b"XMP DataXMP"
C2PA = b"C2PA_GIF"
TRAILER = bytes((1, *range(255, -1, -1)))
"""The octets behind XMP, up to the one that ends the extension."""

SUB_BLOCKS = 500_000
"""Sub-blocks that are stepped over in one file."""

JOINED = 100_000
"""Sub-blocks that are put together: more than the largest manifest store that is kept has."""

EXTENSION, APPLICATION, PICTURE, END = 0x21, 0xFF, 0x2C, 0x3B


def walk(sink: Collector, data: bytes, start: int, end: int) -> None:
    """Take the metadata of the picture at ``start``."""
    blocks = _Blocks(data, end)
    position = start + 13
    if end < position:
        sink.lost("the picture ends before its pixels")
        return
    position += _colours(data[start + 10])
    while position < end and sink.step():
        kind = data[position]
        if kind == END:
            return
        if kind == 0x00:
            position += 1  # some writers pad
            continue
        if kind == EXTENSION and position + 2 < end:
            first = position + 2
        elif kind == PICTURE and position + 10 < end:
            first = position + 11 + _colours(data[position + 9])
        else:
            sink.lost("no block where one should be")
            return
        magic = -1
        if (
            kind == EXTENSION
            and data.startswith(b"\x0b" + XMP, first, end)
            and data[first + 13 : first + 14] != b"<"
        ):
            magic = data.find(TRAILER, first, end)
        position = magic + len(TRAILER) + 1 if magic >= 0 else blocks.skip(first)
        if position > end or blocks.left < 0:
            sink.lost(
                "a block runs beyond the end" if blocks.left >= 0 else f"more than {SUB_BLOCKS} sub-blocks"
            )
        if kind == EXTENSION and data[first - 1] == APPLICATION:
            _application(sink, data, first, min(position, end))
        if blocks.left < 0:
            return


def _colours(packed: int) -> int:
    """Octets of the colour table that a packed field announces."""
    return 3 << (packed & 7) + 1 if packed & 0x80 else 0


class _Blocks:
    """Sub-blocks: a length and as many octets, the last of length 0."""

    def __init__(self, data: bytes, end: int) -> None:
        self.data, self.end, self.left = data, end, SUB_BLOCKS

    def skip(self, position: int) -> int:
        """Where the next block begins; beyond the end when the sub-blocks are cut."""
        data, end = self.data, self.end
        while position < end and self.left >= 0:
            self.left -= 1
            length = data[position]
            position += length + 1
            if not length:
                return position
        return max(position, end + 1)


def _application(sink: Collector, data: bytes, start: int, stop: int) -> None:
    """Take what an application extension holds; it stands from ``start`` to behind its last octet."""
    first = start + 1 + data[start]
    name = data[start + 1 : first]
    if name == XMP:
        locator = sink.number("XMP")
        if data[first + 1 : first + 2] == b"<":
            _joined(sink, "xmp", data, first, stop, locator)  # against the rule, in sub-blocks
        else:
            magic = data.rfind(TRAILER, first, stop)
            sink.join("xmp", data, ((first, magic if magic >= 0 else stop),), locator)
    elif name.startswith(C2PA):
        _joined(sink, "manifests", data, first, stop, sink.number("C2PA_GIF"))


def _joined(sink: Collector, sort: Sort, data: bytes, position: int, stop: int, locator: str) -> None:
    """Take what the sub-blocks between two offsets hold."""
    sink.cover(position, stop)
    held, left = bytearray(), JOINED
    while position < stop and len(held) <= ROOM[sort] and (length := data[position]):
        if not left:
            sink.lost(f"{locator} has more than {JOINED} sub-blocks")
            break
        left -= 1
        held += data[position + 1 : min(position + 1 + length, stop)]
        position += length + 1
    sink.take(sort, bytes(held), locator)
