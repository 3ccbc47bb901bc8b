"""Bytes that make each parser load what it loads late, while files can still be opened."""

from __future__ import annotations

import encodings
import io
import pkgutil
import zipfile
import zlib

ENCODINGS = tuple(module.name for module in pkgutil.iter_modules(encodings.__path__))
"""Every encoding of Python's. Each has its table in a file of its own, which is loaded when a page names it."""


def _small_pdf() -> bytes:
    packet = zlib.compress(b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>")
    stream = b"<</Type/Metadata/Filter/FlateDecode/Length %d>>stream\n%b\nendstream" % (len(packet), packet)
    objects = (b"<</Type/Catalog/Metadata 2 0 R>>", stream, b"<</Title(a)>>")
    numbered = b"".join(b"%d 0 obj%bendobj\n" % (number, one) for number, one in enumerate(objects, 1))
    return b"%PDF-1.4\n" + numbered + b"trailer<</Root 1 0 R/Info 3 0 R/Size 4>>\nstartxref\n0\n%%EOF\n"


def _small_epub() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr("META-INF/container.xml", "<container><rootfile full-path='a.opf'/></container>")
        archive.writestr("a.opf", "<package><metadata/></package>", zipfile.ZIP_DEFLATED)
    return held.getvalue()


def _small_jpeg() -> bytes:
    """A picture whose segments hold nothing but the name of where a manifest would be."""
    words = b"http://ns.adobe.com/xap/1.0/\0<a>dcterms:provenance</a>"
    return b"\xff\xd8\xff\xe1" + (len(words) + 2).to_bytes(2, "big") + words + b"\xff\xd9"


SAMPLES = (_small_pdf(), _small_epub(), _small_jpeg())
"""One for each of the heavy syntaxes."""

KINDS = (
    ("text", b'<title>a</title><script type=\'application/ld+json\'>{"@type":"Article"}</script><p>\xc3\xa9'),
    ("text", b"<html xmlns='http://www.w3.org/1999/xhtml'><meta name='tdm-reservation' content='0'/>"),
    ("image", b"<svg xmlns='http://www.w3.org/2000/svg'><metadata/></svg>"),
    ("image", SAMPLES[2]),
    ("pdf", SAMPLES[0]),
    ("epub", SAMPLES[1]),
)
"""Contents by kind, which make the readers of the signals load what they load late."""
