"""Withdrawal: what somebody asked to have taken out leaves the corpus and is not collected again.

::

    type     = "withdrawal"
    urls     = URLs, exactly                          each of these five only if something is asked for by it
    prefixes = URL prefixes, up to a boundary
    hosts    = host names, exactly
    domains  = registrable domains, under the Public Suffix List with its private section
    digests  = SHA-256 of content
    reason, ticket                                    in the operator's words; no ticket: null
    items    = how many kept items matched            without those that only share their bytes
    removals = how many of the next entries are its removals

The entry is the record, the denial for every later run, and what finishes the removal after a crash. It stands
also where nothing matched. Bytes that a withdrawal took out are kept from no URL again, as those that a URL
reserves are (docs/adr/0016): the same picture under another address is the same picture.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from crawler.corpus.shunned import EMPTY
from crawler.corpus.warc import safe_url
from crawler.optout.codec import time_from_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    from crawler.corpus.corpus import Corpus
    from crawler.corpus.index import Index
    from crawler.corpus.items import Item
    from crawler.corpus.store import Store

BOUNDARIES = "/?&;"
"""Where a prefix may end: ``/art`` covers ``/art/x`` and ``/art?x``, never ``/artist``."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """What is to leave, by one selector or several; whatever one of them covers is meant."""

    urls: frozenset[str] = frozenset()
    """URLs, normalised."""
    prefixes: frozenset[str] = frozenset()
    """URL prefixes, normalised. The scheme belongs to them."""
    hosts: frozenset[str] = frozenset()
    """Host names, lower case."""
    domains: frozenset[str] = frozenset()
    """Registrable domains, lower case."""
    digests: frozenset[str] = frozenset()
    """SHA-256 of content, lower-case hexadecimal."""

    def said(self) -> dict[str, list[str]]:
        """As the ledger writes it."""
        return {name: sorted(held) for name, held in _parts(self) if held}

    @classmethod
    def heard(cls, said: Mapping[str, Any]) -> Wish:
        """The inverse of :meth:`said`; what else stands there is passed over."""
        names = [field.name for field in fields(cls)]
        return cls(**{name: frozenset(map(str, said.get(name, ()))) for name in names})

    def covers(self, url: str, sha256: str | None = None) -> str | None:
        """The selector that covers a URL, or bytes met there: ``host a.example``. None: it is not meant."""
        url = safe_url(url)
        if url in self.urls:
            return f"url {url}"
        if self.hosts or self.domains:
            host = _host(url)
            if host in self.hosts:
                return f"host {host}"
            if self.domains and (domain := _domain(host)) in self.domains:
                return f"domain {domain}"
        if self.prefixes:
            for prefix in _prefixes(url):
                if prefix in self.prefixes:
                    return f"prefix {prefix}"
        return f"sha256 {sha256}" if sha256 in self.digests else None

    def __le__(self, other: Wish) -> bool:
        return all(held <= getattr(other, name) for name, held in _parts(self))


@dataclass(frozen=True, kw_only=True, slots=True)
class Withdrawal:
    """One withdrawal, as the ledger tells it."""

    entry: int
    """Its number."""
    at: datetime
    """When."""
    wish: Wish
    """What was asked for."""
    reason: str
    """Why, in the operator's words."""
    ticket: str | None
    """What the operator calls the request."""
    items: int
    """How many kept items matched."""
    removals: int
    """How many of the next entries are its removals."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Carried:
    """What a withdrawal came to."""

    withdrawal: Withdrawal
    """The withdrawal; an earlier one if this wish was on record and nothing matched."""
    new: bool
    """Whether it was put on record now."""
    gone: tuple[Item, ...]
    """What left, the same bytes side by side."""


class Withdrawals:
    """Every withdrawal of one corpus, to ask what is not to be collected."""

    def __init__(self, index: Index) -> None:
        """``index``: up to date with the ledger."""
        self._index = index
        self.all = tuple(map(_read, index.withdrawals()))
        self._wish = _together(one.wish for one in self.all)

    def of(self, url: str) -> str | None:
        """The selector under which this URL was withdrawn; None: it was not."""
        return self._wish.covers(url)

    def of_bytes(self, sha256: str) -> str | None:
        """The same for bytes, also those that left with a URL."""
        if sha256 == EMPTY:
            return None
        gone = sha256 in self._wish.digests or self._index.withdrawn(sha256) is not None
        return f"sha256 {sha256}" if gone else None

    def on_record(self, wish: Wish) -> Withdrawal | None:
        """The last withdrawal that is about it, if all of it has been asked for before."""
        if not wish <= self._wish:
            return None
        return next(one for one in reversed(self.all) if any(set(a) & set(b) for a, b in _both(one.wish, wish)))


def matching(store: Store, wish: Wish) -> list[Item]:
    """The kept items that ``wish`` covers, oldest first. Any selector but URL and digest reads all URLs."""
    urls = set(wish.urls)
    if wish.prefixes or wish.hosts or wish.domains:
        urls.update(url for url in store.urls() if wish.covers(url))
    found = [item for url in urls for item in store.items(url=url)]
    found += [item for digest in wish.digests for item in store.items(sha256=digest)]
    return sorted({(item.file, item.offset): item for item in found}.values(), key=lambda item: item.entry)


def doomed(store: Store, items: Iterable[Item]) -> list[Item]:
    """These items, and whatever else is kept of their bytes; the same bytes side by side."""
    digests = dict.fromkeys(item.sha256 for item in items)
    return [item for digest in digests for item in store.items(sha256=digest)]


def withdraw(
    corpus: Corpus,
    wish: Wish,
    *,
    reason: str,
    ticket: str | None = None,
    run: str,
    at: datetime,
    before: Callable[[Iterable[str]], None] = lambda urls: None,
) -> Carried:
    """Take out what ``wish`` covers, with the same bytes under every URL, and never let it in again.

    The wish is on record before anything is touched: after a crash, or where there is no room to rewrite a
    file, the next opening finishes it. ``before`` is told the URLs that are about to go. A wish that matches
    nothing is recorded too, unless all of it was before. For a corpus that nothing else is being written to.
    """
    store = corpus.store
    items = matching(store, wish)
    gone = doomed(store, items)
    known = Withdrawals(corpus.index)
    if not gone and (earlier := known.on_record(wish)):
        return Carried(withdrawal=earlier, new=False, gone=())
    before(dict.fromkeys(item.url for item in gone))
    store.remove_each(
        dict.fromkeys((item.sha256 for item in gone), _reason(reason)),
        run=run,
        at=at,
        ticket=ticket,
        wish={**wish.said(), "reason": reason, "ticket": ticket, "items": len(items)},
    )
    return Carried(withdrawal=Withdrawals(corpus.index).all[-1], new=True, gone=tuple(gone))


def finish(corpus: Corpus) -> None:
    """Tell the removals that a crash kept the last withdrawal from telling, and carry them out."""
    ledger, lines = corpus.ledger, corpus.index.withdrawals()
    last = _read(lines[-1]) if lines else None
    if ledger is None or last is None or ledger.count >= last.entry + last.removals:
        return
    run = str(msgspec.json.decode(lines[-1])["run"])
    digests = (item.sha256 for item in matching(corpus.store, last.wish))
    corpus.store.remove_each(
        dict.fromkeys(digests, _reason(last.reason)),
        run=run,
        at=last.at,
        ticket=last.ticket,
        withdrawal=last.entry,
    )


def _reason(reason: str) -> str:
    return f"withdrawn: {reason}"


def _read(line: bytes) -> Withdrawal:
    said = msgspec.json.decode(line)
    return Withdrawal(
        entry=int(said["entry"]),
        at=time_from_text(said["at"]),
        wish=Wish.heard(said),
        reason=str(said.get("reason", "")),
        ticket=said.get("ticket"),
        items=int(said.get("items", 0)),
        removals=int(said.get("removals", 0)),
    )


def _together(wishes: Iterable[Wish]) -> Wish:
    every = list(wishes)
    names = [field.name for field in fields(Wish)]
    return Wish(**{name: frozenset().union(*(getattr(one, name) for one in every)) for name in names})


def _parts(wish: Wish) -> Iterator[tuple[str, frozenset[str]]]:
    return ((field.name, getattr(wish, field.name)) for field in fields(wish))


def _both(one: Wish, other: Wish) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
    return ((held, getattr(other, name)) for name, held in _parts(one))


def _prefixes(url: str) -> Iterator[str]:
    """Everything that could cover ``url`` as a prefix."""
    yield url
    for place, letter in enumerate(url):
        if letter in BOUNDARIES:
            yield url[:place]
        if letter in BOUNDARIES + "=":
            yield url[: place + 1]


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def _domain(host: str) -> str:
    from crawler.domains import owner_domain  # the list is long, and most requests name no domain

    return owner_domain(host)
