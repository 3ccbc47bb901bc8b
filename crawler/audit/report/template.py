"""A document that a law asks for, as data: its fields, what each one asks, and who can answer it.

The data is in ``templates/*.toml``: ``[[section]]`` tables with ``[[section.field]]`` tables in them, keys as
the classes below have them, what has a default left out.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from crawler.audit.report.page import TEMPLATES


class Form(StrEnum):
    """What an answer looks like."""

    TEXT = "text"
    """Words; a blank line begins a paragraph."""
    YES_NO = "yes/no"
    """``true`` or ``false``."""
    LIST = "list"
    """Words, several times."""
    DATE = "date"
    """A day or a month."""
    MODALITIES = "modalities"
    """Some of :data:`MODALITIES`."""
    DATASETS = "datasets"
    """Tables with the columns :data:`DATASET_KEYS`, or names alone."""


class Who(StrEnum):
    """Who can answer."""

    LEDGER = "ledger"
    """The corpus alone: what is on record is the answer."""
    DRAFT = "draft"
    """The corpus drafts, from figures that are shown, and a person confirms, or writes an answer instead."""
    OPERATOR = "operator"
    """A person alone: nothing that a crawl records tells."""


MODALITIES = ("text", "image", "audio", "video", "other")
"""The kinds of content that the EU template tells apart."""

DATASET_KEYS = ("name", "link", "version", "period", "selection")
"""What is told of a dataset: its name, where it is, which version was used, when it was collected (MM/YYYY),
and how a part of it was chosen where not all of it was used."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """One field of a document, or one part of a field that asks for several things."""

    id: str
    """Its number, as in ``2.3.h``; the parts of one field share it."""
    label: str
    """What the document calls it; the parts of one field share it, too."""
    name: str
    """Its name in the JSON file, unique in the document, and where ``key`` is true in ``[summary]``."""
    help: str
    """What is asked for, in our words."""
    part: str | None = None
    """Which part of the field this is, in our words; None: the whole field."""
    form: Form = Form.TEXT
    """What the answer looks like."""
    who: Who = Who.OPERATOR
    """Who answers."""
    when: tuple[str, ...] = ()
    """Names of yes/no fields; it applies only if one of them is answered with yes."""
    optional: bool = False
    """Whether the document lets it be left out."""

    @property
    def key(self) -> bool:
        """Whether the operator may answer it in ``[summary]``."""
        return self.who is not Who.LEDGER


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """Fields under one heading."""

    id: str
    """Its number."""
    title: str
    """Its heading."""
    level: int = 2
    """1: a chapter, whose sections follow; 2: a section."""
    intro: str = ""
    """What is to be known before its fields are read, in our words."""
    fields: tuple[Field, ...] = ()
    """In order."""


def read(name: str) -> tuple[Section, ...]:
    """The document whose template is ``templates/<name>.toml``."""
    return _read(name)


def fields(sections: tuple[Section, ...]) -> Iterator[Field]:
    """Every field, in order."""
    for section in sections:
        yield from section.fields


@cache
def _read(name: str) -> tuple[Section, ...]:
    raw = tomllib.loads((TEMPLATES / f"{name}.toml").read_text("utf-8"))
    return tuple(
        Section(
            id=section["id"],
            title=section["title"],
            level=section.get("level", 2),
            intro=section.get("intro", ""),
            fields=tuple(
                Field(
                    **one
                    | {
                        "form": Form(one.get("form", Form.TEXT)),
                        "who": Who(one.get("who", Who.OPERATOR)),
                        "when": tuple(one.get("when", ())),
                    }
                )
                for one in section.get("field", ())
            ),
        )
        for section in raw["section"]
    )
