"""What the rows of a shard are, counted while they are written, and the counts of all shards together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import TYPE_CHECKING

from crawler.export.columns import Table
from crawler.export.made import DOMAINS, Composition
from crawler.export.rows import domain_of
from crawler.export.selection import identifier_of

if TYPE_CHECKING:
    from crawler.corpus.items import Item
    from crawler.export.model import Row

UNKNOWN, OTHER, NONE = "unknown", "other", "none"
"""A language that could not be told; a licence that is named and not known; no licence."""


@dataclass(kw_only=True, slots=True)
class Tally:
    """Counts of rows."""

    rows: int = 0
    """How many there are."""
    kinds: dict[str, int] = field(default_factory=dict)
    """By kind of item."""
    outcomes: dict[str, int] = field(default_factory=dict)
    """By outcome."""
    licences: dict[str, int] = field(default_factory=dict)
    """By licence, see :class:`~crawler.export.made.Composition`."""
    languages: dict[str, int] = field(default_factory=dict)
    """By language."""
    domains: dict[str, int] = field(default_factory=dict)
    """By registrable domain, all of them."""
    runs: dict[str, int] = field(default_factory=dict)
    """By run."""
    extractors: dict[str, int] = field(default_factory=dict)
    """By extractor."""
    first: datetime | None = None
    """When the first was fetched."""
    last: datetime | None = None
    """When the last was fetched."""

    def add(self, item: Item, row: Row, table: Table) -> None:
        """Count a row."""
        self.rows += 1
        licence = item.note.licence
        _count(self.kinds, item.kind.value)
        _count(self.outcomes, item.outcome.value)
        _count(self.licences, identifier_of(licence) or (OTHER if licence else NONE))
        _count(self.domains, domain_of(item.url))
        _count(self.runs, str(row["run"]))
        if table is Table.TEXT:
            _count(self.languages, str(row["language"] or UNKNOWN))
            _count(self.extractors, str(row["extractor"]))
        at = item.fetched_at
        self.first = at if self.first is None else min(self.first, at)
        self.last = at if self.last is None else max(self.last, at)


def together(tallies: Iterable[Tally]) -> Tally:
    """The counts of all of them."""
    total = Tally()
    for one in tallies:
        total.rows += one.rows
        for name in (each.name for each in fields(Tally)):
            if isinstance(counts := getattr(total, name), dict):
                for key, number in getattr(one, name).items():
                    counts[key] = counts.get(key, 0) + number
        total.first = min((at for at in (total.first, one.first) if at is not None), default=None)
        total.last = max((at for at in (total.last, one.last) if at is not None), default=None)
    return total


def composition(tally: Tally) -> Composition:
    """The same for cards."""
    return Composition(
        kinds=ordered(tally.kinds),
        outcomes=ordered(tally.outcomes),
        licences=ordered(tally.licences),
        languages=ordered(tally.languages),
        domains=dict(list(ordered(tally.domains).items())[:DOMAINS]),
        domains_in_all=len(tally.domains),
        runs=ordered(tally.runs),
        fetched_from=tally.first,
        fetched_to=tally.last,
    )


def ordered(counts: dict[str, int] | Counter[str]) -> dict[str, int]:
    """From most to least, equal ones by name."""
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def _count(counts: dict[str, int], name: str) -> None:
    counts[name] = counts.get(name, 0) + 1
