"""Walls that were met, doubts, and reasons of our own."""

from __future__ import annotations

from collections.abc import Sequence

from crawler.audit.report.charts import Bar, Series
from crawler.audit.report.exhibits.frame import Exhibit, exhibit
from crawler.audit.report.model import Figures, Reason
from crawler.audit.report.page import number
from crawler.audit.wording import count


def walls(figures: Figures) -> Exhibit:
    """Refusals, logins, paywalls, challenges."""
    rows = figures.walls
    return _reasons(
        "walls",
        "Walls that were met",
        rows,
        "reserved",
        f"Met most often: {rows[0].reason}, on {count(rows[0].urls, 'URL')}. Each wall was left alone. Nothing "
        "was worked around, nobody was paid."
        if rows
        else "",
        "No URL is reserved by a refusal, a login, a paywall or a challenge.",
    )


def undetermined(figures: Figures) -> Exhibit:
    """What could not be told, and why."""
    rows = figures.undetermined
    return _reasons(
        "undetermined",
        "What could not be told, and why",
        rows,
        "undetermined",
        f"About {count(figures.total.undetermined, 'URL')} it could not be told whether somebody objects, most "
        f"often because: {rows[0].reason}. “Could not tell” is never taken for a yes: none of it is kept."
        if rows
        else "",
        "Nothing ended undetermined.",
    )


def silent(figures: Figures) -> Exhibit:
    """Origins that could not be judged, and since when."""
    rows = figures.silent
    return exhibit(
        id="silent",
        title="Sites that could not be asked what they reserve",
        caption=f"A file in which {count(len(rows), 'site')} would say so could not be had, longest that of "
        f"{rows[0].origin}, since {rows[0].since[:10]}. The next crawl asks again; until it is answered, "
        "nothing more of such a site is collected."
        if rows
        else "",
        empty="Every site that was asked could be judged in the end.",
        series=(Series(key="undetermined", name="URLs"),),
        bars=[Bar(label=row.origin, parts=(row.urls,), value=f"{number(row.urls)}") for row in rows],
        head=("site", "because", "since (UTC)", "last (UTC)", "URLs"),
        rows=[(row.origin, row.reason, row.since, row.last, row.urls) for row in rows],
        noun="site",
    )


def skipped(figures: Figures) -> Exhibit:
    """What was left for reasons of ours."""
    rows, urls = figures.skipped, figures.total.skipped
    return _reasons(
        "skipped",
        "What was left for reasons of ours",
        rows,
        "skipped",
        f"{count(urls, 'URL')} {'was' if urls == 1 else 'were'} left although nothing was heard against "
        f"{'it' if urls == 1 else 'them'}, most often because: {rows[0].reason}."
        if rows
        else "",
        "Nothing was left for a reason of ours.",
    )


def _reasons(id: str, title: str, rows: Sequence[Reason], key: str, caption: str, empty: str) -> Exhibit:
    """``caption``: where there are rows."""
    return exhibit(
        id=id,
        title=title,
        caption=caption,
        empty=empty,
        series=(Series(key=key, name="URLs"),),
        bars=[
            Bar(
                label=_capital(row.reason),
                parts=(row.urls,),
                value=f"{number(row.urls)} · {count(row.domains, 'domain')}",
            )
            for row in rows
        ],
        head=("reason", "URLs", "registrable domains"),
        rows=[(row.reason, row.urls, row.domains) for row in rows],
        noun="reason",
    )


def _capital(words: str) -> str:
    """With a capital, unless it begins with the name of a file."""
    return words[:1].upper() + words[1:] if words.partition(" ")[0].isalpha() else words
