"""Asks again about everything that is kept: one domain at a time each, politely, and through the gate.

The site-level files of an origin come first. If they can be had and items are to be asked, its pages follow,
and then its images, each after the pages that show it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import scrapy
from scrapy import signals as scrapy_events

from crawler.addon import assert_gated
from crawler.captures import now
from crawler.corpus.withdrawal import Withdrawals
from crawler.domains import host_of, politeness_domain
from crawler.optout.grammar.links import outlinks_of
from crawler.optout.host import Host
from crawler.optout.model import OPEN, Asset, Decision, Hop, Kind, Outcome, Statement
from crawler.pacing import seconds_asked
from crawler.passage import Judged, Moved, Passage, Turned
from crawler.recheck import Readings, Recheck
from crawler.sitefiles import SingleFlight
from crawler.spiders.conditions import conditions
from crawler.spiders.gated import GatedSpider
from crawler.spiders.redirects import said_by, target_of

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.corpus.items import Item

DOMAINS = 64
"""Domains that are asked at once."""

PATIENCE = 60.0
"""Seconds that a server may ask us to wait for; one that asks for more is left alone until the next recheck."""

REFUSED = frozenset({403, 429})
"""Statuses of which several in a row mean that a host is to be left alone."""

BREATH = 100
"""Judgements after which others get their turn, where nothing had to be waited for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class End:
    """Where asking for something ended."""

    decision: Decision
    readings: Readings
    hops: tuple[Hop, ...] = ()
    spread: tuple[Statement, ...] = ()
    """What the images of this page inherit."""
    images: tuple[str, ...] | None = None
    """The images of this page; None: its content was not read."""
    retry_after: str | None = None


