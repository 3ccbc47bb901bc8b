"""Words that resiliparse would lose, written so that it does not.

It takes every element and every run of text that is one letter of three octets for the symbol of an icon font,
and with it the particles of Japanese, single characters of Chinese, dashes between links. It drops every
``<time>`` and ``<figure>``, also where the one is part of a sentence and the other holds a table or a program.
"""

from __future__ import annotations

import re
from html import unescape

PAD = "\ufeff"
"""Makes one letter two; :func:`crawler.text.form.tidy` takes it out again."""

_ALONE = re.compile(r">(\s*+)([\u0800-\ud7ff\uf900-\uffff]|&(?!nbsp;)[#\w]{2,32};)(?=\s*+<)")
_TIME = re.compile(
    r"<[tT][iI][mM][eE](?:(?<=[^<>\s].{5})|(?<=[^<>\s]\s.{5}))(?:\s[^<>]*)?>([^<]*)</[tT][iI][mM][eE]\s*>(?=\s?[^<\s])"
)
"""With words before and after it."""

_FIGURE = re.compile(r"<(/?)[fF][iI][gG][uU][rR][eE](?=[\s/>])")

_ICONS = range(0xE000, 0xF900)
"""The private use area, where icon fonts have their symbols."""


def with_letters(source: str) -> str:
    """The page with all of them put so that they stay."""
    source = _ALONE.sub(_padded, source)
    source = _TIME.sub(r"\1", source)
    return _FIGURE.sub(r"<\1div", source)


def _padded(found: re.Match[str]) -> str:
    letter = unescape(found[2])
    if len(letter) != 1 or ord(letter) < 0x800 or ord(letter) in _ICONS:
        return found[0]
    return f">{found[1]}{letter}{PAD}"
