"""Images and documents that unpack, nest or lie. Their pages are sound and kept."""

from __future__ import annotations

import struct
import zlib
from functools import cache

from tests.vectors.assets import containers
from tests.vectors.assets.containers import chunk, itxt, jpeg, png, profile, segment
from tests.webs.hostile.connections import HEAD
from tests.webs.hostile.row import KEPT, Ending, Lie, picture, reserved, shown, skipped, undetermined, words
from tests.webs.hostile.wire import Talk, reply

MIB = 1 << 20
GIF = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\0\0\0\xff\xff\xff"
FRAME = b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'>"
PROHIBITED = (
    b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
    b"<rdf:Description xmlns:plus='http://ns.useplus.org/ldf/xmp/1.0/' "
    b"plus:DataMining='http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED'/></rdf:RDF></x:xmpmeta>"
)


@cache
def _bombs() -> dict[str, bytes]:
    """What is costly to make, made once."""
    rows = zlib.compress(bytes(30_000 * (30_000 // 8 + 1)), 6)
    head = struct.pack(">IIBBBBB", 30_000, 30_000, 1, 0, 0, 0, 0)
    stream = zlib.compress(bytes(128 * MIB), 6)
    return {
        "png": b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b""),
        "pdf": (
            b"%%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R/Metadata 9 0 R>>endobj\n"
            b"2 0 obj<</Type/Pages/Kids[]/Count 0>>"
            b"endobj\n9 0 obj<</Type/ObjStm/N 99999/First 10/Filter/FlateDecode/Length %d>>stream\n"
            % len(stream)
            + stream
            + b"\nendstream endobj\ntrailer<</Root 1 0 R>>\n%EOF"
        ),
        "text": png(b"", late=[itxt_bomb()]),
    }


def itxt_bomb() -> bytes:
    """A compressed packet of XMP that unpacks to 100 MiB."""
    packed = zlib.compress(bytes(100 * MIB), 6)
    return chunk(b"iTXt", b"XML:com.adobe.xmp\0\x01\0\0\0" + packed)


def _image(
    name: str, does: str, body: bytes, ending: Ending, media: str = "image/png", path: str = "/image.png"
) -> Lie:
    return shown(name, does, reply(body, media=media), ending, path=path)


def _made(
    name: str, does: str, what: str, ending: Ending, media: str = "image/png", path: str = "/image.png"
) -> Lie:
    def act(talk: Talk) -> bool | None:
        return reply(_bombs()[what], media=media)(talk)

    return shown(name, does, act, ending, path=path)


def _endless(talk: Talk) -> None:
    talk.send(HEAD.replace(b"text/html", b"image/png") + b"\r\n" + picture(talk.host))
    talk.flood(bytes(65_536))


PICTURES: tuple[Lie, ...] = (
    _made("png-bomb", "image: a PNG of 30,000 by 30,000 pixels", "png", undetermined("pixels")),
    _made("png-text", "image: a PNG whose metadata unpack to 100 MiB", "text", undetermined("")),
    _image(
        "png-size",
        "image: a PNG that claims 2^31 by 2^31 pixels",
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 2**31 - 1, 2**31 - 1, 8, 6, 0, 0, 0)),
        undetermined(""),
    ),
    _image("png-cut", "image: a PNG that ends early", picture("png-cut.example")[:60], undetermined("")),
    _image(
        "png-length",
        "image: a PNG whose chunk claims 4 GiB",
        png()[:33] + b"\xff\xff\xff\xf0tEXt" + png()[33:],
        undetermined(""),
    ),
    _image(
        "png-pieces", "image: a PNG of 50,000 chunks", png(chunk(b"tEXt", b"a\0b") * 50_000), undetermined("")
    ),
    _image(
        "gif-frames",
        "image: a GIF of 100,000 frames",
        GIF + FRAME * 100_000 + b"\x3b",
        undetermined(""),
        "image/gif",
        "/image.gif",
    ),
    _image("gif-endless", "image: a GIF without its last octet", GIF + FRAME, KEPT, "image/gif", "/image.gif"),
    _image(
        "jpeg-segments",
        "image: a JPEG of 10,000 metadata segments and a reservation in the last",
        jpeg(
            *[segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x/>")] * 9_000,
            segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + PROHIBITED),
        ),
        reserved("iptc"),
        "image/jpeg",
        "/image.jpg",
    ),
    _image(
        "jpeg-pieces",
        "image: a JPEG of 20,000 metadata segments",
        jpeg(*[segment(0xE1, b"x")] * 20_000),
        undetermined(""),
        "image/jpeg",
        "/image.jpg",
    ),
    _image(
        "jpeg-cut",
        "image: a JPEG that ends within its metadata",
        jpeg(segment(0xE1, b"x" * 900))[:400],
        undetermined(""),
        "image/jpeg",
        "/image.jpg",
    ),
    _image(
        "xmp-20mib",
        "image: 3 MiB of markup in its metadata",
        png(
            chunk(
                b"iTXt",
                b"XML:com.adobe.xmp\0\0\0\0\0"
                + b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>"
                + b"<a>b</a>" * (3 * MIB // 8),
            )
        ),
        undetermined(""),
    ),
    _image(
        "xmp-laughs",
        "image: metadata with entities that grow to a gigabyte",
        png(
            itxt(
                b"<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'>]><x:xmpmeta xmlns:x='adobe:ns:meta/'>"
                + b"&a;" * 1000
                + b"</x:xmpmeta>"
            )
        ),
        undetermined(""),
    ),
    _image(
        "icc",
        "image: a colour profile that unpacks to 20 MiB",
        png(profile(b"icc", bytes(20 * MIB))),
        undetermined("inflates"),
    ),
    _image(
        "c2pa-length",
        "image: a manifest whose box claims 4 GiB",
        png(chunk(b"caBX", struct.pack(">I", 2**32 - 1) + b"jumb" + b"x" * 200)),
        undetermined(""),
    ),
    _image(
        "c2pa-zero",
        "image: a manifest whose box claims nothing",
        png(chunk(b"caBX", struct.pack(">I", 0) + b"jumb" + b"x" * 200)),
        undetermined(""),
    ),
    _image(
        "svg-laughs",
        "image: an SVG with entities that grow to a gigabyte",
        b"<!DOCTYPE svg [<!ENTITY a0 'ha'>"
        + b"".join(b"<!ENTITY a%d '%s'>" % (number, b"&a%d;" % (number - 1) * 10) for number in range(1, 10))
        + b"]>"
        + SVG
        + b"<text>&a9;</text></svg>",
        undetermined(""),
        "image/svg+xml",
        "/image.svg",
    ),
    _image(
        "svg-file",
        "image: an SVG with an entity that is a file",
        b"<!DOCTYPE svg [<!ENTITY f SYSTEM 'file:///etc/passwd'>]>" + SVG + b"<text>&f;</text></svg>",
        undetermined(""),
        "image/svg+xml",
        "/image.svg",
    ),
    _image(
        "svg-script",
        "image: an SVG with scripts and foreign pages",
        SVG
        + b"<script>fetch('http://a.example/')</script><foreignObject><p xmlns='http://www.w3.org/1999/xhtml'>x</p>"
        b"</foreignObject></svg>",
        KEPT,
        "image/svg+xml",
        "/image.svg",
    ),
    _image(
        "svg-deep",
        "image: an SVG 50,000 elements deep",
        SVG + b"<g>" * 50_000 + b"</g>" * 50_000 + b"</svg>",
        undetermined(""),
        "image/svg+xml",
        "/image.svg",
    ),
    _image("image-none", "image: zero octets", b"", skipped("empty")),
    _image(
        "image-html",
        "image: a page that reserves, called image/png",
        words("image-html.example", head='<meta name="robots" content="noai">').encode(),
        skipped("type"),
    ),
    _image("image-text", "image: a text, called image/png", b"No image at all.", skipped("type")),
    shown("image-endless", "image: never ends", _endless, skipped("size")),
    _image(
        "image-tail",
        "image: a PNG with a megabyte after its end",
        picture("image-tail.example") + bytes(MIB),
        KEPT,
    ),
    _image(
        "bmp-length",
        "image: a BMP that claims a size of 4 GiB",
        containers.bmp()[:2] + b"\xff\xff\xff\xff" + containers.bmp()[6:],
        KEPT,
        "image/bmp",
        "/image.bmp",
    ),
    _image(
        "tiff-loop",
        "image: a TIFF whose directories lead in a circle",
        b"II*\0\x08\0\0\0\0\0\x08\0\0\0",
        undetermined(""),
        "image/tiff",
        "/image.tif",
    ),
    _made(
        "pdf-bomb",
        "document: a PDF whose objects unpack to 128 MiB",
        "pdf",
        skipped("type"),
        "application/pdf",
        "/file.pdf",
    ),
)
