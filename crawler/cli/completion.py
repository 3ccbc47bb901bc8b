"""What a shell offers on TAB. Nothing here loads a parser, Scrapy, or a command that is not being written.

click asks (https://click.palletsprojects.com/en/stable/shell-completion/): the shell runs ``heedful`` with
``_HEEDFUL_COMPLETE`` in the environment, and reads what is printed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import get_args

from click import Context, Parameter
from click.shell_completion import CompletionItem

Completion = Callable[[Context, Parameter, str], "list[CompletionItem[str]]"]
"""What click asks for the values of a parameter."""


def beginning(words: Iterable[str], incomplete: str) -> list[CompletionItem[str]]:
    """Those of ``words`` that begin as what was typed."""
    return [CompletionItem(word) for word in words if word.startswith(incomplete)]


def described(words: Mapping[str, str], incomplete: str) -> list[CompletionItem[str]]:
    """The same with a line of help each, for shells that show it."""
    return [CompletionItem(word, help=told) for word, told in words.items() if word.startswith(incomplete)]


def signal_names(ctx: Context, parameter: Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """The signals, by the names of their modules, none of which is loaded."""
    from pathlib import Path
    from pkgutil import iter_modules

    import crawler.optout

    folder = str(Path(str(crawler.optout.__file__)).parent / "signals")
    return beginning(sorted(module.name.replace("_", "-") for module in iter_modules([folder])), incomplete)


def _purposes(ctx: Context, parameter: Parameter, incomplete: str) -> list[CompletionItem[str]]:
    from crawler.audit.wording import PURPOSES

    return described(PURPOSES, incomplete)


def _kinds(ctx: Context, parameter: Parameter, incomplete: str) -> list[CompletionItem[str]]:
    from crawler.optout.model import Kind

    before, comma, last = incomplete.rpartition(",")
    chosen = before.split(",")
    return [
        CompletionItem(f"{before}{comma}{kind.value}")
        for kind in Kind
        if kind.value.startswith(last) and kind.value not in chosen
    ]


def _postures(ctx: Context, parameter: Parameter, incomplete: str) -> list[CompletionItem[str]]:
    from crawler.optout.model import Posture

    return beginning([posture.value for posture in Posture], incomplete)


def _readings(ctx: Context, parameter: Parameter, incomplete: str) -> list[CompletionItem[str]]:
    from crawler.optout.model import Reading

    return beginning([Reading.STRICT.value], incomplete)  # the other one is heard from heedful.toml alone


def _scopes(ctx: Context, parameter: Parameter, incomplete: str) -> list[CompletionItem[str]]:
    from crawler.config.model import Scope

    return beginning(get_args(Scope), incomplete)


def _profiles(ctx: Context, parameter: Parameter, incomplete: str) -> list[CompletionItem[str]]:
    from crawler.config.model import Profile

    return beginning(get_args(Profile), incomplete)


def _path(kind: str) -> Completion:
    """Whatever the shell itself offers: ``file`` or ``dir``."""
    return lambda ctx, parameter, incomplete: [CompletionItem(incomplete, type=kind)]


VALUES: dict[str, Completion] = {
    "--signal": signal_names,
    "--purpose": _purposes,
    "--kinds": _kinds,
    "--posture": _postures,
    "--reading": _readings,
    "--scope": _scopes,
    "--profile": _profiles,
    "--output": _path("dir"),
    "--config": _path("file"),
}
"""Long option → what completes its value, in every command that has it; the others do by their type."""
