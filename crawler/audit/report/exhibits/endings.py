"""What became of everything: by kind, by how far it was asked, by domain and suffix, over time."""

from __future__ import annotations

from collections.abc import Sequence

from crawler.audit.report import charts
from crawler.audit.report.charts import Bar
from crawler.audit.report.exhibits.frame import COUNTED, OUTCOMES, ROWS, Exhibit, counted, ended, exhibit
from crawler.audit.report.model import Count, DomainRow, Figures
from crawler.audit.report.page import number, share
from crawler.audit.wording import STAGES, count

KINDS = {"text": "Pages", "image": "Images", "pdf": "PDF documents", "epub": "EPUB books"}
"""What the kinds are called."""

FEW = 6
"""Up to so many periods are bars; more are columns."""


def kinds(figures: Figures) -> Exhibit:
    """What became of everything, by kind."""
    rows = figures.kinds
    told = [
        f"{KINDS.get(row.kind, row.kind)}: {number(row.count.kept)} of {number(row.count.considered)} kept, "
        f"{number(row.count.reserved)} reserved"
        for row in rows
        if row.count.considered
    ]
    return exhibit(
        id="kinds",
        title="What became of everything, by kind",
        caption="; ".join(told) + ". Whatever was not kept is listed in the ledger with its reason.",
        empty="Nothing has been decided about yet.",
        series=OUTCOMES,
        bars=[_bar(KINDS.get(row.kind, row.kind), row.count) for row in rows],
        head=("kind", *COUNTED),
        rows=[(row.kind, *counted(row.count)) for row in rows],
    )


def stages(figures: Figures) -> Exhibit:
    """How far was asked before something was turned away."""
    rows = figures.stages
    away = sum(row.reserved + row.undetermined + row.skipped for row in rows)
    early = sum(row.reserved + row.undetermined + row.skipped for row in rows if row.stage == "host")
    return exhibit(
        id="stages",
        title="How far things came before they were turned away",
        caption=f"Of {count(away, 'URL')} turned away, {number(early)} ({share(early, away)}) were not "
        "requested when it was last decided about them: a file of the site, a page that shows them, or a "
        "reason of ours settled it before.",
        empty="Nothing was turned away.",
        series=OUTCOMES[1:4],
        bars=[
            Bar(
                label=_capital(STAGES.get(row.stage, row.stage)),
                parts=(row.reserved, row.undetermined, row.skipped),
                value=number(row.reserved + row.undetermined + row.skipped),
            )
            for row in rows
        ],
        head=("stage", "reserved", "undetermined", "skipped"),
        rows=[(row.stage, row.reserved, row.undetermined, row.skipped) for row in rows],
    )


def domains(figures: Figures, top: Sequence[DomainRow]) -> Exhibit:
    """The registrable domains with the most URLs; ``top``: more of them than are drawn, in order."""
    several = f"{count(figures.domains, 'registrable domain')} were considered"
    if figures.domains == 1:
        several = "One registrable domain was considered"
    return exhibit(
        id="top-domains",
        title="Registrable domains with the most URLs",
        caption=f"{several}; something is held of {number(figures.contributing)} "
        f"({share(figures.contributing, figures.domains)}).",
        empty="No domain has been considered yet.",
        series=OUTCOMES,
        bars=[_bar(row.domain, row.count) for row in top],
        head=("registrable domain", *COUNTED),
        rows=[(row.domain, *counted(row.count)) for row in top[:ROWS]],
        noun="domain",
        beyond=(figures.domains, figures.total.considered),
    )


def suffixes(figures: Figures) -> Exhibit:
    """Top-level domains."""
    rows = figures.suffixes
    first = rows[0] if rows else None
    lead = first and (
        f"Most URLs, {number(first.count.considered)} of {number(figures.total.considered)}, lie under "
        f"{_dotted(first.suffix)}; {number(first.count.kept)} of them are kept."
    )
    return exhibit(
        id="suffixes",
        title="Top-level domains",
        caption=lead or "",
        empty="No domain has been considered yet.",
        series=OUTCOMES,
        bars=[_bar(f"{_dotted(row.suffix)} ({count(row.domains, 'domain')})", row.count) for row in rows],
        head=("top-level domain", "registrable domains", *COUNTED),
        rows=[(row.suffix, row.domains, *counted(row.count)) for row in rows],
        noun="top-level domain",
    )


def periods(figures: Figures) -> Exhibit:
    """Decisions over time; a URL that was decided about again counts again."""
    rows = figures.periods
    bars = [
        Bar(
            label=_period(row.start),
            parts=(row.kept, row.reserved, row.undetermined, row.skipped),
            value=number(row.kept + row.reserved + row.undetermined + row.skipped),
        )
        for row in rows
    ]
    unit = {13: "hour", 10: "day", 7: "month"}.get(len(rows[0].start) if rows else 0, "period")
    total = sum(sum(bar.parts) for bar in bars)
    shown, step = charts.joined(bars)
    busiest = max(shown, key=lambda bar: sum(bar.parts), default=Bar(label="", parts=()))
    if len(rows) > 1:
        many = f" Each column holds {count(step, unit)}." if step > 1 else ""
        told = (
            f"{count(total, 'decision')} in {count(len(rows), unit)}, {number(sum(busiest.parts))} of them in "
            f"the busiest, {busiest.label}.{many}"
        )
    elif total == 1:
        told = f"Its only decision falls into one {unit}."
    else:
        told = f"All {count(total, 'decision')} fall into one {unit}."
    return exhibit(
        id="periods",
        title="Decisions over time",
        caption=f"{told} A URL that was asked about again counts again here, and only here.",
        empty="Nothing has been decided about yet.",
        series=OUTCOMES[:4],
        bars=bars if len(bars) <= FEW else shown,
        head=("start (UTC)", "kept", "reserved", "undetermined", "skipped"),
        rows=[(row.start, row.kept, row.reserved, row.undetermined, row.skipped) for row in rows],
        noun=unit,
        over_time=len(bars) > FEW,
    )


def _bar(label: str, found: Count) -> Bar:
    return Bar(
        label=label, parts=ended(found), value=f"{number(found.kept)} of {number(found.considered)} kept"
    )


def _dotted(suffix: str) -> str:
    return suffix if suffix.startswith("(") else f".{suffix}"


def _period(start: str) -> str:
    return start.replace("T", " ") + ":00" if len(start) == 13 else start


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
