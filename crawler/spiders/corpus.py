"""Seeds to pages to links and images. Everything it asks for comes out of the frontier and passes the gate."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from scrapy import signals as scrapy_events
from scrapy.exceptions import DontCloseSpider

from crawler import events
from crawler.addon import assert_gated
from crawler.aside import pause
from crawler.attribution import credit, work_of
from crawler.captures import now
from crawler.corpus.withdrawal import Withdrawals
from crawler.domains import host_of
from crawler.frontier.contract import Entry, FrontierError, Offer
from crawler.items import Visit
from crawler.job import Job
from crawler.letgo import let_go
from crawler.optout.examined import Told
from crawler.optout.grammar.credits import credits_of
from crawler.optout.grammar.linked_data import works_of
from crawler.optout.grammar.links import LONGEST, outlinks_of
from crawler.optout.grammar.sniff import picture
from crawler.optout.host import Host
from crawler.optout.model import (
    Asset,
    Carrier,
    Decision,
    Kind,
    Outcome,
    Posture,
    Preference,
)
from crawler.pacing import seconds_asked
from crawler.passage import Judged, Moved, Turned
from crawler.publications import MEDIA_TYPES, described
from crawler.spiders.conditions import conditions
from crawler.spiders.contacts import Contacts
from crawler.spiders.gated import GatedSpider
from crawler.spiders.leads import Leads
from crawler.spiders.redirects import said_by, target_of
from crawler.spiders.traps import Traps

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.python.failure import Failure


SITEMAPS = 500
"""Sitemaps taken in of one robots.txt; a large site names dozens, and an index names the rest."""

REFUSED = frozenset({401, 403, 407, 429})
"""Statuses by which a host refuses; many in a row, and it is left alone."""


class CorpusSpider(GatedSpider):
    """Visits what the frontier hands out and says what became of it."""

    name = "corpus"

    def __init__(self, job: Job, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.job = job
        self._refusals: dict[str, int] = {}
        self._of_its_own: dict[str, int] = {}
        self._in_hand: dict[str, Entry] = {}
        self._asking: asyncio.Future[None] | None = None
        self._named: list[Offer] = []

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Connects to the news of origins, too."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.host_known, signal=events.host_known)
        return spider

    def opened(self) -> None:
        """Look up the gate, and what the corpus knows."""
        super().opened()
        gate, job = self.middleware, self.job
        job.checked(self.check)
        self.leads = Leads(gate.gate, job.scope, job.kinds, job.corpus.store)
        self.traps = Traps(job.frontier, job.bounds, job.tally.leave)
        self.withdrawn = Withdrawals(job.corpus.index).of
        self.contacts = Contacts(job, gate.files, self.house_rule, self.withdrawn, self._is_closing)
        if job.contacts and not job.dry_run:
            self.crawler.signals.connect(self.idle, signal=scrapy_events.spider_idle)

    async def start(self) -> AsyncIterator[Any]:
        """Nothing to start with: the seeds are in the frontier. Refuses to run without the gate."""
        assert_gated(self.crawler)
        for nothing in list[Any]():
            yield nothing

    def idle(self) -> None:
        """Everything has ended: ask whom to write to, before the crawl closes."""
        if self._asking is None and self.contacts.waiting:
            self._asking = asyncio.ensure_future(self.contacts.ask())
        if self._asking is not None and not self._asking.done():
            raise DontCloseSpider
        self._asking = None

    def _is_closing(self) -> bool:
        engine: Any = self.crawler.engine
        return not engine.running or engine._slot is None or engine._slot.closing is not None

    def host_known(self, host: Host) -> None:
        """Take in the sitemaps that an origin names."""
        asked = self.middleware.pacer.of(host)
        if self.job.follow_sitemaps and self.job.scope.allows(host.origin + "/", host_of(host.origin)):
            offers = [
                self.leads.offer(url, Kind.TEXT, depth=0, via=None, link_only=True)
                for url in asked.sitemaps[:SITEMAPS]
                if len(url) <= LONGEST and self.leads.is_new(url)
            ]
            self._named += offers
            if not self.traps.unread(offers):
                self._seed_named()

    def _seed_named(self) -> None:
        offers, self._named = self._named, []
        try:
            self.job.frontier.seed(self.traps.taken(offers)[0])
        except FrontierError as error:  # raised where it is called, it would be logged and forgotten
            self.job.fail(error)

    async def ready(self, asset: Asset) -> None:
        """Read what :meth:`house_rule` will look at; take up sitemaps of hosts that had to be read before."""
        entry = self._in_hand.get(asset.url)
        if unread := self.traps.unread((*self._named, *(() if entry is None else (entry,)))):
            await self.traps.read(unread)
        if self._named and not self.traps.unread(self._named):
            self._seed_named()

    def house_rule(self, asset: Asset, host: Host) -> tuple[str, str] | None:
        """A reason of ours to leave an asset of this origin, as ``(reason, words)``."""
        if self.job.dry_run:
            return "dry-run", "only site-level files are asked for"
        entry = self._in_hand.get(asset.url)
        if entry is not None:
            most, number = self.job.stop_after_refusals, self._refusals.get(entry.host, 0)
            if self._of_its_own.get(entry.host, 0) >= most:
                self.traps.refused(entry)
            # What others name of a host must not keep us from what it shows itself.
            if self.traps.refuses(entry) or (number >= most and self.traps.is_foreign(entry)):
                return "refusals", f"{number or 'many'} refusals in a row: the host is left alone"
            trapped = self.traps.objection(entry)
            if trapped is not None:
                return trapped
        return self.middleware.house_rule(asset, host)

    def validators(self, entry: Entry) -> tuple[dict[str, str], tuple[tuple[str, str], ...]]:
        """Conditional request headers for content we hold (RFC 9110 §13), and its stored header lines."""
        if self.traps.has_left(entry):
            return {}, ()
        return conditions(self.job.corpus.store, entry.url)

    def asking(self, entry: Entry) -> None:
        """An entry is in hand now; its request ends in :meth:`visit` or :meth:`turned`."""
        self._in_hand[entry.url] = entry
        if entry.tries:
            self.middleware.pacer.careful(entry.domain)

    def visit(self, response: Response) -> Visit | Awaitable[Visit]:
        """The end of a way that led through the gate."""
        assert response.request is not None
        self._ends(response.request, response.status)
        if response.request.meta["optout"].links_only:
            return self._listed(response)
        try:
            visit = self._visited(response)
            if unread := self.traps.unread(visit.offers):
                return self._bounded_later(response.request, visit, unread)
            return self._bounded(visit)
        except Exception as error:
            return self._broken(response.request, error, response.request.meta["optout"].decision)

    def turned(self, failure: Failure) -> Visit | Awaitable[Visit]:
        """The end of a way that ended at the gate, in a redirect, or in no answer."""
        request: Request = failure.request  # type: ignore[attr-defined]
        error = failure.value
        assert error is not None
        let_go(error)
        self._ends(request, getattr(error, "status", None), error)
        try:
            if isinstance(error, Moved):
                return self._moved(request.meta["entry"], error)
            if not isinstance(error, Turned):
                error = self.middleware.failed(request, error)
            visit = self._ended(request.meta["entry"], error)
            if unread := self.traps.unread(visit.offers):
                return self._bounded_later(request, visit, unread)
            return self._bounded(visit)
        except Exception as bug:
            before = error.decision if isinstance(error, Turned | Moved) else None
            return self._broken(request, bug, before)

    def _ends(self, request: Request, status: int | None, error: BaseException | None = None) -> None:
        """A request has ended: the pace of its domain goes by how."""
        entry: Entry = request.meta["entry"]
        self._in_hand.pop(entry.url, None)
        seconds = request.meta.get("download_latency", 0.0)
        if isinstance(error, Moved):
            self.middleware.pacer.answered(entry.domain, error.hops[-1].status, seconds)
        elif status is not None:
            self.middleware.pacer.answered(entry.domain, status, seconds)
        elif error is not None and not isinstance(error, Turned):
            self.middleware.pacer.failed(entry.domain, error)

    async def _bounded_later(self, request: Request, visit: Visit, unread: Mapping[str, str]) -> Visit:
        """As :meth:`_bounded`, of a visit that leads to hosts which are not known yet."""
        try:
            await self.traps.read(unread)
            return self._bounded(visit)
        except Exception as error:
            return self._broken(request, error, visit.decision)

    def _bounded(self, visit: Visit) -> Visit:
        """The visit without links that are left because their host has no end."""
        taken, left = self.traps.taken(visit.offers, visit.entry.host)
        if not left:
            return visit
        told = []
        for one in left:
            if one.why.reason == "depth":
                self.leads.forget(one.offer.url)  # a shorter way may lead there
            if one.told:
                asset = Asset(url=one.offer.url, kind=one.offer.kind, via=one.offer.via)
                told.append(self.middleware.gate.skip(asset, one.why.reason, one.why.words, now()))
        return replace(visit, offers=tuple(taken), left=(*visit.left, *told))

    def _broken(self, request: Request, error: Exception, before: Decision | None) -> Visit:
        """A bug of ours ends one URL, on record, and not the crawl. What was decided ``before`` stays said."""
        self.logger.exception("%s could not be taken in", request.url)
        entry: Entry = request.meta["entry"]
        asset = Asset(url=entry.url, kind=entry.kind)
        decision = self.middleware.gate.skip(before or asset, "error", type(error).__name__, now())
        return Visit(entry=entry, decision=decision)

    async def _listed(self, response: Response) -> Visit:
        """A feed or sitemap: its links are taken in slice by slice, because there may be a hundred thousand.

        They are in the frontier before it counts as read. Where that is interrupted, they are offered again.
        """
        assert response.request is not None
        judged: Judged = response.request.meta["optout"]
        entry: Entry = response.request.meta["entry"]
        self._granted(entry)
        told: list[Decision] = []
        try:
            for offers, left in self.leads.of_document(entry, judged):
                await self.traps.read(self.traps.unread(offers))
                part = self._bounded(_visit(entry, judged, judged.decision, offers=offers, left=left))
                told += part.left
                self.job.frontier.seed(part.offers)
                await pause()
        except FrontierError as error:
            self.job.fail(error)
        except Exception as error:
            return self._broken(response.request, error, judged.decision)
        return _visit(entry, judged, judged.decision, left=tuple(told))

    def _visited(self, response: Response) -> Visit:
        assert response.request is not None
        judged: Judged = response.request.meta["optout"]
        entry: Entry = response.request.meta["entry"]
        self._granted(entry)
        if judged.capture.status == 304:
            return _visit(entry, judged, judged.decision, offers=self._permitted_by_kept(entry))
        kind = judged.decision.asset.kind
        if kind is not Kind.IMAGE and not self.job.scope.allows(entry.url, entry.host):
            decision = self.middleware.gate.skip(judged.decision, "scope", self.job.scope.reach, now())
            return _visit(entry, judged, decision)
        if kind is Kind.IMAGE:
            image = picture(judged.capture.body)
            own = judged.capture.parsed(credits_of)
            named = work_of(entry.work)
            credited = credit(
                judged.decision,
                title=named.title or own.title,
                creators=named.creators or [own.creator or own.credit],
                notice=own.copyright,
            )
            return _visit(
                entry,
                judged,
                judged.decision,
                capture=judged.capture,
                title=own.title or None,
                author=own.creator or None,
                licence=credited.licence,
                attribution=credited.attribution,
                media_type=image.media_type if image else judged.capture.media_type,
                width=image.width if image else None,
                height=image.height if image else None,
            )
        if kind in MEDIA_TYPES:
            more = described(judged.decision, judged.capture)
            return _visit(entry, judged, judged.decision, capture=judged.capture, **more)
        links, told = judged.links, judged.told or Told()
        offers, left = self.leads.of_page(
            entry,
            links,
            judged.spread,
            follow=judged.follow,
            permitted=judged.permitted,
            works=judged.works,
        )
        self.traps.visited(entry, judged.capture, links, offers)
        metas = told.metas or {}
        credited = credit(judged.decision, title=told.title, creators=told.creators)
        return _visit(
            entry,
            judged,
            judged.decision,
            capture=judged.capture,
            offers=offers,
            left=left,
            licence=credited.licence,
            attribution=credited.attribution,
            title=told.title or None,
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
        offer = self.leads.offer(
            target,
            entry.kind,
            depth=entry.depth,
            via=entry.via[0] if entry.via else None,
            inherited=tuple(dict.fromkeys((*entry.inherited, *said_by(moved)))),
            hops=moved.hops,
            alt=entry.alt,
            caption=entry.caption,
            work=entry.work,
            seed=entry.seed,
            link_only=entry.link_only,
        )
        left = self.traps.taken((offer,), entry.host)[1]
        self.traps.moved(entry, offer)
        for one in left:
            words = f"redirected to {target}: {one.why.words}"
            return _visit(entry, moved, self.middleware.gate.skip(moved.decision, one.why.reason, words, now()))
        decision = self.middleware.gate.skip(moved.decision, "moved", target, now())
        return _visit(entry, moved, decision, offers=(offer,), moved_to=target, answered=None)

    def _ended(self, entry: Entry, turned: Turned) -> Visit:
        decision = turned.decision
        if decision.outcome is Outcome.RESERVED:
            self.contacts.reserved(entry.url)
        offers: tuple[Offer, ...] = ()
        left: tuple[Decision, ...] = ()
        retry_at, hold_until = self._retry(entry, turned)
        # What leads on from it is taken in when it ends; of a try that does not, nothing is remembered.
        if turned.links is not None and retry_at is None and self.job.scope.allows(entry.url, entry.host):
            offers, left = self.leads.of_page(
                entry,
                turned.links,
                turned.spread,
                follow=True,
                permitted=turned.permitted,
                works=turned.works,
                kept=False,
            )
        if entry.kept and decision.outcome is Outcome.RESERVED:
            offers += self._images_of_kept(entry, decision)
        if _refuses(turned):
            self._refused(entry)
        elif turned.status is not None:
            self._granted(entry)
        return _visit(
            entry,
            turned,
            decision,
            offers=offers,
            left=left,
            answered=decision.outcome is Outcome.RESERVED or turned.links is not None,
            dropped=turned.digest,
            retry_at=retry_at,
            hold_until=hold_until,
        )

    def _refused(self, entry: Entry) -> None:
        """One more refusal in a row, and of what the host itself has named, too, unless only others have."""
        self._refusals[entry.host] = self._refusals.get(entry.host, 0) + 1
        if not self.traps.is_foreign(entry):
            self._of_its_own[entry.host] = self._of_its_own.get(entry.host, 0) + 1

    def _granted(self, entry: Entry) -> None:
        """The host has answered otherwise: the row has ended."""
        self._refusals.pop(entry.host, None)
        self._of_its_own.pop(entry.host, None)

    def _images_of_kept(self, entry: Entry, decision: Decision) -> tuple[Offer, ...]:
        """The images of a page kept until now: they inherit what it says, though it was not read now."""
        said = self.middleware.gate.spread(decision)
        item = self.job.corpus.store.held(entry.url) if said else None
        if item is None or item.kind is not Kind.TEXT:
            return ()
        stored = self.job.corpus.store.read(item)
        links = stored.parsed(outlinks_of)
        return self.leads.of_page(entry, links, said, follow=False, kept=False)[0]

    def _permitted_by_kept(self, entry: Entry) -> tuple[Offer, ...]:
        """The images that a page licenses which is as it was: a new crawl has not heard of it."""
        if self.middleware.gate.policy.posture is not Posture.OPT_IN:
            return ()
        item = self.job.corpus.store.held(entry.url)
        if item is None or item.kind is not Kind.TEXT:
            return ()
        stored = self.job.corpus.store.read(item)
        permitted = self.middleware.gate.of_images(stored)
        if not permitted:
            return ()
        self.middleware.permit(permitted)
        links = stored.parsed(outlinks_of)
        works = works_of(stored)
        return self.leads.of_page(entry, links, (), follow=False, permitted=permitted, works=works)[0]

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


def _refuses(turned: Turned) -> bool:
    """Whether the host refused: by its status, or by a challenge in place of the page."""
    if turned.status in REFUSED:
        return True
    return turned.status is not None and any(
        ground.signal == "http-status"
        and ground.preference is Preference.DISALLOW
        and ground.evidence.carrier in (Carrier.STATUS, Carrier.HTML)
        and ground.evidence.locator != "status"
        for ground in turned.decision.grounds
    )


def _visit(entry: Entry, end: Judged | Turned | Moved, decision: Decision, **more: Any) -> Visit:
    hops = end.capture.hops if isinstance(end, Judged) else end.hops
    more = {"answered": isinstance(end, Judged)} | more
    return Visit(entry=entry, decision=decision, readings=end.readings, hops=hops, **more)
