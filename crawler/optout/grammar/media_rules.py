"""Rules by file extension, as Spawning's ai.txt writes them with the keys of robots.txt.

No specification text exists; the form is that of Spawning's generator (https://site.spawning.ai/spawning-ai-txt)::

    rule    = ( "Allow" / "Disallow" ) ":" pattern
    pattern = "*." extension              ; the path ends in it, in any case
            / "/" path-pattern            ; RFC 9309 §2.2.2
            / path-pattern                ; matches from any position
    the longest matching pattern decides, and Disallow when two are equally long

A path without an extension that tells its medium is judged by the medium: a class of which any extension is
disallowed is disallowed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from crawler.optout.grammar.robots import ALLOW
from crawler.optout.grammar.rules import Rule
from crawler.optout.grammar.urlpattern import compile_pattern
from crawler.optout.model import Kind

TEXT = frozenset({"txt", "pdf", "doc", "docx", "odt", "rtf", "tex", "wks", "wpd", "wps", "html", "htm", "epub"})
IMAGE = frozenset({"bmp", "gif", "ico", "jpeg", "jpg", "png", "svg", "tif", "tiff", "webp", "avif"})
AUDIO = frozenset({"aac", "aiff", "amr", "flac", "m4a", "mp3", "oga", "opus", "wav", "wma"})
VIDEO = frozenset({"mp4", "webm", "ogg", "avi", "mov", "wmv", "flv", "mkv"})

MEDIA = TEXT | IMAGE | AUDIO | VIDEO
"""Extensions that tell what a path serves. Those of programs (``php``) do not."""

CLASSES: Mapping[Kind, frozenset[str]] = {
    Kind.TEXT: TEXT,
    Kind.PDF: TEXT,
    Kind.EPUB: TEXT,
    Kind.IMAGE: IMAGE,
}
"""The class each kind of asset belongs to."""

_BY_EXTENSION = re.compile(r"/?\**\.([a-z0-9]{1,10})\$?", re.IGNORECASE)
_EXTENSION = re.compile(r"\.([a-z0-9]{1,10})\Z", re.IGNORECASE)


def extension_of(path: str) -> str | None:
    """The extension of a path with query, lower case; None when it has none."""
    match = _EXTENSION.search(path.partition("?")[0].rpartition("/")[2])
    return match[1].lower() if match else None


def deciding(rules: Iterable[Rule], path: str) -> Rule | None:
    """The rule that decides ``path`` (of :func:`~crawler.optout.grammar.urlpattern.subject`), if any.

    Denials match in any case, permissions as written.
    """
    extension = extension_of(path)
    lowered = path.lower()
    best: tuple[int, bool, Rule] | None = None
    for rule in rules:
        written = rule.line.value
        denies = rule.line.key != ALLOW
        if by_extension := _BY_EXTENSION.fullmatch(written):
            matches, length = extension == by_extension[1].lower(), len(written)
        else:
            text = written if written[0] in "/*" else f"*{written}"
            pattern = compile_pattern(text.lower() if denies else text)
            matches, length = pattern.matches(lowered if denies else path), len(written)
        if matches and (best is None or (length, denies) > best[:2]):
            best = (length, denies, rule)
    return None if best is None else best[2]


def denied_kinds(rules: Iterable[Rule]) -> Iterator[tuple[Kind, Rule]]:
    """The kinds of which an extension is disallowed, each with the first rule that does so."""
    denying: dict[str, Rule] = {}
    for rule in rules:
        by_extension = _BY_EXTENSION.fullmatch(rule.line.value)
        if by_extension is not None and rule.line.key != ALLOW:
            denying.setdefault(by_extension[1].lower(), rule)
    for kind, extensions in CLASSES.items():
        for extension, rule in denying.items():
            if extension in extensions:
                yield kind, rule
                break
