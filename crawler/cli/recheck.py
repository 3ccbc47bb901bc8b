"""``heedful recheck``."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crawler.cli.app import FOUND, OK, STOPPED
from crawler.cli.helppage import Command, as_json, in_order, network, option, quiet, told
from crawler.cli.text import safe, shorten

if TYPE_CHECKING:
    from crawler.corpus.holds import State
    from crawler.recheck import Difference
    from crawler.run import Rechecked

SEEDS = 20
"""Seeds of the corpus that are looked at to tell whether it stays on names that reach nobody."""

how = in_order(
    option("--items", is_flag=True, help="Ask every item and its pages, too, conditionally."),
    option(
        "--grace",
        type=click.FloatRange(min=0),
        metavar="DAYS",
        help="Withdraw what has been unreachable for so long.",
    ),
    told("--dry-run", is_flag=True, help="Withdraw nothing."),
    told("--contact", metavar="MAIL-OR-URL", help="Where a site owner reaches you; required."),
    told("--operator", metavar="NAME", help="Who you are."),
    told("--delay", metavar="SECONDS", help="Between requests to one domain.  [1]"),
)


@click.command(
    cls=Command,
    example="heedful recheck corpus --items --contact you@your-domain",
    epilog="Exit code 1: there is a new reservation, or something was withdrawn; 3: it was interrupted.",
)
@click.argument("corpus", type=click.Path(path_type=Path))
@how
@network
@as_json
@quiet
def command(corpus: Path, items: bool, grace: float | None, as_json: bool, quiet: bool, **options: Any) -> int:
    """Ask the sites of CORPUS again, and withdraw what is reserved now."""
    from crawler.config import load
    from crawler.corpus.folder import CorpusFolder
    from crawler.corpus.holds import State

    runs = CorpusFolder.read(corpus).manifest.runs
    seeds = next((run.seeds[:SEEDS] for run in reversed(runs) if run.seeds), ())
    config = load(options, environ=os.environ, seeds=seeds)

    from crawler.recheck import Wish
    from crawler.run import CannotGoOn, recheck

    found: Counter[State] = Counter()

    def told(difference: Difference) -> None:
        found[difference.state] += 1
        if as_json:
            click.echo(json.dumps(as_plain(difference)))
        elif not quiet:
            for line in difference_lines(difference):
                click.echo(line)

    wish = Wish(items=items, grace=None if grace is None else timedelta(days=grace), dry_run=config.dry_run)
    try:
        ended = recheck(config, corpus, wish, told)
    except CannotGoOn as error:
        click.echo(f"heedful: {safe(str(error))}; once that is mended, recheck again", err=True)
        return STOPPED
    if as_json:
        click.echo(json.dumps(summary(ended)))
    elif not quiet:
        for line in summary_lines(ended, dry_run=wish.dry_run):
            click.echo(line)
    if not ended.finished:
        return STOPPED
    return FOUND if found[State.RESERVED] or ended.withdrawn else OK


def as_plain(difference: Difference) -> dict[str, Any]:
    """A difference as the object that ``--json`` prints."""
    from crawler.optout.codec import statement_to_dict, time_to_text

    since = difference.since
    return {
        "state": difference.state.value,
        "url": difference.url,
        "origin": difference.origin,
        "items": difference.items,
        "stage": difference.stage.value,
        "grounds": [statement_to_dict(ground) for ground in difference.grounds],
        "since": None if since is None else time_to_text(since),
        "withdrawn": difference.withdrawn,
        "at": time_to_text(difference.at),
    }


def difference_lines(difference: Difference) -> Iterator[str]:
    """What became of something, and the line that decided it."""
    about = safe(difference.url or f"{difference.origin} ({difference.items:,} URLs)")
    more = "  withdrawn" if difference.withdrawn else ""
    since = f"  since {difference.since:%Y-%m-%d}" if difference.since is not None else ""
    yield f"{difference.state.value:15}  {about}{since}{more}"
    for ground in difference.grounds[:1]:
        evidence = ground.evidence
        where = "" if evidence.source == difference.url else f"{shorten(evidence.source, 80)}, "
        words = f": {shorten(evidence.excerpt, 120)}" if evidence.excerpt.strip() else ""
        yield f"                 {safe(ground.signal)}: {where}{shorten(evidence.locator, 60)}{words}"


def summary(ended: Rechecked) -> dict[str, Any]:
    """The last object that ``--json`` prints."""
    return {
        "finish": "finished" if ended.finished else "interrupted",
        "origins": ended.origins,
        "urls": sum(ended.counts.values()),
        "counts": _numbers(ended.counts),
        "withdrawn": ended.withdrawn,
    }


def summary_lines(ended: Rechecked, *, dry_run: bool) -> Iterator[str]:
    """What it came to, in words."""
    numbers = ", ".join(f"{number:,} {name}" for name, number in _numbers(ended.counts).items() if number)
    stopped = "" if ended.finished else "; stopped by hand, the rest was not asked"
    urls = sum(ended.counts.values())
    yield f"{ended.origins:,} origins, {urls:,} URLs: {numbers or 'nothing is kept'}{stopped}"
    if ended.withdrawn:
        yield f"{ended.withdrawn:,} withdrawn"
    elif dry_run and ended.counts:
        yield "nothing withdrawn: --dry-run"


def _numbers(counts: Mapping[State, int]) -> dict[str, int]:
    from crawler.corpus.holds import State

    return {state.value: counts.get(state, 0) for state in State}
