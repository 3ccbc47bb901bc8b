"""Runs a crawl in front of the operator's eyes; shared by ``crawl`` and ``demo``."""

from __future__ import annotations

import errno
import json

import click

from crawler.cli.app import NO_SEED, OK, STOPPED
from crawler.cli.display import Display
from crawler.cli.text import safe
from crawler.config import RunConfig
from crawler.tally import Tally

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""What the system says when there is no room left."""


def conduct(config: RunConfig, *, quiet: bool, as_json: bool) -> int:
    """Crawl, show the progress and the numbers at the end, and return the exit code."""
    from crawler.run import crawl

    tally = Tally()
    try:
        with Display(tally, quiet=quiet, as_json=config.log_json) as display:
            finish = crawl(config, tally, display.refresh)
    except OSError as error:
        if error.errno not in FULL:
            raise
        place = safe(str(error.filename or config.output))
        click.echo(f"heedful: no room left at {place}; make some, and the same command goes on", err=True)
        return STOPPED
    display.summary(finish.reason, config.output, finish.note)
    if as_json:
        click.echo(
            json.dumps({"finish": finish.reason, "seeds_fetched": finish.seeds_fetched, **tally.as_dict()})
        )
    if finish.reason != "finished":
        return STOPPED
    return OK if finish.seeds_fetched or config.dry_run else NO_SEED
