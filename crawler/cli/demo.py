"""``heedful demo``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.cli.helppage import Command, as_json, quiet

if TYPE_CHECKING:
    from crawler.cli.story import Told

PORT = 8486
"""Where the demo web is served if it can be, so that its URLs are the same every time."""

FEW = 6
"""Decisions that are told at the end."""


@click.command(cls=Command, example="heedful demo -o heedful-demo")
# No environment variable: HEEDFUL_OUTPUT names a real corpus, and the demo has no business there.
@click.option("-o", "--output", metavar="DIR", default="heedful-demo", help="The corpus.  [heedful-demo]")
@as_json
@quiet
def command(output: str, as_json: bool, quiet: bool) -> int:
    """Crawl a small web on this machine on which every signal occurs. Needs no network."""
    from crawler.cli.conduct import conduct
    from crawler.config import load
    from crawler.demo.web import demo_seeds, demo_web

    with ExitStack() as stack:
        try:
            web = stack.enter_context(demo_web(PORT))
        except OSError:  # the port is taken: any other will do
            web = stack.enter_context(demo_web())
        options = {
            "output": output,
            "contact": "https://demo.example/",
            "kinds": "text,image,pdf,epub",
            "delay": "0",
            "allow_private": True,
            "resolve": tuple(web.resolve),
            "profile": "testing",  # a server of our own need not be waited for
        }
        config = load(options, environ={}, seeds=tuple(demo_seeds(web.port)))
        code = conduct(config, quiet=quiet, as_json=as_json)
    if not quiet:
        for line in _samples(Path(output)):
            click.echo(line, err=True)
    return code


def _samples(corpus: Path) -> Iterator[str]:
    """A few of the decisions, with what decided them."""
    from crawler.audit.entries import Filter
    from crawler.cli.quotation import indent, quoted
    from crawler.cli.reading import read_decisions
    from crawler.cli.story import headline

    for told in _various(read_decisions(corpus, Filter())):
        yield ""
        yield from headline(told.decision)
        deciding = told.decision.grounds[:1]
        yield from indent(quoted(deciding, deciding), 2)


def _various(told: Iterable[Told]) -> list[Told]:
    """The last word on some URLs, no two for the same signal and outcome."""
    last = {one.decision.asset.url: one for one in told}
    chosen: dict[object, Told] = {}
    for one in last.values():
        deciding = one.decision.grounds[0] if one.decision.grounds else None
        chosen.setdefault((one.decision.outcome, deciding and deciding.evidence.carrier), one)
    return list(chosen.values())[:FEW]
