"""What bytes are, by their own first octets, whatever the server calls them.

The WHATWG MIME Sniffing standard's image patterns (https://mimesniff.spec.whatwg.org/#matching-an-image-type-pattern),
with AVIF, HEIC, JPEG XL, TIFF and SVG beside them, and the dimensions where the header states them. Nothing is
decoded: a picture of any size costs the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from crawler.optout.model import Kind

TEXT_TYPES = frozenset({"text/html", "application/xhtml+xml", "text/plain", "text/markdown", "text/x-markdown"})
"""The media types that are collected as text."""

_SVG = re.compile(
    rb"(?:\s++|<\?xml[^>]*+>|<!--(?:(?!-->).)*+-->|<!DOCTYPE[^>\[]*+(?:\[[^\]]*+\])?+[^>]*+>)*+<svg[\s>:/]",
    re.S | re.I,
)
# Possessive throughout: each octet is read once, whatever a stranger repeats.


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """What an image's header says."""

    media_type: str
    """The type its bytes are."""
    width: int | None = None
    """Pixels; None where the header was not read for it."""
    height: int | None = None
    """Pixels."""


def picture(body: bytes) -> Picture | None:
    """The image that ``body`` begins with, or None when its bytes are none we know."""
    if body.startswith(b"\x89PNG\r\n\x1a\n"):
        return _sized("image/png", body, 16, 4, "big")
    if body.startswith(b"\xff\xd8\xff"):
        return Picture(media_type="image/jpeg", **_jpeg_size(body))
    if body[:6] in (b"GIF87a", b"GIF89a"):
        return _sized("image/gif", body, 6, 2, "little")
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return Picture(media_type="image/webp", **_webp_size(body))
    if body[4:8] == b"ftyp":
        brands = body[8 : min(int.from_bytes(body[:4], "big"), 64)]
        for brand, media_type in ((b"avi", "image/avif"), (b"hei", "image/heic"), (b"mif1", "image/heif")):
            if brand in brands:
                return Picture(media_type=media_type)
    if body.startswith((b"\xff\x0a", b"\x00\x00\x00\x0cJXL \r\n\x87\n")):
        return Picture(media_type="image/jxl")
    if body.startswith((b"II*\x00", b"MM\x00*")):
        return Picture(media_type="image/tiff")
    if body.startswith(b"BM") and body[6:10] == b"\x00\x00\x00\x00":
        return _sized("image/bmp", body, 18, 4, "little")
    if body.startswith(b"\x00\x00\x01\x00"):
        return Picture(media_type="image/x-icon")
    if _SVG.match(body[:4096].removeprefix(b"\xef\xbb\xbf")):
        return Picture(media_type="image/svg+xml")
    return None


def kind_of(media_type: str | None) -> Kind | None:
    """The kind that a claimed media type names; None: neither text nor image, or not claimed."""
    if media_type is None:
        return None
    if media_type in TEXT_TYPES:
        return Kind.TEXT
    if media_type.startswith("image/"):
        return Kind.IMAGE
    return {"application/pdf": Kind.PDF, "application/epub+zip": Kind.EPUB}.get(media_type)


def looks_binary(body: bytes) -> bool:
    """Whether bytes without a claimed type are no text: control octets that no text has (MIME Sniffing §7)."""
    head = body[:1445]
    if head.startswith((b"\xfe\xff", b"\xff\xfe", b"\xef\xbb\xbf")):
        return False
    return any(
        octet <= 0x08 or octet == 0x0B or 0x0E <= octet <= 0x1A or 0x1C <= octet <= 0x1F for octet in head
    )


def _sized(media_type: str, body: bytes, offset: int, width: int, order: str) -> Picture:
    if len(body) < offset + 2 * width:
        return Picture(media_type=media_type)
    across = int.from_bytes(body[offset : offset + width], order, signed=False)  # type: ignore[arg-type]
    down = int.from_bytes(body[offset + width : offset + 2 * width], order, signed=False)  # type: ignore[arg-type]
    return Picture(media_type=media_type, width=across, height=down)


def _jpeg_size(body: bytes) -> dict[str, int]:
    """Walk the segments to the first frame header (ITU-T T.81 B.2.2)."""
    position, end = 2, len(body)
    while position + 9 <= end:
        if body[position] != 0xFF:
            return {}
        marker = body[position + 1]
        if marker == 0xFF or marker == 0x01 or 0xD0 <= marker <= 0xD8:
            position += 1 if marker == 0xFF else 2
            continue
        length = int.from_bytes(body[position + 2 : position + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            down = int.from_bytes(body[position + 5 : position + 7], "big")
            across = int.from_bytes(body[position + 7 : position + 9], "big")
            return {"width": across, "height": down}
        if length < 2 or marker in (0xD9, 0xDA):
            return {}
        position += 2 + length
    return {}


def _webp_size(body: bytes) -> dict[str, int]:
    """The three bitstream headers of WebP (RFC 9649 §2)."""
    chunk = body[12:16]
    if chunk == b"VP8X" and len(body) >= 30:
        return {
            "width": 1 + int.from_bytes(body[24:27], "little"),
            "height": 1 + int.from_bytes(body[27:30], "little"),
        }
    if chunk == b"VP8 " and len(body) >= 30:
        return {
            "width": int.from_bytes(body[26:28], "little") & 0x3FFF,
            "height": int.from_bytes(body[28:30], "little") & 0x3FFF,
        }
    if chunk == b"VP8L" and len(body) >= 25:
        bits = int.from_bytes(body[21:25], "little")
        return {"width": (bits & 0x3FFF) + 1, "height": ((bits >> 14) & 0x3FFF) + 1}
    return {}
