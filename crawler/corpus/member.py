"""One gzip member for one record, with its own length in front, so that torn and damaged can be told apart.

::

    member = magic mtime xfl os  xlen  extra  deflate  crc32 isize      RFC 1952 section 2.3
    magic  = 1F 8B 08 04         04: an extra field follows
    extra  = "s" "l" 08 00 member-length plain-length                   4 bytes each, little-endian

The skip-lengths field ``sl`` is that of the WARC 0.9 draft, section 9.2
(http://archive-access.sourceforge.net/warc/warc_file_format-0.9.html); readers that do not know it skip it.
Without it a reader cannot tell a record that was cut short from one whose deflate stream lost its end to a
flipped bit, and would throw away what should have been reported.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from isal import isal_zlib

if TYPE_CHECKING:
    from typing import BinaryIO

LEVEL = 2
"""isal's own level, near zlib's 6 in size and several times as fast."""

_FIXED = b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x0c\0sl\x08\0"
_LENGTHS = struct.Struct("<II")
_TRAILER = struct.Struct("<II")
_HEAD = len(_FIXED) + _LENGTHS.size
_CHUNK = 1 << 20
_InflateError: type[Exception] = isal_zlib.error  # type: ignore[assignment]  # its stub says: an instance


class Torn(Exception):
    """The file ends inside the member: the end was never written."""


class Broken(Exception):
    """The member is not what was written."""


def pack(plain: bytes) -> bytes:
    """``plain`` as one gzip member; raises ``ValueError`` beyond 4 GiB."""
    packed = isal_zlib.compress(plain, LEVEL, -isal_zlib.MAX_WBITS)
    total = _HEAD + len(packed) + _TRAILER.size
    if max(total, len(plain)) > 0xFFFFFFFF:
        raise ValueError("a record of more than 4 GiB")
    trailer = _TRAILER.pack(isal_zlib.crc32(plain), len(plain))
    return b"".join((_FIXED, _LENGTHS.pack(total, len(plain)), packed, trailer))


@dataclass(frozen=True, kw_only=True, slots=True)
class Deflated:
    """What a record ends with, compressed before it is known what it begins with."""

    plain: tuple[bytes, ...]
    """The pieces as they are."""
    packed: bytes
    """The same as the end of a deflate stream."""


def deflate(*plain: bytes) -> Deflated:
    """Compress the end of a record; other threads go on meanwhile."""
    stream = isal_zlib.compressobj(LEVEL, isal_zlib.DEFLATED, -isal_zlib.MAX_WBITS)
    packed = b"".join((*(stream.compress(piece) for piece in plain), stream.flush()))
    return Deflated(plain=plain, packed=packed)


def pack_before(begin: bytes, rest: Deflated) -> bytes:
    """As :func:`pack`, of a record that begins with ``begin`` and ends with ``rest``."""
    stream = isal_zlib.compressobj(LEVEL, isal_zlib.DEFLATED, -isal_zlib.MAX_WBITS)
    first = stream.compress(begin) + stream.flush(isal_zlib.Z_FULL_FLUSH)  # on an octet's end
    crc, length = isal_zlib.crc32(begin), len(begin)
    for piece in rest.plain:
        crc, length = isal_zlib.crc32(piece, crc), length + len(piece)
    total = _HEAD + len(first) + len(rest.packed) + _TRAILER.size
    if max(total, length) > 0xFFFFFFFF:
        raise ValueError("a record of more than 4 GiB")
    return b"".join((_FIXED, _LENGTHS.pack(total, length), first, rest.packed, _TRAILER.pack(crc, length)))


def unpack(member: bytes) -> bytes:
    """The inverse of :func:`pack`; raises ``Broken`` for anything that :func:`pack` does not write."""
    if member[: len(_FIXED)] != _FIXED or len(member) < _HEAD + _TRAILER.size:
        raise Broken("no record begins here")
    total, length = _LENGTHS.unpack_from(member, len(_FIXED))
    if total != len(member):
        raise Broken("its length is not the announced one")
    inflate = isal_zlib.decompressobj(-isal_zlib.MAX_WBITS)
    try:
        plain: bytes = inflate.decompress(member[_HEAD : -_TRAILER.size], length + 1)
    except _InflateError as error:
        raise Broken(str(error)) from error
    if not inflate.eof or inflate.unused_data or len(plain) != length:
        raise Broken("its content does not end where it should")
    if (isal_zlib.crc32(plain), length) != _TRAILER.unpack(member[-_TRAILER.size :]):
        raise Broken("its checksum differs")
    return plain


def read_member(file: BinaryIO, offset: int, size: int) -> bytes:
    """The member at ``offset`` of a file of ``size`` bytes; raises ``Torn`` or ``Broken``."""
    file.seek(offset)
    head = file.read(min(_HEAD, max(0, size - offset)))  # the file may have shrunk since the offset was known
    if not _FIXED.startswith(head[: len(_FIXED)]):
        raise Broken("no record begins here")
    if len(head) < _HEAD:
        raise Torn
    total, _ = _LENGTHS.unpack_from(head, len(_FIXED))
    if total < _HEAD + _TRAILER.size:
        raise Broken("its length is not the announced one")
    if offset + total > size:
        raise (
            Torn if _ends_early(file, size - offset - _HEAD) else Broken("its length is not the announced one")
        )
    return head + file.read(total - _HEAD)


def _ends_early(file: BinaryIO, remaining: int) -> bool:
    """Whether the deflate stream is sound as far as it goes, and goes on beyond the end of the file."""
    inflate = isal_zlib.decompressobj(-isal_zlib.MAX_WBITS)
    while remaining > 0 and (chunk := file.read(min(_CHUNK, remaining))):
        remaining -= len(chunk)
        try:
            inflate.decompress(chunk)
        except _InflateError:
            return False
        if inflate.eof:  # all but the trailer; a whole trailer would mean that the announced length lies
            return remaining + len(inflate.unused_data) < _TRAILER.size
    return True
