"""The main text of a page: its markup without navigation, advertisements and other frame."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from html import unescape
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Any

from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLTree

from crawler.text.depth import is_tangled, stripped
from crawler.text.form import line, tidy
from crawler.text.letters import with_letters
from crawler.text.lists import with_lists
from crawler.text.markdown import markdown_of
from crawler.text.model import How
from crawler.text.nosnippet import may_hold_nosnippet, without_nosnippet

NEVER = ["svg", "dialog"]
"""Left out always: names of drawn symbols, and what pops up over the words."""

SELDOM = ["noframes", "noembed", "rt", "rp", "annotation"]
"""The same, asked for only where they are, because to ask costs: markup that no browser shows, and what says a
word or a formula once more, how it is read aloud and how TeX writes it."""

FRAME = [*NEVER, "nav", "header", "footer", "aside", "form", "button", "select"]
"""Left out also where nothing else is told apart."""


_ESCAPED_TWICE = re.compile(r"&(?:amp|AMP|#0*38|#[xX]0*26);(?=[A-Za-z#])")
# An ampersand that is written as one, before what would make it another letter.


class MissingExtra(Exception):
    """What was asked for needs a package that is not installed; the message is one sentence that says which."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What an extractor found in one page."""

    text: str
    """Its words, in the form of :func:`crawler.text.form.tidy`."""
    extractor: str
    """Name and version of what found them."""
    title: str | None = None
    """Title."""
    author: str | None = None
    """Author."""
    date: str | None = None
    """Date of publication, ISO 8601."""


def require(how: How) -> None:
    """Raise :class:`MissingExtra` unless everything is installed that ``how`` asks for."""
    if how.quality and find_spec("trafilatura") is None:
        raise MissingExtra("the slower extractor is not installed: pip install 'heedful[quality]'")
    if how.near and find_spec("rensa") is None:
        raise MissingExtra("what finds nearly equal texts is not installed: pip install 'heedful[export]'")


def extracted(source: str, how: How) -> Found:
    """The main text of a page whose markup is ``source``."""
    if is_tangled(source):
        # Such markup has no structure to go by, and parsing it could take minutes. What was marked as not to be
        # shown cannot be found in it either.
        text = "" if may_hold_nosnippet(source) else unescape(stripped(source))
        return Found(text=tidy(_collapsed(text)), extractor="tags left out")
    source = without_nosnippet(source)
    return _quality(source, how) if how.quality else fast(source, markdown=how.markdown)


def fast(source: str, *, markdown: bool = False) -> Found:
    """By resiliparse, which goes by names of elements and classes.

    Where it takes everything for frame, the whole page is read without the elements that can be nothing else.
    """
    name = f"resiliparse {_version('resiliparse')}"
    source = with_letters(source)
    seldom = [tag for tag in SELDOM if f"<{tag}" in source or f"<{tag.upper()}" in source]
    text = _read(with_lists(source), markdown=markdown, main_content=True, skip_elements=NEVER + seldom)
    if not text:
        text = _read(source, markdown=markdown, main_content=False, skip_elements=FRAME + seldom)
        name += ", whole page"
    return Found(text=text, extractor=name)


def _read(page: HTMLTree | str, *, markdown: bool, **how: Any) -> str:
    text = extract_plain_text(
        page, preserve_formatting="minimal_html" if markdown else True, alt_texts=False, **how
    )
    return tidy(markdown_of(text) if markdown else text)


def _quality(source: str, how: How) -> Found:
    """By trafilatura, which weighs what it finds; also title, author and date.

    Where it finds nothing, or gives up, the page is read as it is without it.
    """
    from trafilatura import bare_extraction

    name = f"trafilatura {_version('trafilatura')}"
    document: Any = None
    with suppress(Exception):  # what it stumbles over is a stranger's; the other reader may not
        document = bare_extraction(
            source,
            fast=True,
            include_comments=False,
            include_formatting=how.markdown,  # which writes Markdown
            with_metadata=True,
            prune_xpath="//template",
        )
    text = tidy(_text(document, source, markdown=how.markdown))
    if not text:
        found = fast(source, markdown=how.markdown)
        text, name = found.text, found.extractor
    return Found(
        text=text,
        extractor=name,
        title=_line(document, "title"),
        author=_line(document, "author"),
        date=_line(document, "date"),
    )


def _text(document: Any, source: str, *, markdown: bool) -> str:
    """What it found, as it is written.

    ``trafilatura.xml.xmltotxt`` takes the text of its tree for escaped once more, so that a page that shows how
    ``&lt;`` is written, ``&amp;lt;`` in its source, would say ``<``. There the tree is escaped first.
    """
    text = getattr(document, "text", None) or ""
    body = getattr(document, "body", None)
    if not text or body is None or not _ESCAPED_TWICE.search(source):
        return text
    from trafilatura.xml import xmltotxt

    for element in body.iter():
        if element.text:
            element.text = element.text.replace("&", "&amp;")
        if element.tail:
            element.tail = element.tail.replace("&", "&amp;")
    return xmltotxt(body, markdown)


def _line(document: Any, name: str) -> str | None:
    """What it says of a page; a linked-data page may have it say anything, such as a mapping."""
    said = getattr(document, name, None)
    return line(said) if isinstance(said, str) else None


def _collapsed(text: str) -> str:
    lines = (" ".join(part.split()) for part in text.split("\n"))
    return "\n\n".join(part for part in lines if part)


@cache
def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
