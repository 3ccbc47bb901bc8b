"""What was made: the facts of one export, for its cards and for ``export.json``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from crawler.corpus.manifest import Manifest
from crawler.export.columns import Column, Table
from crawler.export.model import Wanted

STATE = "export.json"
"""What an export says about itself; the first file that is written and the last."""

DOMAINS = 100
"""Registrable domains that are named, those with most rows first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MadeFile:
    """One file of a shard."""

    path: str
    """Its path within the export, with ``/``."""
    sha256: str
    """Digest of its bytes, hexadecimal."""
    bytes: int
    """Its size."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MadeShard:
    """One shard, whole and on disk."""

    number: int
    """Ledger entries ``number * WINDOW`` and following."""
    rows: int
    """How many; at least one."""
    inputs: str
    """Digest of everything that it was made from, see ``inputs``."""
    files: tuple[MadeFile, ...]
    """The one that holds the rows first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MadeTable:
    """One table with all its shards."""

    table: Table
    """Which."""
    columns: tuple[Column, ...]
    """Its columns in their order."""
    shards: tuple[MadeShard, ...] = ()
    """By number; empty: the table has no rows and no files."""

    @property
    def rows(self) -> int:
        """Rows of all shards."""
        return sum(shard.rows for shard in self.shards)

    @property
    def bytes(self) -> int:
        """Bytes of all files of shards; pictures that are files of their own are not among them."""
        return sum(file.bytes for shard in self.shards for file in shard.files)


@dataclass(frozen=True, kw_only=True, slots=True)
class Spoilt:
    """An item that was left out because its record in the archive is damaged."""

    url: str
    """Where it was fetched."""
    entry: int
    """The ledger entry of the decision to keep it."""
    why: str
    """What is wrong with the record, in one sentence."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """How many items became rows, and why the others did not. Every item of the corpus is in one of them."""

    rows: int = 0
    """Items that are rows."""
    empty: int = 0
    """Texts in which there are no words."""
    unread: Mapping[str, int]
    """Texts whose words could not be had, by reason; damaged records are not among them."""
    damaged: int = 0
    """Items whose record is damaged."""
    held_back: int = 0
    """Items that a recheck holds back."""
    filtered: Mapping[str, int]
    """Items that were not asked for, by the first filter that left them out: ``kind``, ``since``, ``licence``,
    ``language``."""
    pictures: int = 0
    """Pictures that are files of their own."""
    picture_bytes: int = 0
    """Their bytes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Composition:
    """What the rows are, counted: each mapping from most to least, equal ones by name; sums are the rows."""

    kinds: Mapping[str, int]
    """``text``, ``image``, ``pdf``, ``epub``."""
    outcomes: Mapping[str, int]
    """``unreserved``, ``licensed``."""
    licences: Mapping[str, int]
    """SPDX identifier where the licence is known, ``other`` for one that is named and not known, ``none``."""
    languages: Mapping[str, int]
    """ISO 639 code of texts, ``unknown`` where it could not be told; images are not counted."""
    domains: Mapping[str, int]
    """The :data:`DOMAINS` registrable domains with most rows."""
    domains_in_all: int
    """How many different ones there are."""
    runs: Mapping[str, int]
    """Runs that kept them."""
    fetched_from: datetime | None
    """When the first of them was fetched, UTC; None: there are no rows."""
    fetched_to: datetime | None
    """When the last of them was."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """One withdrawal, as far as cards tell of it: never what it named."""

    at: datetime
    """When it was carried out."""
    items: int
    """How many kept items it covered."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """What the corpus stood at when the export was made."""

    entries: int
    """Ledger entries that were there."""
    checkpoint: bytes | None
    """The last checkpoint as it was signed, a note of ``crawler.audit.note``; None: nothing was signed yet."""
    checkpoint_size: int
    """Entries under it; 0: there is none."""
    considered: Mapping[str, int]
    """Decisions in the ledger by outcome, all runs together."""
    reserved: Mapping[str, int]
    """Decisions that ended as reserved or undetermined, by each signal of their grounds: from most to least."""
    removals: int
    """Contents that were removed so far, for whatever reason."""
    withdrawals: tuple[Taken, ...]
    """Removals that somebody asked for, oldest first."""
    rechecks: int
    """Findings of rechecks that are on record."""
    rechecked_at: datetime | None
    """When the last of them was found; None: nothing was ever rechecked."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """A finished export."""

    wanted: Wanted
    """What was asked for."""
    at: datetime
    """When it was finished, UTC; for what is deterministic, :attr:`Composition.fetched_to` serves better."""
    corpus: Manifest
    """What the corpus is, with its identity, keys and runs."""
    manifest: bytes
    """The corpus' ``heedful.json``, byte for byte, which the checkpoint names by its digest."""
    standing: Standing
    """Its ledger, in numbers."""
    versions: Mapping[str, str]
    """What made it: ``heedful``, ``python``, the extractor and whatever else the bytes depend on."""
    extractors: tuple[str, ...]
    """What read the words, such as ``resiliparse 2.0.1``; sorted."""
    tables: tuple[MadeTable, ...]
    """Those that were asked for, text first."""
    counts: Counts
    """How many items became rows."""
    composition: Composition
    """What the rows are."""
    damaged: tuple[Spoilt, ...]
    """What was left out because it is damaged; not more than are worth listing, see :attr:`Counts.damaged`."""
