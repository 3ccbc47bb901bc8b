"""The walk over containers: what is found, what becomes trouble, and what it may cost."""

from __future__ import annotations

import base64
import struct
import tracemalloc
import zlib
from collections.abc import Callable
from datetime import UTC, datetime

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.optout.grammar.container.found import Metadata
from crawler.optout.grammar.container.inflate import inflate, unbrotli
from crawler.optout.grammar.container.walk import metadata_of
from crawler.optout.grammar.sniff import document, picture
from crawler.optout.model import Capture
from tests.vectors.assets import containers as c
from tests.vectors.assets.make_assets import build
from tests.vectors.assets.pictures import ASSETS, PLAIN
from tests.vectors.assets.xmp import REFUSAL, xmp

AT = datetime(2026, 11, 22, tzinfo=UTC)
MIB = 1 << 20
PACKET = xmp("DMI-PROHIBITED-AIMLTRAINING")


def walked(body: bytes) -> Metadata:
    return Capture(url="https://h.example/i", status=200, at=AT, body=body).parsed(metadata_of)


def said(metadata: Metadata) -> bytes:
    return b"".join(part.data for part in metadata.xmp).replace(b"\0", b"")


WHERE = {
    "prohibited.jpg": "APP1[0]",
    "prohibited.png": "iTXt[0]",
    "prohibited.webp": "XMP[0]",
    "prohibited.gif": "XMP[0]",
    "prohibited.svg": "document",
    "prohibited.tiff": "tag 700[0]",
    "prohibited.avif": "meta/item[2]",
    "prohibited.heic": "meta/item[2]",
    "prohibited.jxl": "xml[0]",
    "utf-16.jpg": "APP1[0]",
    "utf-32-be.jpg": "APP1[0]",
    "extended-reversed.jpg": f"APP1 extended[{c.GUID.decode().lower()}]",
    "truncated.jpg": "APP1[0]",
    "after-end.jpg": "scan[0]",
    "late.jpg": "APP1[0]",
    "fill-bytes.jpg": "APP1[0]",
    "photoshop.jpg": "APP13/8BIM[0x0424]",
    "after-idat.png": "iTXt[0]",
    "compressed.png": "iTXt[0]",
    "bad-crc.png": "iTXt[0]",
    "raw-profile.png": "zTXt[0]",
    "exif.png": "eXIf[0]/tag 700[0]",
    "odd.webp": "XMP[0]",
    "blocks.gif": "XMP[0]",
    "big-endian.tiff": "tag 700[0]",
    "big.tiff": "tag 700[0]",
    "idat.avif": "meta/item[2]",
    "deflate.avif": "meta/item[2]",
    "uuid.heic": "uuid[0]",
    "brotli.jxl": "brob[0]",
    "prohibited.svgz": "document",
}


@pytest.mark.parametrize("name", WHERE)
def test_found(name: str) -> None:
    metadata = walked(build(name))
    (part,) = [part for part in metadata.xmp if b"DMI-" in part.data.replace(b"\0", b"")]
    assert part.locator == WHERE[name]
    assert metadata.trouble == ""


@pytest.mark.parametrize("name", [name for name in ASSETS if name.startswith(("clean.", "huge."))])
def test_nothing_to_find(name: str) -> None:
    metadata = walked(build(name))
    if picture(build(name)).media_type != "image/svg+xml":  # type: ignore[union-attr]
        assert metadata.xmp == ()
    assert metadata == Metadata(xmp=metadata.xmp)


def test_packets_are_handed_over_as_they_stand() -> None:
    for extension, fill in PLAIN.items():
        if extension != "svg":
            assert [part.data for part in walked(fill(PACKET)).xmp] == [PACKET], extension


def test_every_packet_is_found_in_the_order_of_the_file() -> None:
    assert [part.locator for part in walked(build("two-packets.jpg")).xmp] == ["APP1[0]", "APP1[1]"]
    body = c.png(c.itxt(xmp("DMI-ALLOWED")), c.itxt(PACKET, packed=True), late=[c.itxt(PACKET)]) + PACKET
    assert [part.locator for part in walked(body).xmp] == ["iTXt[0]", "iTXt[1]", "iTXt[2]", "scan[0]"]


