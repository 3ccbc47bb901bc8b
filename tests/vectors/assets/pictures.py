"""Pictures with metadata in every container and form, without any, and with what is meant to do harm.

``prohibited.<ext>``: plus:DataMining is DMI-PROHIBITED-AIMLTRAINING. ``clean.<ext>``: no metadata at all.
The table below names the others.
"""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Callable, Mapping
from typing import Any

import brotli

from tests.vectors.assets.containers import (
    XMP_UUID,
    app1,
    app13,
    bmp,
    box,
    chunk,
    extended,
    gif,
    gif_blocks,
    gif_xmp,
    heif,
    ico,
    iim,
    itxt,
    jpeg,
    jxl,
    png,
    profile,
    resource,
    riff,
    riff_chunk,
    segment,
    svg,
    tiff,
    zeros,
)
from tests.vectors.assets.xmp import REFUSAL, xmp

NO_TRAINING = "DMI-PROHIBITED-AIMLTRAINING"
HAS_EXTENDED = (
    'xmlns:xmpNote="http://ns.adobe.com/xmp/note/" xmpNote:HasExtendedXMP="0123456789ABCDEF0123456789ABCDEF"'
)


def _prohibited(**form: Any) -> bytes:
    return xmp(NO_TRAINING, **form)


def _extended(*, without: int | None = None) -> bytes:
    """DataMining in the Extended XMP alone, its pieces in reverse; ``without``: one of them is missing."""
    pieces = extended(_prohibited())
    if without is not None:
        del pieces[without]
    return jpeg(app1(xmp(attributes=HAS_EXTENDED)), *reversed(pieces))


def _broken(mining: str) -> bytes:
    return app1(xmp(mining).replace(b"</rdf:Description>", b"").replace(b"rdf:about", b"<rdf:about"))


def _truncated() -> bytes:
    whole = jpeg(app1(_prohibited()))
    return whole[:-20]


def _ifd_loop() -> bytes:
    whole = tiff({700: (1, _prohibited())})
    directory = int.from_bytes(whole[4:8], "little")
    return whole[:-4] + struct.pack("<I", directory)


def _huge(across: int, down: int) -> bytes:
    """A grey PNG that really holds that many black pixels."""
    rows = (down * (across + 1) >> 20) + 1
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", across, down, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zeros(rows)) + chunk(b"IEND", b"")


BOMB = b"<!DOCTYPE x [" + b"".join(
    b'<!ENTITY e%d "%s">' % (level, b"&e%d;" % (level - 1) * 10 if level else b"ha") for level in range(10)
)
"""Nine entities, each ten times the one before."""

PLAIN: Mapping[str, Callable[[bytes], bytes]] = {
    "jpg": lambda packet: jpeg(*([app1(packet)] if packet else [])),
    "png": lambda packet: png(*([itxt(packet)] if packet else [])),
    "webp": lambda packet: riff(*([(b"XMP ", packet)] if packet else [])),
    "gif": lambda packet: gif(*([gif_xmp(packet)] if packet else [])),
    "svg": svg,
    "tiff": lambda packet: tiff({700: (1, packet)} if packet else None),
    "avif": lambda packet: heif(b"avif", packet),
    "heic": lambda packet: heif(b"heic", packet),
    "jxl": lambda packet: jxl(*([box(b"xml ", packet)] if packet else [])),
}
"""Extension → what puts a packet into such a file; an empty packet: none."""


def _filled(extension: str, packet: bytes) -> Callable[[], bytes]:
    return lambda: PLAIN[extension](packet)


