"""``heedful init``."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crawler.cli.app import OK, STOPPED
from crawler.cli.crawl import how_much
from crawler.cli.helppage import Command, as_json, identity, meaning, told
from crawler.cli.text import safe

if TYPE_CHECKING:
    from crawler.config.keys import Key
    from crawler.config.written import Entry

QUESTIONS = {
    "operator": (
        "Who are you?",
        "A person or an organisation, as reports and letters are to name you. May stay empty.",
    ),
    "contact": (
        "Where does a site owner reach you?",
        "A mail address or a web page. Every request bears it, and no crawl begins without it.",
    ),
    "purposes": (
        "What is the corpus for?",
        "One or more of tdm, ai-train, gen-ai-train, ai-input, search, crawl, any: "
        "what is reserved against one of them is not kept.",
    ),
    "posture": (
        "What may be kept?",
        "opt-out: what nobody reserved. opt-in: only what an open licence or another permission covers.",
    ),
    "kinds": (
        "Which kinds?",
        "One or more of text, image, pdf, epub.",
    ),
}
"""Field → question, and a line of help."""


@click.command(
    cls=Command,
    example="heedful init --contact crawler@your-domain",
    epilog="What options and environment give is offered as the answer, or written without a question.",
)
@click.argument("file", type=click.Path(path_type=Path), default="heedful.toml")
@click.option("-y", "--yes", is_flag=True, help="Ask nothing.")
@told("-o", "--output", metavar="DIR", help="The corpus folder.")
@identity
@meaning
@how_much
@as_json
def command(file: Path, yes: bool, as_json: bool, **options: Any) -> int:
    """Write FILE, heedful.toml without one, with every key and what it means, from five questions."""
    from crawler.config.keys import KEYS
    from crawler.config.load import said, understood
    from crawler.config.written import written

    if not yes and not (sys.stdin and sys.stdin.isatty()):
        raise click.UsageError("this is no terminal to ask questions on: add --yes to take the defaults")
    _refuse(file)
    keys = {key.field: key for key in KEYS if key.option in options}
    given = {field: places for field, places in said(options, os.environ).items() if field in keys}
    answers = understood(given)
    if not yes:
        answers |= ask(keys, answers)
    values = {field: _value(field, answers[field], file) for field in keys if field in answers}
    try:
        _write(file, written(values, _summary()))
    except OSError as error:
        from crawler.corpus.disk import BEYOND_US

        if error.errno not in BEYOND_US:
            raise
        click.echo(f"heedful: {safe(str(file))}: {error.strerror}; nothing was written", err=True)
        return STOPPED
    if as_json:
        missing = [] if "contact" in values else ["contact"]
        click.echo(json.dumps({"file": str(file), "values": values, "missing": missing}, ensure_ascii=False))
    for line in _what_now(file, values):
        click.echo(f"heedful: {safe(line)}", err=True)
    return OK


def ask(keys: Mapping[str, Key], known: Mapping[str, Any]) -> dict[str, Any]:
    """The answers by field, read as the configuration reads them; a wrong one is explained and asked for again.

    ``known``: what options and environment answered, which is offered. Raises ``click.Abort``.
    """
    from crawler.config import ConfigError
    from crawler.config.given import Given
    from crawler.config.model import RunConfig
    from crawler.config.written import plain

    defaults = RunConfig(contact="")
    answers = {}
    for number, (field, (question, help_line)) in enumerate(QUESTIONS.items(), 1):
        offered = plain(known.get(field, getattr(defaults, field))) or ""
        offered = ", ".join(map(str, offered)) if isinstance(offered, list) else str(offered)
        click.echo(f"\n{number} of {len(QUESTIONS)}  {question}\n        {help_line}", err=True)
        while True:
            answer = click.prompt(
                "       ", default=offered, show_default=bool(offered), prompt_suffix=" ", err=True
            ).strip()
            if not answer and field == "operator":
                break
            try:
                # As in the environment: blanks or commas stand between two words.
                answers[field] = keys[field].read(Given(answer, "environment", field))
                break
            except ConfigError as error:
                click.echo(f"        {safe(str(error))}", err=True)
    return answers


def _refuse(file: Path) -> None:
    """Raise ``ConfigError`` where nothing can be written, before anybody answers in vain."""
    from crawler.config import ConfigError

    if os.path.lexists(file):
        raise ConfigError(f"{file} is there already and is not overwritten; name another file, or edit it")
    if not file.parent.is_dir():
        raise ConfigError(
            f"{file.parent} is no folder, so {file.name} cannot be written into it; make it first"
        )


def _value(field: str, value: Any, file: Path) -> object:
    """A value as it is written into ``file``, where paths start from the file's own folder."""
    from crawler.config.written import plain

    if field == "tokens":
        return value[0]
    if isinstance(value, Path) and file.parent != Path():
        return str(Path.cwd() / value)
    return plain(value)


def _summary() -> list[Entry]:
    """What may stand under ``[summary]``, with what each template asks for."""
    from crawler.audit.report import summary
    from crawler.audit.report.template import DATASET_KEYS, MODALITIES, Form, Who
    from crawler.config.written import Entry

    forms = {
        Form.TEXT: "words",
        Form.YES_NO: "true or false",
        Form.LIST: 'a list, such as ["one", "two"]',
        Form.DATE: 'a day such as 2026-11-22, or a month such as "11/2026"',
        Form.MODALITIES: f"a list of {', '.join(MODALITIES)}",
        Form.DATASETS: f"a list of tables with {', '.join(DATASET_KEYS)}",
    }
    found = []
    for field in summary.known():
        if field.key:
            drafted = ', or "confirmed" to stand by what the corpus drafts' if field.who is Who.DRAFT else ""
            label = f"{field.id} {field.label}" + (f", {field.part}" if field.part else "")
            stop = "" if label.endswith("?") else "."
            meaning = f"{label}{stop} {field.help}"
            found.append(Entry(name=field.name, meaning=meaning, form=f"{forms[field.form]}{drafted}"))
    return found


def _write(file: Path, text: str) -> None:
    """Write a file that is new: whole or not at all, and never over another."""
    from crawler.config import ConfigError
    from crawler.corpus.disk import naming

    with naming(file):
        try:
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        except FileExistsError:
            raise ConfigError(f"{file} is there already and is not overwritten") from None
        try:
            with os.fdopen(descriptor, "wb") as opened:
                opened.write(text.encode())
                opened.flush()
                os.fsync(opened.fileno())
        except BaseException:
            file.unlink(missing_ok=True)
            raise


def _what_now(file: Path, values: Mapping[str, object]) -> list[str]:
    """What was done, and what is left to do."""
    from crawler.config.values import reaches_nobody

    lines = [f"wrote {file}"]
    contact = values.get("contact")
    if contact is None:
        lines.append(f"it names no contact yet: write one under [operator] of {file}, or give --contact")
    elif reaches_nobody(str(contact)):
        lines.append(f"{contact} reaches nobody: only crawls of this machine or of example names begin with it")
    if file != Path("heedful.toml"):
        lines.append(f"it is read with --config {file}; without it, heedful.toml of the working folder is")
    return lines
