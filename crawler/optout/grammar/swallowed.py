"""What the parser could not see, because something unclosed swallowed the rest of the page.

An unclosed comment, ``<title>``, ``<script>`` or quote turns all that follows into text
(https://html.spec.whatwg.org/multipage/parsing.html#parse-errors), and a page that was cut in the middle of a
tag loses that tag. Whoever wrote a reservation there meant it. All of it is linear in the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

MOST_RECOVERED = 64
"""Swallowed metas that are read again."""

_OPENER = re.compile(
    r"<(?:(!--)|(title|script|style|textarea|xmp|iframe|noembed|noframes|plaintext)(?=[\s/>]))", re.I
)
_DECLARATION = re.compile(r"<(?:/head|meta|link|head|body|html|script)\b|<[\w-]{1,40}:meta\b", re.I)
_META = re.compile(r"<(?:[\w-]{1,40}:)?(meta\b[^<>]*)", re.I)


def lost_part(source: str) -> str:
    """The text that an unclosed comment, element or tag of ``source`` has swallowed."""
    return source[_lost_from(source) :]


def _lost_from(source: str) -> int:
    position, lowered = 0, source.lower()
    while match := _OPENER.search(source, position):
        if match[1]:
            begin, closer = match.end(), "-->"
        else:
            begin, closer = source.find(">", match.end()) + 1, f"</{match[2].lower()}"
            if not begin:
                break
        # "<!-->" is a whole comment.
        end = lowered.find(closer, begin - 2 if match[1] else begin)
        if end < 0:
            return begin
        position = end + len(closer)
    last = source.rfind("<")
    return last if last > source.rfind(">") else 0


def holds_declarations(lost: str) -> bool:
    """Whether swallowed text looks as if it held anything a signal reads."""
    return _DECLARATION.search(lost) is not None


def lost_metas(lost: str) -> Iterator[str]:
    """The meta tags in swallowed text, without prefix, their quotes closed where they were cut."""
    for count, match in enumerate(_META.finditer(lost)):
        if count == MOST_RECOVERED:
            return
        text = match[1]
        yield f"<{text}" + '"' * (text.count('"') % 2) + "'" * (text.count("'") % 2) + ">"
