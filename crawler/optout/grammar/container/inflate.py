"""Unpacking what strangers packed: a hard bound on what comes out, and never an exception.

DEFLATE (RFC 1951) within zlib (RFC 1950) or gzip (RFC 1952), and Brotli (RFC 7932). Input is fed in small
pieces, because zlib copies what it has not used yet.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import brotli

FED = 1 << 16
"""Octets fed at once."""


class Inflated(NamedTuple):
    """What came out."""

    data: bytes
    """As much as was allowed."""
    trouble: str
    """Why this is not all of it, in words; empty when it is."""


Unpack = Callable[[Iterable[memoryview], int], Inflated]
"""From packed pieces to at most so many octets."""

_ZLIB_OR_GZIP = zlib.MAX_WBITS | 32
_RAW = -zlib.MAX_WBITS


def inflate(packed: Iterable[memoryview], limit: int) -> Inflated:
    """A zlib or gzip stream; a bare DEFLATE stream too, because some writers leave the wrapper out."""
    pieces = tuple(packed)
    found = _inflate(pieces, limit, _ZLIB_OR_GZIP)
    if not found.data and found.trouble:
        bare = _inflate(pieces, limit, _RAW)
        return bare if not bare.trouble else found
    return found


def _inflate(pieces: Iterable[memoryview], limit: int, wrapper: int) -> Inflated:
    stream = zlib.decompressobj(wrapper)
    out: list[bytes] = []
    left = limit + 1
    try:
        for fed in _fed(pieces):
            rest: memoryview | bytes = fed
            while left and (rest or stream.unconsumed_tail):
                some = stream.decompress(rest, left)
                out.append(some)
                left -= len(some)
                rest = stream.unconsumed_tail
            if not left or stream.eof:
                break
    except zlib.error:
        return Inflated(b"".join(out)[:limit], "does not inflate")
    return _result(out, limit, ended=stream.eof)


def unbrotli(packed: Iterable[memoryview], limit: int) -> Inflated:
    """A Brotli stream."""
    stream = brotli.Decompressor()
    out: list[bytes] = []
    left = limit + 1
    try:
        for fed in _fed(packed):
            some = stream.process(bytes(fed), output_buffer_limit=left)
            while True:
                out.append(some)
                left -= len(some)
                if left <= 0 or stream.can_accept_more_data() or stream.is_finished():
                    break
                some = stream.process(b"", output_buffer_limit=left)
            if left <= 0 or stream.is_finished():
                break
    except brotli.error:
        return Inflated(b"".join(out)[:limit], "does not inflate")
    return _result(out, limit, ended=stream.is_finished())


def as_it_is(packed: Iterable[memoryview], limit: int) -> Inflated:
    """What was not packed at all."""
    out = [bytes(piece[: limit + 1]) for piece in packed]
    return _result(out, limit, ended=True)


def _fed(pieces: Iterable[memoryview]) -> Iterator[memoryview]:
    for piece in pieces:
        for start in range(0, len(piece), FED):
            yield piece[start : start + FED]


def _result(out: list[bytes], limit: int, *, ended: bool) -> Inflated:
    data = b"".join(out)
    if len(data) > limit:
        return Inflated(data[:limit], f"inflates to more than {limit} bytes")
    return Inflated(data, "" if ended else "is cut short")
