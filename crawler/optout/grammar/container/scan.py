"""A last look for XMP packets by their own words, wherever no walker has been.

Packets may be looked for without knowing the format around them (XMP Specification Part 3, 2.2). What is looked
for is the namespace of RDF, which every packet declares whatever its prefixes, and which stands in no pixels.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from crawler.optout.grammar.container.collect import PACKET, Collector

BEFORE = 1 << 16
"""Octets before a namespace in which its packet may begin."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Width:
    """The words of a packet when a character takes so many octets."""

    octets: int

    def __call__(self, words: bytes) -> bytes:
        """ASCII words as they stand, in either byte order, from the first octet that is not 0 to the last."""
        return (b"\0" * (self.octets - 1)).join(words[i : i + 1] for i in range(len(words)))


def scan(sink: Collector) -> None:
    """Take every packet of the body that was not handed in."""
    for start, end in list(_gaps(sink)):
        for width in (Width(octets=1), Width(octets=2), Width(octets=4)):
            _scan(sink, start, end, width)


def _gaps(sink: Collector) -> Iterator[tuple[int, int]]:
    """What is left of the body, in order."""
    reached = 0
    for start, end in sorted(sink.covered):
        if start > reached:
            yield reached, start
        reached = max(reached, end)
    if reached < len(sink.body):
        yield reached, len(sink.body)


def _scan(sink: Collector, start: int, end: int, width: Width) -> None:
    body = sink.body
    namespace = width(b"rdf-syntax-ns#" if width.octets > 1 else b"22-rdf-syntax-ns#")
    absent: dict[bytes, int] = {}
    while (hit := body.find(namespace, start, end)) >= 0:
        if sink.full():
            sink.lost("more packets than are kept")
            return
        first, closing = _beginning(body, max(start, hit - BEFORE), hit, width)
        stop = _ending(body, hit, min(end, first + PACKET), width, closing, absent)
        locator = sink.number("scan")
        if stop < 0:
            sink.lost(f"{locator} has no end")
            stop = min(end, first + PACKET)
        sink.join("xmp", body, (_aligned(body, first, stop, start, end, width),), locator)
        start = max(stop, hit + len(namespace))


def _beginning(body: bytes, start: int, hit: int, width: Width) -> tuple[int, tuple[bytes, ...]]:
    """Where a packet begins, and by which words it may end."""
    wrapper = body.rfind(width(b"<?xpacket begin"), start, hit)
    if wrapper >= 0 and body.find(width(b"<?xpacket end"), wrapper, hit) < 0:
        return wrapper, (b"<?xpacket end", b":xmpmeta>", b":RDF>")
    for name, closing in ((b":xmpmeta", (b":xmpmeta>", b":RDF>")), (b":RDF", (b":RDF>",))):
        named = body.rfind(width(name), start, hit)
        opened = body.rfind(b"<", max(start, named - 64 * width.octets), named) if named >= 0 else -1
        if opened >= 0:
            return opened, closing
    opened = body.rfind(b"<", start, hit)
    return (opened if opened >= 0 else hit), (b":RDF>", b":xmpmeta>")


def _ending(
    body: bytes, hit: int, end: int, width: Width, closing: tuple[bytes, ...], absent: dict[bytes, int]
) -> int:
    """Behind the last octet that is not 0 of the words that end a packet; -1: nowhere.

    ``absent``: for words that were not found, the offset up to which they are known not to be there.
    """
    for words in closing:
        found = body.find(width(words), max(hit, absent.get(words, 0)), end)
        if found < 0:
            absent[words] = max(hit, end - len(width(words)))
        else:
            stop = found + len(width(words))
            if words.startswith(b"<?"):
                closed = body.find(width(b"?>"), stop, min(end, stop + 64 * width.octets))
                return closed + len(width(b"?>")) if closed >= 0 else stop
            return stop
    return -1


def _aligned(body: bytes, first: int, stop: int, start: int, end: int, width: Width) -> tuple[int, int]:
    """From the first octet of the first character to the last of the last."""
    zeros = width.octets - 1
    if not zeros:
        return first, stop
    quoted = body.find(width(b'begin="'), first, min(stop, first + 64 * width.octets))
    mark = quoted + len(width(b'begin="'))
    leading = first - zeros >= start and not any(body[first - zeros : first])
    if quoted >= 0:
        high_first = body.startswith(b"\xfe\xff", mark + zeros - 1)
    else:
        high_first = leading and any(body[stop : stop + zeros])
    if high_first:
        return (first - zeros if leading else first), stop
    return first, min(stop + zeros, end)
