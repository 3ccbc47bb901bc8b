"""``heedful export``."""

from __future__ import annotations

import json
import time
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal

import click
from rich.console import Console
from rich.live import Live
from rich.text import Text

from crawler import __version__
from crawler.cli.app import FOUND, OK, STOPPED
from crawler.cli.display import IN_PIPE, ON_TERMINAL
from crawler.cli.helppage import Command, as_json, in_order, option, quiet
from crawler.cli.text import safe, size

if TYPE_CHECKING:
    from crawler.export.made import Made
    from crawler.export.model import Wanted
    from crawler.export.progress import Progress

LISTED = 20
"""Damaged records that are listed for people."""

which = in_order(
    option("--since", metavar="DATE", help="Only what was fetched then or later."),
    option(
        "--licence",
        "licences",
        multiple=True,
        metavar="NAME",
        help="Only under it: CC-BY, CC0-1.0; repeatable.",
    ),
    option(
        "--language", "languages", multiple=True, metavar="CODE", help="Only texts in it: de, en; repeatable."
    ),
    # No HEEDFUL_KINDS: that is what a crawl collects. Of what it has collected, nothing is left out unasked.
    option("--kinds", metavar="LIST", envvar=None, help="Of text, image, pdf, epub.  [all]"),
    option("--columns", metavar="LIST", help="Only these; id, url, sha256, entry always.  [all]"),
)
"""What goes in."""

words = in_order(
    option("--quality", is_flag=True, help="The slower, better reader of main text."),
    option("--markdown", is_flag=True, help="Keep headings, lists and code."),
    option("--near-duplicates", "near", is_flag=True, help="Group texts that are nearly equal."),
)
"""How words are read."""

form = in_order(
    option("--images", type=click.Choice(["bytes", "files"]), help="In the shards, or beside them.  [bytes]"),
    option("--uncompressed", is_flag=True, help="JSON Lines as plain text."),
    option("--workers", type=click.IntRange(min=1), metavar="N", help="Processes that read words."),
)
"""How it is written."""


@click.command(cls=Command, example="heedful export corpus --format parquet -o dataset")
@click.argument("corpus", type=click.Path(path_type=Path))
@option(
    "--format",
    "layout",
    type=click.Choice(["parquet", "webdataset", "jsonl"]),
    required=True,
    help="How it is written.",
)
# No HEEDFUL_OUTPUT: that is where a crawl puts its corpus.
@option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    metavar="DIR",
    envvar=None,
    help="Where to.",
)
@which
@words
@form
@as_json
@quiet
def command(
    corpus: Path,
    layout: Literal["parquet", "webdataset", "jsonl"],
    output: Path,
    since: str | None,
    licences: tuple[str, ...],
    languages: tuple[str, ...],
    kinds: str | None,
    columns: str | None,
    quality: bool,
    markdown: bool,
    near: bool,
    images: Literal["bytes", "files"] | None,
    uncompressed: bool,
    workers: int | None,
    as_json: bool,
    quiet: bool,
) -> int:
    """Write what CORPUS keeps for training: one row an item, with its provenance.

    The same command on the same folder goes on after an interruption, adds what is new and takes out what was
    withdrawn since. Exit code 1: some records are damaged; the others are exported.
    """
    from crawler.export.model import ExportError, Wanted
    from crawler.export.wishes import read_wanted
    from crawler.text.model import How

    if layout == "jsonl" and images == "bytes":
        raise click.UsageError(
            "--images bytes: JSON Lines hold no images, these are files; leave the option out"
        )
    try:
        wanted = read_wanted(
            Wanted(
                format=layout,
                how=How(quality=quality, markdown=markdown, near=near),
                images="files" if layout == "jsonl" else images or "bytes",
                compressed=not uncompressed,
            ),
            kinds=kinds,
            since=since,
            licences=licences,
            languages=languages,
            columns=columns,
        )
        return _export(corpus, output, wanted, workers, as_json=as_json, quiet=quiet)
    except ExportError as error:
        raise click.ClickException(str(error)) from error


def _export(
    corpus: Path, output: Path, wanted: Wanted, workers: int | None, *, as_json: bool, quiet: bool
) -> int:
    from crawler.corpus.disk import BEYOND_US
    from crawler.export.export import Request, export
    from crawler.export.state import counts

    request = Request(corpus=corpus, folder=output, wanted=wanted, heedful=__version__, workers=workers)
    try:
        with _Display(quiet=quiet or as_json) as display:
            made = export(request, display.refresh)
    except OSError as error:
        if error.errno is None:  # no process to read words can be started
            raise click.ClickException(str(error.strerror)) from error
        if error.errno not in BEYOND_US or error.filename is None:
            raise
        _say(
            f"{error.filename}: {error.strerror}; what is finished stays, and the same command goes on once "
            "there is room"
        )
        return STOPPED
    if as_json:
        click.echo(json.dumps(counts(made)))
    if not quiet:
        _summary(made, output)
    for spoilt in made.damaged[:LISTED]:
        _say(f"left out: {spoilt.url}: {spoilt.why}")
    if made.counts.damaged > LISTED:
        _say(f"and {made.counts.damaged - LISTED:,} more damaged records; heedful verify names them all")
    return FOUND if made.counts.damaged else OK


class _Display:
    """Shows how far an export is: a live line on a terminal, a line now and then in a pipe."""

    def __init__(self, *, quiet: bool) -> None:
        self._console = Console(stderr=True, highlight=False, markup=False, emoji=False)
        self._quiet = quiet
        self._live: Live | None = None
        self._began = self._drawn = time.monotonic()

    def __enter__(self) -> _Display:
        if self._console.is_terminal and not self._quiet:
            self._live = Live(console=self._console, auto_refresh=False, transient=True)
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def refresh(self, progress: Progress) -> None:
        """Draw, if it is time to."""
        now = time.monotonic()
        if self._quiet or now - self._drawn < (IN_PIPE if self._live is None else ON_TERMINAL):
            return
        self._drawn = now
        told = f"{now - self._began:.0f} s  {progress.items:,} items  {progress.rows:,} rows  "
        told += f"{progress.shards:,} shards"
        told += f"  {progress.kept:,} unchanged" if progress.kept else ""
        told += f"  {progress.damaged:,} damaged" if progress.damaged else ""
        if self._live is not None:
            self._live.update(Text(told, no_wrap=True, overflow="ellipsis"), refresh=True)
        else:
            self._console.print(told, soft_wrap=True)


def _summary(made: Made, output: Path) -> None:
    for table in made.tables:
        shards = len(table.shards)
        _say(
            f"{table.table.value}: {table.rows:,} rows in {shards:,} shard{'' if shards == 1 else 's'}, "
            f"{size(table.bytes)}"
        )
    counts = made.counts
    if counts.pictures:
        _say(f"images beside them: {counts.pictures:,} files, {size(counts.picture_bytes)}")
    left = {
        "without words": counts.empty,
        "could not be read": sum(counts.unread.values()),
        "held back": counts.held_back,
        **{f"not asked for ({name})": number for name, number in counts.filtered.items()},
        "damaged": counts.damaged,
    }
    if any(left.values()):
        _say("left out: " + ", ".join(f"{number:,} {why}" for why, number in left.items() if number))
    _say(f"written to {output}")


def _say(said: str) -> None:
    click.echo(f"heedful: {safe(said)}", err=True)