def test_credits_stand_in_photoshops_resources_also_across_segments() -> None:
    data = c.iim((2, 116, b"(c) Ada Example"))
    resource = c.resource(0x0404, data)
    cut = c.jpeg(c.app13(resource[:20]), c.app13(resource[20:]))
    for body in (c.jpeg(c.app13(resource)), cut, c.tiff({34377: (7, resource)}), c.tiff({33723: (7, data)})):
        assert [part.data for part in walked(body).iim] == [data]


STORE = c.box(b"jumb", c.box(b"jumd", b"c2pa" + bytes(12), b"\3c2pa\0"), bytes(range(256)) * 4)


@pytest.mark.parametrize(
    "body",
    [
        c.jpeg(*c.app11(STORE)),
        c.jpeg(*reversed(c.app11(STORE, size=300))),
        c.png(c.chunk(b"caBX", STORE)),
        c.riff((b"C2PA", STORE)),
        c.gif(c.gif_blocks(b"C2PA_GIF\x01\x00\x00", STORE)),
        c.tiff({0xCD41: (7, STORE)}),
        c.heif(after=c.box(b"uuid", c.C2PA_UUID, bytes(4), b"manifest\0", bytes(8), STORE)),
        c.jxl(STORE),
        c.jxl(c.box(b"brob", b"jumb", brotli.compress(STORE[8:]))),
        c.svg(b"<c2pa:manifest>" + base64.b64encode(STORE) + b"</c2pa:manifest>"),
    ],
)
def test_manifest_stores(body: bytes) -> None:
    assert [part.data for part in walked(body).manifests] == [STORE]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("wrapped", [True, False])
def test_packets_are_found_by_their_own_words(encoding: str, wrapped: bool) -> None:
    packet = xmp("DMI-PROHIBITED", prefix="foo", encoding=encoding, wrapped=wrapped)
    metadata = walked(c.bmp() + b"\x01" + packet + b"\x01" * 9)
    assert [(part.data, part.locator) for part in metadata.xmp] == [(packet, "scan[0]")]
    assert metadata.trouble == ""


def test_two_packets_behind_each_other_are_two() -> None:
    bare = xmp("DMI-ALLOWED", wrapped=False)
    assert [part.data for part in walked(c.jpeg() + bare + PACKET + bare).xmp] == [bare, PACKET, bare]


def test_a_packet_without_its_end_is_trouble_and_is_kept() -> None:
    metadata = walked(c.jpeg() + PACKET[:-150])
    assert b"DMI-PROHIBITED" in said(metadata)
    assert metadata.trouble == "scan[0] has no end"


def test_text_under_other_names() -> None:
    metadata = walked(
        c.png(c.itxt(REFUSAL.encode(), keyword=b"Terms", packed=True), late=[c.itxt(b"<p>x", keyword=b"A")])
    )
    assert [(part.data.decode(), part.locator) for part in metadata.texts] == [(REFUSAL, "iTXt[0]")]
    plain = c.chunk(b"tEXt", b"XML:com.adobe.xmp\0" + PACKET)
    other = c.itxt(PACKET, keyword=b"xmp", packed=True)
    assert [part.data for part in walked(c.png(plain, other)).xmp] == [PACKET, PACKET]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        (b"APP1", b"http://ns.adobe.com/xap/1.0/\0" + PACKET),
        (b"exif", b"Exif\0\0" + c.tiff({700: (1, PACKET)})),
        (b"8bim", c.resource(0x0424, PACKET)),
    ],
)
def test_profiles_in_hexadecimal(name: bytes, data: bytes) -> None:
    assert [part.data for part in walked(c.png(c.profile(name, data))).xmp] == [PACKET]


