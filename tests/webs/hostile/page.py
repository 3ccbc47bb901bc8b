"""The table of the hostile web as Markdown, for ``docs/hostile-web.md``."""

from __future__ import annotations

from crawler.optout.model import Outcome
from tests.webs.hostile import GROUPS, LIES, Lie

BEGIN, END = "<!-- table: begin -->", "<!-- table: end -->"
"""Between these lines of the page stands what is made here."""

_KEPT = "kept"


def table() -> str:
    """Every row, by what it is about."""
    lines = [f"{len(LIES)} ways, each on a host of its own."]
    for title, rows in GROUPS.items():
        lines += ["", f"### {title}", "", "| the server | what becomes of it |", "|---|---|"]
        lines += [f"| {_cell(row.does)} | {_cell(becomes(row))} |" for row in rows]
    return "\n".join(lines) + "\n"


def becomes(row: Lie) -> str:
    """What becomes of the URL that a row is about."""
    if row.stopped:
        return f"left in the end, reason `{row.stopped}`"
    ending = next(iter(row.ends.values()))
    if ending.outcome is Outcome.UNRESERVED:
        return _KEPT
    if ending.outcome is Outcome.SKIPPED:
        return f"skipped, reason `{ending.why.partition(':')[0]}`"
    return str(ending.outcome)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")
