"""Pages that would cost an HTML parser or extractor far more than their length.

The time of both grows with the square of the depth: 100,000 unclosed ``<div>`` take minutes. And every
paragraph repeats the formatting elements left open before it
(https://html.spec.whatwg.org/multipage/parsing.html#reconstruct-the-active-formatting-elements).
"""

from __future__ import annotations

import re
from itertools import accumulate

TAGS = 2_500
"""Below this number no page costs much."""

MOST_TAGS = 1_000_000
"""Above this number any page does."""

DEEPEST = 1_000
"""Elements inside each other; real pages stay below 300."""

MOST_COPIES = 2_000_000
"""Unclosed formatting elements times tags."""

_TAG = re.compile(r"<(/?)([A-Za-z][^\s/>]*)")
_FORMATTING = frozenset(
    {"a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"}
)
_FLAT = frozenset(
    {
        *(
            "area",
            "base",
            "br",
            "col",
            "embed",
            "hr",
            "img",
            "input",
            "link",
            "meta",
            "param",
            "source",
            "track",
            "wbr",
        ),
        *("dd", "dt", "li", "optgroup", "option", "p", "rp", "rt"),
        *("tbody", "td", "tfoot", "th", "thead", "tr"),
    }
)
"""Elements without content, or that end where the next of them begins."""

_UNSEEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style|template|noscript|svg|head)\b.*?(?:</\1\s*>|\Z)|<[!?][^>]*>", re.I | re.S
)
_INLINE = re.compile(
    r"</?(?:a|abbr|b|bdi|bdo|big|cite|code|em|font|i|kbd|mark|q|s|small|span|strong|sub|sup|tt|u)\b[^>]*>", re.I
)
_ANY = re.compile(r"</?[a-z][^>]*>?", re.I)


def is_tangled(source: str) -> bool:
    """Whether the page may be such a one."""
    count = source.count("<")
    if not TAGS < count <= MOST_TAGS:
        return count > TAGS
    tags = [(name.lower(), -1 if close else 1) for close, name in _TAG.findall(source)]
    depth = _climb([step for name, step in tags if name not in _FLAT])
    return (
        depth > DEEPEST
        or _climb([step for name, step in tags if name in _FORMATTING]) * len(tags) > MOST_COPIES
    )


def _climb(steps: list[int]) -> int:
    """The greatest height above any earlier one: the depth, whatever was closed that was never open."""
    heights = list(accumulate(steps, initial=0))
    return max(height - low for height, low in zip(heights, accumulate(heights, min), strict=True))


def stripped(source: str) -> str:
    """Its text without any tags, read without a parser; entities are still in it."""
    return _ANY.sub("\n", _INLINE.sub("", _UNSEEN.sub(" ", source)))
