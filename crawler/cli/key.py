"""``heedful key``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.cli.helppage import Command, Group, as_json, option
from crawler.cli.text import safe

if TYPE_CHECKING:
    from crawler.audit.note import Verifier


@click.group(cls=Group, example="heedful key new ~/keys/heedful")
def command() -> None:
    """Make the key that signs checkpoints, or show its public half."""


@command.command(cls=Command, example="heedful key new ~/keys/heedful --name example.org/corpus")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@option("--name", metavar="NAME", help="What the key is called.  [heedful]")
@as_json
def new(file: Path | None, name: str | None, as_json: bool) -> None:
    """Make a key in FILE, or where the user's key is looked for.

    The private half stays in FILE, which only you can read; keep it apart from every corpus, and keep a copy.
    The public half, in FILE.pub, is what others check your checkpoints with.
    """
    from crawler.audit import keys

    where = file or keys.place()
    try:
        made = keys.create(where, keys.NAME if name is None else name)
    except FileExistsError:
        raise keys.UnusableKey(
            f"{where} is there already and is not overwritten: "
            "what it has signed can be signed by no other; name another file"
        ) from None
    _tell(where, made.verifier, as_json=as_json)


@command.command(cls=Command, example="heedful key show")
@click.option("--key", "file", type=click.Path(path_type=Path), metavar="FILE", help="This key file.")
@as_json
def show(file: Path | None, as_json: bool) -> None:
    """Show the public half of the key in use: FILE, else $HEEDFUL_KEY, else the user's."""
    from crawler.audit import keys

    where = keys.place(file)
    _tell(where, keys.load(where).verifier, as_json=as_json)


def _tell(file: Path, verifier: Verifier, *, as_json: bool) -> None:
    if as_json:
        click.echo(
            json.dumps(
                {
                    "file": str(file),
                    "name": verifier.name,
                    "id": verifier.key_id.hex(),
                    "public": str(verifier),
                }
            )
        )
        return
    click.echo(str(verifier))
    click.echo(f"heedful: the private key is in {safe(str(file))}", err=True)
