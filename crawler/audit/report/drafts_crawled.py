"""What the corpus says to section 2.3 of the EU template: the data crawled from online sources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from crawler.audit.report import behaviour, origins
from crawler.audit.report.answer import Answer, Source, Table, missing
from crawler.audit.report.conduct import Trip
from crawler.audit.report.drafts_general import held, languages
from crawler.audit.report.facts import Facts
from crawler.audit.report.template import Field
from crawler.audit.wording import count

RUNS = 40
"""Runs that are told one by one; earlier ones are added up."""


def drafts(facts: Facts, fields: Mapping[str, Field], files: tuple[tuple[str, str], ...]) -> Iterator[Answer]:
    """Answers, by the name of their field. ``files``: what lists of domains and works there are beside it."""
    figures, conduct = facts.figures, facts.conduct

    def say(name: str, value: str | bool | tuple[str, ...], table: Table | None = None) -> Answer:
        return Answer(field=fields[name], source=Source.LEDGER, value=value, table=table)

    yield say("crawlers_used", bool(conduct.crawls))
    yield Answer(field=fields["crawlers"], source=Source.LEDGER, value=_names(facts), notes=(_program(facts),))
    yield missing(
        fields["crawled_other_crawlers"], "This corpus was collected by the crawler above and no other."
    )
    yield Answer(field=fields["crawled_purposes"], source=Source.DRAFT, value=behaviour.purposes(figures))
    yield say("behaviour_captchas", behaviour.CAPTCHAS)
    yield say("behaviour_passwords", behaviour.PASSWORDS)
    yield say("behaviour_paywalls", behaviour.PAYWALLS)
    yield say("behaviour_robots", behaviour.robots(conduct, figures))
    yield say("behaviour_protocols", behaviour.protocols(conduct, figures, counted=False))
    yield say("behaviour_conduct", behaviour.conduct_of(conduct, figures))
    yield say("behaviour_walls", behaviour.walls(figures), _walls(facts))
    yield _period(facts, fields["period"])
    words, table = origins.geography(facts)
    yield Answer(field=fields["crawled_geography"], source=Source.DRAFT, value=words, table=table)
    yield languages(facts, fields["crawled_languages"])
    yield missing(fields["crawled_demographics"], origins.DEMOGRAPHICS)
    yield missing(fields["crawled_site_kinds"], *origins.site_kinds(facts))
    words, table = origins.content(facts)
    yield Answer(field=fields["crawled_content"], source=Source.DRAFT, value=words, table=table)
    yield Answer(field=fields["crawled_modalities"], source=Source.LEDGER, value=held(facts))
    yield Answer(
        field=fields["domains"],
        source=Source.LEDGER,
        value=facts.rule.words(figures.about.suffix_list),
        links=tuple(link for link in files if link[1].startswith("domains.")),
    )
    yield _more(facts, fields["crawled_more"], tuple(row for row in files if not row[1].startswith("domains.")))


def month(trip: Trip) -> str:
    """``11/2026 to 12/2026``: the months of a run."""
    return (
        f"{trip.started:%m/%Y} to {trip.ended:%m/%Y}"
        if trip.ended
        else f"{trip.started:%m/%Y}, no end on record"
    )


def period(facts: Facts) -> str:
    """First and last month of the crawl, MM/YYYY-MM/YYYY."""
    crawls = facts.conduct.crawls
    if not crawls:
        return "No run is on record."
    last = max(
        [trip.ended or trip.started for trip in crawls]
        + ([facts.holdings.newest] if facts.holdings.newest else [])
    )
    return f"{min(trip.started for trip in crawls):%m/%Y}-{last:%m/%Y}"


def _names(facts: Facts) -> tuple[str, ...]:
    about = facts.figures.about
    return (
        f"{about.tokens[0]}. User-Agent: {about.user_agent}",
        *(f"{token}, another name under which robots.txt rules bind it" for token in about.tokens[1:]),
    )


def _program(facts: Facts) -> str:
    programs = sorted({trip.program for trip in facts.conduct.crawls})
    told = ", ".join(programs) or "not on record"
    return f"Program: {told}. Contact and information: {facts.figures.about.contact}"


def _walls(facts: Facts) -> Table | None:
    rows = tuple((row.reason, f"{row.urls:,}", f"{row.domains:,}") for row in facts.figures.walls)
    columns = ("Wall met and left alone", "URLs", "Domains")
    return Table(columns=columns, rows=rows, numeric=frozenset({1, 2})) if rows else None


def _period(facts: Facts, field: Field) -> Answer:
    trips = facts.conduct.trips
    rows = [
        (
            facts.figures.about.tokens[0],
            "asked again" if trip.recheck else "collected",
            month(trip),
            trip.program,
        )
        for trip in trips[-RUNS:]
    ]
    if trips[:-RUNS]:
        rows.insert(
            0, (facts.figures.about.tokens[0], f"{len(trips) - RUNS:,} earlier runs", month(trips[0]), "")
        )
    return Answer(
        field=field,
        source=Source.LEDGER,
        value=f"{facts.figures.about.tokens[0]}: {period(facts)}",
        table=Table(columns=("Crawler", "What the run did", "Months", "Program"), rows=tuple(rows)),
    )


def _more(facts: Facts, field: Field, links: tuple[tuple[str, str], ...]) -> Answer:
    rest = facts.rule.domains
    disclosed = (
        f"All {count(rest, 'domain')} that were considered are disclosed, and the address of each work that "
        "is kept."
        if links
        else "Only the domains that the rule asks for are disclosed here."
    )
    ask = (
        "What was kept, dropped and withdrawn of one domain, address or file, when and why, can be told from "
        f"the ledger of the crawl. Its contact is {facts.figures.about.contact}."
    )
    return Answer(field=field, source=Source.LEDGER, value=f"{disclosed} {ask}", links=links)
