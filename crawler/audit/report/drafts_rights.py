"""What the corpus says to section 3 of the EU template: reservations of rights, and other processing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

from crawler.audit.report import behaviour
from crawler.audit.report.answer import Answer, Source, Table
from crawler.audit.report.facts import Facts
from crawler.audit.report.template import Field
from crawler.audit.wording import count


def drafts(facts: Facts, fields: Mapping[str, Field]) -> Iterator[Answer]:
    """Answers, by the name of their field."""
    figures, conduct = facts.figures, facts.conduct

    def say(name: str, value: str | tuple[str, ...], table: Table | None = None) -> Answer:
        return Answer(field=fields[name], source=Source.LEDGER, value=value, table=table)

    yield say("measures_robots", behaviour.robots(conduct, figures))
    yield say("measures_protocols", behaviour.protocols(conduct, figures, counted=True), _dropped(facts))
    yield say("measures_order", behaviour.order(figures))
    yield say("measures_up_to_date", behaviour.up_to_date(conduct, figures))
    words, table = lists(facts)
    yield say("illegal_lists", words, table)
    yield Answer(field=fields["processing_comments"], source=Source.DRAFT, value=processing(facts))


def lists(facts: Facts) -> tuple[str, Table | None]:
    """The operator's own lists of what is never collected."""
    denied = facts.conduct.denylist
    held = (
        ("Host names", denied.hosts),
        ("Address prefixes", denied.prefixes),
        ("Digests of files", denied.sha256),
    )
    rows = tuple(
        (name, f"{len(entries):,}", hashlib.sha256("\n".join(sorted(entries)).encode()).hexdigest())
        for name, entries in held
        if entries
    )
    lost = behaviour.lost_policies(facts.conduct)
    if not rows:
        none = "The crawl used no list of hosts, addresses or files that are never to be collected."
        return lost or none, None
    hits = sum(row.urls for row in facts.figures.skipped if row.reason == "the operator's own list names it")
    words = (
        f"Before and during the crawl, lists of the operator kept {count(hits, 'URL')} out. The digest is of "
        "the entries, sorted, one a line. Where the lists are from is not on record."
        + (f" {lost}" if lost else "")
    )
    columns = ("List", "Entries", "SHA-256")
    return words, Table(columns=columns, rows=rows, numeric=frozenset({1}))


def processing(facts: Facts) -> str:
    """What happened to the content between the web and the corpus, and nothing that did not."""
    return (
        f"Content is kept as it was served. {behaviour.SAME_BYTES} Nothing was rewritten, translated, labelled "
        "or anonymised, and nothing was searched for personal data. What was done when training data was made "
        "from the corpus is to be added by who made it."
    )


def _dropped(facts: Facts) -> Table | None:
    rows = tuple(
        (row.title, f"{row.stated:,}", f"{row.recovered:,}", f"{row.inferred:,}", f"{row.alone:,}")
        for row in facts.figures.signals
    )
    columns = ("Kept out by", "Said plainly", "Said with a slip", "Said to others", "By nothing else")
    return Table(columns=columns, rows=rows, numeric=frozenset({1, 2, 3, 4})) if rows else None
