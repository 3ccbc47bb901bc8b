"""Scripts that put no spaces between words, and what is counted where they are used."""

from __future__ import annotations

import re

SPACELESS = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\u1780-\u17ff\u19e0-\u19ff\uaa60-\uaa7f"  # Myanmar, Khmer
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303b"  # radicals and marks of Han
    "\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f"  # kana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
)
"""Ranges of a character class."""

WORD = re.compile(
    rf"[{SPACELESS}]|[^\W_{SPACELESS}]+(?:['’·\u00ad\u200c\u200d\u0300-\u036f][^\W_{SPACELESS}]+)*"
)
"""One word: letters and digits, an apostrophe inside included; of a script without spaces, one letter."""

_ONE = re.compile(rf"[{SPACELESS}]")


def words(text: str) -> int:
    """How many words; in scripts without spaces how many letters."""
    return sum(1 for _ in WORD.finditer(text))


def weight(text: str) -> int:
    """How much text this is to tell a language from: letters, and three for one of a script without spaces."""
    return sum(map(str.isalpha, text)) + 2 * len(_ONE.findall(text))
