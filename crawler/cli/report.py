"""``heedful report``."""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crawler.audit.wording import count
from crawler.cli.app import OK, STOPPED
from crawler.cli.helppage import Command, as_json, option, quiet, told
from crawler.cli.output import writing
from crawler.cli.text import safe

if TYPE_CHECKING:
    from datetime import datetime

    from crawler.audit.report.census import Census
    from crawler.audit.report.request import Request
    from crawler.corpus.corpus import Corpus

FORMATS = {
    "html": "crawler.audit.report.html",
    "json": "",
    "eu-summary": "crawler.audit.report.summary",
    "licence-leads": "crawler.audit.report.leads",
    "ab2013": "crawler.audit.report.california",
    "evidence-pack": "crawler.audit.report.pack",
    "bot-page": "crawler.audit.report.botpage",
}
"""Each format and the module whose ``write`` makes its files; ``json`` goes to stdout and is made here."""

ALONE = "bot-page"
"""The format that needs no corpus."""

ASKING = ("eu-summary", "ab2013")
"""The formats that read ``[summary]``."""

SUMMED = ("eu-summary", "evidence-pack")
"""The formats that hold the EU summary."""

KNOWN_BY = {"sme": SUMMED, "all_domains": SUMMED}
"""The formats that an option means something to; one that is not named here is taken by all."""


