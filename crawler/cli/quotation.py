"""Statements in words, quoted as they were found, with a caret under what decides in the quotation. ::

robots  disallows crawl  (stated)   <- decides
  http://a.example/robots.txt
  line 2   Disallow: /p
           ~~~~~~~~~~~^
  seen 2026-11-22T10:00:00Z
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from rich.cells import cell_len, chop_cells

from crawler.cli.text import safe
from crawler.cli.wrapping import WIDTH, wrapped
from crawler.optout.codec import time_to_text
from crawler.optout.model import Evidence, Preference, Statement

if TYPE_CHECKING:
    from crawler.cli.found import Places

INDENT = 4
"""Columns by which quotations are moved to the right where they are printed."""

MOST_LINES = 4
"""Lines of one quotation; the ledger has the rest."""

VERB = {
    Preference.ALLOW: "allows",
    Preference.DISALLOW: "disallows",
    Preference.CONDITIONAL: "puts conditions on",
    Preference.UNREADABLE: "leaves unclear",
}

_VALUE = re.compile(r"""[\w-]+\s*=\s*"?(?:no?|disallow|immediate|reference)"?(?=[\s,;]|$)""", re.IGNORECASE)
_DECIDING = {
    "content-signal": _VALUE,
    "content-usage": _VALUE,
    "robots-meta": re.compile(
        r"(?<![\w-])(?!nofollow|notranslate|noodp|noydir|nositelinks)"
        r"(?:no[\w-]+|disallow\w+|max-snippet:\s*0|unavailable_after:[^,]+)(?![\w-])",
        re.IGNORECASE,
    ),
}
"""What refuses in a value that lists several things; other values are one word, all of which decides."""


def quoted(
    statements: Iterable[Statement], grounds: Collection[Statement], places: Places | None = None
) -> Iterator[str]:
    """Statements with their evidence, which is quoted once for all of them. ``grounds``: those that decide.

    ``places``: says where in the stored evidence the words stand.
    """
    room = WIDTH - INDENT
    for evidence, group in groupby(statements, key=lambda statement: statement.evidence):
        terms: dict[str, None] = {}
        refusing: dict[re.Pattern[str], None] = {}
        for statement in group:
            of_kind = f" of {statement.kind.value}s" if statement.kind else ""
            mark = "   <- decides" if statement in grounds else ""
            line = (
                f"{safe(statement.signal)}  {VERB[statement.preference]} {statement.purpose.value}{of_kind}  "
                f"({statement.basis.value}){mark}"
            )
            yield from [line] if cell_len(line) <= room else wrapped(line, 0, hanging=2, width=room)
            if statement.terms:
                terms[f"terms: {safe(statement.terms)}"] = None
            if statement.preference is not Preference.ALLOW and statement.signal in _DECIDING:
                refusing[_DECIDING[statement.signal]] = None
        yield f"  {safe(evidence.source)}"
        yield from indent(_quotation(evidence, room - 4, list(refusing)), 2)
        if places is not None and (place := places.of(evidence)):
            yield from wrapped(place, 2, hanging=2, width=room)
        for line in terms:
            yield from wrapped(line, 2, hanging=2, width=room)
        yield f"  seen {time_to_text(evidence.at)}"


def _quotation(evidence: Evidence, width: int, refusing: list[re.Pattern[str]]) -> Iterator[str]:
    """Locator and excerpt, the caret at the end of what decides. A long locator stands on a line of its own."""
    locator = safe(evidence.locator)
    if not evidence.excerpt.strip():
        yield from wrapped(locator, 0, hanging=2, width=width)
        return
    if cell_len(locator) > width // 3:
        yield from wrapped(locator, 0, hanging=2, width=width)
        label = "   "
    else:
        label = locator + "   "
    margin = " " * cell_len(label)
    pieces = [
        piece
        for line in evidence.excerpt.splitlines()
        for piece in chop_cells(safe(line.replace("\t", " ")).strip(), width - len(margin))
        if piece
    ]
    shown, rest = pieces[:MOST_LINES], pieces[MOST_LINES:]
    marks = [_marks(piece, refusing) for piece in shown]
    if not any(marks):
        marks[-1] = _under(shown[-1], 0, len(shown[-1]))
    for number, (piece, mark) in enumerate(zip(shown, marks, strict=True)):
        yield (margin if number else label) + piece
        if mark:
            yield margin + mark
    if rest:
        yield f"{margin}… and {sum(map(len, rest)):,} more characters; --json shows them"


def _marks(piece: str, refusing: list[re.Pattern[str]]) -> str:
    """A line that marks every place in ``piece`` that refuses; empty when there is none."""
    line = ""
    for start, end in sorted({found.span() for pattern in refusing for found in pattern.finditer(piece)}):
        line = line.ljust(cell_len(piece[:start])) + _under(piece, start, end)
    return line


def _under(piece: str, start: int, end: int) -> str:
    return "~" * (cell_len(piece[start:end]) - 1) + "^"


def indent(lines: Iterable[str], columns: int) -> Iterator[str]:
    """The lines, moved to the right."""
    for line in lines:
        yield " " * columns + line
