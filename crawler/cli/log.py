"""``heedful log``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from crawler.cli.helppage import Command, as_json, option
from crawler.cli.text import safe, shorten
from crawler.optout.model import Outcome

OUTCOMES = [outcome.value for outcome in Outcome]


@click.command(cls=Command, example="heedful log corpus --outcome reserved --host example.org")
@click.argument("corpus", type=click.Path(path_type=Path))
@option("--url", metavar="URL", help="About this URL only.")
@option("--host", metavar="NAME", help="About this host only.")
@option("--outcome", type=click.Choice(OUTCOMES), metavar="NAME", help="With this outcome only.")
@option("--signal", metavar="NAME", help="With something heard through this signal only.")
@as_json
def command(
    corpus: Path, url: str | None, host: str | None, outcome: str | None, signal: str | None, as_json: bool
) -> None:
    """List the decisions of CORPUS, newest last."""
    from crawler.audit.entries import Filter
    from crawler.cli.reading import canonical, read_decisions
    from crawler.cli.story import as_plain
    from crawler.optout.codec import time_to_text
    from crawler.tally import reasons_of

    wanted = Filter(url=None if url is None else canonical(url), host=host, outcome=outcome, signal=signal)
    found = False
    for told in read_decisions(corpus, wanted):
        found = True
        decision = told.decision
        if as_json:
            click.echo(json.dumps(as_plain(told)))
            continue
        reasons = ", ".join(sorted(reasons_of(decision)))
        click.echo(
            f"{told.entry:>7}  {time_to_text(decision.at)[:19]}Z  {decision.outcome.value:12}  "
            f"{decision.stage.value:7}  {decision.asset.kind.value:5}  {safe(decision.asset.url)}"
            + (f"  [{shorten(reasons, 80)}]" if reasons else "")
        )
    if not found:
        click.echo("heedful: no decision matches", err=True)
