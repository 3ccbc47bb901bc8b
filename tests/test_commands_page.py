"""``docs/commands.md`` against the command line: every option, variable, key and default is the real one."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from crawler.cli import main
from crawler.cli.app import COMMANDS
from crawler.config.keys import KEYS, SECTIONS, Key
from crawler.config.load import MISSING

PAGE = (Path(__file__).parent.parent / "docs" / "commands.md").read_text("utf-8")
BY_OPTION = {key.option: key for key in KEYS if key.option}


def table(*head: str) -> list[tuple[str, ...]]:
    """The rows of the table with these headings."""
    heading = re.escape(f"| {' | '.join(head)} |\n")
    (found,) = re.findall(rf"^{heading}\|[-|]+\|\n((?:\|.*\n)+)", PAGE, re.M)
    return [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in found.splitlines()]


def options(command: click.Command) -> Iterator[tuple[str, click.Option]]:
    """Every option of a command and of those below it, by long name with underscores."""
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            long = next(name for name in parameter.opts if name.startswith("--"))
            yield long[2:].replace("-", "_"), parameter
    if isinstance(command, click.Group):
        for below in command.commands.values():
            yield from options(below)


def command(name: str) -> click.Command:
    found = main.get_command(click.Context(main), name)
    assert found is not None
    return found


def default(key: Key) -> object:
    """What holds without a word; None: nothing does."""
    return None if key.default is None else tomllib.loads(f"x = {key.default}")["x"]


def in_words(key: Key) -> str:
    """A default as the page writes it."""
    match default(key):
        case bool() as value:
            return "yes" if value else "no"
        case list() as value if all(isinstance(one, str) for one in value):
            return f"`{','.join(value)}`"
        case str() as value:
            return f"`{value}`"
        case None:
            return "required" if key.field in MISSING else "the profile's" if key.field == "concurrency" else ""
        case value:
            return str(value)


def expected(name: str, option: click.Option) -> tuple[str, ...]:
    value = f" {option.metavar}" if option.metavar else ""
    *first, last = option.opts
    shown = ", ".join([*(f"`{one}`" for one in first), f"`{last}{value}`"])
    shown += ", repeatable" if option.multiple else ""
    variable = f"`HEEDFUL_{name.upper()}`"
    if name == "config":
        return shown, variable, "", "`./heedful.toml`"
    section, written = BY_OPTION[name].home
    return shown, variable, f"`[{section}] {written}`", in_words(BY_OPTION[name])


def test_the_table_of_options_is_that_of_crawl() -> None:
    real = [
        expected(name, option) for name, option in options(command("crawl")) if name not in ("json", "quiet")
    ]
    written = table("option", "environment", "`heedful.toml`", "default")
    assert sorted(written) == sorted(real)


def test_the_table_of_the_file_names_every_other_key() -> None:
    rows = dict(table("section", "keys"))
    assert {section.strip("`[]") for section in rows} == {key.home[0] for key in KEYS if key.option is None}
    assert {section.strip("`[]") for section in rows} <= set(SECTIONS)
    for section, cell in rows.items():
        keys = {key.home[1]: key for key in KEYS if key.option is None and key.home[0] == section.strip("`[]")}
        if "" in keys:
            assert "any key" in cell or "eu-summary.md" in cell
            continue
        assert set(re.findall(r"`(\w+)`", cell)) == set(keys)
        for name, said in re.findall(r"`(\w+)` \((\[[^)]*\]|\d+)\)", cell):
            assert default(keys[name]) == tomllib.loads(f"x = {said}")["x"], name


@pytest.mark.parametrize("name", COMMANDS)
def test_a_default_in_the_help_is_the_one_that_holds(name: str) -> None:
    for long, option in options(command(name)):
        key = BY_OPTION.get(long)
        said = re.search(r"\[([^][]+)\]\s*$", option.help or "")
        if key is None or option.default not in (None, False) or option.envvar is not None:
            continue  # an option of this command alone, whatever it is called
        assert (said[1] if said else "") == _bare(key), f"{name} --{long}"


def _bare(key: Key) -> str:
    """A default as a help line writes it, which leaves out what needs no saying."""
    words = in_words(key).strip("`")
    return "" if words in ("no", "required", "the profile's") or key.field == "tokens" else words
