"""Statements in words, quoted as they were found, with a caret under the quotation. ::

robots  disallows crawl  (stated)   <- decides
  http://a.example/robots.txt
  line 2   Disallow: /p
           ~~~~~~~~~~~^
  seen 2026-11-22T10:00:00Z
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import groupby

from rich.cells import cell_len, chop_cells

from crawler.cli.text import safe
from crawler.optout.codec import time_to_text
from crawler.optout.model import Evidence, Preference, Statement

WIDTH = 80
"""Columns."""

MOST_LINES = 4
"""Lines of one quotation; the ledger has the rest."""

VERB = {
    Preference.ALLOW: "allows",
    Preference.DISALLOW: "disallows",
    Preference.CONDITIONAL: "puts conditions on",
    Preference.UNREADABLE: "leaves unclear",
}


def quoted(statements: Iterable[Statement], grounds: Collection[Statement]) -> Iterator[str]:
    """Statements with their evidence, which is quoted once for all of them. ``grounds``: those that decide."""
    for evidence, group in groupby(statements, key=lambda statement: statement.evidence):
        terms: dict[str, None] = {}
        for statement in group:
            of_kind = f" of {statement.kind.value}s" if statement.kind else ""
            mark = "   <- decides" if statement in grounds else ""
            yield (
                f"{safe(statement.signal)}  {VERB[statement.preference]} {statement.purpose.value}{of_kind}  "
                f"({statement.basis.value}){mark}"
            )
            if statement.terms:
                terms[f"  terms: {safe(statement.terms)}"] = None
        yield f"  {safe(evidence.source)}"
        yield from indent(_quotation(evidence, WIDTH - 8), 2)
        yield from terms
        yield f"  seen {time_to_text(evidence.at)}"


def _quotation(evidence: Evidence, width: int) -> Iterator[str]:
    """Locator and excerpt, the caret at the excerpt's end. A long locator stands on a line of its own."""
    locator = safe(evidence.locator)
    if not evidence.excerpt.strip():
        yield locator
        return
    if cell_len(locator) > width // 3:
        yield locator
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
    for number, piece in enumerate(shown):
        yield (margin if number else label) + piece
    yield margin + "~" * (cell_len(shown[-1]) - 1) + "^"
    if rest:
        yield f"{margin}… and {sum(map(len, rest)):,} more characters; --json shows them"


def indent(lines: Iterable[str], columns: int) -> Iterator[str]:
    """The lines, moved to the right."""
    for line in lines:
        yield " " * columns + line
