"""``heedful signals``."""

from __future__ import annotations

import json
import shutil
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import click

from crawler.cli.completion import signal_names
from crawler.cli.helppage import Command, as_json

if TYPE_CHECKING:
    from crawler.optout.model import Signal

NARROWEST, WIDEST = 40, 100
"""Columns of a page, whatever the terminal has."""


@click.command(cls=Command, example="heedful signals tdmrep")
@click.argument("name", required=False, shell_complete=signal_names)
@as_json
def command(name: str | None, as_json: bool) -> None:
    """List the opt-out signals that are heard, or tell all about one."""
    from crawler.optout import SIGNALS

    if name is not None and name not in SIGNALS:
        near = get_close_matches(name.lower(), SIGNALS, n=1)
        hint = f"perhaps {near[0]}" if near else f"it is one of {', '.join(SIGNALS)}"
        raise click.UsageError(f"there is no signal {name}; {hint}")
    chosen = list(SIGNALS.values()) if name is None else [SIGNALS[name]]
    if as_json:
        for signal in chosen:
            click.echo(json.dumps(as_plain(signal), ensure_ascii=False))
    elif name is None:
        for signal in chosen:
            carriers = ", ".join(carrier.value for carrier in signal.readers)
            click.echo(f"{signal.name}  {signal.title}, {signal.version}\n    {carriers}\n    {signal.spec}")
    else:
        from crawler.cli.signalpage import page

        width = min(max(shutil.get_terminal_size().columns, NARROWEST), WIDEST)
        for line in page(chosen[0], width):
            click.echo(line)


def as_plain(signal: Signal) -> dict[str, Any]:
    """A signal as the object that ``--json`` prints."""
    from crawler.audit.refusals import REFUSALS
    from crawler.cli.signalpage import readings

    return {
        "name": signal.name,
        "title": signal.title,
        "spec": signal.spec,
        "version": signal.version,
        "carriers": [carrier.value for carrier in signal.readers],
        "host_files": [file.path for file in signal.host_files],
        "meanings": [list(row) for row in signal.meanings],
        "examples": [
            {"where": one.where, "written": one.written, "refuses": one.refuses}
            for one in REFUSALS.get(signal.name, ())
        ],
        "readings": readings(signal),
    }
