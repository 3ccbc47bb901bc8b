"""Cards in Markdown: our own words as they are, everybody else's as code spans.

In a template only three things can be printed: a number, words of ours (:class:`Ours`), and words of others
(:class:`~crawler.audit.prose.Quoted`). Any other text is a mistake, and raises.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from crawler.audit.prose import Paragraph, Quoted, as_markdown

TEMPLATES = Path(__file__).parent / "templates"
"""Where the templates are."""


class Ours(str):
    """Words of ours, which may be markup."""

    __slots__ = ()


def render(template: str, **context: Any) -> bytes:
    """One document as UTF-8."""
    return _environment().get_template(template).render(**context).encode()


def quoted(text: str) -> str:
    """Words of others as a code span, on one line."""
    return as_markdown([Paragraph([Quoted(text)])]).removesuffix("\n")


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=False,  # noqa: S701 - this is no HTML: see ``_shown``
        finalize=_shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["ours"] = Ours
    return made


def _shown(value: object) -> str:
    if isinstance(value, Quoted):
        return quoted(value.text)
    if isinstance(value, Ours):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    raise TypeError(f"a card prints {type(value).__name__}: make it Ours or Quoted")
