"""``report --format ab2013``: documentation of training data, California Civil Code 3111 (AB 2013 of 2024).

The twelve items of the statute, answered from the ledger, drafted, or left to the developer, as in the EU
summary (:mod:`crawler.audit.report.summary`). Files, in ``ab2013/``: ``index.html`` and ``ab2013.json``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from crawler import __version__
from crawler.audit.printable import json_text
from crawler.audit.report import drafts_crawled, drafts_rights, origins, sizes, template
from crawler.audit.report.answer import Answer, Source, missing
from crawler.audit.report.document import Document, compose
from crawler.audit.report.facts import Facts
from crawler.audit.report.filled import read
from crawler.audit.report.page import render, size
from crawler.audit.report.place import own_folder
from crawler.audit.report.summary import known
from crawler.audit.wording import count
from crawler.corpus.disk import replace_file

if TYPE_CHECKING:
    from crawler.audit.report.request import Request

FOLDER = "ab2013"
"""Its folder within that of the report."""
PAGE, DATA = "index.html", "ab2013.json"
"""Its files."""
SECTIONS = template.read("california")
"""The twelve items."""

_FREE = ("CC0", "CC-PDM", "PUBLIC DOMAIN")
_NAMED = 20


def write(request: Request) -> tuple[Path, ...]:
    """Write the documentation; the page is the first of its files. Raises ``SummaryError``.

    An ``OSError`` names its file; old files then stay.
    """
    filled = read(request.summary, known())
    facts = Facts.of(request, filled)
    assert request.census is not None
    largest = [row.domain for row in sorted(filter(facts.rule.lists, request.census.domains("name")),
               key=facts.rule.order)[:_NAMED]]  # fmt: skip
    document = compose(SECTIONS, _drafts(facts, largest), filled)
    folder = request.folder / FOLDER
    own_folder(folder)
    replace_file(folder / DATA, _json(document, facts))
    page = render("california.html", document=document, about=facts.figures.about, version=__version__)
    replace_file(folder / PAGE, page)
    return folder / PAGE, folder / DATA


def _drafts(facts: Facts, largest: list[str]) -> Iterator[Answer]:
    fields = {field.name: field for field in template.fields(SECTIONS)}
    figures = facts.figures
    named = f", the largest among them {', '.join(largest)}" if largest else ""
    yield Answer(
        field=fields["california_sources"],
        source=Source.DRAFT,
        value=f"Public web pages of {count(figures.contributing, 'registrable domain')}{named}. The rights "
        "belong to those who publish there or to third parties.",
    )
    yield Answer(field=fields["california_points"], source=Source.LEDGER, value=_points(facts))
    yield Answer(
        field=fields["california_types"],
        source=Source.LEDGER,
        value=f"Text: {origins.types(facts, 'text')}. Images: {origins.types(facts, 'image')}. "
        "Nothing is labelled; captions and text alternatives of images are those of the pages they were on.",
    )
    yield _protected(facts, fields["california_protected"])
    yield missing(
        fields["california_bought"],
        "The crawler pays for nothing: what asks for payment is left alone. Of what is kept, "
        f"{sum(row.items for row in figures.licences):,} of {count(facts.holdings.items, 'item')} name a "
        "licence.",
    )
    yield missing(
        fields["california_personal"],
        "The data was not searched for personal information, and none was taken out. Public web pages often "
        "hold names, pictures of people and contact details.",
    )
    yield missing(
        fields["california_consumers"], "The data was not searched for it. It is from public web pages alone."
    )
    yield Answer(
        field=fields["california_cleaning"], source=Source.DRAFT, value=drafts_rights.processing(facts)
    )
    yield _period(facts, fields["california_period"])


def _points(facts: Facts) -> str:
    pages = origins.texts(facts.texts)
    text = (
        pages
        if facts.text_bytes is None
        else f"{pages} with {count(facts.words or 0, 'word')}, about "
        f"{sizes.tokens(facts.text_bytes):,} tokens (one for every {sizes.BYTES_PER_TOKEN} bytes of text)"
    )
    return f"{text}; {count(facts.images, 'image')}, {size(facts.image_bytes)}."


def _protected(facts: Facts, field: template.Field) -> Answer:
    free = sum(row.items for row in facts.figures.licences if row.licence.upper().startswith(_FREE))
    named = sum(row.items for row in facts.figures.licences)
    kept = facts.holdings.items
    if not kept:
        return missing(field, "Nothing is kept.")
    return Answer(
        field=field,
        source=Source.DRAFT,
        value="Yes: web pages and images are as a rule protected by copyright, and the data is not entirely "
        "in the public domain."
        if free < kept
        else "Everything that is kept names CC0 or the public domain.",
        notes=(
            f"Of {count(kept, 'item')}, {named:,} name a licence, {free:,} of these the public domain or "
            "CC0. Whether trademarks or patents are touched was not examined.",
        ),
    )


def _period(facts: Facts, field: template.Field) -> Answer:
    ongoing = any(trip.ended is None for trip in facts.conduct.crawls)
    return Answer(
        field=field,
        source=Source.DRAFT,
        value=f"{drafts_crawled.period(facts)} (MM/YYYY).",
        notes=(
            "A run has no end on record: it is going on, or was cut off."
            if ongoing
            else "No run is going on. Whether more will be collected is to be said.",
        ),
    )


def _json(document: Document, facts: Facts) -> bytes:
    told = {
        "document": "Documentation of training data, California Civil Code 3111 (AB 2013)",
        "made_by": f"heedful {__version__}",
        "ledger": {
            "origin": facts.figures.about.log,
            "entries": facts.figures.about.entries,
            "root": facts.figures.about.root,
        },
        "made_at": f"{facts.at:%Y-%m-%d}",
        "to_be_provided": [answer.field.name for answer in document.open],
        "to_be_confirmed": [answer.field.name for answer in document.drafts],
        "items": [answer.plain() for answer in document.all()],
    }
    return json_text(told, indent=2).encode() + b"\n"
