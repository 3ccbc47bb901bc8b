"""``heedful explain``."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import click

from crawler.cli.app import FOUND, OK
from crawler.cli.helppage import Command, as_json
from crawler.cli.text import safe

_COLOURS = (
    (re.compile(r"^(?:reserved|undetermined|skipped|removed|withdrawn)\b"), "red"),
    (re.compile(r"^(?:unreserved|licensed|kept now)\b"), "green"),
    (re.compile(r"^ *[~^ ]*\^$|<- decides$"), "yellow"),
)
"""What lines look like, and their colour on a terminal; all others are as they are."""


@click.command(cls=Command, example="heedful explain corpus https://example.org/page")
@click.argument("corpus", type=click.Path(path_type=Path))
@click.argument("url")
@as_json
def command(corpus: Path, url: str, as_json: bool) -> int:
    """Tell the whole story of URL: every decision about it, stage by stage, with the words quoted."""
    from crawler.cli.found import Places
    from crawler.cli.reading import canonical, nearest, read_story
    from crawler.cli.story import as_plain, story
    from crawler.corpus.corpus import Corpus

    with Corpus.read(corpus) as opened:
        wanted = canonical(url)
        told = read_story(opened, wanted)
        if not told and (told := read_story(opened, url)):
            wanted = url  # of licences that others name, the ledger has the address as they wrote it
        if not told:
            known = "".join(f"\n  {safe(one)}" for one in nearest(opened, wanted))
            other = f"; of the same host it knows{known}" if known else ""
            click.echo(f"heedful: {safe(str(corpus))} knows nothing of {safe(url)}{other}", err=True)
            return FOUND
        if as_json:
            for one in told:
                click.echo(json.dumps(as_plain(one)))
            return OK
        for line in story(told, opened.store.items(url=wanted), Places(opened.evidence)):
            click.echo(_painted(line))
    return OK


def _painted(line: str) -> str:
    """The line in colour, which ``click.echo`` takes out again where no terminal shows it."""
    if os.environ.get("NO_COLOR"):
        return line
    colour = next((colour for shape, colour in _COLOURS if shape.search(line)), None)
    return line if colour is None else click.style(line, fg=colour)
