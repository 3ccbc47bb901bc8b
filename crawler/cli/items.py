"""``heedful items``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from crawler.cli.helppage import Command, as_json
from crawler.cli.text import safe, shorten, size


@click.command(cls=Command, example="heedful items corpus --json")
@click.argument("corpus", type=click.Path(path_type=Path))
@as_json
def command(corpus: Path, as_json: bool) -> None:
    """List what CORPUS keeps."""
    from crawler.corpus.corpus import Corpus
    from crawler.corpus.items import item_to_dict
    from crawler.corpus.measures import Measures

    found = False
    with Corpus.read(corpus) as opened, Measures.read(corpus) as measures:
        for item in opened.store.items():
            found = True
            if as_json:
                click.echo(json.dumps(item_to_dict(item, language=measures.language(item.sha256))))
                continue
            title = item.note.title or item.note.alt
            click.echo(
                f"{item.entry:>7}  {item.kind.value:5}  {size(item.bytes):>8}  {safe(item.url)}"
                + (f"  [{shorten(title, 60)}]" if title else "")
            )
    if not found:
        click.echo("heedful: nothing is kept", err=True)