def test_items_packed_in_other_ways() -> None:
    raw = zlib.compressobj(9, zlib.DEFLATED, -15)
    bare = raw.compress(PACKET) + raw.flush()
    for coding, packed in ((b"deflate", bare), (b"br", brotli.compress(PACKET))):
        assert [part.data for part in walked(c.heif(packet=packed, coding=coding)).xmp] == [PACKET]
    unknown = walked(c.heif(packet=b"???", coding=b"zstd"))
    assert unknown.trouble == "meta/item[2] is packed in an unknown way"


def test_pictures_within_pictures() -> None:
    assert [part.data for part in walked(c.ico(c.png(c.itxt(PACKET)))).xmp] == [PACKET]
    second = c.jpeg() + b"padding" + c.jpeg(*reversed(c.extended(PACKET)))
    assert PACKET in [part.data for part in walked(second).xmp]
    exif = c.jpeg(c.segment(0xE1, b"Exif\0\0" + c.tiff({700: (1, PACKET)})))
    assert [part.data for part in walked(exif).xmp] == [PACKET]
    sequence = c.box(b"ftyp", b"avis", bytes(4)) + c.box(
        b"moov", c.box(b"udta", c.box(b"uuid", c.XMP_UUID, PACKET))
    )
    assert [part.data for part in walked(sequence).xmp] == [PACKET]


TROUBLE = {
    "a PNG cut in its pixels": c.png()[:-30],
    "a PNG without its end": c.png()[:-12],
    "a PNG that goes on with something else": c.png()[:-12] + bytes(40),
    "a JPEG cut before its pixels": c.jpeg()[:40],
    "a JPEG cut between segments": c.jpeg(c.app1(xmp()))[: 2 + len(c.app1(xmp()))],
    "a JPEG that promises more": build("extended-missing.jpg"),
    "a JPEG that promises what is not there": c.jpeg(c.app1(xmp(attributes=f'a:HasExtendedXMP="{"A" * 32}"'))),
    "a JUMBF box in a JPEG that lacks a piece": c.jpeg(*c.app11(STORE, size=300)[:-1]),
    "a WebP that is shorter than it says": c.riff((b"XMP ", PACKET))[: -len(PACKET) - 9],
    "a WebP cut in a chunk": c.riff((b"XMP ", PACKET))[:-9],
    "a GIF cut in its pixels": c.gif()[:-30],
    "an AVIF cut in its pixels": c.heif()[:-5],
    "an AVIF cut in its header": c.heif()[:60],
    "a TIFF cut before its directory": c.tiff()[:-30],
    "a JPEG XL without a codestream": c.jxl()[:-24],
    "a box that cannot be": c.heif(after=b"\0\0\0\3uuid" + bytes(20)),
    "items that may be packed": c.heif(packet=b"packed").replace(b"ispe", b"cmpC"),
    "a store that is none": c.heif(after=c.box(b"uuid", c.C2PA_UUID, bytes(40))),
    "text that does not inflate": c.png(c.chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0junk")),
    "text that is cut": c.png(c.chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(PACKET)[:-9])),
    "Base64 that is none": c.svg(b"<c2pa:manifest>A</c2pa:manifest>"),
    "a drawing that is too large": c.svg(b" " * (5 * MIB)),
    "a loop of directories": build("ifd-loop.tiff"),
}


@pytest.mark.parametrize("name", TROUBLE)
def test_what_may_hide_something_is_trouble(name: str) -> None:
    assert walked(TROUBLE[name]).trouble


@pytest.mark.parametrize("cut", [*range(1, 150, 7), 180])
def test_a_png_cut_anywhere_is_trouble(cut: int) -> None:
    whole = c.png(c.itxt(xmp()))
    assert walked(whole[:-cut]).trouble or cut <= 4  # the last four are the checksum of its end


