"""Answers to the fields of a document: what is said, and on whose word."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from crawler.audit.report.cells import visible
from crawler.audit.report.template import Field


class Source(StrEnum):
    """On whose word an answer stands."""

    LEDGER = "ledger"
    """It follows from what the corpus has on record."""
    DRAFT = "draft"
    """The corpus drafted it; somebody is to confirm it."""
    OPERATOR = "operator"
    """The operator wrote it."""
    MISSING = "to be provided"
    """Nobody has said it yet. It is never guessed."""
    NONE = "not applicable"
    """There is nothing to be said here, which is an answer, too."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ticks:
    """Some of several choices."""

    choices: tuple[str, ...]
    """All of them."""
    chosen: frozenset[str]
    """Those that are ticked."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """Rows under headings."""

    columns: tuple[str, ...]
    """The headings."""
    rows: tuple[tuple[str, ...], ...]
    """Cells, as many in each row as there are headings."""
    numeric: frozenset[int] = frozenset()
    """Columns of numbers."""


Value = str | bool | tuple[str, ...] | Ticks | Table | None
"""What is said: words, yes or no, a list, ticks, a table; None: nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """The answer to one field. No character in it controls, reorders or hides others."""

    field: Field
    """The field."""
    source: Source
    """On whose word."""
    value: Value = None
    """What is said; with :attr:`Source.NONE`, why there is nothing, in words."""
    notes: tuple[str, ...] = ()
    """The figures it rests on, and what is not known; sentences."""
    table: Table | None = None
    """Figures that are too many for sentences."""
    links: tuple[tuple[str, str], ...] = ()
    """Files beside the document: what each is, and its relative path. All names are ours."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", _seen(self.value))
        object.__setattr__(self, "notes", tuple(map(_line, self.notes)))
        object.__setattr__(self, "table", _seen(self.table))

    def plain(self) -> dict[str, Any]:
        """The answer as JSON types."""
        field = self.field
        return {
            "id": field.id,
            "name": field.name,
            "label": field.label,
            "part": field.part,
            "form": field.form.value,
            "asked_of": field.who.value,
            "source": self.source.value,
            "value": "TO BE PROVIDED" if self.source is Source.MISSING else _plain(self.value),
            "notes": list(self.notes),
            "figures": _plain(self.table),
            "files": [{"what": what, "path": path} for what, path in self.links],
        }


def missing(field: Field, *notes: str, table: Table | None = None) -> Answer:
    """What only the operator can say and has not said; ``notes``: what is known all the same."""
    return Answer(field=field, source=Source.MISSING, notes=notes, table=table)


def inapplicable(field: Field, why: str) -> Answer:
    """A field to which there is nothing to say, because of ``why``."""
    return Answer(field=field, source=Source.NONE, value=why)


def _plain(value: Value) -> Any:
    if isinstance(value, Ticks):
        return {choice: choice in value.chosen for choice in value.choices}
    if isinstance(value, Table):
        return [dict(zip(value.columns, row, strict=True)) for row in value.rows]
    return list(value) if isinstance(value, tuple) else value


def _seen(value: Any) -> Any:
    if isinstance(value, str):
        return "\n".join(_line(line) for line in value.splitlines())
    if isinstance(value, tuple):
        return tuple(map(_line, value))
    if isinstance(value, Table):
        return replace(value, rows=tuple(tuple(map(_line, row)) for row in value.rows))
    return value


def _line(words: str) -> str:
    return visible(" ".join(words.splitlines()), "\ufffd")
