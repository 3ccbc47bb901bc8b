"""The files that carry metadata, built from nothing around small flat pictures of 64 by 48 pixels.

Pictures in formats that only need to be walked (AVIF, HEIC, JPEG XL, TIFF) have a few octets where the pixels
would be; their structure is whole.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Mapping

from crawler.demo import images

WIDTH, HEIGHT = 64, 48
XMP_UUID = bytes.fromhex("BE7ACFCB97A942E89C71999491E3AFAC")
C2PA_UUID = bytes.fromhex("D8FEC3D61B0E483C92975828877EC481")
GUID = b"0123456789ABCDEF0123456789ABCDEF"


# JPEG


def segment(marker: int, data: bytes, *, length: int | None = None) -> bytes:
    """One marker segment; ``length``: what it says of itself, when that is not true."""
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2 if length is None else length) + data


def app1(packet: bytes) -> bytes:
    """A segment with an XMP packet of less than 64 KiB."""
    return segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + packet)


def extended(packet: bytes, *, size: int = 400, guid: bytes = GUID) -> list[bytes]:
    """Segments with the pieces of an Extended XMP packet, in order."""
    return [
        segment(
            0xE1,
            b"http://ns.adobe.com/xmp/extension/\0"
            + guid
            + struct.pack(">II", len(packet), start)
            + packet[start : start + size],
        )
        for start in range(0, len(packet), size)
    ]


def app11(box: bytes, *, size: int = 60_000, instance: int = 1) -> list[bytes]:
    """Segments with the pieces of a JUMBF box (ISO 19566-5): each repeats the box's header."""
    head, content = box[:8], box[8:]
    return [
        segment(0xEB, b"JP" + struct.pack(">HI", instance, number) + head + content[start : start + size])
        for number, start in enumerate(range(0, len(content), size), 1)
    ]


def app13(*resources: bytes) -> bytes:
    """A segment with Photoshop's resources."""
    return segment(0xED, b"Photoshop 3.0\0" + b"".join(resources))


def resource(number: int, data: bytes) -> bytes:
    """One of Photoshop's image resources, without a name."""
    return b"8BIM" + struct.pack(">HHI", number, 0, len(data)) + data + b"\0" * (len(data) % 2)


def iim(*sets: tuple[int, int, bytes]) -> bytes:
    """IPTC-IIM data sets: record, number, value."""
    return b"".join(
        struct.pack(">BBBH", 0x1C, record, number, len(data)) + data for record, number, data in sets
    )


def jpeg(*segments: bytes, grey: int = 128) -> bytes:
    """A JPEG with ``segments`` before everything else."""
    plain = images.jpeg(grey, WIDTH, HEIGHT)
    return plain[:2] + b"".join(segments) + plain[2:]


# PNG


def chunk(kind: bytes, data: bytes, *, length: int | None = None, crc: int | None = None) -> bytes:
    """One chunk; ``length`` and ``crc``: what it says of itself, when that is not true."""
    return (
        struct.pack(">I", len(data) if length is None else length)
        + kind
        + data
        + struct.pack(">I", zlib.crc32(kind + data) if crc is None else crc)
    )


def itxt(
    text: bytes, *, keyword: bytes = b"XML:com.adobe.xmp", packed: bool = False, crc: int | None = None
) -> bytes:
    """A text chunk; ``packed``: deflated."""
    data = keyword + (b"\0\1\0\0\0" + zlib.compress(text) if packed else b"\0\0\0\0\0" + text)
    return chunk(b"iTXt", data, crc=crc)


def profile(name: bytes, data: bytes) -> bytes:
    """A text chunk as ImageMagick writes profiles: hexadecimal, in lines of 72 digits."""
    digits = data.hex().encode()
    lines = b"\n".join(digits[start : start + 72] for start in range(0, len(digits), 72))
    text = b"\n%s\n%8d\n%s\n" % (name, len(data), lines)
    return chunk(b"zTXt", b"Raw profile type " + name + b"\0\0" + zlib.compress(text))


def png(*early: bytes, late: Iterable[bytes] = (), size: tuple[int, int] = (WIDTH, HEIGHT)) -> bytes:
    """A PNG with chunks before and after the pixels; the pixels are of 64 by 48 whatever ``size`` says."""
    rows = (b"\0" + bytes((90, 120, 150)) * WIDTH) * HEIGHT
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", struct.pack(">IIBBBBB", *size, 8, 2, 0, 0, 0)),
            *early,
            chunk(b"IDAT", zlib.compress(rows, 9)),
            *late,
            chunk(b"IEND", b""),
        )
    )


