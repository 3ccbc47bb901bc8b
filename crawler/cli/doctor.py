"""``heedful doctor``."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.cli.app import FOUND, OK
from crawler.cli.helppage import Command, as_json, told
from crawler.cli.text import safe
from crawler.cli.wrapping import wrapped

if TYPE_CHECKING:
    from crawler.doctor.look import Looked

MARK = {"ok": "ok", "warning": "WARNING", "problem": "PROBLEM", "not checked": "not checked"}
"""How a state is shown to people."""

WIDTH = 100
"""Columns of a line for people."""


@click.command(
    cls=Command,
    example="heedful doctor corpus",
    epilog="Exit code 1: there is a problem; warnings leave it 0. heedful verify looks at every byte.",
)
@click.argument("corpus", type=click.Path(path_type=Path), required=False)
@click.option("--network", is_flag=True, help="Also look up the name of your own contact.")
@told("--config", metavar="FILE", help="Instead of heedful.toml.")
@as_json
def command(corpus: Path | None, network: bool, config: str | None, as_json: bool) -> int:
    """Check whether this machine is fit for a crawl, and CORPUS for going on.

    Mends nothing, and without --network asks nobody.
    """
    from crawler.doctor.look import look
    from crawler.doctor.model import State

    if corpus is not None and not corpus.is_dir():
        raise click.UsageError(f"{safe(str(corpus))} is no folder, so it is no corpus")
    found: list[Looked] = []
    for one in [*look(corpus, {"config": config}, os.environ, networked=network), *_unread()]:
        found.append(one)
        if as_json:
            click.echo(json.dumps(_as_plain(one)))
    if not as_json:
        for line in lines(found):
            click.echo(line)
    return FOUND if any(one.check.state is State.PROBLEM for one in found) else OK


def _unread() -> Iterator[Looked]:
    """Variables that are called like ours and that no command reads."""
    from crawler.cli.config import unread
    from crawler.doctor.look import MACHINE, Looked
    from crawler.doctor.model import warning

    for row in unread(os.environ):
        advice = f"perhaps {row['perhaps']} is meant" if row["perhaps"] else "unset it"
        yield Looked(
            about=MACHINE, check=warning("environment", f"{row['name']} is read by no command", advice)
        )


def _as_plain(one: Looked) -> dict[str, str | None]:
    check = one.check
    return {
        "about": one.about,
        "check": check.name,
        "state": check.state.value,
        "says": check.says,
        "advice": check.advice,
    }


def lines(found: Iterable[Looked]) -> Iterator[str]:
    """The same for people."""
    from crawler.doctor.model import State

    rows = list(found)
    about = ""
    for one in rows:
        if one.about != about:
            about = one.about
            yield about
        check = one.check
        head = f"  {MARK[check.state]:12} {safe(check.name):17} "
        body = list(wrapped(safe(check.says), 0, width=WIDTH - len(head))) or [""]
        yield head + body[0]
        yield from (" " * len(head) + more for more in body[1:])
        if check.advice is not None:
            yield from wrapped("→ " + safe(check.advice), len(head), hanging=2, width=WIDTH)
    counted = Counter(one.check.state for one in rows)
    yield ", ".join(
        f"{counted[state]} {state.value}{'' if counted[state] == 1 else 's'}"
        for state in (State.PROBLEM, State.WARNING)
    )
