"""Where a document leads: links and images as entries, each told what the document says about it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from crawler.aside import SLICE
from crawler.attribution import work_to_text
from crawler.captures import now
from crawler.corpus.store import Store
from crawler.domains import host_of, politeness_domain
from crawler.frontier.contract import Entry, Offer
from crawler.frontier.known import Known
from crawler.listed import listed
from crawler.optout import Gate
from crawler.optout.grammar.feed import feed_of
from crawler.optout.grammar.linked_data import Work
from crawler.optout.grammar.links import Outlinks
from crawler.optout.model import Asset, Decision, Kind, Preference, Statement
from crawler.passage import Judged
from crawler.scope import Scope

SEEN = 500_000
"""URLs remembered as offered; beyond that the frontier is asked again, which knows them all."""

NOTHING: Mapping[str, tuple[Statement, ...]] = {}
UNNAMED: Mapping[str, Work] = {}


class Leads:
    """Turns what pages, feeds and sitemaps link to into offers, and remembers what was offered lately."""

    def __init__(self, gate: Gate, scope: Scope, kinds: Collection[Kind], store: Store) -> None:
        self._gate = gate
        self._scope = scope
        self._kinds = kinds
        self._store = store
        self._seen = Known(SEEN)
        self._told = Known(SEEN)
        self._said: tuple[Statement, ...] = ()
        self._meaning = 0

    def of_page(
        self,
        entry: Entry,
        links: Outlinks,
        spread: tuple[Statement, ...],
        *,
        follow: bool,
        permitted: Mapping[str, tuple[Statement, ...]] = NOTHING,
        works: Mapping[str, Work] = UNNAMED,
        kept: bool = True,
    ) -> tuple[tuple[Offer, ...], tuple[Decision, ...]]:
        """A page's links and images as frontier entries, and decisions on those that are out of scope.

        ``permitted``: what it permits of single images, by URL; ``works``: what it calls them. ``kept``:
        whether the page is; what a dropped page says about its images in words is dropped with it.
        """
        found = self._of_page(entry, links, spread, follow, permitted, works, kept)
        return _parted(found)

    def _of_page(
        self,
        entry: Entry,
        links: Outlinks,
        spread: tuple[Statement, ...],
        follow: bool,
        permitted: Mapping[str, tuple[Statement, ...]],
        works: Mapping[str, Work],
        kept: bool,
    ) -> Iterator[Offer | Decision]:
        images = {image.url for image in links.images} if Kind.IMAGE in self._kinds else set()
        if follow:
            for url in links.pages:
                if url not in images:
                    # What it says about images holds for what turns out to be one only when it is there.
                    yield from self._page_offer(entry, url, spread)
            for url in links.feeds:
                if self.is_new(url) and self._scope.allows(url, host_of(url)):
                    yield self.offer(url, Kind.TEXT, depth=entry.depth + 1, via=None, link_only=True)
        for image in links.images:
            # An image that an earlier run kept has to hear of it, also in a run that looks for none.
            if image.url in images or (spread and self._store.held(image.url) is not None):
                yield self.offer(
                    image.url,
                    Kind.IMAGE,
                    depth=entry.depth + 1,
                    via=entry.url,
                    inherited=(
                        *self._untold(image.url, spread),
                        *self._unpermitted(image.url, permitted.get(image.url, ())),
                    ),
                    alt=(image.alt or None) if kept else None,
                    caption=(image.caption or None) if kept else None,
                    work=work_to_text(works[image.url]) if image.url in works else None,
                )

    def of_document(
        self, entry: Entry, judged: Judged
    ) -> Iterator[tuple[tuple[Offer, ...], tuple[Decision, ...]]]:
        """As :meth:`of_page`, of a sitemap or feed, in slices; with what a feed says about its items."""
        found = self._of_document(entry, judged)
        while part := tuple(islice(found, SLICE)):
            yield _parted(part)

    def _of_document(self, entry: Entry, judged: Judged) -> Iterator[Offer | Decision]:
        capture = judged.capture
        feed = capture.parsed(feed_of)
        for url in feed.links:
            said = judged.said.get(url)
            if said and self._scope.allows(url, host_of(url)):
                yield self.offer(url, Kind.TEXT, depth=entry.depth + 1, via=None, inherited=said)
            else:
                yield from self._page_offer(entry, url)
        if feed.items:
            return
        found = capture.parsed(listed)
        for url in found.sitemaps:
            if self.is_new(url) and self._scope.allows(url, host_of(url)):
                yield self.offer(url, Kind.TEXT, depth=entry.depth, via=None, link_only=True)
        for url in found.pages:
            yield from self._page_offer(entry, url)
        # An image listed beside a page is asked for when the page is: only then is it known what the page
        # says about it.

    def offer(self, url: str, kind: Kind, *, host: str | None = None, **more: Any) -> Offer:
        """An entry for ``url``; ``more``: the other fields of an offer."""
        host = host_of(url) if host is None else host
        return Offer(url=url, kind=kind, host=host, domain=politeness_domain(host), **more)

    def is_new(self, url: str) -> bool:
        """Whether the URL was not offered lately; the frontier itself knows every one."""
        if url in self._seen:
            return False
        self._seen.add(url)
        return True

    def forget(self, url: str) -> None:
        """The URL was not taken up: it is new again when it is met once more."""
        self._seen.discard(url)

    def _page_offer(
        self, entry: Entry, url: str, inherited: tuple[Statement, ...] = ()
    ) -> Iterator[Offer | Decision]:
        new = self.is_new(url)
        inherited = self._untold(url, inherited)
        if not new and not inherited:
            return
        host = host_of(url)
        if self._scope.allows(url, host):
            yield self.offer(url, Kind.TEXT, depth=entry.depth + 1, via=None, host=host, inherited=inherited)
        elif new:
            asset = Asset(url=url, kind=Kind.TEXT)
            yield self._gate.skip(asset, "scope", self._scope.reach, now())

    def told(self, offers: Iterable[Offer]) -> None:
        """The frontier has these offers, or will have them when what names them is on record.

        Only from then on is it not told again: what names them may yet be given up, and its words with it.
        """
        for offer in offers:
            denied = tuple(one for one in offer.inherited if one.preference is not Preference.ALLOW)
            permitted = tuple(one for one in offer.inherited if one.preference is Preference.ALLOW)
            if denied:
                self._told.add(self._key(offer.url, denied))
            if permitted:
                self._told.add(_licensed(offer.url, permitted))

    def _untold(self, url: str, said: tuple[Statement, ...]) -> tuple[Statement, ...]:
        """What the frontier was not told about ``url`` lately: one page that says so is enough.

        A site whose every page reserves its images would otherwise add every page's words to every image.
        """
        return () if not said or self._key(url, said) in self._told else said

    def _unpermitted(self, url: str, said: tuple[Statement, ...]) -> tuple[Statement, ...]:
        """What the frontier was not told to be permitted of ``url`` lately; each licence is another word."""
        return () if not said or _licensed(url, said) in self._told else said

    def _key(self, url: str, said: tuple[Statement, ...]) -> tuple[str, int]:
        """``url`` with all that a decision may depend on of what is said against it, by one page at a time."""
        if said != self._said:
            self._said = said
            self._meaning = hash(tuple(map(_word, said)))
        return url, self._meaning


def _word(said: Statement) -> tuple[object, ...]:
    return said.signal, said.purpose, said.preference, said.basis, said.evidence.carrier, said.kind


def _licensed(url: str, said: tuple[Statement, ...]) -> tuple[object, ...]:
    return url, tuple((*_word(one), one.terms) for one in said)


def _parted(found: Iterable[Offer | Decision]) -> tuple[tuple[Offer, ...], tuple[Decision, ...]]:
    offers: list[Offer] = []
    left: list[Decision] = []
    for one in found:
        if isinstance(one, Offer):
            offers.append(one)
        else:
            left.append(one)
    return tuple(offers), tuple(left)
