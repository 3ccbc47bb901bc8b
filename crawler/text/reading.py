"""The one door to words: what was kept goes in, its text comes out, or why there is none."""

from __future__ import annotations

from crawler.optout.grammar.html import is_markup
from crawler.optout.grammar.untangle import as_html
from crawler.optout.model import Capture, Kind
from crawler.text.decoding import text_of
from crawler.text.documents import epub_words, pdf_words
from crawler.text.extraction import Found, extracted
from crawler.text.form import tidy
from crawler.text.language import language_of
from crawler.text.model import How, Unread, Words
from crawler.text.sketch import group_of, sketch_of
from crawler.text.xhtml import html_of

NO_TEXT = Unread(reason="it is no text")
BROKEN = Unread(reason="it is broken, or beyond the extractor")
TOO_LARGE = Unread(reason="it takes more memory than is granted")


def words_of(capture: Capture, kind: Kind, how: How) -> Words | Unread:
    """The words of a capture that is of this kind. Never raises because of what its bytes are.

    Raises ``ImportError`` when ``how`` needs what is not installed: see :func:`~.extraction.require`.
    """
    try:
        found = _found(capture, kind, how)
        if isinstance(found, Unread):
            return found
        language, confidence = language_of(found.text)
        return Words(
            text=found.text,
            language=language,
            confidence=confidence,
            title=found.title,
            author=found.author,
            date=found.date,
            extractor=found.extractor,
            group=group_of(found.text),
            sketch=sketch_of(found.text) if how.near else None,
        )
    except ImportError:
        raise
    except MemoryError:
        return TOO_LARGE
    except Exception:  # extractors are large and strangers inventive: whatever they raise, there are no words
        return BROKEN


def _found(capture: Capture, kind: Kind, how: How) -> Found | Unread:
    if kind is Kind.PDF:
        return pdf_words(capture)
    if kind is Kind.EPUB:
        return epub_words(capture, how)
    if kind is not Kind.TEXT:
        return NO_TEXT
    source = text_of(capture)
    if not is_markup(capture):
        return Found(text=tidy(source), extractor="as it is")
    source = source.replace("\0", "")
    xml = capture.media_type == "application/xhtml+xml"
    return extracted(html_of(source) if xml else as_html(source, xml=False), how)
