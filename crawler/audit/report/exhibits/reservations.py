"""Which signals reserved something, and what another reading or another posture would have done."""

from __future__ import annotations

from collections.abc import Mapping

from crawler.audit.report.charts import Bar, Series
from crawler.audit.report.exhibits.endings import KINDS
from crawler.audit.report.exhibits.frame import Exhibit, exhibit
from crawler.audit.report.model import Figures
from crawler.audit.report.page import number, share
from crawler.audit.wording import BASES, count

BASIS = (
    Series(key="stated", name="stated: " + BASES["stated"]),
    Series(key="recovered", name="recovered: " + BASES["recovered"]),
    Series(key="inferred", name="inferred: " + BASES["inferred"]),
)
"""The colours of how directly something was said."""


def signals(figures: Figures) -> Exhibit:
    """Reservations by signal, split by basis."""
    rows = figures.signals
    reserved = figures.total.reserved
    caption = ""
    if rows:
        first = rows[0]
        caption = (
            f"{count(reserved, 'URL')} {'is' if reserved == 1 else 'are'} reserved and never kept. The most "
            f"frequent signal is {first.title}, on {number(first.urls)}; {number(first.alone)} of these no "
            "other signal reserves. Several signals may reserve one URL, so the rows may add up to more."
        )
    return exhibit(
        id="signals",
        title="Reservations, by signal and by how directly it was said",
        caption=caption,
        empty="No signal reserved anything.",
        series=BASIS,
        bars=[
            Bar(
                label=row.title,
                parts=(row.stated, row.recovered, row.inferred),
                value=f"{number(row.urls)} · {number(row.alone)} alone",
                under=row.alone,
            )
            for row in rows
        ],
        head=("signal", "name", "URLs", "stated", "recovered", "inferred", "no other signal"),
        rows=[
            (row.signal, row.title, row.urls, row.stated, row.recovered, row.inferred, row.alone)
            for row in rows
        ],
        noun="signal",
        under="alone: no other signal reserves it",
    )


def readings(figures: Figures) -> Exhibit:
    """What the strict reading costs over the literal one."""
    titles = _titles(figures)
    rows = figures.readings
    reserved = figures.total.reserved
    return exhibit(
        id="readings",
        title="What the strict reading costs",
        caption=f"{number(figures.literal)} of {count(reserved, 'reserved URL')} "
        f"({share(figures.literal, reserved)}) rest on nothing that the literal reading counts. It would "
        "have gone on with them, and might have met another reservation later. Both reserve the others.",
        empty="Every reservation here counts in the literal reading too: strictness has cost nothing."
        if figures.about.reading == "strict"
        else "This corpus was read literally: nothing is reserved here that only the strict reading counts.",
        series=BASIS,
        bars=[
            Bar(
                label=titles.get(row.signal, row.signal),
                parts=tuple(row.urls if row.basis == one.key else 0 for one in BASIS),
                value=f"{number(row.urls)} {row.basis}",
            )
            for row in rows
        ],
        head=("signal", "basis", "URLs"),
        rows=[(row.signal, row.basis, row.urls) for row in rows],
    )


def postures(figures: Figures) -> Exhibit:
    """Opt-out against opt-in, on the same statements."""
    rows = figures.postures
    every = next((row for row in rows if row.kind == "all"), None)
    silent, granted = (every.opt_out, every.opt_in) if every else (0, 0)
    return exhibit(
        id="postures",
        title="Opt-out against opt-in",
        caption=f"Nothing stands against {count(silent, 'URL')}: what an opt-out crawl may keep. To "
        f"{number(granted)} of them ({share(granted, silent)}) an accepted licence or permission is bound: "
        "what an opt-in crawl may keep. The difference is silence, not consent.",
        empty="Nothing is free of reservations here, so neither posture keeps anything.",
        series=(
            Series(key="granted", name="an accepted licence or permission is bound to it: kept by both"),
            Series(key="silent", name="nobody objected: kept by opt-out only"),
        ),
        bars=[
            Bar(
                label="All" if row.kind == "all" else KINDS.get(row.kind, row.kind),
                parts=(row.opt_in, row.opt_out - row.opt_in),
                value=f"opt-out {number(row.opt_out)} · opt-in {number(row.opt_in)}",
            )
            for row in rows
        ],
        head=("kind", "opt-out", "opt-in"),
        rows=[(row.kind, row.opt_out, row.opt_in) for row in rows],
    )


def _titles(figures: Figures) -> Mapping[str, str]:
    return {row.signal: row.title for row in figures.signals}
