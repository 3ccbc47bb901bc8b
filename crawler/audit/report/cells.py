"""Tables as CSV (RFC 4180) that a spreadsheet program opens without doing anything.

A spreadsheet takes a cell that begins with ``=``, ``+``, ``-``, ``@``, a tab or a carriage return for a
formula (OWASP, "CSV Injection", https://owasp.org/www-community/attacks/CSV_Injection). Words that begin so,
also behind spaces or in their full-width forms, get an apostrophe before them, which spreadsheets show as text.
Numbers are written as numbers. UTF-8 without a byte order mark, lines end with CRLF.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable

Cell = str | int | float | None
"""What may stand in a cell; None is an empty one."""

GUARD = "'"
"""What stands before words that would be a formula."""

INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Unicode categories of what controls, reorders or hides other characters."""

_FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def visible(words: str, instead: str = "") -> str:
    """``words`` without characters that control, reorder or hide others; ``instead`` stands in their place."""
    return "".join(instead if unicodedata.category(one) in INVISIBLE else one for one in words)


def guarded(cell: Cell) -> str:
    """A cell as the words that are written: visible, on one line, and never a formula."""
    if cell is None:
        return ""
    if not isinstance(cell, str):
        return str(cell)
    words = visible(" ".join(cell.splitlines()).replace("\t", " "))
    first = cell.lstrip(" ")[:1]
    if first in _FORMULA or words.lstrip()[:1] in _FORMULA:
        words = GUARD + words
    return words


def csv_text(rows: Iterable[Iterable[Cell]]) -> str:
    """The rows as CSV, each cell :func:`guarded`."""
    file = io.StringIO()
    csv.writer(file, lineterminator="\r\n").writerows([guarded(cell) for cell in row] for row in rows)
    return file.getvalue()


def csv_bytes(rows: Iterable[Iterable[Cell]]) -> bytes:
    """The rows as a CSV file. For many rows, call it for some at a time: the pieces add up to the file."""
    return csv_text(rows).encode()
