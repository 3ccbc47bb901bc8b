"""``report/index.html``: the whole report as one file that loads nothing, and ``domains.csv`` beside it."""

from __future__ import annotations

import heapq
import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO

from crawler import __version__
from crawler.audit.report import charts
from crawler.audit.report.cells import Cell, csv_bytes, visible
from crawler.audit.report.exhibits import content, endings, reasons, reservations
from crawler.audit.report.exhibits.frame import COUNTED, OUTCOMES, Exhibit, counted, ended
from crawler.audit.report.leadlist import LeadList
from crawler.audit.report.leads import asking
from crawler.audit.report.page import render
from crawler.audit.wording import PURPOSES, count
from crawler.corpus.disk import replace_file, replacing

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from crawler.audit.report.leads import Asking
    from crawler.audit.report.model import DomainRow, Figures
    from crawler.audit.report.request import Request

PAGE = "index.html"
"""The file to open."""
TABLE = "domains.csv"
"""All registrable domains."""
DOMAINS = 1000
"""Rows of the table of domains inside the page."""
EVENTS = 50
"""Withdrawals and rechecks inside the page, and runs."""
HEAD = ("domain", *COUNTED, "texts kept", "images kept", "bytes of text", "bytes of images", "words",
        "first decision", "last decision", "signals")  # fmt: skip
"""Columns of ``domains.csv``."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Chapter:
    """A part of the page."""

    id: str
    """Its name in the page."""
    name: str
    """What the list of contents calls it."""
    title: str
    """Its heading."""
    intro: str
    """What it is about."""
    rows: tuple[tuple[tuple[Exhibit, ...], ...], ...]
    """Its charts: rows of stacks that stand side by side; a stack that is alone takes the whole width."""


def write(request: Request) -> tuple[Path, ...]:
    """Write the page and the table of domains into the request's folder; the page is the first of them.

    Raises ``OSError`` with the file's name where it cannot be written; old files then stay.
    """
    assert request.census is not None, "only of a corpus"
    assert request.figures is not None, "only of a corpus"
    table, file = request.folder / TABLE, request.folder / PAGE
    with replacing(table) as out:
        top = most(_written(request.census.domains(), out))
    keys = request.corpus.folder.manifest.keys if request.corpus else ()
    key = keys[-1].vkey if keys else None
    leads = asking(LeadList(request.census)) if request.corpus else None
    replace_file(file, page(request.figures, top, at=request.at, key=key, leads=leads))
    return file, table


def page(
    figures: Figures,
    top: Sequence[DomainRow],
    *,
    at: datetime,
    key: str | None,
    leads: Asking | None = None,
) -> bytes:
    """The page. ``top``: see :func:`most`; ``key``: the public key behind the latest checkpoint.

    ``leads``: what could be had by asking; None: the page does not speak of it.
    """
    total = figures.total
    shares = charts.bars([charts.Bar(label="", parts=ended(total))], OUTCOMES)
    runs = figures.about.runs
    return render(
        "report.html",
        script="report.js",
        figures=figures,
        at=at,
        key=key,
        version=__version__,
        purposes=_listed([PURPOSES.get(name, name) for name in figures.about.purposes]),
        held=_held(figures),
        folder=shlex.quote(visible(figures.about.name)),
        parts=[(one.name, part) for one, part in zip(OUTCOMES, ended(total), strict=True) if part],
        whole=[mark for mark in shares.marks if mark.key != "track"],
        chapters=chapters(figures, top),
        leads=leads,
        domains=top,
        measured=any(row.words is not None for row in top),
        events=figures.events[: -EVENTS - 1 : -1],
        earlier_events=max(len(figures.events) - EVENTS, 0),
        runs=runs[-EVENTS:],
        earlier_runs=max(len(runs) - EVENTS, 0),
    )


def chapters(figures: Figures, top: Sequence[DomainRow]) -> tuple[Chapter, ...]:
    """What the page shows, in order."""
    return (
        Chapter(
            id="became",
            name="What became of everything",
            title="What became of everything",
            intro="A URL counts once, by what became of it in the end.",
            rows=(
                ((endings.kinds(figures),), (endings.stages(figures),)),
                ((endings.periods(figures),),),
            ),
        ),
        Chapter(
            id="said",
            name="Who said no, and how",
            title="Who said no, and how",
            intro="Creators reserve their works in many ways. Whatever stood against the declared purposes "
            "counted, and the strictest won.",
            rows=(
                (
                    (reservations.signals(figures),),
                    (reservations.readings(figures), reservations.postures(figures)),
                ),
            ),
        ),
        Chapter(
            id="left",
            name="Walls, doubts, our own reasons",
            title="Walls, doubts, and reasons of our own",
            intro="Not everything that is missing was reserved in a file or a header.",
            rows=(
                (
                    (reasons.walls(figures), reasons.undetermined(figures)),
                    (reasons.skipped(figures), reasons.silent(figures)),
                ),
            ),
        ),
        Chapter(
            id="where",
            name="Where",
            title="Where it lies",
            intro="A registrable domain is what one owner registered, by the Public Suffix List with its "
            "private section.",
            rows=(((endings.domains(figures, top),), (endings.suffixes(figures),)),),
        ),
        Chapter(
            id="held",
            name="Languages and licences",
            title="Languages and licences of what is held",
            intro="What somebody who uses the corpus will find in it.",
            rows=(((content.languages(figures),), (content.licences(figures),)),),
        ),
    )


def most(rows: Iterable[DomainRow], limit: int = DOMAINS) -> list[DomainRow]:
    """The domains with the most URLs, then with the most kept, then by name."""
    return heapq.nsmallest(limit, rows, key=lambda row: (-row.count.considered, -row.count.kept, row.domain))


def _written(rows: Iterable[DomainRow], out: BinaryIO) -> Iterator[DomainRow]:
    """The same rows, each of which is in ``out`` when the next is asked for, some at a time."""
    out.write(csv_bytes([HEAD]))
    source = iter(rows)
    while some := list(islice(source, 1000)):
        out.write(csv_bytes(map(_cells, some)))
        yield from some


def _cells(row: DomainRow) -> tuple[Cell, ...]:
    return (
        row.domain,
        *counted(row.count),
        row.texts,
        row.images,
        row.text_bytes,
        row.image_bytes,
        row.words,
        row.first,
        row.last,
        " ".join(row.signals),
    )


def _held(figures: Figures) -> str:
    """``12 pages, 3 images and 1 document``."""
    pages, images, documents = 0, 0, 0
    for row in figures.kinds:
        match row.kind:
            case "text":
                pages += row.count.kept
            case "image":
                images += row.count.kept
            case _:
                documents += row.count.kept
    named = [("page", pages), ("image", images), ("document", documents)]
    return _listed([count(number, noun) for noun, number in named if number or noun != "document"])


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