ASSETS: dict[str, Callable[[], bytes]] = {
    **{f"prohibited.{extension}": _filled(extension, _prohibited()) for extension in PLAIN},
    **{f"clean.{extension}": _filled(extension, b"") for extension in PLAIN},
    "clean.bmp": bmp,
    "clean.ico": lambda: ico(png()),
    # The forms of one property.
    "allowed.jpg": lambda: jpeg(app1(xmp("DMI-ALLOWED"))),
    "generative.jpg": lambda: jpeg(app1(xmp("DMI-PROHIBITED-GENAIMLTRAINING"))),
    "unknown-prohibition.jpg": lambda: jpeg(app1(xmp("DMI-PROHIBITED-FOO"))),
    "attribute.jpg": lambda: jpeg(app1(_prohibited(form="attribute"))),
    "resource.jpg": lambda: jpeg(app1(_prohibited(form="resource"))),
    "other-prefix.jpg": lambda: jpeg(app1(_prohibited(prefix="foo"))),
    "utf-16.jpg": lambda: jpeg(app1(_prohibited(encoding="utf-16-le"))),
    "utf-16-be.jpg": lambda: jpeg(app1(_prohibited(encoding="utf-16-be"))),
    "utf-32.jpg": lambda: jpeg(app1(_prohibited(encoding="utf-32-le"))),
    "utf-32-be.jpg": lambda: jpeg(app1(_prohibited(encoding="utf-32-be"))),
    "broken.jpg": lambda: jpeg(_broken("DMI-PROHIBITED")),
    "broken-allowed.jpg": lambda: jpeg(_broken("DMI-ALLOWED")),
    # Places and frames.
    "two-packets.jpg": lambda: jpeg(app1(xmp("DMI-ALLOWED")), app1(_prohibited())),
    "extended-reversed.jpg": _extended,
    "truncated.jpg": _truncated,
    "after-end.jpg": lambda: jpeg() + _prohibited(),
    "late.jpg": lambda: jpeg()[:-2] + app1(_prohibited()) + b"\xff\xd9",
    "fill-bytes.jpg": lambda: jpeg(b"\xff\xff\xff", app1(_prohibited())),
    "photoshop.jpg": lambda: jpeg(app13(resource(0x0424, _prohibited()))),
    "after-idat.png": lambda: png(late=[itxt(_prohibited())]),
    "compressed.png": lambda: png(itxt(_prohibited(), packed=True)),
    "bad-crc.png": lambda: png(itxt(_prohibited(), crc=0)),
    "raw-profile.png": lambda: png(profile(b"xmp", _prohibited())),
    "exif.png": lambda: png(chunk(b"eXIf", tiff({700: (1, _prohibited())}))),
    "odd.webp": lambda: riff(
        (b"ICCP", b"odd"), (b"XMP ", _prohibited() + b"\n" * (1 - len(_prohibited()) % 2))
    ),
    "blocks.gif": lambda: gif(gif_blocks(b"XMP DataXMP", _prohibited())),
    "big-endian.tiff": lambda: tiff({700: (7, _prohibited())}, order=">"),
    "big.tiff": lambda: tiff({700: (1, _prohibited())}, big=True),
    "idat.avif": lambda: heif(b"avif", _prohibited(), in_idat=True, version=2),
    "deflate.avif": lambda: heif(b"avif", zlib.compress(_prohibited()), coding=b"deflate", version=0),
    "uuid.heic": lambda: heif(b"heic", after=box(b"uuid", XMP_UUID, _prohibited())),
    "brotli.jxl": lambda: jxl(box(b"brob", b"xml ", brotli.compress(_prohibited()))),
    "prohibited.svgz": lambda: gzip.compress(svg(_prohibited(wrapped=False)), mtime=0),
    # Other words.
    "tdm-1.jpg": lambda: jpeg(app1(xmp(extra="<tdm:reservation>1</tdm:reservation>"))),
    "tdm-0.jpg": lambda: jpeg(app1(xmp(extra="<tdm:reservation>0</tdm:reservation>"))),
    "rsl.jpg": lambda: jpeg(app1(xmp(extra=REFUSAL))),
    "rsl.png": lambda: png(itxt(REFUSAL.encode(), keyword=b"RSL")),
    "credits.jpg": lambda: jpeg(
        app13(
            resource(0x0404, iim((2, 5, b"Pond"), (2, 80, b"Ada Example"), (2, 116, b"(c) 2026 Ada Example")))
        )
    ),
    # What does harm.
    "text-bomb.png": lambda: png(chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zeros(1024))),
    "entities.jpg": lambda: jpeg(
        app1(BOMB + b"]>" + xmp(extra="<plus:DataMining>&e9;</plus:DataMining>", wrapped=False))
    ),
    "nested.png": lambda: png(itxt(xmp(extra="<a>" * 1_000_000 + "</a>" * 1_000_000), packed=True)),
    "extended-missing.jpg": lambda: _extended(without=1),
    "truncated-box.avif": lambda: heif(b"avif", _prohibited())[:-200],
    "truncated-chunk.png": lambda: png(late=[itxt(_prohibited())])[:-200],
    "huge-length.jpg": lambda: jpeg()[:2] + segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0", length=0xFFFF),
    "huge-length.png": lambda: png(chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0", length=0x7FFFFFFF)),
    "huge-length.webp": lambda: riff() + riff_chunk(b"XMP ", b"<x:xmpmeta", length=0xFFFFFFF0),
    "huge-length.avif": lambda: heif(after=box(b"uuid", XMP_UUID, b"<x:xmpmeta", length=0x7FFFFFFF)),
    "ifd-loop.tiff": _ifd_loop,
    "huge.png": lambda: _huge(20_000, 20_000),
    "largest.png": lambda: png(size=(17_895_697, 10)),
    "too-large.png": lambda: png(size=(17_895_697, 11)),
    "huge.webp": lambda: riff((b"XMP ", b"")).replace(b"\x3f\0\0\x2f\0\0", b"\xff\x3f\0\xff\x3f\0", 1),
    "huge.avif": lambda: heif(size=(65_535, 65_535)),
    "huge.tiff": lambda: tiff({256: (3, b"\xff\xff"), 257: (3, b"\xff\xff")}),
    "huge.ico": lambda: ico(_huge(20_000, 20_000)),
    "entities.svg": lambda: svg(before=BOMB.replace(b"<!DOCTYPE x", b"<!DOCTYPE svg") + b"]>\n"),
}
