"""Help pages that begin with an example, and the options that many commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from crawler.cli.completion import VALUES

F = TypeVar("F", bound=Callable[..., Any])


class WithExample:
    """A click command whose help page begins with one line to copy."""

    def __init__(self, *args: Any, example: str = "", **options: Any) -> None:
        self.example = example
        super().__init__(*args, **options)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The example, then what click writes."""
        formatter.write(f"Example: {self.example}\n\n")
        super().format_help(ctx, formatter)  # type: ignore[misc]


class Command(WithExample, click.Command):
    """A command of ours."""


class Group(WithExample, click.Group):
    """A command of ours that has commands below it."""


def option(*names: str, **more: Any) -> Callable[[F], F]:
    """A click option that can also be given as ``HEEDFUL_<LONG NAME>``, unless ``envvar`` is None."""
    long = _long(names)
    variable = "HEEDFUL_" + long[2:].replace("-", "_").upper()
    return click.option(*names, **{"shell_complete": VALUES.get(long), "envvar": variable, **more})


def told(*names: str, **more: Any) -> Callable[[F], F]:
    """A click option that :func:`crawler.config.load` reads, from option, environment and file alike."""
    return click.option(*names, **{"default": None, "shell_complete": VALUES.get(_long(names)), **more})


def _long(names: tuple[str, ...]) -> str:
    return next(name for name in names if name.startswith("--"))


def in_order(*decorators: Callable[[F], F]) -> Callable[[F], F]:
    """Several decorators as one; the first is listed first."""

    def decorate(function: F) -> F:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return decorate


as_json = option("--json", "as_json", is_flag=True, help="Machine output on stdout.")
quiet = option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")

identity = in_order(
    told("--contact", metavar="MAIL-OR-URL", help="Where a site owner reaches you; required."),
    told("--operator", metavar="NAME", help="Who you are."),
    told("--token", metavar="NAME", help="Your own robots.txt name, beside heedful."),
)
"""Who asks."""

meaning = in_order(
    told("--purpose", multiple=True, metavar="NAME", help="What it is for; repeatable.  [tdm]"),
    told("--posture", metavar="NAME", help="opt-out or opt-in.  [opt-out]"),
    told("--reading", metavar="NAME", help="strict or literal.  [strict]"),
)
"""What is asked for, and how answers are read."""

network = in_order(
    told("--allow-private", is_flag=True, help="Loopback and private addresses, any port."),
    told("--resolve", multiple=True, metavar="HOST:PORT:ADDRESS", help="As curl's; repeatable."),
    told("--profile", metavar="NAME", help="polite, testing or distributed.  [polite]"),
    told("-s", "--setting", multiple=True, metavar="NAME=VALUE", help="A Scrapy setting; repeatable."),
    told("--config", metavar="FILE", help="Instead of heedful.toml."),
)
"""How it is asked."""
