"""What an export is asked for, and what it is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Protocol

from crawler.export.columns import Column, Table
from crawler.optout.model import Kind
from crawler.text.model import How

WINDOW = 10_000
"""Ledger entries that one shard speaks for. What stands in which shard depends on nothing else, so that taking
an item out changes no shard but its own. With :data:`KEY` it gives keys as img2dataset has them."""

KEY = "09d"
"""How an entry is written as the name of an item."""

Row = Mapping[str, Any]
"""One row by column name. Values by :class:`~crawler.export.columns.Type`: ``str``, tuple of ``str``, ``int``,
``float``, aware ``datetime``, :class:`Picture`; or None."""


class ExportError(Exception):
    """An export cannot be made as it was asked for: one sentence says what, where, what to do. Exit code 2."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """The value of an image column."""

    name: str
    """Its file name: id and the ending of its media type, ``000000041.jpg``; where images are files of their
    own, their path within the export."""
    data: bytes | None = field(repr=False)
    """Its bytes; None where it is a file of its own."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What is asked for. Two exports that want the same of the same corpus are the same export."""

    format: Literal["parquet", "webdataset", "jsonl"]
    """How it is written."""
    kinds: frozenset[Kind] = frozenset(Kind)
    """What kinds of items."""
    since: datetime | None = None
    """Only what was fetched at this moment or later; UTC."""
    licences: frozenset[str] = frozenset()
    """Only items under one of these licences or families of licences; empty: whatever they say."""
    languages: frozenset[str] = frozenset()
    """Only texts in one of these languages, and no images; empty: all."""
    columns: frozenset[str] | None = None
    """Only these columns and those that are needed; None: all."""
    how: How = field(default_factory=How)
    """How words are read."""
    images: Literal["bytes", "files"] = "bytes"
    """Whether images stand in the tables or are files beside them."""
    compressed: bool = True
    """Whether JSON Lines are compressed with Zstandard."""


class Sink(Protocol):
    """One shard of one table while it is written."""

    def add(self, row: Row) -> None:
        """Write the next row."""


class Format(Protocol):
    """One way to write shards. Deterministic: the same rows give the same bytes."""

    def files(self, table: Table, shard: int) -> Sequence[str]:
        """Paths of the files of a shard within the export, the first one that which holds the rows."""

    def begin(
        self, folder: Path, table: Table, shard: int, columns: Sequence[Column]
    ) -> AbstractContextManager[Sink]:
        """A shard to be written. When the context ends, its :meth:`files` are whole, durable and under their
        names; when it ends with an exception, none of them is there. An ``OSError`` names its file."""
