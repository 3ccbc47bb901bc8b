"""Which items of a corpus become rows, and in which window each of them stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

from crawler.corpus.holds import State
from crawler.export.columns import TABLES, Table
from crawler.export.model import Wanted
from crawler.optout.grammar.licences import IDENTIFIERS, licence_of

if TYPE_CHECKING:
    from crawler.corpus.corpus import Corpus
    from crawler.corpus.holds import Holds
    from crawler.corpus.items import Item

HELD = "held"
"""Why an item is left out that a recheck holds back; other reasons are names of filters."""

_VERSION = re.compile(r"-[0-9.]+\Z")


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """The items of one table of which one shard speaks, before any words are read."""

    number: int
    """The shard's."""
    items: tuple[Item, ...]
    """Those that are asked for, by entry."""
    left: dict[str, int] = field(default_factory=dict)
    """How many others there are, by the reason that left them out."""


class Selection:
    """What is asked for of one corpus as it is now."""

    def __init__(
        self,
        corpus: Corpus,
        holds: Holds,
        wanted: Wanted,
        *,
        last: int,
        window: int,
        reserved: frozenset[str] = frozenset(),
    ) -> None:
        """``last``: the last ledger entry that counts, so that what a crawl adds meanwhile does not.

        ``reserved``: see :func:`reserved_bytes`.
        """
        self._corpus = corpus
        self._holds = holds
        self._reserved = reserved
        self._wanted = wanted
        self._last = last
        self._window = window

    def windows(self, table: Table) -> Iterator[Window]:
        """The windows of a table in which anything is kept, in their order; one is in memory at a time."""
        for number, items in groupby(
            (item for item in self._corpus.index.in_order(self._last) if TABLES[item.kind] is table),
            key=lambda item: item.entry // self._window,
        ):
            chosen: list[Item] = []
            left: dict[str, int] = {}
            for item in items:
                why = self.left_out(item)
                if why is None:
                    chosen.append(item)
                else:
                    left[why] = left.get(why, 0) + 1
            yield Window(number=number, items=tuple(chosen), left=left)

    def left_out(self, item: Item) -> str | None:
        """Why an item is not asked for: :data:`HELD` or the name of a filter; None: it is.

        Which language a text is in shows only when it is read.
        """
        wanted = self._wanted
        if item.sha256 in self._reserved or self._holds.of(item.url) is not None:
            return HELD
        if item.kind not in wanted.kinds:
            return "kind"
        if wanted.languages and TABLES[item.kind] is not Table.TEXT:
            return "language"
        if wanted.since is not None and item.fetched_at < wanted.since:
            return "since"
        if wanted.licences and not names_of(item.note.licence) & wanted.licences:
            return "licence"
        return None

    def refers(self, sha256: str, table: Table) -> Iterator[Item]:
        """The items with these bytes that are asked for."""
        for item in self._corpus.store.items(sha256=sha256):
            if TABLES[item.kind] is table and item.entry <= self._last and self.left_out(item) is None:
                yield item


def reserved_bytes(corpus: Corpus, holds: Holds, last: int) -> frozenset[str]:
    """Digests of what is kept from URLs that a recheck found reserved, without taking it out yet.

    Bytes that one URL reserves are kept from no other (docs/adr/0016), and so they are exported from none.
    """
    found = ((item.sha256, holds.of(item.url)) for item in corpus.index.in_order(last))
    return frozenset(sha256 for sha256, hold in found if hold is not None and hold.state is State.RESERVED)


def tables_of(wanted: Wanted) -> tuple[Table, ...]:
    """The tables that an export has, text first."""
    asked = {TABLES[kind] for kind in wanted.kinds} - ({Table.IMAGES} if wanted.languages else set())
    return tuple(table for table in Table if table in asked)


def identifier_of(licence: str | None) -> str | None:
    """The SPDX identifier of what an item names as its licence, by URL or identifier; None: none known."""
    if not licence:
        return None
    return licence if licence in IDENTIFIERS else licence_of(licence)


def names_of(licence: str | None) -> frozenset[str]:
    """Identifier and family of a licence."""
    identifier = identifier_of(licence)
    return frozenset() if identifier is None else frozenset({identifier, _VERSION.sub("", identifier)})
