"""One statement in words, quoted as it was found, with a caret under the quotation. ::

robots  disallows crawl  (stated)   <- decides
  http://a.example/robots.txt
  line 2   Disallow: /p
           ~~~~~~~~~~~^
  seen 2026-11-22T10:00:00Z
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.cells import cell_len, chop_cells

from crawler.cli.text import safe
from crawler.optout.codec import time_to_text
from crawler.optout.model import Evidence, Preference, Statement

WIDTH = 80
"""Columns."""

MOST_LINES = 6
"""Lines of one quotation; the ledger has the rest."""

VERB = {
    Preference.ALLOW: "allows",
    Preference.DISALLOW: "disallows",
    Preference.CONDITIONAL: "puts conditions on",
    Preference.UNREADABLE: "leaves unclear",
}


def quoted(statement: Statement, *, decides: bool) -> Iterator[str]:
    """One statement with its evidence."""
    evidence = statement.evidence
    of_kind = f" of {statement.kind.value}s" if statement.kind else ""
    mark = "   <- decides" if decides else ""
    yield (
        f"{safe(statement.signal)}  {VERB[statement.preference]} {statement.purpose.value}{of_kind}  "
        f"({statement.basis.value}){mark}"
    )
    yield f"  {safe(evidence.source)}"
    yield from indent(_quotation(evidence, WIDTH - 8), 2)
    if statement.terms:
        yield f"  terms: {safe(statement.terms)}"
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
    for number, piece in enumerate(pieces[:MOST_LINES]):
        last = number == min(len(pieces), MOST_LINES) - 1
        yield (label if not number else margin) + piece
        yield margin + "~" * (cell_len(piece) - 1) + ("^" if last else "~")
    if len(pieces) > MOST_LINES:
        rest = sum(map(len, pieces[MOST_LINES:]))
        yield f"{margin}… and {rest:,} more characters; --json shows them"


def indent(lines: Iterable[str], columns: int) -> Iterator[str]:
    """The lines, moved to the right."""
    for line in lines:
        yield " " * columns + line
