"""Seeds to pages to links and images. Everything it asks for comes out of the frontier and passes the gate."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import scrapy
from scrapy import signals as scrapy_events

from crawler import events
from crawler.addon import assert_gated
from crawler.captures import now
from crawler.decompression import Undecodable, decode
from crawler.domains import host_of, politeness_domain
from crawler.frontier.contract import Entry, FrontierError, Offer
from crawler.items import Visit
from crawler.job import Job
from crawler.middlewares import OptOutMiddleware
from crawler.optout.grammar.feed import feed_of
from crawler.optout.grammar.html import page
from crawler.optout.grammar.links import LONGEST, Outlinks, outlinks
from crawler.optout.grammar.sitemap import read_sitemap
from crawler.optout.grammar.sniff import picture
from crawler.optout.host import Host
from crawler.optout.model import (
    Asset,
    Decision,
    Kind,
    Outcome,
    Statement,
)
from crawler.pacing import Pacer
from crawler.passage import Judged, Moved, Turned
from crawler.spiders.redirects import said_by, target_of

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.python.failure import Failure

SITEMAP_LIMIT = 52_428_800
"""Bytes of an uncompressed sitemap; the protocol's own limit."""

SEEN = 500_000
"""URLs remembered as offered; beyond that the frontier is asked again, which knows them all."""


