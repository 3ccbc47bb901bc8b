"""Passwords and DRM of documents: what is locked was not given to everybody.

PDF encryption and permissions, ISO 32000-2 §7.6 (https://www.iso.org/standard/75839.html);
encrypted publications, EPUB 3.3 §4.2.6.3.2 (https://www.w3.org/TR/epub-33/#sec-container-metainf-encryption.xml).
No password but the empty one is ever tried, which every reader of PDFs tries. A permission to extract text is
withheld from readers of the page, and read here onto those who would mine it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from crawler.optout.grammar.epub import epub_of
from crawler.optout.grammar.pdf import pdf_of
from crawler.optout.model import (
    Asset,
    Basis,
    Capture,
    Carrier,
    Context,
    Kind,
    Preference,
    Purpose,
    Signal,
    Statement,
    quote,
)


def read_document(capture: Capture, asset: Asset, context: Context) -> Iterable[Statement]:
    """The locks of a PDF or EPUB, and whether it could be read at all."""
    if asset.kind is Kind.PDF:
        yield from _of_pdf(capture)
    elif asset.kind is Kind.EPUB:
        yield from _of_epub(capture)


def _of_pdf(capture: Capture) -> Iterator[Statement]:
    document = capture.parsed(pdf_of)
    if document.needs_password:
        words = "opens only with a password or certificate"
        yield _said(capture, Purpose.CRAWL, Preference.DISALLOW, Basis.STATED, "Encrypt", words)
    elif not document.extraction:
        words = "text may not be extracted"
        yield _said(capture, Purpose.TDM, Preference.DISALLOW, Basis.INFERRED, "Encrypt/P", words)
    if document.trouble:
        yield _unreadable(capture, document.trouble)


def _of_epub(capture: Capture) -> Iterator[Statement]:
    publication = capture.parsed(epub_of)
    if publication.drm:
        words = "its content is encrypted or comes with rights management"
        yield _said(capture, Purpose.CRAWL, Preference.DISALLOW, Basis.STATED, publication.lock, words)
    if publication.trouble:
        yield _unreadable(capture, publication.trouble)


def _unreadable(capture: Capture, trouble: str) -> Statement:
    return _said(capture, Purpose.ANY, Preference.UNREADABLE, Basis.STATED, "structure", trouble)


def _said(
    capture: Capture, purpose: Purpose, preference: Preference, basis: Basis, locator: str, words: str
) -> Statement:
    return Statement(
        signal="document-locks",
        purpose=purpose,
        preference=preference,
        basis=basis,
        evidence=quote(capture, Carrier.DOCUMENT, locator, words),
    )


SIGNAL = Signal(
    name="document-locks",
    title="Passwords and DRM of documents",
    spec="https://www.w3.org/TR/epub-33/#sec-container-metainf-encryption.xml",
    version="ISO 32000-2:2020, EPUB 3.3",
    readers={Carrier.DOCUMENT: read_document},
    meanings=(
        ("a PDF that opens only with a password or certificate", "not public: not collected"),
        ("a PDF with an empty user password", "nothing: everybody can open it; what it says is read"),
        ("a PDF whose permissions withhold the extraction of text", "inferred: mining is reserved"),
        ("an EPUB with encrypted content, or with files of a DRM system", "not public: not collected"),
        ("an EPUB whose fonts alone are obfuscated", "nothing"),
        ("a PDF or EPUB that cannot be followed to its end", "unreadable"),
    ),
)
