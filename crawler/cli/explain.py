"""``heedful explain``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from crawler.cli.app import FOUND, OK
from crawler.cli.helppage import Command, as_json
from crawler.cli.text import safe


@click.command(cls=Command, example="heedful explain corpus https://example.org/page")
@click.argument("corpus", type=click.Path(path_type=Path))
@click.argument("url")
@as_json
def command(corpus: Path, url: str, as_json: bool) -> int:
    """Tell the whole story of URL: every decision about it, stage by stage, with the words quoted."""
    from crawler.cli.reading import canonical, read_story
    from crawler.cli.story import as_plain, story

    told = read_story(corpus, canonical(url))
    if not told:
        click.echo(f"heedful: {safe(str(corpus))} knows nothing of {safe(url)}", err=True)
        return FOUND
    if as_json:
        for one in told:
            click.echo(json.dumps(as_plain(one)))
    else:
        for line in story(told):
            click.echo(line)
    return OK
