"""The words of PDF files and of EPUB publications."""

from __future__ import annotations

import io
import posixpath
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from crawler.optout.grammar.epub import PACKAGE_LIMIT, epub_of
from crawler.optout.grammar.pdf import EXTRACT, bounded, pdf_of
from crawler.optout.grammar.xml import parse_xml
from crawler.optout.grammar.zip import Archive
from crawler.optout.model import Capture, Malformed
from crawler.text.decoding import decoded
from crawler.text.extraction import Found, extracted
from crawler.text.form import line, tidy
from crawler.text.model import How, Unread
from crawler.text.xhtml import html_of

PAGES = 10_000
"""Pages of a PDF that are read."""

CHAPTERS = 5_000
"""Files of an EPUB that are read."""

CHAPTER = 16 * 1024 * 1024
"""Bytes of one of them."""

LETTERS = 20_000_000
"""Characters after which no more of a document is read; the longest novels have a third of it."""

_MARKUP = frozenset({"application/xhtml+xml", "text/html", "application/x-dtbook+xml"})


def pdf_words(capture: Capture) -> Found | Unread:
    """The text of a PDF, page by page."""
    from pypdf import PasswordType, PdfReader
    from pypdf import __version__ as version

    parts: list[str] = []
    with bounded():
        reader = PdfReader(io.BytesIO(capture.body))
        if reader.is_encrypted:
            permissions = reader.user_access_permissions
            if permissions is None or not int(permissions) & EXTRACT:
                return Unread(reason="it is encrypted, or lets nobody extract its text")
            if reader.decrypt("") == PasswordType.NOT_DECRYPTED:
                return Unread(reason="it is encrypted")
        letters = spoilt = 0
        for number, page in enumerate(reader.pages):
            if number >= PAGES or letters > LETTERS:
                break
            try:
                text = tidy(page.extract_text())
            except MemoryError:
                raise
            except Exception:  # pypdf raises anything for anything
                spoilt += 1
                continue
            letters += len(text)
            parts.append(text)
    if spoilt and not any(parts):
        return Unread(reason="none of its pages can be read")
    about = capture.parsed(pdf_of)
    return Found(
        text=tidy("\n\n".join(part for part in parts if part)),
        extractor=f"pypdf {version}",
        title=line(about.title),
        author=line(about.author),
    )


def epub_words(capture: Capture, how: How) -> Found | Unread:
    """The text of an EPUB's first rendition, chapter by chapter in the order of its spine."""
    about = capture.parsed(epub_of)
    if about.drm:
        return Unread(reason="it is encrypted")
    if not about.packages:
        return Unread(reason="it has no package document")
    archive = Archive(capture.body)
    parts: list[str] = []
    extractor, letters = "", 0
    for content in _chapters(archive, about.packages[0], about.places[0]):
        found = extracted(
            html_of(decoded(content).replace("\0", "")), How(quality=how.quality, markdown=how.markdown)
        )
        extractor = extractor or found.extractor
        letters += len(found.text)
        if found.text:
            parts.append(found.text)
        if letters > LETTERS:
            break
    if not extractor:
        return Unread(reason="none of its chapters can be read")
    return Found(
        text=tidy("\n\n".join(parts)), extractor=extractor, title=line(about.title), author=line(about.creator)
    )


def _chapters(archive: Archive, package: bytes, place: str) -> Iterator[bytes]:
    """The files that the spine names, each once (EPUB 3.3 §5.7)."""
    try:
        root = parse_xml(package, limit=PACKAGE_LIMIT)
    except Malformed:
        root = parse_xml(package, limit=PACKAGE_LIMIT, recover=True)
    files = {
        item.get("id"): item.get("href") or ""
        for item in root.iter("{*}item")
        if (item.get("media-type") or "").strip().lower() in _MARKUP
    }
    there = set(archive.names)
    seen: set[str] = set()
    for reference in root.iter("{*}itemref"):
        href = files.get(reference.get("idref"))
        if not href or len(seen) >= CHAPTERS:
            continue
        path = urlsplit(href).path
        name = next(
            (name for name in (_joined(place, path), _joined(place, unquote(path))) if name in there), ""
        )
        if name and name not in seen:
            seen.add(name)
            try:
                yield from archive.read(name, CHAPTER)[:1]
            except Malformed:
                continue  # the other chapters are still a text


def _joined(place: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(place), path)).lstrip("/")
