"""``report --format eu-summary``: the public summary of training content of Article 53(1)(d) of the AI Act.

What the corpus has on record is filled in, what it can only draft is marked as such, and what only the provider
knows is printed as TO BE PROVIDED unless ``[summary]`` of ``heedful.toml`` says it. Files, in ``eu-summary/``::

    index.html       the document
    summary.json     every field: id, label, value, source
    domains.csv      the most relevant domain names        domains.json   by which rule
    all-domains.csv  with --all-domains: all of them       works.csv      and each work that is kept
    previous/        earlier summaries
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from crawler import __version__
from crawler.audit.printable import json_text
from crawler.audit.report import drafts_crawled, drafts_general, drafts_rights, template
from crawler.audit.report.answer import Answer, Source
from crawler.audit.report.chain import PREVIOUS, Chain, prepared, put_in_place, set_aside
from crawler.audit.report.document import Document, compose
from crawler.audit.report.domainfile import cells, write_list, write_rule
from crawler.audit.report.facts import Facts
from crawler.audit.report.filled import read
from crawler.audit.report.page import render
from crawler.audit.report.place import own_folder
from crawler.audit.report.works import write_works
from crawler.corpus.disk import replace_file

if TYPE_CHECKING:
    from crawler.audit.report.model import DomainRow
    from crawler.audit.report.request import Request

FOLDER = "eu-summary"
"""Its folder within that of the report."""
DATA, PAGE, LIST, RULE, ALL, WORKS = (
    "summary.json",
    "index.html",
    "domains.csv",
    "domains.json",
    "all-domains.csv",
    "works.csv",
)
"""Its files."""
NAMES = (DATA, PAGE, RULE, LIST, ALL, WORKS)
"""All of them, the one that tells the version first."""
SHOWN = 1000
"""Domains that the page itself lists; the rest is in the file."""
SECTIONS = template.read("summary")
"""The template."""


def write(request: Request) -> tuple[Path, ...]:
    """Write the summary; the page is the first of its files. Raises ``SummaryError``, and then wrote nothing.

    An ``OSError`` names its file; old files then stay.
    """
    assert request.corpus is not None, "only of a corpus"
    assert request.census is not None
    filled = read(request.summary, known())
    facts = Facts.of(request, filled)
    rows = (row for row in request.census.domains("name") if facts.rule.lists(row))
    listed = sorted(rows, key=facts.rule.order)
    drafted = _drafted(facts, request.all_domains)
    said = compose(SECTIONS[1:], drafted, filled)
    content = [
        *(answer.plain() for answer in said.all()),
        {"domains": [cells(row, facts.rule) for row in listed]},
    ]
    folder = request.folder / FOLDER
    own_folder(folder)
    chain = Chain.after(folder / DATA, content, request.at)
    document = compose(SECTIONS, [*_head(chain), *drafted], filled)
    with prepared(folder) as fresh:
        lists = _lists(fresh, facts, listed, request)
        replace_file(fresh / DATA, _json(document, facts, chain))
        replace_file(fresh / PAGE, _page(document, facts, listed))
        set_aside(folder, NAMES, chain)
        put_in_place(fresh, folder, NAMES)
    return tuple(folder / name for name in (PAGE, DATA, *lists))


def known() -> tuple[template.Field, ...]:
    """Every field that ``[summary]`` may answer, of all documents that read it."""
    return (*template.fields(SECTIONS), *template.fields(template.read("california")))


def _drafted(facts: Facts, everything: bool) -> tuple[Answer, ...]:
    fields = {field.name: field for field in template.fields(SECTIONS)}
    files = [
        ("The most relevant domains, for any program that reads tables", LIST),
        ("The rule of that list", RULE),
    ]
    if everything:
        files += [("All domains that were considered", ALL), ("The address of each work that is kept", WORKS)]
    return (
        *drafts_general.drafts(facts, fields),
        *drafts_crawled.drafts(facts, fields, tuple(files)),
        *drafts_rights.drafts(facts, fields),
    )


def _head(chain: Chain) -> Iterator[Answer]:
    version, updated = (field for field in SECTIONS[0].fields if field.name in ("version", "updated"))
    yield Answer(
        field=version,
        source=Source.LEDGER,
        value=f"v{chain.latest.version}",
        notes=() if chain.earlier else ("There is no earlier version.",),
        links=tuple(
            (f"v{one.version}, {one.updated}", f"{PREVIOUS}/v{one.version}/{PAGE}") for one in chain.earlier
        ),
    )
    yield Answer(field=updated, source=Source.LEDGER, value=chain.latest.updated)


def _lists(folder: Path, facts: Facts, listed: Sequence[DomainRow], request: Request) -> tuple[str, ...]:
    """Write the lists that go beside the document, and name them."""
    assert request.corpus is not None
    assert request.census is not None
    files = {LIST: (len(listed), write_list(folder / LIST, listed, facts.rule))}
    if request.all_domains:
        every = request.census.domains("name")
        files[ALL] = facts.rule.domains, write_list(folder / ALL, every, facts.rule)
        files[WORKS] = write_works(folder / WORKS, request.corpus.store.items())
    write_rule(folder / RULE, facts.rule, facts.figures.about.suffix_list, files)
    return *files, RULE


def _json(document: Document, facts: Facts, chain: Chain) -> bytes:
    told = {
        "document": "Public summary of training content, Regulation (EU) 2024/1689, Article 53(1)(d)",
        "template": "C(2025) 5235 of 24 July 2025",
        "made_by": f"heedful {__version__}",
        "ledger": {
            "origin": facts.figures.about.log,
            "entries": facts.figures.about.entries,
            "root": facts.figures.about.root,
        },
        "to_be_provided": [answer.field.name for answer in document.open],
        "to_be_confirmed": [answer.field.name for answer in document.drafts],
        "sections": [
            {
                "id": section.id,
                "title": section.title,
                "fields": [document.answers[field.name].plain() for field in section.fields],
            }
            for section in document.sections
        ],
        "editions": [edition.plain() for edition in (chain.latest, *chain.earlier)],
    }
    return json_text(told, indent=2).encode() + b"\n"


def _page(document: Document, facts: Facts, listed: Sequence[DomainRow]) -> bytes:
    return render(
        "summary.html",
        document=document,
        about=facts.figures.about,
        version=__version__,
        domains=[cells(row, facts.rule) for row in listed[:SHOWN]],
        listed=len(listed),
    )
