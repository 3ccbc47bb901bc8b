"""The columns of an export: declared once, for every format and every card."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from crawler.optout.model import Kind


class Table(StrEnum):
    """The two tables of an export."""

    TEXT = "text"
    """Pages and documents."""
    IMAGES = "images"
    """Images."""


TABLES = {Kind.TEXT: Table.TEXT, Kind.PDF: Table.TEXT, Kind.EPUB: Table.TEXT, Kind.IMAGE: Table.IMAGES}
"""In which table a kind of item stands."""


class Type(StrEnum):
    """What a column holds; every value may be missing unless said otherwise."""

    STRING = "string"
    STRINGS = "strings"
    """A list of strings, never missing."""
    INTEGER = "integer"
    """64 bits, signed."""
    NUMBER = "number"
    """32 bits, floating point."""
    TIME = "time"
    """A moment, UTC."""
    IMAGE = "image"
    """An image: its bytes, or the path of its file within the export."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One column."""

    name: str
    """Its name in every format."""
    type: Type
    """What it holds."""
    meaning: str
    """One sentence for the cards."""
    tables: frozenset[Table] = frozenset(Table)
    """Where it stands."""
    asked: bool = False
    """True: it is there only when an option asks for it."""


_TEXT, _IMAGES = frozenset({Table.TEXT}), frozenset({Table.IMAGES})

COLUMNS = (
    Column(
        name="id",
        type=Type.STRING,
        meaning="Name of the item in this corpus: the ledger entry of the decision to keep it, nine digits.",
    ),
    Column(name="text", type=Type.STRING, meaning="The main text.", tables=_TEXT),
    Column(name="image", type=Type.IMAGE, meaning="The image, byte for byte as it was served.", tables=_IMAGES),
    Column(name="title", type=Type.STRING, meaning="Title, as the source gives it."),
    Column(name="author", type=Type.STRING, meaning="Author, as the source gives it."),
    Column(name="date", type=Type.STRING, meaning="Date of publication, as the source gives it."),
    Column(
        name="language", type=Type.STRING, meaning="Language, identified from the text (ISO 639).", tables=_TEXT
    ),
    Column(name="language_score", type=Type.NUMBER, meaning="How sure the language is, 0 to 1.", tables=_TEXT),
    Column(name="alt", type=Type.STRING, meaning="The text alternative the page gives.", tables=_IMAGES),
    Column(name="caption", type=Type.STRING, meaning="The caption the page gives.", tables=_IMAGES),
    Column(name="width", type=Type.INTEGER, meaning="Width in pixels.", tables=_IMAGES),
    Column(name="height", type=Type.INTEGER, meaning="Height in pixels.", tables=_IMAGES),
    Column(name="url", type=Type.STRING, meaning="Where it was fetched."),
    Column(name="domain", type=Type.STRING, meaning="The registrable domain of that URL."),
    Column(name="via", type=Type.STRINGS, meaning="Pages it was found on."),
    Column(name="fetched_at", type=Type.TIME, meaning="When it was fetched."),
    Column(name="media_type", type=Type.STRING, meaning="What the stored bytes are."),
    Column(name="bytes", type=Type.INTEGER, meaning="Size of the stored bytes."),
    Column(name="sha256", type=Type.STRING, meaning="SHA-256 of the stored bytes, hexadecimal."),
    Column(
        name="exact_group",
        type=Type.STRING,
        meaning="The same for items that are the same: digest of the text without regard to case and spacing, "
        "or of the image's bytes.",
    ),
    Column(
        name="near_group",
        type=Type.STRING,
        meaning="The same for texts that are nearly the same: the id of the first of them.",
        tables=_TEXT,
        asked=True,
    ),
    Column(
        name="outcome",
        type=Type.STRING,
        meaning="`unreserved`: nothing was heard against the declared purposes; `licensed`: and an accepted "
        "licence is bound to this item. Neither means that anybody consented.",
    ),
    Column(name="licence", type=Type.STRING, meaning="The licence it names."),
    Column(name="attribution", type=Type.STRING, meaning="How its creator wants to be named."),
    Column(
        name="heard",
        type=Type.STRINGS,
        meaning="What was heard of it in brief: signal, preference, purpose, carrier.",
    ),
    Column(name="entry", type=Type.INTEGER, meaning="The ledger entry of the decision to keep it."),
    Column(name="run", type=Type.STRING, meaning="The run that kept it."),
    Column(name="extractor", type=Type.STRING, meaning="What read the text.", tables=_TEXT),
)
"""All of them, in their order."""

NEEDED = ("id", "url", "sha256", "entry")
"""Columns that no choice leaves out: without them nobody could tell what a row rests on."""


def columns_of(table: Table, chosen: frozenset[str] | None = None, *, near: bool = False) -> tuple[Column, ...]:
    """The columns of a table in their order. ``chosen``: names; None: all."""
    return tuple(
        column
        for column in COLUMNS
        if table in column.tables
        and (near or not column.asked)
        and (chosen is None or column.name in chosen or column.name in NEEDED)
    )
