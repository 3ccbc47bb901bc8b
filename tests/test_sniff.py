"""What bytes are, by their own first octets; and what that makes of an asset."""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.demo.images import gif, jpeg, png, webp
from crawler.kinds import kind_of_content, kind_of_url, unwanted
from crawler.optout.grammar.sniff import Picture, document, kind_of, looks_binary, picture
from crawler.optout.model import Capture, Kind
from tests.vectors.assets.containers import box as boxed
from tests.vectors.assets.containers import tiff
from tests.vectors.assets.make_assets import build

AT = datetime(2026, 11, 22, tzinfo=UTC)

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><text>Hello</text></svg>'


def segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def frame(marker: int, width: int, height: int) -> bytes:
    return segment(marker, struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00")


JFIF = b"\xff\xd8" + segment(0xE0, b"JFIF\0")
EXIF = b"\xff\xd8" + segment(0xE1, b"Exif" + frame(0xC0, 9, 9))
TABLES = b"\xff\xd8" + segment(0xC4, b"\0" * 20)
SCAN = b"\xff\xd8" + segment(0xDA, b"\0" * 9)
VP8X = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0"
VP8 = b"RIFF\0\0\0\0WEBPVP8 \x0a\0\0\0\0\0\0\x9d\x01\x2a"
PROLOGUE = b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- a > b -->\n<!DOCTYPE svg [<!ENTITY a 'b'>]>\n"


def box(brand: bytes, *compatible: bytes) -> bytes:
    content = b"ftyp" + brand + b"\0\0\0\0" + b"".join(compatible)
    return struct.pack(">I", len(content) + 4) + content


BUILT = {
    "jpg": "image/jpeg", "png": "image/png", "webp": "image/webp", "gif": "image/gif", "svg": "image/svg+xml",
    "avif": "image/avif", "heic": "image/heic", "jxl": "image/jxl", "bmp": "image/bmp", "ico": "image/x-icon",
}  # fmt: skip
BOXED = b"\0\0\0\x0cJXL \r\n\x87\n"
EXACT = (99 << 3 | 1 << 15 | 999 << 17).to_bytes(12, "little")
SMALL = (1 | 5 << 1 | 7 << 9).to_bytes(12, "little")
ICONS = struct.pack("<HHHBBBBHHIIBBBBHHII", 0, 1, 2, 16, 16, 0, 0, 1, 32, 0, 40, 0, 0, 0, 0, 1, 32, 0, 40)

PICTURES = (
    ("png", png(1, 2, 3, 70, 50), "image/png", 70, 50),
    ("png, huge", png(1, 2, 3)[:16] + struct.pack(">II", 1 << 31, 7), "image/png", 1 << 31, 7),
    ("png, cut", b"\x89PNG\r\n\x1a\n\x00\x00", "image/png", None, None),
    ("gif", gif(1, 2, 3, 70, 50), "image/gif", 70, 50),
    ("gif 87a", b"GIF87a\x02\x00\x03\x00", "image/gif", 2, 3),
    ("gif, cut", b"GIF89a\x02", "image/gif", None, None),
    ("jpeg", jpeg(9, 70, 50), "image/jpeg", 70, 50),
    ("jpeg, progressive", JFIF + frame(0xC2, 640, 480), "image/jpeg", 640, 480),
    ("jpeg, thumbnail in EXIF", EXIF + frame(0xC0, 640, 480), "image/jpeg", 640, 480),
    ("jpeg, fill bytes", b"\xff\xd8\xff\xff\xff" + frame(0xC0, 3, 4), "image/jpeg", 3, 4),
    ("jpeg, tables first", TABLES + frame(0xC1, 3, 4), "image/jpeg", 3, 4),
    ("jpeg, scan before frame", SCAN + frame(0xC0, 3, 4), "image/jpeg", None, None),
    ("jpeg, cut", b"\xff\xd8\xff\xe0\x00", "image/jpeg", None, None),
    ("jpeg, length of nothing", b"\xff\xd8\xff\xe0\x00\x00" + b"\0" * 30, "image/jpeg", None, None),
    ("webp, lossless", webp(1, 2, 3, 70, 50), "image/webp", 70, 50),
    ("webp, extended", VP8X + b"\x3f\x00\x00\x1f\x00\x00", "image/webp", 64, 32),
    ("webp, lossy", VP8 + b"\x40\x00\x20\x00", "image/webp", 64, 32),
    ("webp, cut", b"RIFF\0\0\0\0WEBPVP8X", "image/webp", None, None),
    *((f"built {name}", build(f"clean.{name}"), media_type, 64, 48) for name, media_type in BUILT.items()),
    ("avif", box(b"avif", b"mif1"), "image/avif", None, None),
    ("avif, second brand", box(b"mif1", b"avif"), "image/avif", None, None),
    ("heic", box(b"heic", b"mif1"), "image/heic", None, None),
    ("heif", box(b"mif1"), "image/heif", None, None),
    ("jpeg xl", b"\xff\x0a\x00", "image/jxl", None, None),
    ("jpeg xl, boxed", b"\x00\x00\x00\x0cJXL \r\n\x87\n", "image/jxl", None, None),
    ("jpeg xl, in parts", BOXED + boxed(b"jxlp", b"\0\0\0\0\xff\x0a" + SMALL), "image/jxl", 64, 48),
    ("jpeg xl, ratio", b"\xff\x0a" + (1 | 5 << 1 | 3 << 6).to_bytes(12, "little"), "image/jxl", 64, 48),
    ("jpeg xl, exact", b"\xff\x0a" + EXACT, "image/jxl", 1000, 100),
    ("tiff, two pictures", tiff({330: (4, b"\x08\0\0\0")}), "image/tiff", 64, 1),
    ("bmp, old", b"BM" + b"\0" * 12 + struct.pack("<IHH4x", 12, 8, 9), "image/bmp", 8, 9),
    ("ico, two sizes", ICONS, "image/x-icon", 256, 256),
    ("svg, in pixels", b"<svg height='30px' width = '40.4' stroke-width='9'>", "image/svg+xml", 40, 30),
    ("svg, view box", b"<svg width='100%' viewBox='-1 0, 320.5 200'>", "image/svg+xml", 320, 200),
    ("svg, no size", b"<svg width='10em' height='3' viewBox='0 0 . 1'>", "image/svg+xml", None, None),
    ("svg, sizes of others", b"<svg><rect width='1' height='2'/></svg>", "image/svg+xml", None, None),
    ("tiff", b"II*\x00\x08\0\0\0", "image/tiff", None, None),
    ("tiff, big endian", b"MM\x00*\0\0\0\x08", "image/tiff", None, None),
    ("bmp", b"BM" + b"\0" * 16 + struct.pack("<Ii", 8, -9), "image/bmp", 8, 9),
    ("ico", b"\x00\x00\x01\x00\x01\x00", "image/x-icon", None, None),
    ("svg", SVG, "image/svg+xml", None, None),
    ("svg with prologue", PROLOGUE + SVG, "image/svg+xml", None, None),
)  # fmt: skip


@pytest.mark.parametrize("row", PICTURES, ids=[row[0] for row in PICTURES])
def test_pictures(row: tuple[str, bytes, str, int | None, int | None]) -> None:
    _, body, media_type, width, height = row
    assert picture(body) == Picture(media_type=media_type, width=width, height=height)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x89PN",
        b"GIF",
        b"RIFF\0\0\0\0WAVE",
        b"BMW is a car, not a bitmap.",
        b"<html><body>" + SVG,
        b"<p>An <svg> in a text</p>",
        b"<svgs>",
        b"ftyp",
        box(b"isom", b"mp42"),
        b"%PDF-1.7",
        b"PK\x03\x04",
    ],
)
def test_what_is_no_picture(body: bytes) -> None:
    assert picture(body) is None


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"%PDF-1.7", Kind.PDF),
        (b"\xef\xbb\xbf\r\n%PDF-1.4", Kind.PDF),
        (b"\x00\x01junk\n%PDF-1.4", Kind.PDF),
        (b" " * 2000 + b"%PDF-1.4", None),
        (b"<p>A PDF begins with %PDF-1.7", None),
        (b"A PDF begins with %PDF-1.7", None),
        (b"GIF89a\x02\0\2\0%PDF-1.7", None),
        (b"PK\3\4" + bytes(26) + b"mimetypeapplication/epub+zip", Kind.EPUB),
        (b"PK\3\4" + bytes(26) + b"OEBPS/" + bytes(5000) + b"META-INF/container.xml", Kind.EPUB),
        (b"PK\3\4" + bytes(26) + b"[Content_Types].xml", None),
        (b"", None),
    ],
)
def test_documents(body: bytes, kind: Kind | None) -> None:
    assert document(body) is kind


