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
    return _reasons(
        "walls",
        "Walls that were met",
        figures.walls,
        "reserved",
        "{urls} met a refusal, a login, a paywall or a challenge, most often: {first}. Each was left alone. "
        "Nothing was worked around, nobody was paid.",
        "No refusal, login, paywall or challenge was met.",
    )


def undetermined(figures: Figures) -> Exhibit:
    """What could not be told, and why."""
    return _reasons(
        "undetermined",
        "What could not be told, and why",
        figures.undetermined,
        "undetermined",
        "About {urls} it could not be told whether somebody objects, most often because: {first}. "
        "“Could not tell” is never taken for a yes: none of it is kept.",
        "About everything it could be told whether somebody objects.",
    )


def skipped(figures: Figures) -> Exhibit:
    """What was left for reasons of ours."""
    return _reasons(
        "skipped",
        "What was left for reasons of ours",
        figures.skipped,
        "skipped",
        "Nothing was heard against {urls} that were left all the same, most often because: {first}.",
        "Nothing was left for a reason of ours.",
    )


def _reasons(id: str, title: str, rows: Sequence[Reason], key: str, caption: str, empty: str) -> Exhibit:
    told = ""
    if rows:
        urls = sum(row.urls for row in rows)
        told = caption.format(urls=count(urls, "URL"), first=rows[0].reason) if urls else ""
    return exhibit(
        id=id,
        title=title,
        caption=told,
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
