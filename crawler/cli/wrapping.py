"""Lines that fit a page of 80 columns."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len

WIDTH = 80
"""Columns."""


def wrapped(text: str, indent: int, *, hanging: int = 0, width: int = WIDTH) -> Iterator[str]:
    """``text`` in lines of at most ``width`` columns, moved to the right; the later ones by ``hanging`` more.

    Breaks at blanks alone: a longer word, such as a URL, stays whole on a line of its own, to be copied.
    """
    line, margin = "", " " * indent
    for word in text.split():
        if line and cell_len(margin) + cell_len(line) + 1 + cell_len(word) > width:
            yield margin + line
            line, margin = word, " " * (indent + hanging)
        else:
            line = f"{line} {word}" if line else word
    if line:
        yield margin + line