def zeros(megabytes: int) -> bytes:
    """A zlib stream that inflates to so many mebibytes of zeros, built without deflating them all."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = bytes(1 << 20)
    first = deflate.compress(block) + deflate.flush(zlib.Z_FULL_FLUSH)
    checksum = ((megabytes << 20) % 65521) << 16 | 1  # Adler-32 of zeros alone
    return b"\x78\xda" + first * megabytes + b"\x03\x00" + struct.pack(">I", checksum)


# RIFF, GIF


def riff(*chunks: tuple[bytes, bytes], size: int | None = None) -> bytes:
    """A WebP with the chunks after its pixels; ``size``: what the file claims, when that is not true."""
    plain = images.webp(90, 120, 150, WIDTH, HEIGHT)[12:]
    canvas = (WIDTH - 1).to_bytes(3, "little") + (HEIGHT - 1).to_bytes(3, "little")
    flags = bytes((0x04 * any(kind == b"XMP " for kind, _ in chunks),)) + b"\0\0\0"
    content = b"WEBP" + (riff_chunk(b"VP8X", flags + canvas) if chunks else b"") + plain
    content += b"".join(riff_chunk(kind, data) for kind, data in chunks)
    return b"RIFF" + struct.pack("<I", len(content) if size is None else size) + content


def riff_chunk(kind: bytes, data: bytes, *, length: int | None = None) -> bytes:
    """One chunk, padded to an even size."""
    return kind + struct.pack("<I", len(data) if length is None else length) + data + b"\0" * (len(data) % 2)


def gif(*extensions: bytes) -> bytes:
    """A GIF with application extensions before its pixels."""
    plain = images.gif(90, 120, 150, WIDTH, HEIGHT)
    before = 13 + 3 * 128
    return plain[:before] + b"".join(extensions) + plain[before:]


def gif_xmp(packet: bytes) -> bytes:
    """An application extension with XMP and the magic trailer that ends it."""
    return b"!\xff\x0bXMP DataXMP" + packet + bytes((1, *range(255, -1, -1), 0))


def gif_blocks(application: bytes, data: bytes) -> bytes:
    """An application extension whose data is in ordinary sub-blocks."""
    pieces = [data[start : start + 255] for start in range(0, len(data), 255)]
    return b"!\xff\x0b" + application + b"".join(bytes((len(piece),)) + piece for piece in pieces) + b"\0"


# TIFF


def tiff(tags: Mapping[int, tuple[int, bytes]] | None = None, *, order: str = "<", big: bool = False) -> bytes:
    """A TIFF of one grey pixel row; ``tags``: number → (type, value). Its directory stands at the end."""
    widths = {1: 1, 2: 1, 3: 2, 4: 4, 7: 1}
    pixels = bytes(64)
    start = 16 if big else 8
    entries: dict[int, tuple[int, bytes]] = {
        256: (3, struct.pack(order + "H", WIDTH)),
        257: (3, struct.pack(order + "H", 1)),
        258: (3, struct.pack(order + "H", 8)),
        259: (3, struct.pack(order + "H", 1)),
        262: (3, struct.pack(order + "H", 1)),
        273: (4, struct.pack(order + "I", start)),
        278: (3, struct.pack(order + "H", 1)),
        279: (4, struct.pack(order + "I", len(pixels))),
        **(tags or {}),
    }
    room, number = (8, "Q") if big else (4, "I")
    values, rows = pixels, b""
    for tag, (kind, value) in sorted(entries.items()):
        if len(value) > room:
            values += b"\0" * (len(values) % 2)
            place = struct.pack(order + number, start + len(values))
            values += value
        else:
            place = value.ljust(room, b"\0")
        rows += struct.pack(order + "HH" + number, tag, kind, len(value) // widths[kind]) + place
    values += b"\0" * (len(values) % 8)
    mark = b"II" if order == "<" else b"MM"
    directory = start + len(values)
    head = struct.pack(order + "HHHQ", 43, 8, 0, directory) if big else struct.pack(order + "HI", 42, directory)
    count = struct.pack(order + ("Q" if big else "H"), len(entries))
    return mark + head + values + count + rows + struct.pack(order + number, 0)


# ISO base media files


def box(kind: bytes, *content: bytes, length: int | None = None) -> bytes:
    """One box; ``length``: what it says of itself, when that is not true."""
    data = b"".join(content)
    return struct.pack(">I", len(data) + 8 if length is None else length) + kind + data


def full(kind: bytes, version: int, *content: bytes, flags: int = 0) -> bytes:
    """One box with version and flags."""
    return box(kind, bytes((version,)) + flags.to_bytes(3, "big"), *content)


def heif(
    brand: bytes = b"avif",
    packet: bytes = b"",
    *,
    content_type: bytes = b"application/rdf+xml",
    coding: bytes = b"",
    in_idat: bool = False,
    version: int = 1,
    size: tuple[int, int] = (WIDTH, HEIGHT),
    after: bytes = b"",
) -> bytes:
    """An AVIF or HEIC; ``packet``: the content of a second item of type ``mime``, in ``mdat`` or ``idat``.

    ``coding``: the item's content_encoding, with ``packet`` already in it. ``version``: of ``iloc``, 0 to 2.
    ``after``: boxes at the end.
    """
    head = box(b"ftyp", brand, bytes(4), b"mif1", brand)
    pixels = bytes(32)
    infe = [full(b"infe", 2, struct.pack(">HH", 1, 0), b"av01" if brand == b"avif" else b"hvc1", b"\0")]
    if packet:
        name = b"\0" + content_type + b"\0" + (coding + b"\0" if coding else b"")
        infe.append(full(b"infe", 2, struct.pack(">HH", 2, 0), b"mime", name))

    def located(start: int) -> bytes:
        items = [(1, 0, start, len(pixels))]
        if packet:
            items.append((2, 1, 0, len(packet)) if in_idat else (2, 0, start + len(pixels), len(packet)))
        rows = b""
        for number, method, offset, size in items:
            rows += struct.pack(">I" if version == 2 else ">H", number)
            rows += struct.pack(">H", method) if version else b""
            rows += struct.pack(">HHII", 0, 1, offset, size)
        count = struct.pack(">I" if version == 2 else ">H", len(items))
        return full(b"iloc", version, b"\x44\x00", count, rows)

    def meta(start: int) -> bytes:
        return full(
            b"meta",
            0,
            full(b"hdlr", 0, bytes(4), b"pict", bytes(13)),
            full(b"pitm", 0, struct.pack(">H", 1)),
            located(start),
            full(b"iinf", 0, struct.pack(">H", len(infe)), *infe),
            box(
                b"iprp",
                box(b"ipco", full(b"ispe", 0, struct.pack(">II", *size))),
                full(b"ipma", 0, struct.pack(">IHBB", 1, 1, 1, 1)),
            ),
            box(b"idat", packet) if packet and in_idat else b"",
        )

    start = len(head) + len(meta(0)) + 8
    return head + meta(start) + box(b"mdat", pixels, b"" if in_idat else packet) + after


def jxl(*boxes: bytes) -> bytes:
    """A boxed JPEG XL: a header of 64 by 48 pixels, and boxes before the codestream."""
    # SizeHeader: small, height (48/8-1) in five bits, ratio 0, width (64/8-1) in five bits; lowest bit first.
    size = 1 | 5 << 1 | 0 << 6 | 7 << 9
    return (
        b"\x00\x00\x00\x0cJXL \r\n\x87\n"
        + box(b"ftyp", b"jxl ", bytes(4), b"jxl ")
        + b"".join(boxes)
        + box(b"jxlc", b"\xff\x0a" + struct.pack("<H", size) + bytes(12))
    )


# SVG, and the formats that hold nothing


def svg(inside: bytes = b"", *, before: bytes = b"") -> bytes:
    """A drawing with ``inside`` in its metadata element, and ``before`` in its prologue."""
    return (
        b'<?xml version="1.0" encoding="UTF-8"?>\n'
        + before
        + b'<svg xmlns="http://www.w3.org/2000/svg" width="64" height="48" viewBox="0 0 64 48">'
        + (b"<metadata>" + inside + b"</metadata>" if inside else b"")
        + b'<rect width="64" height="48" fill="#5a7896"/></svg>\n'
    )


def bmp() -> bytes:
    """A grey bitmap of 64 by 48 pixels, its rows from the top down as a negative height says."""
    pixels = bytes((90,)) * (WIDTH * HEIGHT * 3)
    head = struct.pack("<IiiHHIIiiII", 40, WIDTH, -HEIGHT, 1, 24, 0, len(pixels), 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54 + len(pixels), 0, 0, 54) + head + pixels


def ico(picture: bytes) -> bytes:
    """An icon of 64 by 48 pixels that holds ``picture``."""
    return struct.pack("<HHHBBBBHHII", 0, 1, 1, WIDTH, HEIGHT, 0, 0, 1, 32, len(picture), 22) + picture
