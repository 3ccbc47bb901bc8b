"""One chart with all that belongs to it: what one sees in words, its numbers as a table and as CSV."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from crawler.audit.report import charts
from crawler.audit.report.cells import Cell, csv_bytes
from crawler.audit.report.charts import Bar, Drawing, Series
from crawler.audit.report.model import Count
from crawler.audit.wording import count

BARS = 20
"""Rows that are drawn at most; what is left is said in words."""
ROWS = 100
"""Rows of the table at most."""
LINES = 2000
"""Rows of the CSV inside the page at most."""

OUTCOMES = (
    Series(key="kept", name="kept"),
    Series(key="reserved", name="reserved"),
    Series(key="undetermined", name="undetermined"),
    Series(key="skipped", name="skipped"),
    Series(key="gone", name="withdrawn or removed"),
    Series(key="unstored", name="not stored in time"),
)
"""The colours of what became of something; :func:`ended` gives the numbers in the same order."""

COUNTED = ("considered", "kept", "bytes kept", "reserved", "undetermined", "skipped", "withdrawn", "removed",
           "not stored")  # fmt: skip
"""What :func:`counted` gives."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Exhibit:
    """A chart as the page shows it."""

    id: str
    """Its name in the page, and of its CSV."""
    title: str
    """What it is about."""
    caption: str
    """What one sees, in words; or that there is nothing to see."""
    drawing: Drawing | None
    """None: there is nothing to draw."""
    described: str
    """The numbers in words, for who does not see them."""
    over_time: bool
    """Whether it stands on a time axis, with a scale beside it."""
    legend: tuple[Series, ...]
    """The colours that occur, in their order; empty where there is only one."""
    rest: str
    """How many are not drawn, in words."""
    head: tuple[str, ...]
    """Names of the table's columns."""
    rows: tuple[tuple[Cell, ...], ...]
    """Rows of the table."""
    left: int
    """How many rows the table leaves out."""
    href: str
    """All rows as CSV, inside a ``data:`` URI."""


def exhibit(
    *,
    id: str,
    title: str,
    caption: str,
    empty: str,
    series: Sequence[Series],
    bars: Sequence[Bar],
    head: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    noun: str = "row",
    under: str = "",
    over_time: bool = False,
    beyond: tuple[int, int] | None = None,
) -> Exhibit:
    """Draw ``bars``, of which the first are shown; ``empty`` is the caption where there is nothing in them.

    ``noun``: what one row is; ``under``: what the line under a bar is; ``over_time``: as columns;
    ``beyond``: how many rows there are in all and what they add up to, where ``bars`` are not all of them.
    """
    drawn = tuple(bars) if over_time else _drawn(bars)
    something = any(any(row.parts) for row in bars)
    legend = [one for index, one in enumerate(series) if any(row.parts[index] for row in drawn)]
    if under and any(row.under for row in drawn):
        legend.append(Series(key="under", name=under))
    number, whole = beyond or (len(bars), sum(sum(row.parts) for row in bars))
    others = number - len(drawn)
    rest = whole - sum(sum(row.parts) for row in drawn)
    file = base64.b64encode(csv_bytes([head, *rows[:LINES]])).decode()
    draw = charts.columns if over_time else charts.bars
    return Exhibit(
        id=id,
        title=title,
        caption=caption if something else empty,
        drawing=draw(drawn, series) if something else None,
        described=_described(drawn, series),
        over_time=over_time,
        legend=tuple(legend) if len(series) > 1 else (),
        rest=f"and {count(others, 'other ' + noun)}, {count(rest, 'URL')} together" if others > 0 else "",
        head=tuple(head),
        rows=tuple(tuple(row) for row in rows[:ROWS]),
        left=max(min(len(rows), LINES) - ROWS, 0),
        href=f"data:text/csv;charset=utf-8;base64,{file}",
    )


def ended(found: Count) -> tuple[int, ...]:
    """The numbers of :data:`OUTCOMES`."""
    return (
        found.kept,
        found.reserved,
        found.undetermined,
        found.skipped,
        found.withdrawn + found.removed,
        found.unstored,
    )


def counted(found: Count) -> tuple[int, ...]:
    """The numbers of :data:`COUNTED`."""
    return (
        found.considered,
        found.kept,
        found.bytes,
        found.reserved,
        found.undetermined,
        found.skipped,
        found.withdrawn,
        found.removed,
        found.unstored,
    )


def _drawn(bars: Sequence[Bar]) -> tuple[Bar, ...]:
    """The first of them; one more than fits is no reason to leave one out."""
    return tuple(bars if len(bars) <= BARS + 1 else bars[:BARS])


def _described(bars: Sequence[Bar], series: Sequence[Series]) -> str:
    told = [
        f"{row.label}: "
        + ", ".join(f"{part:,} {one.name}" for one, part in zip(series, row.parts, strict=True) if part)
        for row in bars[:BARS]
        if any(row.parts)
    ]
    return "; ".join(told) + ("; and so on." if len(bars) > len(told) and told else ".")
