"""Files that name their licence: a JPEG in its XMP, an EPUB in its package."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

from crawler.demo.images import jpeg

BY = "https://creativecommons.org/licenses/by/4.0/"
BY_NC = "https://creativecommons.org/licenses/by-nc/4.0/"

_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns:cc="http://creativecommons.org/ns#" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/"><rdf:Description rdf:about="">{said}</rdf:Description>
</rdf:RDF></x:xmpmeta><?xpacket end="w"?>"""


def _picture(said: str) -> bytes:
    """A JPEG with one XMP packet."""
    return jpeg(7, 16, 16, xmp=_PACKET.format(said=said).encode())


def _statement(url: str) -> str:
    return f"<xmpRights:WebStatement>{url}</xmpRights:WebStatement>"


def _licence(url: str) -> str:
    return f'<cc:license rdf:resource="{url}"/>'


def _book(metadata: str) -> bytes:
    """An EPUB of one package."""
    files = {
        "META-INF/container.xml": '<container version="1.0" '
        'xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="book.opf" media-type="application/oebps-package+xml"/></rootfiles>'
        "</container>",
        "book.opf": '<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>A Book</dc:title>'
        f"<dc:creator>A. Writer</dc:creator>{metadata}</metadata></package>",
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("mimetype"), "application/epub+zip")
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return buffer.getvalue()


ASSETS: dict[str, Callable[[], bytes]] = {
    "licensed-web-statement.jpg": lambda: _picture(_statement(BY)),
    "licensed-cc.jpg": lambda: _picture(_licence(BY)),
    "licensed-twice.jpg": lambda: _picture(_statement(BY) + _licence(BY_NC)),
    "licensed-elsewhere.jpg": lambda: _picture(_statement("https://h.example/terms")),
    "licensed-reserved.jpg": lambda: _picture(
        _licence(BY)
        + "<dc:rights><rdf:Alt><rdf:li xml:lang='en'>© All rights reserved</rdf:li></rdf:Alt></dc:rights>"
    ),
    "licensed.epub": lambda: _book(f"<dc:rights>{BY}</dc:rights>"),
    "licensed-link.epub": lambda: _book(f'<link rel="cc:license" href="{BY}"/>'),
    "licensed-words.epub": lambda: _book("<dc:rights>CC BY 4.0</dc:rights>"),
}
