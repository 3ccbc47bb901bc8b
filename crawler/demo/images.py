"""Small real images, built from nothing: one flat colour, any size, metadata where asked for.

PNG (https://www.w3.org/TR/png-3/), GIF 89a, baseline JPEG (ITU-T T.81) and lossless WebP (RFC 9649). Two images
of different colour, size or metadata differ in their bytes, so no two creators share a digest by accident.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Mapping

XMP_IN_JPEG = b"http://ns.adobe.com/xap/1.0/\0"


def png(
    red: int,
    green: int,
    blue: int,
    width: int = 64,
    height: int = 48,
    *,
    xmp: bytes = b"",
    manifest: bytes = b"",
    late: bool = False,
) -> bytes:
    """A PNG; ``xmp`` goes into an iTXt chunk, ``late``: after the pixels; ``manifest`` into ``caBX``."""
    rows = (b"\0" + bytes((red, green, blue)) * width) * height
    text = _png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp) if xmp else b""
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
            _png_chunk(b"caBX", manifest) if manifest else b"",
            b"" if late else text,
            _png_chunk(b"IDAT", zlib.compress(rows, 9)),
            text if late else b"",
            _png_chunk(b"IEND", b""),
        )
    )


def black(width: int, height: int) -> bytes:
    """A black PNG of one bit a pixel, written without unfolding it: a kilobyte of file for each of its MiB."""
    size = height * (1 + -(-width // 8))
    # A full flush forgets the past, so the same block can stand again and again.
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    last = packer.compress(bytes(size % 2**20)) + packer.flush()
    adler = struct.pack(">HH", size % 65521, 1)  # RFC 1950 §8, of nothing but zeros
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)),
            _png_chunk(b"IDAT", b"\x78\xda" + block * (size >> 20) + last + adler),
            _png_chunk(b"IEND", b""),
        )
    )


def gif(red: int, green: int, blue: int, width: int = 64, height: int = 48, *, xmp: bytes = b"") -> bytes:
    """A GIF; ``xmp`` goes into its application extension."""
    size = struct.pack("<HH", width, height)
    palette = bytes((red, green, blue)) + bytes(3 * 127)
    # Eight-bit codes: 128 clears the table before it grows into nine, 129 ends. No code needs compressing.
    pixels = b"".join(b"\x80" + b"\0" * min(120, left) for left in range(width * height, 0, -120)) + b"\x81"
    blocks = b"".join(bytes((len(part),)) + part for part in _pieces(pixels, 255))
    trailer = bytes((1, *range(255, -1, -1), 0))  # lets readers that skip sub-blocks resynchronise
    extension = b"!\xff\x0bXMP DataXMP" + xmp + trailer if xmp else b""
    return b"".join(
        (
            b"GIF89a" + size + b"\xf6\0\0" + palette,
            extension,
            b"," + struct.pack("<HH", 0, 0) + size + b"\0",
            b"\x07" + blocks + b"\0;",
        )
    )


def jpeg(grey: int, width: int = 64, height: int = 48, *, xmp: bytes = b"") -> bytes:
    """A grey JPEG, 0 black to 255 white; ``xmp`` goes into an APP1 segment."""
    blocks = -(-width // 8) * -(-height // 8)
    level = grey - 128
    size = abs(level).bit_length()
    value = level if level >= 0 else level + (1 << size) - 1
    # Twelve DC codes of four bits, one AC code of one bit: end of block.
    bits = f"{size:04b}" + (f"{value:0{size}b}" if size else "") + "0" + "00000" * (blocks - 1)
    bits += "1" * (-len(bits) % 8)
    scan = int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\0")
    frame = struct.pack(">BHHBBBB", 8, height, width, 1, 1, 0x11, 0)
    return b"".join(
        (
            b"\xff\xd8",
            _segment(0xE1, XMP_IN_JPEG + xmp) if xmp else b"",
            _segment(0xDB, b"\0" + b"\x08" * 64),
            _segment(0xC0, frame),
            _segment(0xC4, b"\x00" + bytes((0, 0, 0, 12, *[0] * 12)) + bytes(range(12))),
            _segment(0xC4, b"\x10" + bytes((1, *[0] * 15)) + b"\0"),
            _segment(0xDA, b"\x01\x01\x00\x00\x3f\x00"),
            scan,
            b"\xff\xd9",
        )
    )


def webp(red: int, green: int, blue: int, width: int = 64, height: int = 48, *, xmp: bytes = b"") -> bytes:
    """A lossless WebP; with ``xmp`` in the extended format."""
    fields = [(0x2F, 8), (width - 1, 14), (height - 1, 14), (0, 1), (0, 3), (0, 3)]
    for channel in (green, red, blue, 255):
        fields += [(1, 1), (0, 1), (1, 1), (channel, 8)]  # a code of one symbol: no bits a pixel
    fields += [(1, 1), (0, 1), (0, 1), (0, 1)]  # distances are never used
    number = position = 0
    for value, bits in fields:
        number |= value << position
        position += bits
    chunks = _riff(b"VP8L", number.to_bytes(-(-position // 8), "little"))
    if xmp:
        canvas = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
        chunks = _riff(b"VP8X", b"\x04\0\0\0" + canvas) + chunks + _riff(b"XMP ", xmp)
    return _riff(b"RIFF", b"WEBP" + chunks)


def xmp(data_mining: str = "", *, extra: str = "") -> bytes:
    """An XMP packet with ``plus:DataMining`` (the key, such as ``DMI-PROHIBITED``) and ``extra`` elements."""
    mining = (
        f"<plus:DataMining>http://ns.useplus.org/ldf/vocab/{data_mining}</plus:DataMining>"
        if data_mining
        else ""
    )
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/" '
        f'xmlns:tdm="http://www.w3.org/ns/tdmrep/">{mining}{extra}</rdf:Description>'
        '</rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
    ).encode()


def manifest(uses: Mapping[str, str], label: str = "cawg.training-mining") -> bytes:
    """A C2PA manifest store with one training-and-data-mining assertion, its claim unsigned.

    ``uses``: entry name to ``allowed``, ``notAllowed`` or ``constrained``. C2PA 2.2 §11 and JUMBF (ISO/IEC
    19566-5) for the boxes, RFC 8949 for the CBOR in them.
    """
    said = _assertion(label, {"entries": {name: {"use": use} for name, use in uses.items()}})
    bound = _assertion("c2pa.hash.data", {"alg": "sha256", "hash": bytes(32), "name": "", "pad": b""})
    claim = {
        "alg": "sha256",
        "claim_generator": "heedful_demo/1",
        "signature": "self#jumbf=c2pa.signature",
        "assertions": [
            {"url": f"self#jumbf=c2pa.assertions/{name}", "hash": hashlib.sha256(box[8:]).digest()}
            for name, box in ((label, said), ("c2pa.hash.data", bound))
        ],
        "dc:format": "image/png",
        "instanceID": "xmp:iid:00000000-0000-4000-8000-000000000002",
    }
    return _superbox(
        b"c2pa",
        "c2pa",
        _superbox(
            b"c2ma",
            "urn:uuid:00000000-0000-4000-8000-000000000001",
            _superbox(b"c2as", "c2pa.assertions", said, bound),
            _superbox(b"c2cl", "c2pa.claim", _box(b"cbor", _cbor(claim))),
            _superbox(b"c2cs", "c2pa.signature", _box(b"cbor", b"\xd2" + _cbor([b"", {}, b"", b""]))),
        ),
    )


def _assertion(label: str, content: Mapping[str, object]) -> bytes:
    return _superbox(b"cbor", label, _box(b"cbor", _cbor(content)))


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content) + 8) + kind + content


def _superbox(kind: bytes, label: str, *boxes: bytes) -> bytes:
    uuid = kind + bytes.fromhex("00110010800000aa00389b71")
    return _box(b"jumb", _box(b"jumd", uuid + b"\x03" + label.encode() + b"\0") + b"".join(boxes))


def _cbor(value: object) -> bytes:
    """CBOR of maps, lists, text and bytes, each shorter than 256."""
    if isinstance(value, bytes):
        return _cbor_head(0x40, len(value)) + value
    if isinstance(value, str):
        return _cbor_head(0x60, len(value.encode())) + value.encode()
    if isinstance(value, Mapping):
        return _cbor_head(0xA0, len(value)) + b"".join(_cbor(part) for pair in value.items() for part in pair)
    assert isinstance(value, list | tuple)
    return _cbor_head(0x80, len(value)) + b"".join(map(_cbor, value))


def _cbor_head(kind: int, length: int) -> bytes:
    return bytes((kind | length,)) if length < 24 else bytes((kind | 24, length))


def _png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def _riff(kind: bytes, data: bytes) -> bytes:
    return kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def _pieces(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]
