"""The heavy syntaxes: those whose parsers are too large to meet a stranger's bytes in our own process.

Their readers ask for them as for any other, with ``capture.parsed``. A crawl has them parsed elsewhere before
(``crawler.isolation``) and puts what came out into the capture; where nobody does, they are parsed in place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from crawler.optout.grammar.c2pa import Manifests, manifests_trusting, may_hold
from crawler.optout.grammar.epub import Epub, epub_of, may_be_epub
from crawler.optout.grammar.pdf import Pdf, is_pdf, pdf_of
from crawler.optout.grammar.sniff import document, picture
from crawler.optout.model import Capture, Context


@dataclass(frozen=True, kw_only=True, slots=True)
class Heavy:
    """One syntax, and how a process of its own is told about it."""

    name: str
    """Its name between the processes."""
    parse: Callable[[Capture], Any]
    """What readers ask for."""
    result: type[Any]
    """What that yields: a frozen dataclass of texts, numbers, octets, tuples and others of its sort."""
    needed: Callable[[Capture], bool]
    """Whether it has anything to do with these bytes; cheap, and told by them alone."""
    failed: Callable[[str], Any]
    """The result for bytes whose parser came to grief, for a reason in words: nobody can tell what they say."""


def syntaxes(context: Context) -> tuple[Heavy, ...]:
    """All of them, in the order in which they are parsed: a later one may look at what an earlier one found."""
    return (
        Heavy(
            name="pdf",
            parse=pdf_of,
            result=Pdf,
            needed=lambda capture: is_pdf(capture.body),
            failed=lambda why: Pdf(trouble=why),
        ),
        Heavy(
            name="epub",
            parse=epub_of,
            result=Epub,
            needed=may_be_epub,
            failed=lambda why: Epub(trouble=why),
        ),
        Heavy(
            name="c2pa",
            parse=manifests_trusting(context.trust_anchors),
            result=Manifests,
            needed=_may_be_signed,
            failed=lambda why: Manifests(embedded=True, trouble=why),
        ),
    )


def _may_be_signed(capture: Capture) -> bool:
    """Whether the bytes can hold a manifest of their own; a page that only speaks of manifests cannot."""
    body = capture.body
    return (picture(body) is not None or document(body) is not None) and may_hold(capture)