WEBP = c.riff((b"XMP ", xmp()))
NO_TROUBLE = {
    "a JPEG cut in its pixels": c.jpeg()[:-5],
    "a JPEG with something behind its end": c.jpeg() + bytes(range(256)) * 9,
    "a JPEG with half a picture behind its end": c.jpeg() + c.jpeg()[:60],
    "a JPEG with octets between its segments": c.jpeg(b"??", c.segment(0xFE, b"comment"), b"\xff\xff"),
    "a JPEG with broken Exif": c.jpeg(c.segment(0xE1, b"Exif\0\0II*\0\x08\0\0\0\xff\xff????")),
    "a PNG with something behind its end": c.png() + b"PK\3\4" + bytes(50),
    "a PNG without the checksum of its end": c.png()[:-4],
    "a WebP that counts its first octets": WEBP[:4] + struct.pack("<I", len(WEBP)) + WEBP[8:],
    "a WebP that counts one too few": WEBP[:4] + struct.pack("<I", len(WEBP) - 9) + WEBP[8:],
    "a WebP that was never counted": WEBP[:4] + bytes(4) + WEBP[8:],
    "a WebP without padding": c.riff((b"ICCP", b"odd")).replace(b"odd\0", b"odd")
    + c.riff_chunk(b"XMP ", xmp()),
    "a WebP with something behind its end": WEBP + bytes(40),
    "a GIF without its end": c.gif()[:-1],
    "a GIF padded with zeros": c.gif()[:-1] + bytes(20),
    "a GIF with something behind its end": c.gif() + b"????",
    "an AVIF whose last box goes on to the end": c.heif(after=c.box(b"free", bytes(9), length=0)),
    "an AVIF with zeros behind its end": c.heif(after=bytes(30)),
    "an AVIF with something behind its end": c.heif(after=b"\xff\0\xff\0\xff\0\xff\0??"),
    "a TIFF with something behind its end": c.tiff() + bytes(30),
    "a naked JPEG XL": b"\xff\x0a" + bytes(30),
    "an icon without pictures": b"\0\0\1\0\0\0",
    "nothing": b"",
    "words": b"GIF is a format.",
}


@pytest.mark.parametrize("name", NO_TROUBLE)
def test_what_hides_nothing_is_no_trouble(name: str) -> None:
    assert walked(NO_TROUBLE[name]).trouble == ""


def many_items(count: int, packed: bytes) -> bytes:
    """An AVIF whose items all stand at the same place."""
    infe = [
        c.full(b"infe", 2, struct.pack(">HH", number, 0), b"mime", b"\0application/rdf+xml\0deflate\0")
        for number in range(count)
    ]
    head = c.box(b"ftyp", b"avif", bytes(4))
    iinf = c.full(b"iinf", 0, struct.pack(">H", count), *infe)
    rows = [struct.pack(">HHHII", number, 0, 1, len(head) + 8, len(packed)) for number in range(count)]
    iloc = c.full(b"iloc", 0, b"\x44\0", struct.pack(">H", count), *rows)
    return head + c.box(b"mdat", packed) + c.full(b"meta", 0, iinf, iloc)


def one_directory_after_the_other(count: int) -> bytes:
    """A TIFF whose directories share their octets."""
    rows = b"".join(struct.pack("<HHII", 330, 4, 64, at) for at in range(8, 8 + count))
    return b"II*\0\x08\0\0\0" + struct.pack("<H", 5000) + rows + bytes(70_000)


