"""``heedful ledger``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from crawler.cli.app import FOUND, OK
from crawler.cli.helppage import Command, Group, as_json
from crawler.cli.text import safe


@click.group(cls=Group, example="heedful ledger erase corpus --entry 41 --reason asked")
def command() -> None:
    """Change what a ledger tells, without changing what it proves."""


@command.command(
    cls=Command,
    example="heedful ledger erase corpus --url https://example.org/me --reason asked",
    epilog="The entry loses its words and its salt; every proof about the others stays valid.",
)
@click.argument("corpus", type=click.Path(path_type=Path))
# Not from the environment, unlike other options: what is to go is said where it is asked for.
@click.option("--url", metavar="URL", help="Every decision and removal about this URL.")
@click.option("--entry", "numbers", type=int, multiple=True, metavar="N", help="This entry; repeatable.")
@click.option("--reason", metavar="TEXT", required=True, help="Why; kept in the ledger. Do not name the URL.")
@as_json
def erase(corpus: Path, url: str | None, numbers: tuple[int, ...], reason: str, as_json: bool) -> int:
    """Erase what entries of CORPUS say, for good: by URL, or by number.

    Content is not touched: what is kept is taken out first, with heedful withdraw. A withdrawal goes only by
    its number; what it names may then be collected again.
    """
    from crawler.audit import keys
    from crawler.captures import now
    from crawler.cli.reading import canonical
    from crawler.corpus import erasure
    from crawler.corpus.corpus import Corpus
    from crawler.corpus.manifest import run_name

    if (url is None) == (not numbers):
        raise click.UsageError("say what is to be erased, by --url or by --entry")
    reason = reason.strip()
    if not reason:
        raise click.UsageError("--reason is empty: say why, for those who read the ledger later")
    wanted = None if url is None else canonical(url)
    if wanted is not None and wanted.lower() in reason.lower():
        raise click.UsageError("--reason names the URL that is to be forgotten")
    at = now()
    with Corpus.change(corpus, at=at) as opened:
        found = erasure.about(opened, wanted) if wanted is not None else erasure.numbered(opened, numbers)
        number = None
        if found:
            signer = keys.signer(corpus=corpus)
            number = erasure.erase(opened, found, reason=reason, signer=signer, run=run_name(at), at=at)
        left = erasure.naming(opened, wanted) if wanted is not None else []
    gone = [entry.number for entry in found]
    if as_json:
        click.echo(json.dumps({"erased": gone, "entry": number, "left": left}))
    elif gone:
        click.echo(f"heedful: erased {_numbers(gone)}; entry {number} says so", err=True)
    else:
        click.echo(f"heedful: {safe(str(corpus))} has nothing to erase there", err=True)
    if left and not as_json:
        click.echo(f"heedful: {_numbers(left)} still name it; --entry erases by number", err=True)
    return OK if gone else FOUND


def _numbers(numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:20]))
    return ("entry " if len(numbers) == 1 else "entries ") + shown + (" …" if len(numbers) > 20 else "")
