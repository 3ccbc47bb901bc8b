"""``heedful receipt``."""

from __future__ import annotations

from pathlib import Path

import click

from crawler.cli.app import FOUND, OK
from crawler.cli.helppage import Command
from crawler.cli.output import writing
from crawler.cli.text import safe


@click.command(cls=Command, example="heedful receipt corpus https://example.org/page -o receipt.json")
@click.argument("corpus", type=click.Path(path_type=Path))
@click.argument("url")
@click.option("--entry", "numbers", type=int, multiple=True, metavar="N", help="This entry only; repeatable.")
@click.option(
    "--since",
    type=click.Path(path_type=Path, dir_okay=False),
    multiple=True,
    metavar="FILE",
    help="Also prove that the ledger grew out of this checkpoint; repeatable.",
)
# No HEEDFUL_OUTPUT: that is where a crawl puts its corpus.
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="A file instead of stdout."
)
def command(
    corpus: Path, url: str, numbers: tuple[int, ...], since: tuple[Path, ...], output: Path | None
) -> int:
    """Write what CORPUS has on record about URL, with the proof that it is on record.

    Who gets it needs no corpus: heedful verify --receipt FILE checks it. It tells nothing about other URLs,
    unless an entry is about several: the same bytes were removed from each.
    """
    from crawler.audit.entries import Filter
    from crawler.audit.verify.receipt import format_receipt, make_receipt
    from crawler.cli.reading import canonical
    from crawler.corpus.corpus import Corpus

    url = canonical(url)
    with Corpus.read(corpus) as opened:
        entries = [one for one in opened.entries(Filter(url=url)) if not numbers or one.number in numbers]
        if not entries:
            which = f"entry {', '.join(map(str, numbers))} is not about" if numbers else "knows nothing of"
            click.echo(f"heedful: {safe(str(corpus))}: {which} {safe(url)}", err=True)
            return FOUND
        folder = opened.folder
        receipt = make_receipt(folder.ledger, folder.manifest, url, entries, since=since)
    if left := len(entries) - len(receipt["entries"]):
        click.echo(
            f"heedful: {left} of {len(entries)} entries are under no checkpoint yet, and left out", err=True
        )
    if not receipt["entries"]:
        return FOUND
    with writing(output) as to:
        to.write(format_receipt(receipt))
    return OK
