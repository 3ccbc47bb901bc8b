"""Words of strangers, made safe to print.

URLs, excerpts and titles come from the web. A terminal obeys control characters, and bidirectional controls
reorder what is read; neither may come from a stranger.
"""

from __future__ import annotations

import unicodedata

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
"""What stands for a character that is not printed."""

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
# Unicode general categories: controls (C0 and C1), formats (bidirectional and zero-width among them),
# surrogates, private use, line and paragraph separators.


def safe(text: str) -> str:
    """``text`` on one line, every character that could move, reorder or hide others replaced."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(REPLACEMENT if unicodedata.category(one) in _INVISIBLE else one for one in text)


def shorten(text: str, width: int) -> str:
    """``text``, safe, cut to ``width`` characters with an ellipsis in the middle."""
    text = safe(text)
    if len(text) <= width:
        return text
    head = (width - 1) // 2
    return f"{text[:head]}…{text[len(text) - (width - 1 - head) :]}"


def size(number: int) -> str:
    """Bytes in decimal units: ``1.2 MB``."""
    value = float(number)
    for unit in ("B", "kB", "MB", "GB"):
        if abs(value) < 1000:
            return f"{value:.0f} B" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"
