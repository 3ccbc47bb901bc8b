"""Metadata put into pictures that are there already, where each format has its place for it.

XMP: ISO 16684-3 (PNG ``iTXt``, JPEG ``APP1``, GIF application extension, WebP ``XMP``). Manifests: C2PA 2.2 §11
(PNG ``caBX``, WebP ``C2PA``).
"""

from __future__ import annotations

import struct
import zlib

PNG = b"\x89PNG\r\n\x1a\n"


def with_xmp(body: bytes, packet: bytes) -> bytes:
    """The picture with an XMP packet in it; raises ``ValueError`` for a format that is none of the four."""
    if body.startswith(PNG):
        return _after_header(body, _chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + packet))
    if body.startswith(b"\xff\xd8"):
        at = 4 + int.from_bytes(body[4:6], "big") if body[2:4] == b"\xff\xe0" else 2
        words = b"http://ns.adobe.com/xap/1.0/\0" + packet
        return body[:at] + struct.pack(">BBH", 0xFF, 0xE1, len(words) + 2) + words + body[at:]
    if body.startswith((b"GIF87a", b"GIF89a")):
        at = 13 + (3 << ((body[10] & 7) + 1) if body[10] & 0x80 else 0)
        trailer = bytes((1, *range(255, -1, -1), 0))  # lets readers that skip sub-blocks resynchronise
        body = b"GIF89a" + body[6:]  # the version that knows extensions
        return body[:at] + b"!\xff\x0bXMP DataXMP" + packet + trailer + body[at:]
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return _webp(body, b"XMP ", packet)
    raise ValueError("no place for XMP in this format")


def with_manifest(body: bytes, store: bytes) -> bytes:
    """The PNG or WebP with a C2PA manifest store in it; raises ``ValueError`` for any other format."""
    if body.startswith(PNG):
        return _after_header(body, _chunk(b"caBX", store))
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return _webp(body, b"C2PA", store)
    raise ValueError("no place for a manifest in this format")


def _after_header(body: bytes, chunk: bytes) -> bytes:
    end = len(PNG) + 12 + 13  # IHDR: length, name and checksum around thirteen octets
    return body[:end] + chunk + body[end:]


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _webp(body: bytes, kind: bytes, data: bytes) -> bytes:
    """A lossy WebP of one frame (RFC 9649 §2.5) in the extended format (§2.7), with one chunk more."""
    if body[12:16] != b"VP8 ":
        raise ValueError("only lossy WebP without extensions")
    width, height = (int.from_bytes(body[at : at + 2], "little") & 0x3FFF for at in (26, 28))
    flags = b"\x04\0\0\0" if kind == b"XMP " else bytes(4)
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    content = b"WEBP" + _riff(b"VP8X", flags + size) + body[12:] + _riff(kind, data)
    return _riff(b"RIFF", content)


def _riff(kind: bytes, data: bytes) -> bytes:
    return kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)
