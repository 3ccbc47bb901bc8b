"""What an export says of itself in ``export.json``, and that its cards and its list of sums say the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from crawler.audit.verify.findings import Findings
from crawler.audit.verify.seals import Unusable
from crawler.export import pictures
from crawler.export.cards import croissant, huggingface
from crawler.export.cards.written import PROVENANCE
from crawler.export.checking.listing import Listing
from crawler.export.columns import Table
from crawler.export.made import STATE, MadeShard
from crawler.export.state import FORMAT


@dataclass(frozen=True, kw_only=True, slots=True)
class SaidTable:
    """One table."""

    columns: tuple[str, ...]
    """Names of its columns."""
    rows: int
    """How many it has."""
    shards: tuple[MadeShard, ...]
    """Its shards, by number."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """``export.json``, as far as it is checked."""

    format: int
    """Version of the folder's layout."""
    finished: bool
    """Whether the export is finished; what follows is there only then."""
    corpus: Mapping[str, Any]
    """``log``: the name of the ledger."""
    wanted: Mapping[str, Any]
    """What was asked for."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """What made it."""
    ledger: Mapping[str, Any] = field(default_factory=dict)
    """``entries`` that were there, and the ``checkpoint``."""
    counts: Mapping[str, Any] = field(default_factory=dict)
    """``rows`` and others."""
    tables: Mapping[Table, SaidTable] = field(default_factory=dict)
    """By name."""

    @property
    def log(self) -> str:
        """Name of the ledger."""
        return str(self.corpus.get("log"))

    @property
    def entries(self) -> int:
        """Ledger entries that were there when it was made; 0: it does not say."""
        entries = self.ledger.get("entries")
        return entries if isinstance(entries, int) and not isinstance(entries, bool) else 0


def read_said(folder: Path, findings: Findings) -> Said | None:
    """What the export says; None: nothing that can be read, and the findings are told.

    Raises ``Unusable`` for an export of another version, about which nothing can be said.
    """
    try:
        data = (folder / STATE).read_bytes()
        version = msgspec.json.decode(data, type=dict[str, Any]).get("format")
        if version != FORMAT:
            raise Unusable(f"{folder / STATE} has format {version!r:.40}, this version reads {FORMAT}")
        said = msgspec.json.decode(data, type=Said)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        findings.add(f"it cannot be read: {error}", file=STATE)
        return None
    if not said.finished:
        findings.add("the export is not finished: the same command goes on with it", file=STATE)
        return None
    return said


def compare(folder: Path, said: Said, listing: Listing, findings: Findings) -> None:
    """See that what the export says of its files is what there is."""
    shards = {
        file.path: file.sha256
        for table in said.tables.values()
        for shard in table.shards
        for file in shard.files
    }
    for path, digest in shards.items():
        known = listing.digest(path)
        if known is not None and known != digest:
            findings.add(f"{STATE} says that its digest is another", file=path)
        elif not listing.is_listed(path):
            findings.add(f"{STATE} speaks of it, and it is not listed", file=path)
    pictured = 0
    for path, digest in listing.listed(*Table):
        if pictures.named(path) is not None:
            pictured += 1
            if pictures.named(path) != digest:
                findings.add("its bytes are not those that it is named after", file=path)
        elif path not in shards:
            findings.add(f"{STATE} does not speak of it", file=path)
    if said.counts.get("pictures") != pictured:
        findings.add(
            f"it counts {said.counts.get('pictures')!r:.20} pictures, there are {pictured}", file=STATE
        )
    for name, table in said.tables.items():
        if table.rows != sum(shard.rows for shard in table.shards):
            findings.add(f"its rows of {name} are not the sum over its shards", file=STATE)
    if said.counts.get("rows") != sum(table.rows for table in said.tables.values()):
        findings.add("its rows are not the sum over its tables", file=STATE)
    _cards(folder, shards, listing, findings)


def _cards(folder: Path, shards: Mapping[str, str], listing: Listing, findings: Findings) -> None:
    """See that both cards are those of this very export."""
    state = listing.digest(STATE)
    if state is not None and listing.digest(huggingface.FILE) is not None:
        words = (folder / huggingface.FILE).read_bytes()
        if state.encode() not in words:
            what = f"it is the card of another export: it does not name the digest of {STATE}"
            findings.add(what, file=huggingface.FILE)
    if listing.digest(croissant.FILE) is None:
        return
    try:
        rows = json.loads((folder / croissant.FILE).read_bytes())["distribution"]
        told = {row["contentUrl"]: row["sha256"] for row in rows if row["@type"] == "cr:FileObject"}
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        findings.add(f"it cannot be read: {error!r:.200}", file=croissant.FILE)
        return
    for path, digest in told.items():
        known = listing.digest(path)
        if known is None and not listing.is_listed(path):
            findings.add(f"it speaks of {path}, which is not listed", file=croissant.FILE)
        elif known is not None and known != digest:
            findings.add(f"it says that the digest of {path} is another", file=croissant.FILE)
    for path in (STATE, *shards, *(path for path, _ in listing.listed(PROVENANCE))):
        if path not in told:
            findings.add(f"it does not speak of {path}", file=croissant.FILE)
