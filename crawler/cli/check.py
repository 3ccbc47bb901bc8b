"""``heedful check``."""

from __future__ import annotations

import json
import os
from typing import Any

import click

from crawler.cli.app import FOUND, OK
from crawler.cli.helppage import Command, as_json, identity, meaning, network, quiet, told


@click.command(
    cls=Command,
    example="heedful check https://example.org/page --contact you@your-domain",
    epilog="Exit code 0: every URL would be collected; 1: one would not.",
)
@click.argument("urls", metavar="URL...", nargs=-1, required=True)
@identity
@meaning
@told("--kinds", metavar="LIST", help="What a crawl would keep: text, image, pdf, epub.  [text,image]")
@network
@as_json
@quiet
def command(urls: tuple[str, ...], as_json: bool, quiet: bool, **options: Any) -> int:
    """Fetch each URL the way crawl would, keep nothing, and print every signal and the outcome."""
    from crawler.config import ConfigError, load

    config = load(options, environ=os.environ, seeds=urls)
    if config.sitemaps:
        raise ConfigError("check asks about pages and images; a sitemap is read for its links alone")

    from crawler.cli.story import Told, as_plain, check_lines
    from crawler.optout import SIGNALS
    from crawler.run import check

    decisions = check(config, config.seeds)
    for decision in decisions:
        if as_json:
            click.echo(json.dumps(as_plain(Told(decision=decision))))
        elif not quiet:
            for line in check_lines(decision, SIGNALS):
                click.echo(line)
    return OK if decisions and all(decision.collect for decision in decisions) else FOUND