@given(st.binary(max_size=300))
def test_junk_never_raises(body: bytes) -> None:
    picture(body)
    looks_binary(body)
    for start in (
        b"\xff\xd8\xff",
        b"RIFF\0\0\0\0WEBP",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a",
        b"BM",
        b"\0\0\0\x20ftyp",
    ):
        picture(start + body)


def test_a_prologue_without_end_is_read_in_no_time() -> None:
    for part in (b"<!--", b"<?xml ", b"<!DOCTYPE [", b" ", b"<!-- -->", b"<!DOCTYPE a>", b"<!DOCTYPE [ ]"):
        assert picture(part * (1_000_000 // len(part))) is None


@pytest.mark.parametrize(
    ("media_type", "kind"),
    [
        ("text/html", Kind.TEXT),
        ("application/xhtml+xml", Kind.TEXT),
        ("text/plain", Kind.TEXT),
        ("text/markdown", Kind.TEXT),
        ("image/png", Kind.IMAGE),
        ("image/anything", Kind.IMAGE),
        ("application/pdf", Kind.PDF),
        ("application/epub+zip", Kind.EPUB),
        ("text/css", None),
        ("application/json", None),
        ("video/mp4", None),
        (None, None),
    ],
)
def test_claimed_kinds(media_type: str | None, kind: Kind | None) -> None:
    assert kind_of(media_type) is kind


@pytest.mark.parametrize(
    ("body", "binary"),
    [
        (b"Plain words.\r\n\tIndented.\x0c", False),
        ("Wörter и 言葉".encode(), False),
        (b"\xef\xbb\xbf\x00", False),
        (b"\xff\xfea\x00b\x00", False),
        (b"\xfe\xff\x00a\x00b", False),
        (b"a\x00b", True),
        (b"\x1f\x8b\x08", True),
        (b"escape \x1b[0m is text", False),
        (b"", False),
    ],
)
def test_looks_binary(body: bytes, binary: bool) -> None:
    assert looks_binary(body) is binary


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("http://a.example/", Kind.TEXT),
        ("http://a.example/photo.JPG", Kind.IMAGE),
        ("http://a.example/photo.jpeg?size=1", Kind.IMAGE),
        ("http://a.example/page?file=photo.png", Kind.TEXT),
        ("http://a.example/photo.png/", Kind.TEXT),
        ("http://a.example/drawing.svg", Kind.IMAGE),
        ("http://a.png/", Kind.TEXT),
    ],
)
def test_expected_kind(url: str, kind: Kind) -> None:
    assert kind_of_url(url) is kind