class CorpusSpider(scrapy.Spider):
    """Visits what the frontier hands out and says what became of it."""

    name = "corpus"
    self_routed = True

    def __init__(self, job: Job, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.job = job
        self._seen: set[int] = set()
        self._told: set[int] = set()
        self._refusals: dict[str, int] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> CorpusSpider:
        """Connects to the news of origins."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.host_known, signal=events.host_known)
        crawler.signals.connect(spider.opened, signal=scrapy_events.spider_opened)
        return spider

    def opened(self) -> None:
        """Look up the gate, without which nothing starts."""
        assert_gated(self.crawler)
        gate = self.crawler.get_downloader_middleware(OptOutMiddleware)
        assert gate is not None
        self.middleware = gate
        self.pacer = Pacer(self.crawler, gate.gate.context.agents, self.job.max_crawl_delay)

    async def start(self) -> AsyncIterator[Any]:
        """Nothing to start with: the seeds are in the frontier. Refuses to run without the gate."""
        assert_gated(self.crawler)
        for nothing in list[Any]():
            yield nothing

    def host_known(self, host: Host) -> None:
        """Slow down to what an origin asks for, and take in the sitemaps it names."""
        asked = self.pacer.learn(host)
        if self.job.follow_sitemaps and self.job.scope.allows(host.origin + "/", host_of(host.origin)):
            offers = [
                self._offer(url, Kind.TEXT, depth=0, via=None, link_only=True)
                for url in asked.sitemaps
                if len(url) <= LONGEST and self._new(url)
            ]
            try:
                self.job.frontier.seed(offers)
            except FrontierError as error:  # raised here, it would be logged and forgotten
                self.job.fail(error)

    def house_rule(self, asset: Asset, host: Host) -> tuple[str, str] | None:
        """A reason of ours to leave an asset of this origin, as ``(reason, words)``."""
        if self.job.dry_run:
            return "dry-run", "only site-level files are asked for"
        refusals = self._refusals.get(host_of(asset.url), 0)
        if refusals >= self.job.stop_after_refusals:
            return "refusals", f"{refusals} refusals in a row: the host is left alone"
        return self.pacer.objection(host, now())

    def validators(self, entry: Entry) -> tuple[dict[str, str], tuple[tuple[str, str], ...]]:
        """Conditional request headers for content we hold (RFC 9110 §13), and its stored header lines."""
        item = self.job.corpus.store.held(entry.url)
        if item is None:
            return {}, ()
        stored = self.job.corpus.store.read(item).headers
        named = dict(reversed(stored))
        asked = {"If-None-Match": named.get("etag"), "If-Modified-Since": named.get("last-modified")}
        return {name: value for name, value in asked.items() if value}, stored

    def visit(self, response: Response) -> Visit:
        """The end of a way that led through the gate."""
        assert response.request is not None
        try:
            return self._visited(response)
        except Exception as error:
            return self._broken(response.request, error)

    def turned(self, failure: Failure) -> Visit:
        """The end of a way that ended at the gate, in a redirect, or in no answer."""
        request: Request = failure.request  # type: ignore[attr-defined]
        error = failure.value
        assert error is not None
        try:
            if isinstance(error, Moved):
                return self._moved(request.meta["entry"], error)
            if not isinstance(error, Turned):
                error = self.middleware.failed(request, error)
            return self._ended(request.meta["entry"], error)
        except Exception as bug:
            return self._broken(request, bug)

    def _broken(self, request: Request, error: Exception) -> Visit:
        """A bug of ours ends one URL, on record, and not the crawl."""
        self.logger.exception("%s could not be taken in", request.url)
        entry: Entry = request.meta["entry"]
        asset = Asset(url=entry.url, kind=entry.kind)
        decision = self.middleware.gate.skip(asset, "error", type(error).__name__, now())
        return Visit(entry=entry, decision=decision)

    def _visited(self, response: Response) -> Visit:
        assert response.request is not None
        judged: Judged = response.request.meta["optout"]
        entry: Entry = response.request.meta["entry"]
        self._refusals.pop(entry.host, None)
        if judged.capture.status == 304:
            return _visit(entry, judged, judged.decision)
        if judged.links_only:
            offers, left = self._read_link_document(entry, judged)
            return _visit(entry, judged, judged.decision, offers=offers, left=left)
        kind = judged.decision.asset.kind
        if kind is Kind.TEXT and not self.job.scope.allows(entry.url, entry.host):
            decision = self.middleware.gate.skip(judged.decision, "scope", self.job.scope.reach, now())
            return _visit(entry, judged, decision)
        if kind is Kind.IMAGE:
            image = picture(judged.capture.body)
            return _visit(
                entry,
                judged,
                judged.decision,
                capture=judged.capture,
                media_type=image.media_type if image else judged.capture.media_type,
                width=image.width if image else None,
                height=image.height if image else None,
            )
        syntax = judged.capture.parsed(page)
        links = outlinks(syntax, judged.capture.url)
        offers, left = self._offers(entry, links, judged.spread, follow=judged.follow)
        metas = {meta.name or meta.property: meta.content.strip()[:500] for meta in reversed(syntax.metas)}
        return _visit(
            entry,
            judged,
            judged.decision,
            capture=judged.capture,
            offers=offers,
            left=left,
            title=syntax.title or None,
            author=metas.get("author") or None,
            date=metas.get("article:published_time") or metas.get("date") or None,
            canonical=links.canonical,
            media_type=judged.capture.media_type or "text/plain",
        )

    def _moved(self, entry: Entry, moved: Moved) -> Visit:
        """The target becomes an entry of its own, with what its image or page inherits and every hop said."""
        target = target_of(moved, self.middleware)
        if isinstance(target, Decision):
            return _visit(entry, moved, target)
        offer = self._offer(
            target,
            entry.kind,
            depth=entry.depth,
            via=entry.via[0] if entry.via else None,
            inherited=tuple(dict.fromkeys((*entry.inherited, *said_by(moved)))),
            hops=moved.hops,
            alt=entry.alt,
            caption=entry.caption,
            seed=entry.seed,
            link_only=entry.link_only,
        )
        decision = self.middleware.gate.skip(moved.decision, "moved", target, now())
        return _visit(entry, moved, decision, offers=(offer,), moved_to=target, answered=None)

    def _ended(self, entry: Entry, turned: Turned) -> Visit:
        decision = turned.decision
        offers: tuple[Offer, ...] = ()
        left: tuple[Decision, ...] = ()
        retry_at, hold_until = self._retry(entry, turned)
        # What leads on from it is taken in when it ends; of a try that does not, nothing is remembered.
        if turned.links is not None and retry_at is None and self.job.scope.allows(entry.url, entry.host):
            offers, left = self._offers(entry, turned.links, turned.spread, follow=True, kept=False)
        if entry.kept and decision.outcome is Outcome.RESERVED:
            offers += self._images_of_kept(entry, decision)
        if turned.status == 403:
            self._refusals[entry.host] = self._refusals.get(entry.host, 0) + 1
        elif turned.status is not None:
            self._refusals.pop(entry.host, None)
        return _visit(
            entry,
            turned,
            decision,
            offers=offers,
            left=left,
            answered=decision.outcome is Outcome.RESERVED or turned.links is not None,
            retry_at=retry_at,
            hold_until=hold_until,
        )

    def _images_of_kept(self, entry: Entry, decision: Decision) -> tuple[Offer, ...]:
        """The images of a page kept until now: they inherit what it says, though it was not read now."""
        said = self.middleware.gate.spread(decision)
        item = self.job.corpus.store.held(entry.url) if said else None
        if item is None or item.kind is not Kind.TEXT:
            return ()
        stored = self.job.corpus.store.read(item)
        links = outlinks(stored.parsed(page), stored.url)
        return self._offers(entry, links, said, follow=False, kept=False)[0]

    def _retry(self, entry: Entry, turned: Turned) -> tuple[float | None, float | None]:
        """When to ask again, and how long to leave the domain alone; frontier clock."""
        decision, clock = turned.decision, self.job.frontier.now()
        for ground in decision.grounds:
            if ground.evidence.locator == "visit-time":
                opens = datetime.fromisoformat(ground.evidence.excerpt)
                return clock + max((opens - now()).total_seconds(), 1.0), None
        if decision.outcome is not Outcome.UNDETERMINED:
            return None, None
        asked = seconds_asked(turned.retry_after, now())
        hold_until = clock + asked if asked else None  # also after the last try: it is said of the host
        if entry.tries + 1 >= self.job.tries:
            return None, hold_until
        return clock + max(self.job.retry_delay * 2**entry.tries, asked), hold_until

    def _read_link_document(
        self, entry: Entry, judged: Judged
    ) -> tuple[tuple[Offer, ...], tuple[Decision, ...]]:
        """The offers of a sitemap or feed, with what a feed says about its items."""
        offers: list[Offer] = []
        left: list[Decision] = []
        capture = judged.capture
        feed = capture.parsed(feed_of)
        for url in feed.links:
            said = judged.said.get(url)
            if said and self.job.scope.allows(url, host_of(url)):
                offers.append(self._offer(url, Kind.TEXT, depth=entry.depth + 1, via=None, inherited=said))
            else:
                offers += self._page_offer(entry, url, left)
        if feed.items:
            return tuple(offers), tuple(left)
        listed = read_sitemap(_unzipped(capture.body), capture.url)
        for url in listed.sitemaps:
            if self._new(url) and self.job.scope.allows(url, host_of(url)):
                offers.append(self._offer(url, Kind.TEXT, depth=entry.depth, via=None, link_only=True))
        for url in listed.pages:
            offers += self._page_offer(entry, url, left)
        # An image listed beside a page is asked for when the page is: only then is it known what the page
        # says about it.
        return tuple(offers), tuple(left)

    def _offers(
        self,
        entry: Entry,
        links: Outlinks,
        spread: tuple[Statement, ...],
        *,
        follow: bool,
        kept: bool = True,
    ) -> tuple[tuple[Offer, ...], tuple[Decision, ...]]:
        """A page's links and images as frontier entries, and decisions on those that are out of scope.

        ``kept``: whether the page is; what a dropped page says about its images in words is dropped with it.
        """
        offers: list[Offer] = []
        left: list[Decision] = []
        images = {image.url for image in links.images} if Kind.IMAGE in self.job.kinds else set()
        if follow:
            for url in links.pages:
                if url not in images:
                    # What it says about images holds for what turns out to be one only when it is there.
                    offers += self._page_offer(entry, url, left, spread)
            for url in links.feeds:
                if self._new(url) and self.job.scope.allows(url, host_of(url)):
                    offers.append(self._offer(url, Kind.TEXT, depth=entry.depth + 1, via=None, link_only=True))
        for image in links.images:
            # An image that an earlier run kept has to hear of it, also in a run that looks for none.
            if image.url in images or (spread and self.job.corpus.store.held(image.url) is not None):
                offers.append(
                    self._offer(
                        image.url,
                        Kind.IMAGE,
                        depth=entry.depth + 1,
                        via=entry.url,
                        inherited=self._untold(image.url, spread),
                        alt=(image.alt or None) if kept else None,
                        caption=(image.caption or None) if kept else None,
                    )
                )
        return tuple(offers), tuple(left)

    def _page_offer(
        self, entry: Entry, url: str, left: list[Decision], inherited: tuple[Statement, ...] = ()
    ) -> Iterator[Offer]:
        new = self._new(url)
        inherited = self._untold(url, inherited)
        if not new and not inherited:
            return
        host = host_of(url)
        if self.job.scope.allows(url, host):
            yield self._offer(url, Kind.TEXT, depth=entry.depth + 1, via=None, host=host, inherited=inherited)
        elif new:
            asset = Asset(url=url, kind=Kind.TEXT)
            left.append(self.middleware.gate.skip(asset, "scope", self.job.scope.reach, now()))

    def _untold(self, url: str, said: tuple[Statement, ...]) -> tuple[Statement, ...]:
        """What the frontier was not told about ``url`` lately: one page that says so is enough.

        A site whose every page reserves its images would otherwise add every page's words to every image.
        """
        if not said:
            return ()
        if len(self._told) >= SEEN:
            self._told.clear()
        fresh = []
        for statement in said:
            key = hash((url, statement.signal, statement.purpose, statement.preference, statement.basis))
            if key not in self._told:
                self._told.add(key)
                fresh.append(statement)
        return tuple(fresh)

    def _new(self, url: str) -> bool:
        """Whether the URL was not offered lately; the frontier itself knows every one."""
        if len(self._seen) >= SEEN:
            self._seen.clear()
        key = hash(url)
        if key in self._seen:
            return False
        self._seen.add(key)
        return True

    def _offer(self, url: str, kind: Kind, *, host: str | None = None, **more: Any) -> Offer:
        host = host_of(url) if host is None else host
        return Offer(url=url, kind=kind, host=host, domain=politeness_domain(host), **more)


def _visit(entry: Entry, end: Judged | Turned | Moved, decision: Decision, **more: Any) -> Visit:
    hops = end.capture.hops if isinstance(end, Judged) else end.hops
    more = {"answered": isinstance(end, Judged)} | more
    return Visit(entry=entry, decision=decision, readings=end.readings, hops=hops, **more)


def _unzipped(body: bytes) -> bytes:
    """A sitemap that was compressed as a file; what does not decode is no sitemap."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    try:
        return decode(body, ["gzip"], SITEMAP_LIMIT)
    except Undecodable:
        return b""


def seconds_asked(retry_after: str | None, at: datetime) -> float:
    """Seconds that a ``Retry-After`` asks us to stay away (RFC 9110 §10.2.3), a day at most; 0 for none."""
    value = (retry_after or "").strip()
    if value.isascii() and value.isdigit():
        return float(min(int(value[:9]), 86_400))
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return 0.0
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return min(max((until - at) / timedelta(seconds=1), 0.0), 86_400.0)
