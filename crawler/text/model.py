"""What is asked of an extractor, and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class How:
    """How words are read out of what is kept."""

    quality: bool = False
    """True: the slower extractor, which tells frame from content better."""
    markdown: bool = False
    """Whether headings, lists and code stay, as Markdown; of the slower extractor emphasis and tables, too."""
    near: bool = False
    """Whether to sketch the words, so that nearly equal ones can be found."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """The words of one item."""

    text: str
    """The main text, paragraphs apart by line breaks, NFC; empty: there is none."""
    language: str | None
    """ISO 639 code, lower case; None: too little text to tell."""
    confidence: float | None
    """Of the language, 0 to 1; None when there is no language."""
    title: str | None = None
    """Title, where the extractor found one."""
    author: str | None = None
    """Author, where the extractor found one."""
    date: str | None = None
    """Date of publication, where the extractor found one, ISO 8601."""
    extractor: str
    """Name and version of what read it, such as ``resiliparse 2.0.1``."""
    group: str
    """Equal texts have equal groups: see :func:`crawler.text.sketch.group_of`."""
    sketch: bytes | None = None
    """What :attr:`How.near` asks for; None otherwise."""


TOO_LONG = "it takes too long"
"""Why words could not be had where time ran out."""

ENDED = "the process that read it ended"
"""Why they could not be had where their reader was ended, as a system does that is short of memory."""

PASSING = frozenset({TOO_LONG, ENDED})
"""Reasons that may lie with the machine at that moment, and not with the text."""

TRIES = 3
"""How often a text is read, another time each, before such a reason is taken for the text's own."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Unread:
    """Why the words of an item could not be had."""

    reason: str
    """In few words, none of them a stranger's."""
    damaged: bool = False
    """Whether the record in the archive is damaged, and not only beyond the extractor."""
