"""Rows of PDFs and EPUBs: what they say, and what locks them."""

from __future__ import annotations

from crawler.demo.answer import typed
from crawler.demo.place import KEPT, UNDETERMINED, Expectation, reserved
from crawler.optout.model import Carrier
from tests.vectors.assets.make_assets import build
from tests.webs.leaks.base import DOCUMENT, EMBEDDED
from tests.webs.row import Leak, leak

MEDIA_TYPES = {"pdf": "application/pdf", "epub": "application/epub+zip"}


def _document(asset: str, says: str, signal: str, carrier: Carrier, expect: Expectation | None = None) -> Leak:
    """A free page that leads to the fixture ``asset``, on a host that is called like it."""
    suffix = asset.rpartition(".")[2]
    return leak(
        "document-" + asset.replace(".", "-"),
        says,
        signal,
        carrier,
        KEPT,
        expect or reserved(signal),
        show='<a href="{image}">read it</a>',
        image_path=f"/document.{suffix}",
        image_answer=typed(MEDIA_TYPES[suffix], build(asset)),
    )


DOCUMENTS = (
    _document("tdm-1.pdf", "the XMP of a PDF reserves mining", "tdmrep", EMBEDDED),
    _document("prohibited.pdf", "the XMP of a PDF prohibits mining", "iptc", EMBEDDED),
    _document("signed.pdf", "a manifest in a PDF does not allow", "c2pa", EMBEDDED),
    _document("tdm-1.epub", "the package of an EPUB reserves mining", "tdmrep", DOCUMENT),
    _document("rsl-prohibits.epub", "the package of an EPUB holds terms that prohibit AI", "rsl", DOCUMENT),
    _document("signed.epub", "a manifest in an EPUB does not allow", "c2pa", DOCUMENT),
    _document("password-rc4.pdf", "a PDF opens with a password only", "document-locks", DOCUMENT),
    _document("no-extraction.pdf", "the text of a PDF may not be extracted", "document-locks", DOCUMENT),
    _document("adept.epub", "an EPUB comes with rights management", "document-locks", DOCUMENT),
    _document("header-only.pdf", "a PDF ends after its header", "document-locks", DOCUMENT, UNDETERMINED),
    _document("cut.epub", "an EPUB is cut", "document-locks", DOCUMENT, UNDETERMINED),
    _document("free.pdf", "a PDF says nothing", "document-locks", DOCUMENT, KEPT),
    _document("signed-silent.pdf", "a manifest in a PDF is silent about use", "c2pa", EMBEDDED, KEPT),
    _document("free.epub", "an EPUB says nothing", "document-locks", DOCUMENT, KEPT),
    _document("fonts.epub", "only the fonts of an EPUB are obfuscated", "document-locks", DOCUMENT, KEPT),
)
