"""``heedful signals``."""

from __future__ import annotations

import json
from typing import Any

import click

from crawler.cli.helppage import Command, as_json


@click.command(cls=Command, example="heedful signals tdmrep")
@click.argument("name", required=False)
@as_json
def command(name: str | None, as_json: bool) -> None:
    """List the opt-out signals that are heard, or tell all about one."""
    from crawler.optout import SIGNALS

    if name is not None and name not in SIGNALS:
        raise click.UsageError(f"there is no signal {name}; it is one of {', '.join(SIGNALS)}")
    chosen = list(SIGNALS.values()) if name is None else [SIGNALS[name]]
    if as_json:
        for signal in chosen:
            click.echo(json.dumps(_plain(signal), ensure_ascii=False))
    elif name is None:
        for signal in chosen:
            carriers = ", ".join(carrier.value for carrier in signal.readers)
            click.echo(f"{signal.name}  {signal.title}, {signal.version}\n    {carriers}\n    {signal.spec}")
    else:
        (signal,) = chosen
        click.echo(f"{signal.name}: {signal.title}\n\n  {signal.spec}\n  version {signal.version}")
        click.echo(f"  carriers: {', '.join(carrier.value for carrier in signal.readers)}")
        for file in signal.host_files:
            click.echo(f"  asked once a host: {file.path}")
        click.echo()
        for written, meant in signal.meanings:
            click.echo(click.wrap_text(f"{written}\n", 80, "  ", "  "))
            click.echo(click.wrap_text(meant, 80, "      ", "      "))


def _plain(signal: Any) -> dict[str, Any]:
    return {
        "name": signal.name,
        "title": signal.title,
        "spec": signal.spec,
        "version": signal.version,
        "carriers": [carrier.value for carrier in signal.readers],
        "host_files": [file.path for file in signal.host_files],
        "meanings": [list(row) for row in signal.meanings],
    }
