"""Small PDFs and EPUBs, written by hand, with metadata and locks inside them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

_CONTAINER = (
    '<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
    '<rootfiles><rootfile full-path="book.opf" media-type="application/oebps-package+xml"/></rootfiles>'
    "</container>"
)


def pdf(title: str, packet: bytes) -> bytes:
    """A document without pages (ISO 32000-2 §7.5), its title in ASCII, with an XMP packet in its catalogue."""
    objects = (
        b"<</Type/Catalog/Pages 2 0 R/Metadata 3 0 R>>",
        b"<</Type/Pages/Kids[]/Count 0>>",
        b"<</Type/Metadata/Subtype/XML/Length %d>>stream\n%b\nendstream" % (len(packet), packet),
        b"<</Title(%b)>>" % title.encode("ascii"),
    )
    body, table = b"%PDF-1.7\n", b"0000000000 65535 f \n"
    for number, one in enumerate(objects, 1):
        table += b"%010d 00000 n \n" % len(body)
        body += b"%d 0 obj\n%b\nendobj\n" % (number, one)
    count = len(objects) + 1
    trailer = b"trailer<</Root 1 0 R/Info 4 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF\n" % (count, len(body))
    return body + b"xref\n0 %d\n" % count + table + trailer


def epub(title: str, metadata: str = "", files: Mapping[str, str | bytes] | None = None) -> bytes:
    """A publication of one chapter (EPUB 3.3 §4), with elements in its metadata and files beside it."""
    package = (
        '<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0">'
        f'<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title>{metadata}</metadata>'
        '<manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest>'
        '<spine><itemref idref="a"/></spine></package>'
    )
    chapter = f'<html xmlns="http://www.w3.org/1999/xhtml"><body><h1>{title}</h1></body></html>'
    contents: dict[str, str | bytes] = {
        "META-INF/container.xml": _CONTAINER,
        "book.opf": package,
        "a.xhtml": chapter,
        **(files or {}),
    }
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("mimetype"), "application/epub+zip")  # first, and not compressed
        for name, content in contents.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return held.getvalue()