class RecheckSpider(GatedSpider):
    """Asks, and hands what it heard to a :class:`~crawler.recheck.Recheck`."""

    name = "recheck"

    def __init__(self, recheck: Recheck, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._recheck = recheck
        self._store = recheck.job.corpus.store
        self._domains = recheck.agenda.domains()
        self._workers: list[asyncio.Task[None]] = []
        self._over = asyncio.Event()
        self._flights = SingleFlight()
        self._refusals: dict[str, int] = {}
        self._resting: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Connects to its own end, too."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.ended, signal=scrapy_events.spider_closed)
        return spider

    def opened(self) -> None:
        """Look up the gate, and what was withdrawn."""
        super().opened()
        self._recheck.job.checked(self.check)
        self.withdrawn = Withdrawals(self._recheck.job.corpus.index).of

    async def start(self) -> AsyncIterator[Any]:
        """Does all of the asking. Refuses to run without the gate."""
        assert_gated(self.crawler)
        at_once = min(DOMAINS, self.crawler.settings.getint("CONCURRENT_REQUESTS"), len(self._domains))
        self._workers = [asyncio.ensure_future(self._work()) for _ in range(at_once)]
        try:
            if self._workers:
                await asyncio.wait(self._workers)
        finally:
            self._over.set()  # what still comes in after an interruption is no answer
        for nothing in list[Any]():
            yield nothing

    async def ended(self) -> None:
        """Wait for nobody."""
        self._over.set()
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)

    def house_rule(self, asset: Asset, host: Host) -> tuple[str, str] | None:
        """A reason of ours to leave an asset of this origin, as ``(reason, words)``."""
        name = host_of(asset.url)
        if self._refusals.get(name, 0) >= self._recheck.job.stop_after_refusals:
            return "refusals", f"{self._refusals[name]} refusals in a row: the host is left alone"
        if politeness_domain(name) in self._resting:
            return "retry-after", f"asks to be left alone for more than {PATIENCE:g} s"
        return self.middleware.house_rule(asset, host)

    async def _work(self) -> None:
        """Ask one domain after the other until none is left."""
        agenda = self._recheck.agenda
        while self._domains and not self._over.is_set():
            domain = self._domains.pop(0)
            try:
                for origin in agenda.origins(domain):
                    if not self._over.is_set():
                        await self._origin(domain, origin)
            except Exception as error:  # what cannot be recorded ends the recheck
                self._recheck.job.fail(error)
                self._over.set()

    async def _origin(self, domain: str, origin: str) -> None:
        recheck = self._recheck
        urls = recheck.agenda.urls(domain, origin)
        host = await self.middleware.files.host(urls[0])
        unreachable: tuple[Statement, ...] = ()
        for number, url in enumerate(urls, 1):
            if number % BREATH == 0:
                await asyncio.sleep(0)
            if self._over.is_set():
                return
            if recheck.wish.items and not host.unreachable:
                await self._once(url)
                continue
            item = recheck.held(url)
            if item is None:  # it went with the same bytes elsewhere
                continue
            asset, inherited = recheck.kept(item)
            end = await self._by_host(asset, host, inherited)
            if self._over.is_set():
                return
            recheck.judged(
                asset, end.decision, readings=end.readings, hops=end.hops, of_origin=bool(host.unreachable)
            )
            if host.unreachable and end.decision.outcome is Outcome.UNDETERMINED:
                unreachable = unreachable or end.decision.grounds
        readings = [(capture, "host-file") for capture in host.captures]
        if host.unreachable and not unreachable:
            unreachable = await self._unreachable(urls[0], host)
        if not self._over.is_set():
            recheck.asked(domain, origin, readings=readings, unreachable=unreachable)

    async def _unreachable(self, url: str, host: Host) -> tuple[Statement, ...]:
        """What could not be had of an origin of which every URL is reserved anyway."""
        end = await self._by_host(Asset(url=url, kind=Kind.TEXT), host, ())
        return tuple(one for one in end.decision.heard if one.evidence.locator == "unreachable")

    async def _by_host(self, asset: Asset, host: Host, inherited: tuple[Statement, ...]) -> End:
        """Judge by site-level files alone."""
        passage = Passage(asset, ())
        try:
            decision = await self.middleware.at_host(passage, host, _concerning(asset, inherited))
        except Exception as error:
            decision = self._broken(asset, error)
        return End(decision=decision, readings=passage.readings)

    async def _once(self, url: str) -> None:
        """Ask an item, unless it was asked already; what is being asked now is waited for."""
        for _ in range(2):  # what was under way may have been for what it says of its images alone
            if self._recheck.agenda.state(url) is None:
                await self._flights.run(url, lambda: self._item(url))

    async def _item(self, url: str) -> None:
        recheck = self._recheck
        item = recheck.held(url)
        if item is None or recheck.agenda.state(url) is not None:
            return
        asset, inherited = recheck.kept(item)
        untold: tuple[Statement, ...] = ()
        if item.kind is Kind.IMAGE:
            said, untold = await self._pages(asset, item)
            inherited = tuple(dict.fromkeys((*inherited, *said)))
        end = await self._patiently(asset, inherited)
        if untold and end.decision.outcome in OPEN:
            end = replace(end, decision=self.middleware.gate.also(end.decision, untold, now()))
        if self._over.is_set():
            return
        recheck.judged(asset, end.decision, readings=end.readings, hops=end.hops)
        if item.kind is Kind.TEXT:
            self._hear(asset.url, end)

    async def _pages(self, image: Asset, item: Item) -> tuple[tuple[Statement, ...], tuple[Statement, ...]]:
        """What the pages of an image say of it, and what could not be told of them."""
        said: list[Statement] = list(self._recheck.said.of(image.url))
        untold: list[Statement] = []
        for url in dict.fromkeys((*((image.via,) if image.via else ()), *item.note.via)):
            if self._recheck.agenda.page(url) is None:
                await self._flights.run(url, lambda url=url: self._page(url))  # type: ignore[misc]
            heard = self._recheck.agenda.page(url)
            if heard is None:
                # It was interrupted, or broke.
                left = self.middleware.gate.skip(image, "page", f"{url} was not heard", now())
                heard = (), left.grounds
            said += heard[0]
            untold += heard[1]
        return tuple(said), tuple(untold)

    async def _page(self, url: str) -> None:
        """Ask a page for what it says of its images; one that is kept is asked as the item that it is."""
        if self._recheck.held(url) is not None:
            host = await self.middleware.files.host(url)
            if not host.unreachable:
                await self._item(url)
                return
        end = await self._patiently(Asset(url=url, kind=Kind.TEXT), ())
        if not self._over.is_set():
            self._hear(url, end)

    def _hear(self, url: str, end: End) -> None:
        """Remember what a page says of its images, and tell those that are kept."""
        recheck = self._recheck
        untold = end.decision.grounds if end.decision.outcome is Outcome.UNDETERMINED else ()
        recheck.agenda.heard(url, end.spread, untold)
        images = end.images
        if end.spread and images is None:
            item = recheck.held(url)
            if item is not None and item.kind is Kind.TEXT:
                links = self._store.read(item).parsed(outlinks_of)
                images = tuple(image.url for image in links.images)
        recheck.spread(url, end.spread, images or ())

    async def _patiently(self, asset: Asset, inherited: tuple[Statement, ...]) -> End:
        """Ask; a server that asks for a short pause is asked once more after it."""
        end = await self._guarded(asset, inherited)
        pause = seconds_asked(end.retry_after, now())
        if end.decision.outcome is Outcome.UNDETERMINED and pause and not self._over.is_set():
            if pause > PATIENCE:
                self._resting.add(politeness_domain(host_of(asset.url)))
                return end
            await asyncio.sleep(pause)
            end = await self._guarded(asset, inherited)
        return end

    async def _guarded(self, asset: Asset, inherited: tuple[Statement, ...]) -> End:
        try:
            return await self._ask(asset, inherited)
        except Exception as error:  # a bug of ours tells nothing about one URL, and ends nothing else
            return End(decision=self._broken(asset, error), readings=())

    def _broken(self, asset: Asset, error: Exception) -> Decision:
        if not self._over.is_set():
            self.logger.exception("%s could not be judged", asset.url)
        return self.middleware.gate.skip(asset, "error", type(error).__name__, now())

    async def _ask(self, asset: Asset, inherited: tuple[Statement, ...]) -> End:
        """Ask for an asset and follow where it leads; what is said there is said of it."""
        readings: list[Any] = []
        first: Moved | None = None
        hops: tuple[Hop, ...] = ()
        url, said = asset.url, inherited
        while True:
            came: Judged | Turned | Decision = await self._came(asset, url, said, hops, readings)
            if isinstance(came, Moved):
                first = first or came
                hops = came.hops
                target = target_of(came, self.middleware)
                if isinstance(target, str):
                    url, said = target, tuple(dict.fromkeys((*said, *said_by(came))))
                    continue
                came = target
            break
        decision = came if isinstance(came, Decision) else came.decision
        end = _end(came, decision, self.middleware.gate.spread(decision))
        if first is not None and decision.asset.url != asset.url:
            own = first.decision
            decision = (
                own if decision.outcome in OPEN else self.middleware.gate.also(own, decision.grounds, now())
            )
        return replace(end, decision=decision, readings=tuple(readings), hops=hops)

    async def _came(
        self,
        asset: Asset,
        url: str,
        said: tuple[Statement, ...],
        hops: tuple[Hop, ...],
        readings: list[Any],
    ) -> Any:
        """What came of one request: a ``Judged``, ``Turned`` or ``Moved``."""
        engine = self.crawler.engine
        assert engine is not None
        headers, stored = conditions(self._store, url)
        request = scrapy.Request(
            url,
            headers=headers,
            dont_filter=True,
            meta={
                "verbatim_url": True,
                "download_slot": politeness_domain(host_of(url)),
                "optout_kind": asset.kind,
                "optout_via": asset.via,
                "optout_inherited": said,
                "optout_hops": hops,
                "optout_stored": stored,
            },
        )
        came: Judged | Turned | Moved
        try:
            response = await engine.download_async(request)
            assert response.request is not None
            came = response.request.meta["optout"]
        except (Moved, Turned) as end:
            came = end
        except Exception as error:
            came = self.middleware.failed(request, error)
            self.middleware.pacer.failed(request.meta["download_slot"], error)
        readings += came.readings
        status = came.capture.status if isinstance(came, Judged) else getattr(came, "status", None)
        if status is not None:
            seconds = request.meta.get("download_latency", 0.0)
            self.middleware.pacer.answered(request.meta["download_slot"], status, seconds)
        if status in REFUSED:
            self._refusals[host_of(url)] = self._refusals.get(host_of(url), 0) + 1
        elif status is not None:
            self._refusals.pop(host_of(url), None)
        return came


def _end(came: Judged | Turned | Decision, decision: Decision, spread: tuple[Statement, ...]) -> End:
    images: tuple[str, ...] | None = None
    retry_after = None
    if isinstance(came, Judged):
        if came.capture.status != 304 and decision.asset.kind is Kind.TEXT and not came.links_only:
            spread = came.spread
            images = tuple(image.url for image in came.links.images) if spread else ()
    elif isinstance(came, Turned):
        retry_after = came.retry_after
        if came.links is not None:
            spread = came.spread
            images = tuple(image.url for image in came.links.images)
    return End(decision=decision, readings=(), spread=spread, images=images, retry_after=retry_after)


def _concerning(asset: Asset, inherited: Iterable[Statement]) -> tuple[Statement, ...]:
    """Without what pages say of images, where the asset is none."""
    return tuple(said for said in inherited if said.kind is not Kind.IMAGE or asset.kind is Kind.IMAGE)