BOTH = frozenset({Kind.TEXT, Kind.IMAGE})

CONTENT: tuple[tuple[str, str | None, bytes, Kind, Any, Kind | None], ...] = (
    ("a page", "text/html", b"<p>x", Kind.TEXT, BOTH, Kind.TEXT),
    ("an image", "image/png", png(1, 1, 1), Kind.IMAGE, BOTH, Kind.IMAGE),
    ("an image called a page", "text/html", png(1, 1, 1), Kind.TEXT, BOTH, Kind.IMAGE),
    ("a page called an image", "image/png", b"<p>x", Kind.IMAGE, BOTH, None),
    ("a page under an image's URL", "text/html", b"<p>x", Kind.IMAGE, BOTH, Kind.TEXT),
    ("an untyped image", None, gif(1, 1, 1), Kind.TEXT, BOTH, Kind.IMAGE),
    ("untyped words", None, b"words", Kind.TEXT, BOTH, Kind.TEXT),
    ("untyped bytes", "application/octet-stream", b"\x00\x01", Kind.TEXT, BOTH, None),
    ("json", "application/json", b"{}", Kind.TEXT, BOTH, None),
    ("json, everything wanted", "application/json", b"{}", Kind.TEXT, frozenset(), Kind.TEXT),
    ("XML under an image's URL", "application/xml", b"<html><p>x", Kind.IMAGE, frozenset(), Kind.TEXT),
    ("a page called an image, everything wanted", "image/png", b"<p>x", Kind.IMAGE, frozenset(), Kind.TEXT),
    ("a page, only images wanted", "text/html", b"<p>x", Kind.TEXT, {Kind.IMAGE}, None),
    ("a drawing", "image/svg+xml", SVG, Kind.IMAGE, BOTH, Kind.IMAGE),
    ("an untyped drawing", None, SVG, Kind.TEXT, BOTH, Kind.IMAGE),
    ("a page that begins with a drawing", "text/html", SVG + b"<p>x", Kind.TEXT, BOTH, Kind.TEXT),
    ("an XHTML page that begins so", "application/xhtml+xml", SVG, Kind.TEXT, BOTH, Kind.TEXT),
    ("a text that begins like a GIF", "text/html", b"GIF89a is a format.", Kind.TEXT, BOTH, Kind.TEXT),
    ("an empty page", "text/html", b"", Kind.TEXT, BOTH, Kind.TEXT),
    ("an empty image", "image/png", b"", Kind.IMAGE, BOTH, Kind.IMAGE),
)


@pytest.mark.parametrize("row", CONTENT, ids=[row[0] for row in CONTENT])
def test_kind_of_content(
    row: tuple[str, str | None, bytes, Kind, frozenset[Kind], Kind | None],
) -> None:
    _, media_type, body, expected, only, kind = row
    headers = (("content-type", media_type),) if media_type else ()
    capture = Capture(url="http://a.example/", status=200, at=AT, headers=headers, body=body)
    assert kind_of_content(capture, expected, only) is kind


@pytest.mark.parametrize(
    ("media_type", "only", "rules_out"),
    [
        ("text/html", BOTH, False),
        ("text/html", {Kind.IMAGE}, True),
        ("image/png", {Kind.TEXT}, True),
        ("video/mp4", BOTH, True),
        ("application/pdf", BOTH, True),
        (None, BOTH, False),
        ("application/octet-stream", {Kind.IMAGE}, False),
    ],
)
def test_unwanted(media_type: str | None, only: frozenset[Kind], rules_out: bool) -> None:
    assert unwanted(media_type, only) is rules_out
