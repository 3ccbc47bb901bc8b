"""Runs a crawl in front of the operator's eyes; shared by ``crawl`` and ``demo``."""

from __future__ import annotations

import json

import click

from crawler import jsonlog
from crawler.cli.app import NO_SEED, OK, STOPPED, say
from crawler.cli.display import Display
from crawler.config import RunConfig
from crawler.tally import Tally


def conduct(config: RunConfig, *, quiet: bool, as_json: bool) -> int:
    """Crawl, show the progress and the numbers at the end, and return the exit code."""
    from crawler.run import CannotGoOn, crawl

    if config.log_json:
        jsonlog.start()
    tally = Tally()
    try:
        with Display(tally, quiet=quiet, as_json=config.log_json, checked=not as_json) as display:
            finish = crawl(config, tally, display.refresh)
    except CannotGoOn as error:
        say(f"{error}; once that is mended, the same command goes on")
        return STOPPED
    display.summary(finish.reason, config.output, finish.note)
    if as_json:
        click.echo(
            json.dumps({"finish": finish.reason, "seeds_fetched": finish.seeds_fetched, **tally.as_dict()})
        )
    if finish.reason != "finished":
        return STOPPED
    return OK if finish.seeds_fetched or config.dry_run else NO_SEED
