"""What bytes are, by their own first octets, whatever the server calls them.

The WHATWG MIME Sniffing standard's image patterns (https://mimesniff.spec.whatwg.org/#matching-an-image-type-pattern),
with AVIF, HEIC, JPEG XL, TIFF and SVG beside them, and the dimensions where the header states them: as they
are stored, before Exif or a container turns or crops them. Nothing is decoded: a picture of any size costs the
same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from crawler.optout.grammar.container import bmff, ico, jpeg, png, tiff
from crawler.optout.grammar.container.octets import le16, le32
from crawler.optout.model import Kind

TEXT_TYPES = frozenset({"text/html", "application/xhtml+xml", "text/plain", "text/markdown", "text/x-markdown"})
"""The media types that are collected as text."""

SVG_HEAD = 4096
"""Octets in which a drawing's root element begins."""

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
    if body.startswith(png.SIGNATURE):
        return _picture("image/png", png.size(body, 0))
    if body.startswith(b"\xff\xd8\xff"):
        return _picture("image/jpeg", jpeg.size(body))
    if body[:6] in (b"GIF87a", b"GIF89a"):
        return _picture("image/gif", (le16(body, 6), le16(body, 8)) if len(body) >= 10 else None)
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return _picture("image/webp", _webp_size(body))
    if body[4:8] == b"ftyp":
        brands = body[8 : min(int.from_bytes(body[:4], "big"), 64)]
        for brand, media_type in ((b"avi", "image/avif"), (b"hei", "image/heic"), (b"mif1", "image/heif")):
            if brand in brands:
                return _picture(media_type, bmff.size(body))
    if body.startswith(b"\xff\x0a"):
        return _picture("image/jxl", _jxl_size(body, 0))
    if body.startswith(b"\x00\x00\x00\x0cJXL \r\n\x87\n"):
        return _picture("image/jxl", _jxl_size(body, bmff.codestream(body)))
    if tiff.begins(body, 0):
        return _picture("image/tiff", tiff.size(body))
    if body.startswith(b"BM") and body[6:10] == b"\x00\x00\x00\x00":
        return _picture("image/bmp", _bmp_size(body))
    if body.startswith(b"\x00\x00\x01\x00"):
        return _picture("image/x-icon", ico.size(body))
    text = body[:SVG_HEAD].removeprefix(b"\xef\xbb\xbf")
    if drawing := _SVG.match(text):
        return _picture("image/svg+xml", _svg_size(text[drawing.end() - 1 :]))
    return None


def document(body: bytes) -> Kind | None:
    """The kind of document that ``body`` is by its bytes; None: neither a PDF nor an EPUB.

    A PDF's header may stand anywhere in the first 1,024 octets (ISO 32000-1 Annex H.3.4.1); in text and markup
    it is only a word. An EPUB is a zip archive whose first entry says so (EPUB 3.3 §4.2.6.3), or that holds
    what its reader looks for.
    """
    if body.startswith(b"%PDF-"):
        return Kind.PDF
    if body.startswith(b"PK\x03\x04"):
        named = b"mimetypeapplication/epub+zip" in body[:SVG_HEAD]
        return Kind.EPUB if named or b"META-INF/container.xml" in body else None
    late = body.find(b"%PDF-", 0, 1024 + 5)
    if late < 0 or picture(body) is not None:
        return None
    before = body[:late].removeprefix(b"\xef\xbb\xbf").strip()
    return Kind.PDF if not before or (not before.startswith(b"<") and looks_binary(body)) else None


PACKED = (
    b"PK\x03\x04",
    b"\x1f\x8b\x08",
    b"Rar!\x1a\x07",
    b"7z\xbc\xaf\x27\x1c",
    b"\xfd7zXZ\0",
    b"(\xb5/\xfd",
    b"\x7fELF",
)
"""How archives, compressed files and programs begin (MIME Sniffing §6.4, and their own formats)."""


def packed(body: bytes) -> bool:
    """Whether ``body`` is an archive, a compressed file or a program by its bytes, and so no text as it is."""
    return body.startswith(PACKED)


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


def _picture(media_type: str, size: tuple[int, int] | None) -> Picture:
    width, height = size or (None, None)
    return Picture(media_type=media_type, width=width, height=height)


def _webp_size(body: bytes) -> tuple[int, int] | None:
    """The three bitstream headers of WebP (RFC 9649 §2)."""
    chunk = body[12:16]
    if chunk == b"VP8X" and len(body) >= 30:
        return 1 + int.from_bytes(body[24:27], "little"), 1 + int.from_bytes(body[27:30], "little")
    if chunk == b"VP8 " and len(body) >= 30:
        return le16(body, 26) & 0x3FFF, le16(body, 28) & 0x3FFF
    if chunk == b"VP8L" and len(body) >= 25:
        bits = le32(body, 21)
        return (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1
    return None


def _bmp_size(body: bytes) -> tuple[int, int] | None:
    """BITMAPCOREHEADER has two octets a number, all later headers four and a sign: rows from the top down."""
    if len(body) < 26:
        return None
    if le32(body, 14) == 12:
        return le16(body, 18), le16(body, 20)
    across, down = (int.from_bytes(body[at : at + 4], "little", signed=True) for at in (18, 22))
    return abs(across), abs(down)


_JXL_BITS = (9, 13, 18, 30)
_JXL_RATIOS = ((1, 1), (1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))


def _jxl_size(body: bytes, start: int) -> tuple[int, int] | None:
    """A codestream's SizeHeader (ISO/IEC 18181-1, D.2): bits from the lowest, behind the signature."""
    head = body[start + 2 : start + 14] if start >= 0 else b""
    if len(head) < 12 or not body.startswith(b"\xff\x0a", start):
        return None
    bits = int.from_bytes(head, "little")

    def take(count: int) -> int:
        nonlocal bits
        value, bits = bits & ((1 << count) - 1), bits >> count
        return value

    small = take(1)

    def side() -> int:
        return 8 * (take(5) + 1) if small else take(_JXL_BITS[take(2)]) + 1

    down = side()
    ratio = take(3)
    across = down * _JXL_RATIOS[ratio][0] // _JXL_RATIOS[ratio][1] if ratio else side()
    return across, down


_SIDE = re.compile(rb"""\s(width|height)\s*=\s*["']\s*\+?(\d{1,7}(?:\.\d{0,9})?)\s*(?:px)?\s*["']""")
_VIEW = re.compile(
    rb"""\sviewBox\s*=\s*["']\s*[-+.\deE]{1,20}[\s,]+[-+.\deE]{1,20}[\s,]+([\d.]{1,20})[\s,]+([\d.]{1,20})\s*["']"""
)


def _svg_size(text: bytes) -> tuple[int, int] | None:
    """Width and height in pixels as its root element has them, else the size of its view box (SVG 2 §8)."""
    tag = text[: text.find(b">") + 1]
    sides = {name: float(number) for name, number in _SIDE.findall(tag)}
    if len(sides) == 2:
        return round(sides[b"width"]), round(sides[b"height"])
    view = _VIEW.search(tag)
    try:
        return (round(float(view[1])), round(float(view[2]))) if view else None
    except (ValueError, OverflowError):
        return None
