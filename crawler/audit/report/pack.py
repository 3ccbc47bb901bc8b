"""``report --format evidence-pack``: what an auditor asks for first, in one zip file.

::

    evidence-pack-<first digits of the log's name>.zip
        evidence-pack-…/README.html      what each file is, and how it is checked
                        SHA256SUMS       for sha256sum -c
                        manifest/ policy/ checkpoints/       what was promised, under which rules, signed
                        decisions.csv runs.csv signals.csv rechecks.csv withdrawals.csv removals.csv …
                        figures.json report/ eu-summary/ licence-leads/

There is no content in it, no title, no secret and no salt; what was erased is not in it.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, cast

from crawler import __version__
from crawler.audit import checkpoints, timestamps
from crawler.audit.report import packtables as tables
from crawler.audit.report import summary
from crawler.audit.report.as_json import write_json
from crawler.audit.report.filled import SummaryError
from crawler.audit.report.packfile import Part, Sink, copied, data, table, write_zip
from crawler.audit.report.packguide import NEEDS, QUESTIONS
from crawler.audit.report.packpolicy import RUNS, SIGNAL, policy_parts, runs, signals
from crawler.audit.report.page import render
from crawler.audit.report.place import expect_own
from crawler.audit.report.request import ReportError
from crawler.corpus.disk import naming
from crawler.corpus.folder import MANIFEST

if TYPE_CHECKING:
    from crawler.audit.report.census import Census
    from crawler.audit.report.model import Figures
    from crawler.audit.report.request import Request
    from crawler.corpus.corpus import Corpus

NAME = "evidence-pack"
"""What the file and the folder in it begin with."""
GUIDE = "README.html"
"""The file to read first."""
KEY = "checkpoints/key-{}.pub"
"""The public keys, from 1, in the order of their first use."""
REPORTS = {
    "report": ("crawler.audit.report.html", "the report with charts, and its table of domains"),
    "eu-summary": ("crawler.audit.report.summary", "the public summary of Article 53(1)(d) of the AI Act"),
    "licence-leads": ("crawler.audit.report.leads", "what could be had by asking, and from whom"),
}
"""Reports that are in the pack where they can be made: folder, the module that writes it, what it is."""


def write(request: Request) -> tuple[Path, ...]:
    """Write the pack, which takes the place of the old one when it is complete.

    Raises ``Damaged`` for a corpus that does not hold together, and an ``OSError`` that names its file.
    """
    corpus, census, figures = request.corpus, request.census, request.figures
    assert corpus is not None, "only of a corpus"
    assert census is not None
    assert figures is not None
    name = f"{NAME}-{corpus.folder.manifest.log[:8]}"
    path = request.folder / f"{name}.zip"
    with naming(request.folder), tempfile.TemporaryDirectory(prefix=".pack-", dir=request.folder) as made:
        reports, missing = _reports(request, Path(made))
        parts = [*_record(corpus, census, figures), *policy_parts(corpus), *_seals(corpus), *reports]
        guide = _guide(request, figures, parts, missing, name)
        parts.append(Part(name=GUIDE, what="this page", write=data(guide)))
        write_zip(path, name, parts)
    return (path,)


def _record(corpus: Corpus, census: Census, figures: Figures) -> Iterator[Part]:
    """What the ledger says."""
    last = figures.about.entries
    yield Part(
        name="decisions.csv",
        what="the last decision about every URL that was considered, kept or not, requested or not",
        question="What was taken, what was not, and why?",
        check="column entry is the number of the ledger’s line; heedful receipt proves that the line is there",
        write=table(tables.DECISIONS, lambda: tables.decisions(census)),
    )
    yield Part(
        name="rechecks.csv",
        what="what was found out when sites were asked again",
        question="Does the data follow reservations that were made later?",
        check="what is reserved now is in removals.csv; heedful verify replays the rest",
        write=table(tables.RECHECKS, lambda: tables.rechecks(corpus, last)),
    )
    yield Part(
        name="withdrawals.csv",
        what="what was asked to be taken out, with the operator’s reason and ticket",
        question="Are complaints acted on, and when?",
        check="the removals that each one led to are in removals.csv",
        write=table(tables.WITHDRAWALS, lambda: tables.withdrawals(corpus, last)),
    )
    yield Part(
        name="removals.csv",
        what="what was held and is gone, on request or because it is reserved now",
        question="What left the data, when, and for what reason?",
        check="each digest is in removed.jsonl of the corpus, and in none of its archive files",
        write=table(tables.REMOVALS, lambda: tables.removals(corpus, last)),
    )
    yield Part(
        name="erasures.csv",
        what="which ledger entries were erased; nothing else of them is here",
        question="What is missing from the record on purpose?",
        check="the hashes of erased entries still stand in the tree that the checkpoints are signed over",
        write=table(tables.ERASURES, lambda: tables.erasures(corpus, last)),
    )
    yield Part(
        name="runs.csv",
        what="every run: when, with which program, under which policy, how it was set",
        question="When and how was data collected?",
        check="the runs are those of manifest/heedful.json",
        write=table(RUNS, lambda: runs(corpus)),
    )
    yield Part(
        name="signals.csv",
        what="every way to refuse that was heard, with the version of its text, and how much it kept out",
        question="Which reservations are honoured?",
        check="versions are in the policies; count grounds in decisions.csv",
        write=table(SIGNAL, lambda: signals(corpus, figures)),
    )
    yield Part(
        name="figures.json",
        what="all figures of the report, every domain included",
        question="How much is it?",
        check="count the rows of decisions.csv by state",
        write=lambda sink: write_json(census, figures, cast("TextIO", _Text(sink))),
    )


def _seals(corpus: Corpus) -> Iterator[Part]:
    """What was promised and signed."""
    folder, manifest = corpus.folder, corpus.folder.manifest
    yield Part(
        name=f"manifest/{MANIFEST}",
        what="what the corpus is: operator, purposes, policy, keys, runs with their settings",
        question="Who collects, what for, under which rules?",
        check="each checkpoint names the SHA-256 of this file as it was then",
        write=copied(folder.path / MANIFEST),
    )
    signed = list(checkpoints.checkpoints(folder.ledger))
    if signed:
        yield Part(
            name=f"checkpoints/{checkpoints.EVERY}",
            what="every signed checkpoint: how many entries the ledger had, and the root hash over them",
            question="Was the record changed afterwards?",
            check="heedful verify CORPUS recomputes each of them",
            write=data(b"".join(one.data + b"\n" for one in signed)),
        )
        yield Part(
            name=f"checkpoints/{checkpoints.LATEST}",
            what="the last of them",
            question="Up to where does the record vouch for itself?",
            check="heedful verify CORPUS --since checkpoints/checkpoint: the ledger begins with what it signs",
            write=data(signed[-1].data),
        )
    for number, key in enumerate(manifest.keys, 1):
        yield Part(
            name=KEY.format(number),
            what=f"the public key that signs since {key.since:%d/%m/%Y}",
            question="Who signed?",
            check="compare it with what the operator gives out elsewhere",
            write=data(f"{key.vkey}\n".encode()),
        )
    for file in sorted((folder.ledger / timestamps.FOLDER).glob(f"*{timestamps.SUFFIX}")):
        yield Part(
            name=f"checkpoints/timestamps/{file.name}",
            what=f"a time-stamp (RFC 3161) over the checkpoint of {file.stem} entries",
            question="Since when has the record been so, by somebody else’s clock?",
            check="heedful verify CORPUS --tsa-cert FILE",
            write=copied(file),
        )


def _reports(request: Request, made: Path) -> tuple[list[Part], list[tuple[str, str]]]:
    """The reports that can be made, and why others cannot; ``made``: an empty folder to make them in."""
    parts: list[Part] = []
    missing: list[tuple[str, str]] = []
    for name, (module, what) in REPORTS.items():
        folder = made / name
        folder.mkdir()
        if name == summary.FOLDER:
            _earlier(request.folder / summary.FOLDER, folder / summary.FOLDER)
        write_files: Callable[[Request], tuple[Path, ...]] = import_module(module).write
        try:
            write_files(replace(request, folder=folder))
        except (ReportError, SummaryError) as error:
            missing.append((name, str(error)))
            continue
        root = folder / name if (folder / name).is_dir() else folder
        for file in _files(root):
            place = f"{name}/{file.relative_to(root).as_posix()}"
            parts.append(Part(name=place, what=what, write=copied(file)))
    return parts, missing


def _earlier(source: Path, to: Path) -> None:
    """Put the summary that was published, and those before it, where the next one takes its version from."""
    expect_own(source)
    names = {summary.DATA, summary.PAGE, summary.LIST, summary.RULE, summary.ALL, summary.WORKS}
    for file in _files(source):
        if file.name in names:
            place = to / file.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, place)


def _files(folder: Path) -> Iterable[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file() and not file.is_symlink())


def _guide(
    request: Request, figures: Figures, parts: list[Part], missing: list[tuple[str, str]], name: str
) -> bytes:
    grouped: dict[str, list[Part]] = {"": []}  # what lies at the top is told first
    for part in sorted(parts, key=lambda part: part.name):
        grouped.setdefault(part.name.partition("/")[0] if "/" in part.name else "", []).append(part)
    return render(
        "pack.html",
        about=figures.about,
        total=figures.total,
        groups=grouped,
        reports={folder: what for folder, (_, what) in REPORTS.items() if folder in grouped},
        missing=missing,
        keys=[part.name for part in parts if part.name.endswith(".pub")],
        needs=NEEDS,
        questions=QUESTIONS,
        name=name,
        at=request.at,
        version=__version__,
    )


class _Text:
    """A sink that takes words, as much of a text file as :func:`write_json` uses."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def write(self, words: str) -> int:
        self._sink.write(words.encode())
        return len(words)