HOSTILE: dict[str, Callable[[], bytes]] = {
    "text-bomb.png": lambda: build("text-bomb.png"),
    "nested.png": lambda: build("nested.png"),
    "huge.png": lambda: build("huge.png"),
    "a thousand bombs in texts": lambda: c.png(
        *[c.chunk(b"zTXt", b"a\0\0" + zlib.compress(b"<rsl>" + bytes(MIB))) for _ in range(1000)]
    ),
    "a thousand bombs in items": lambda: many_items(1000, zlib.compress(bytes(64 * MIB))),
    "items that inflate to nothing, slowly": lambda: many_items(2000, b"\x78\x9c" + b"\0\0\0\xff\xff" * MIB),
    "a Brotli bomb": lambda: c.jxl(c.box(b"brob", b"xml ", brotli.compress(bytes(256 * MIB), quality=1))),
    "a gzip bomb": lambda: b"\x1f\x8b\x08" + bytes(7) + zlib.compress(bytes(256 * MIB), wbits=-15),
    "many packets": lambda: c.png() + PACKET * 100_000,
    "many beginnings": lambda: c.bmp() + b'<r:RDF "22-rdf-syntax-ns#"' * 1_000_000,
    "large packets": lambda: c.riff(*[(b"XMP ", PACKET + bytes(3 * MIB))] * 9),
    "large stores": lambda: c.riff(*[(b"C2PA", STORE + bytes(5 * MIB))] * 6),
    "chunks without end": lambda: c.png(c.chunk(b"teXt", b"") * 1_000_000),
    "pieces of Extended XMP without end": lambda: c.jpeg(*c.extended(PACKET, size=1) * 100),
    "pictures without end": lambda: b"\xff\xd8\xff\xd9" * 2_000_000,
    "boxes without end": lambda: c.heif(after=c.box(b"free") * 1_000_000),
    "boxes within boxes": lambda: c.heif(
        after=b"".join(struct.pack(">I", 800_000 - 8 * n) + b"moov" for n in range(100_000))
    ),
    "directories that name each other": lambda: one_directory_after_the_other(5000),
    "sub-blocks without end": lambda: c.gif(b"!\xff\x0bXMP DataXMP" + b"\1\1" * 4_000_000),
    "sub-blocks of one octet": lambda: c.gif(b"!\xff\x0bC2PA_GIF\1\0\0" + b"\1\1" * 4_000_000),
    "resources without end": lambda: c.jpeg(*[c.app13(c.resource(1, b"") * 5000)] * 30),
    "fill bytes without end": lambda: b"\xff\xd8" + b"\xff" * 10_000_000,
    "an icon of icons": lambda: b"\0\0\1\0\xff\xff" + struct.pack("<8xII", 99, 22) * 9 + c.png() * 1000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_the_worst_files_are_read_in_bounded_memory(name: str) -> None:
    body = HOSTILE[name]()
    tracemalloc.start()
    try:
        metadata = walked(body)
        picture(body)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 50 * MIB
    assert metadata.trouble or name == "huge.png"
    for parts, most in ((metadata.xmp, 16), (metadata.manifests, 16), (metadata.texts, 4), (metadata.iim, 2)):
        assert len(parts) <= 64
        assert sum(len(part.data) for part in parts) <= most * MIB


def test_inflating_stops_at_its_limit() -> None:
    packed = zlib.compress(bytes(10 * MIB))
    assert inflate([memoryview(packed)], MIB) == (bytes(MIB), f"inflates to more than {MIB} bytes")
    assert inflate([memoryview(packed)], 10 * MIB) == (bytes(10 * MIB), "")
    packed = brotli.compress(bytes(10 * MIB))
    assert unbrotli([memoryview(packed)], MIB) == (bytes(MIB), f"inflates to more than {MIB} bytes")
    assert unbrotli([memoryview(packed[:5]), memoryview(packed[5:])], 10 * MIB) == (bytes(10 * MIB), "")
    assert unbrotli([memoryview(b"junk")], MIB).trouble


SMALL = sorted(name for name in ASSETS if len(build(name)) < 10_000)


@given(st.sampled_from(SMALL), st.data())
def test_damaged_files_never_raise(name: str, data: st.DataObject) -> None:
    body = bytearray(build(name))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(body) - 1))
        body[at : at + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=6))
        body = body or bytearray(b"?")
    picture(bytes(body))
    document(bytes(body))
    walked(bytes(body))


@given(st.sampled_from(SMALL), st.integers(0, 10_000))
def test_files_cut_anywhere_never_raise(name: str, cut: int) -> None:
    body = build(name)[:cut]
    picture(body)
    walked(body)


@given(st.sampled_from(sorted({build(name)[:16] for name in SMALL})), st.binary(max_size=300))
def test_junk_behind_a_beginning_never_raises(begins: bytes, junk: bytes) -> None:
    picture(begins + junk)
    walked(begins + junk)