@click.command(cls=Command, example="heedful report corpus")
@click.argument("corpus", type=click.Path(path_type=Path), required=False)
@option("--format", "form", type=click.Choice(list(FORMATS)), default="html", help="What to write.  [html]")
# No HEEDFUL_OUTPUT: that is where a crawl puts its corpus.
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Another folder; json: a file.")
@told("--config", metavar="FILE", help="Instead of heedful.toml.")
@option("--sme", is_flag=True, help="You are a small or medium-sized enterprise.")
@option("--all-domains", is_flag=True, help="List all domains, not only the largest.")
@option("--no-measure", is_flag=True, help="Do not read texts that were not measured.")
@as_json
@quiet
def command(
    corpus: Path | None,
    form: str,
    output: Path | None,
    config: str | None,
    sme: bool,
    all_domains: bool,
    no_measure: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    """Write what became of everything CORPUS met, and the documents that are made of it.

    The files go to CORPUS/report unless -o names another folder. No corpus is needed for bot-page.
    """
    from datetime import UTC, datetime

    from crawler.config.operator import load_crawler, load_operator

    if corpus is None and form != ALONE:
        raise click.UsageError(f"name the corpus; only {ALONE} is written without one")
    _refuse_meaningless(form, corpus)
    if form == "json" and output is not None and output.is_dir():
        raise click.UsageError(f"{output} is a folder; name the file that is to hold the JSON")
    if form != "json" and output is not None and output.exists() and not output.is_dir():
        raise click.UsageError(f"{output} is no folder; name a folder with -o")
    operator, summary = load_operator({"config": config}, environ=os.environ)
    crawler = load_crawler({"config": config}, environ=os.environ) if form == ALONE else {}
    _refuse_unreadable(form, summary)
    at = datetime.now(UTC)
    with _room(corpus) as ended, ExitStack() as stack:
        opened, census = None, None
        if corpus is not None:
            opened, census = _counted(corpus, at, stack, measuring=not no_measure, quiet=quiet)
        if form == "json":
            assert census is not None
            _write_json(census, output)
            files: tuple[Path, ...] = (output,) if output is not None else ()
        else:
            from crawler.audit.report.request import Request

            folder = output or (Path() if opened is None else opened.folder.report)
            if folder.exists() and not folder.is_dir():
                raise click.ClickException(f"{folder} is no folder; move it away, or name a folder with -o")
            folder.mkdir(parents=True, exist_ok=True)
            request = Request(
                corpus=opened,
                census=census,
                figures=None if census is None else census.figures(),
                folder=folder,
                at=at,
                operator=operator,
                crawler=crawler,
                summary=summary,
                sme=sme,
                all_domains=all_domains,
            )
            files = _written(form, request)
        if as_json and files:
            click.echo(json.dumps({"format": form, "files": [str(file) for file in files]}))
        if files and not quiet:
            click.echo(f"heedful: {safe(str(files[0]))}", err=True)
    return ended[0]


def _refuse_meaningless(form: str, corpus: Path | None) -> None:
    """Refuse an option that this format would ignore; the environment may set it for other reports."""
    context = click.get_current_context()
    for parameter in context.command.params:
        name = str(parameter.name)
        if context.get_parameter_source(name) is not click.core.ParameterSource.COMMANDLINE:
            continue
        if form not in KNOWN_BY.get(name, FORMATS):
            known = " and ".join(KNOWN_BY[name])
            raise click.UsageError(f"{parameter.opts[-1]} means nothing to --format {form}, only to {known}")
        if name == "no_measure" and corpus is None:
            raise click.UsageError("--no-measure is about the texts of a corpus, and there is none")


def _refuse_unreadable(form: str, summary: Mapping[str, Any]) -> None:
    """See that ``[summary]`` can be used before anything is counted for it, which may take long."""
    if form in ASKING:
        from crawler.audit.report.filled import SummaryError, read
        from crawler.audit.report.summary import known

        try:
            read(summary, known())
        except SummaryError as error:
            raise click.ClickException(str(error)) from error


@contextmanager
def _room(corpus: Path | None) -> Iterator[list[int]]:
    """Where there is no room, or the disk fails: one sentence and the exit code for it."""
    from crawler.corpus.disk import BEYOND_US
    from crawler.corpus.errors import Damaged

    code = [OK]
    try:
        yield code
    except sqlite3.DatabaseError as error:
        what = getattr(error, "sqlite_errorcode", 0) & 0xFF  # without what its extended form adds
        if what in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise Damaged(
                f"{corpus}: ledger/index.db cannot be read ({error}); delete it, it is made again"
            ) from error
        if what not in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
            raise
        code[0] = _stopped(
            f"no room for the temporary database ({error}); SQLITE_TMPDIR may name another folder"
        )
    except OSError as error:
        if error.errno not in BEYOND_US:
            raise
        code[0] = _stopped(f"{error.filename or 'the report'}: {error.strerror}; make room, and report again")


def _stopped(words: str) -> int:
    click.echo(f"heedful: {safe(words)}", err=True)
    return STOPPED


def _counted(
    path: Path, at: datetime, stack: ExitStack, *, measuring: bool, quiet: bool
) -> tuple[Corpus, Census]:
    from crawler.audit.report.census import Census
    from crawler.corpus.corpus import Corpus
    from crawler.corpus.measures import Measures

    corpus = stack.enter_context(Corpus.read(path))
    if measuring:
        _measure(corpus, _Progress(quiet=quiet))
    with Measures.read(path) as measures:
        return corpus, stack.enter_context(Census.take(corpus, measures, at))


def _measure(corpus: Corpus, progress: _Progress) -> None:
    """Read the texts that nobody read yet. Whatever becomes of it, the report is written."""
    path = corpus.folder.path
    if not os.access(path, os.W_OK):
        return progress.say(f"{path} cannot be written to: what was not measured before is not measured")
    try:
        from crawler.text.measuring import measure

        failed = measure(corpus, progress=progress).failed
    except Exception as error:  # a report without languages is better than none
        why = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
        return progress.say(f"texts could not all be measured ({why}); the report goes without the rest")
    finally:
        progress.end()
    if failed:
        progress.say(f"{count(len(failed), 'text')} could not be read; the report counts them as not measured")


class _Progress:
    """Says how many texts were measured: on one line of a terminal, now and then in a pipe."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._live = sys.stderr.isatty()
        self._next = time.monotonic() + (0.2 if self._live else 10)
        self._shown = False

    def __call__(self, done: int) -> None:
        if self._quiet or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + (0.2 if self._live else 10)
        click.echo(
            ("\r" if self._live else "") + f"heedful: measured {count(done, 'text')}",
            err=True,
            nl=not self._live,
        )
        self._shown = True

    def end(self) -> None:
        """Leave the line."""
        if self._shown and self._live:
            click.echo(err=True)
        self._shown = False

    def say(self, words: str) -> None:
        """Tell something else."""
        self.end()
        if not self._quiet:
            click.echo(f"heedful: {safe(words)}", err=True)


def _written(form: str, request: Request) -> tuple[Path, ...]:
    from crawler.audit.report.filled import SummaryError
    from crawler.audit.report.request import ReportError

    write: Callable[[Request], tuple[Path, ...]] = import_module(FORMATS[form]).write
    try:
        return write(request)
    except (ReportError, SummaryError) as error:
        raise click.ClickException(str(error)) from error


def _write_json(census: Census, output: Path | None) -> None:
    from crawler.audit.report.as_json import write_json

    with writing(output) as to:
        write_json(census, census.figures(), to)
