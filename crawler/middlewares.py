"""The gate in Scrapy's downloader: host before request, headers before body, content before spider.

It sits closest to the engine, so it sees decompressed bodies, and every redirect passes it again. What it turns
away reaches the errback as :class:`~crawler.passage.Turned`, with the decision and never with the content.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit
from weakref import WeakKeyDictionary

from scrapy import signals as scrapy_events
from scrapy.exceptions import DownloadCancelledError, StopDownload

from crawler import events
from crawler.addresses import is_public, literal, refusal
from crawler.aside import aside, digested
from crawler.captures import TOO_LARGE, capture_of, completed, failure_of, header_lines, now
from crawler.corpus.evidence import HOST_FILE, UNAUTHENTICATED
from crawler.domains import politeness_domain
from crawler.inheritance import Inheritance
from crawler.isolation.pool import Isolation
from crawler.kinds import is_feed, kind_of_content, kind_of_url, may_be_feed, unwanted
from crawler.limits import Limits
from crawler.listed import listed
from crawler.optout import Gate
from crawler.optout.examined import Examined
from crawler.optout.gate import DENYLIST, WITHDRAWN
from crawler.optout.grammar.feed import feed_of
from crawler.optout.grammar.links import Outlinks
from crawler.optout.grammar.sniff import kind_of
from crawler.optout.host import Host
from crawler.optout.model import (
    OPEN,
    Asset,
    Capture,
    Decision,
    Hop,
    Kind,
    Outcome,
    Statement,
)
from crawler.pacing import Pacer
from crawler.passage import Judged, Moved, Passage, Turned
from crawler.promise import gate_from_settings
from crawler.proxies import configured, endpoint_of
from crawler.resolver import GuardedResolver, guard_names
from crawler.settling import Settling, sync
from crawler.sitefiles import LONG, REDIRECTS, SiteFiles

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Headers, Response

DRAIN = 262_144
"""Bytes of a reserved body that may still be read, unparsed, to keep the connection; more is cut off."""

LATELY = 20_000
"""Images remembered that were permitted lately; more than are on their way at any time."""


class OptOutMiddleware:
    """Puts every request and response of a crawl to the gate.

    Request meta it reads, all optional: ``optout_kind`` (what the URL is expected to be), ``optout_via`` (the
    page that embeds it), ``optout_inherited`` (statements of that page), ``optout_hops`` (redirects that led
    here), ``optout_stored`` (headers of the copy we hold, completing a 304). Statements can only deny.
    It writes ``optout``, a :class:`~crawler.passage.Judged`, and never reads it.

    A spider whose class says ``self_routed = True`` follows redirects by itself and carries to images what
    their pages say. One that has a method ``house_rule`` adds reasons of its own to leave an asset, and may
    have a coroutine function ``ready`` that looks up what these take; one that has ``withdrawn`` says of a URL
    that nothing of it is asked for, not even its host's files.
    """

    def __init__(self, crawler: Crawler, gate: Gate) -> None:
        settings = crawler.settings
        self.gate = gate
        self._crawler = crawler
        self._allow_private = settings.getbool("OPTOUT_ALLOW_PRIVATE")
        self._proxies = frozenset(configured().values())
        self._ports = frozenset(int(port) for port in settings.getlist("OPTOUT_PORTS"))
        self.self_routed = bool(getattr(crawler.spidercls, "self_routed", False))
        self._limits = Limits.of(settings)
        self._maxsize = settings.getint("DOWNLOAD_MAXSIZE")
        self._only_kinds = frozenset(Kind(kind) for kind in settings.getlist("OPTOUT_KINDS"))
        slot = politeness_domain if self.self_routed else str  # Scrapy's own: one for each host
        self.files = SiteFiles(crawler, gate, self.refuse, slot, self._prepare)
        self.pacer = Pacer(crawler, gate.context.agents, settings.getfloat("OPTOUT_MAX_CRAWL_DELAY"), slot)
        self._isolation = Isolation(gate.context, gate)
        self._settling = Settling(gate, self.files, self._isolation)
        self._passages: WeakKeyDictionary[Request, Passage] = WeakKeyDictionary()
        self._inheritance = Inheritance()
        self._lately = Inheritance(most=LATELY)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> OptOutMiddleware:
        """Built with the gate that the settings describe."""
        middleware = cls(crawler, gate_from_settings(crawler.settings))
        guard_names(crawler)
        crawler.signals.connect(middleware.headers_received, signal=scrapy_events.headers_received)
        crawler.signals.connect(middleware.pacer.learn, signal=events.host_known)
        if middleware.self_routed:
            crawler.signals.connect(middleware.pacer.heard, signal=events.evidence_received)
        crawler.signals.connect(middleware.closed, signal=scrapy_events.spider_closed)
        return middleware

    def closed(self) -> None:
        """End what was started for this crawl."""
        self._isolation.close()

    def refuse(self, url: str) -> str | None:
        """Why ``url`` may not be asked at all; None: it may."""
        return refusal(url, allow_private=self._allow_private, ports=self._ports, proxies=self._proxies)

    def refuse_proxy(self, url: str) -> str | None:
        """Why nothing may be asked through the proxy at ``url``; None: it may.

        One that a request names, and not the environment, is no word of the operator's on private addresses.
        """
        endpoint = endpoint_of(url)
        if endpoint is None:
            return "a proxy without a host"
        address = literal(endpoint[0])
        if self._allow_private or endpoint in self._proxies or address is None or is_public(address):
            return None
        return "a proxy at a private address that no http_proxy or https_proxy names"

    async def process_request(self, request: Request) -> None:
        """Judge the host. Raises :class:`Turned` unless the request may go out."""
        if self.files.is_ours(request):
            return
        request.meta.pop("optout", None)  # of another request, whose meta was copied
        passage = Passage(self._asset(request), tuple(request.meta.get("optout_hops", ())))
        asset = passage.asset
        if request.method not in ("GET", "HEAD") or request.body:
            words = f"{request.method} with a body" if request.body else request.method
            raise self._turned(self.gate.skip(asset, "method", words, now()), passage)
        reason = self.refuse(asset.url)
        if reason is not None:
            raise self._turned(self.gate.skip(asset, "address", reason, now()), passage)
        withdrawn = getattr(self._crawler.spider, "withdrawn", lambda url: None)(asset.url)
        if withdrawn is not None:
            decision = self.gate.skip(asset, WITHDRAWN, withdrawn, now(), signal=DENYLIST)
            raise self._turned(decision, passage)
        host = await self.files.host(asset.url)
        if (ready := getattr(self._crawler.spider, "ready", None)) is not None:
            await ready(asset)
        inherited = (*request.meta.get("optout_inherited", ()), *self._inheritance.of(asset.url))
        if self.self_routed:
            inherited += self._lately.of(asset.url)
        if asset.kind is not Kind.IMAGE:
            # What other pages say of images is no word on a page, nor to be passed on to its images.
            passage.of_images = tuple(said for said in inherited if said.kind is Kind.IMAGE)
            inherited = tuple(said for said in inherited if said.kind is not Kind.IMAGE)
        decision = await self.at_host(passage, host, inherited)
        if decision.outcome is Outcome.UNDETERMINED and self._is_private(asset.url):
            decision = self.gate.skip(asset, "address", "the name resolves to a private address", now())
        house_rule = getattr(self._crawler.spider, "house_rule", self.house_rule)
        rule = house_rule(asset, host) if decision.outcome in OPEN else None
        if rule is not None:
            decision = self.gate.skip(decision, rule[0], rule[1], now())
        if decision.outcome not in OPEN or decision.needs:
            turned = self._turned(decision, passage)
            turned.retry_after = _retry_after(host)
            raise turned
        passage.at_host = decision
        self._passages[request] = passage

    async def at_host(self, passage: Passage, host: Host, inherited: tuple[Statement, ...]) -> Decision:
        """Judge an asset by its origin's files, and by the documents that they name."""
        secure = await self.files.secure(host)
        source = HOST_FILE if secure is None or not secure.silent else UNAUTHENTICATED
        passage.readings += ((capture, source) for capture in host.captures)
        if secure is not None:
            passage.readings += ((capture, HOST_FILE) for capture in secure.captures)
        return await self._settling.settle(
            passage,
            sync(
                lambda documents: self.gate.at_host(
                    passage.asset, host, at=now(), inherited=inherited, documents=documents, secure=secure
                )
            ),
        )

    def _prepare(self, host: Host) -> None:
        """Have the files of an origin read for the first time; what is found stays with them."""
        self.pacer.of(host)
        with suppress(Exception):  # whatever is wrong shows again when somebody asks
            self.gate.at_host(Asset(url=host.origin + "/", kind=Kind.TEXT), host, at=now())

    def permit(self, permitted: Mapping[str, tuple[Statement, ...]]) -> None:
        """Remember what a page permits of single images, for those that are on their way already.

        A crawl that carries it by itself knows the rest from where it keeps what is still to visit.
        """
        for url, said in permitted.items():
            (self._lately if self.self_routed else self._inheritance).add((url,), said)

    def refused(self, request: Request, reason: str, words: str) -> Turned:
        """The end of a request that must not go out, for a reason of ours."""
        passage = self._passages.pop(request, None) or Passage(self._asset(request), ())
        before = passage.at_host or passage.asset
        return self._turned(self.gate.skip(before, reason, words, now()), passage)

    async def arrived(self, request: Request, response: Response) -> None:
        """Look at a response before anybody follows it, repeats it or reads its body.

        Raises :class:`Turned` when its headers reserve it. A redirect that may be followed is noted in the
        request's meta, from where it travels to the request for its target.
        """
        passage = self._passages.get(request)
        if passage is None or self.self_routed:
            return
        capture = capture_of(response, passage.hops)
        if capture.status in REDIRECTS and capture.values("location"):
            end = await self._moved(passage, capture)
            if isinstance(end, Turned):
                raise end
            request.meta["optout_hops"] = end.hops
            return
        preview = passage.preview
        if capture.status == 200 and preview and preview.outcome not in OPEN and not preview.needs:
            raise self._turned(preview, passage, capture)

    def house_rule(self, asset: Asset, host: Host) -> tuple[str, str] | None:
        """A reason of ours to leave an asset of this origin, for spiders that have no rule of their own."""
        return self.pacer.objection(host, now())

    def headers_received(self, headers: Headers, body_length: object, request: Request) -> None:
        """Judge the headers as soon as they are there; stop a transfer that would be thrown away.

        Scrapy does not say the status here, so the verdict is final only once it is known to be 200. How large
        the body may be depends on what it is said to be.
        """
        if self.files.is_ours(request):
            self.files.begins(request)
            return
        passage = self._passages.get(request)
        if passage is None:
            return
        lines = header_lines(headers)
        capture = Capture(url=request.url, status=200, headers=lines, at=now(), hops=passage.hops)
        largest = self._limits.of_type(capture.media_type)
        if self._for_links_only(request):
            largest = max(largest, self._limits.document)
        asked = request.meta.setdefault("optout_maxsize", request.meta.get("download_maxsize") or self._maxsize)
        request.meta["download_maxsize"] = min(largest, asked or largest)
        passage.preview = self._at_headers(request, passage, capture)
        wasted = passage.preview.outcome not in OPEN and not passage.preview.needs
        # Of a body in chunks nobody knows the length: Twisted then hands in a constant that is no number.
        short = isinstance(body_length, int) and 0 <= body_length <= DRAIN
        if wasted and not short:
            raise StopDownload(fail=False)

    async def process_response(self, request: Request, response: Response) -> Response:
        """Judge status, headers and content. Raises :class:`Turned` unless the spider may see the response."""
        if self.files.is_ours(request):
            return response
        passage = self._passages.get(request)
        if passage is None:
            passage = Passage(self._asset(request), ())
            why = "answered before the gate was asked"
            raise self._turned(self.gate.skip(passage.asset, "ungated", why, now()), passage)
        if response.url != passage.asset.url:
            why = f"answered by {response.url}"
            raise self._turned(self.gate.skip(passage.asset, "ungated", why, now()), passage)
        capture = capture_of(response, passage.hops)
        if capture.status in REDIRECTS and self.self_routed:
            raise await self._moved(passage, capture)
        too_large = TOO_LARGE in response.flags
        if too_large:  # nothing else is wrong with it, and what its headers reserve is reserved
            capture = replace(capture, complete=True, failure=None)
        stored = request.meta.get("optout_stored", ())
        capture = completed(capture, stored)
        if self.self_routed and capture.status == 304 and not stored:
            capture = replace(capture, complete=False, failure="304, though nothing was asked conditionally")
        preview = passage.preview
        if preview is not None and capture.status == 200 and not preview.needs:
            decision = preview
        else:
            decision = await self._settling.settle(
                passage, sync(lambda documents: self._at_headers(request, passage, capture, documents))
            )
        if decision.outcome not in OPEN or decision.needs:
            raise self._turned(decision, passage, capture)
        if too_large:
            raise self._too_large(decision, passage, "unpacks to more than the limit")
        if self.self_routed and len(capture.body) > LONG and may_be_feed(capture.media_type):
            await aside(capture.parsed, feed_of)
        if self._for_links_only(request) or (self.self_routed and is_feed(capture)):
            if len(capture.body) > LONG and not (await aside(capture.parsed, feed_of)).items:
                await aside(capture.parsed, listed)
            said = await self._settling.mentions(passage, capture)
            decision = self.gate.skip(decision, "links-only", "read for its links, never kept", now())
            judged = Judged(decision=decision, capture=capture, links_only=True, said=said)
            return self._pass(request, response, passage, judged)
        if request.method == "GET" and capture.status != 304:
            return await self._at_content(request, passage, response, decision, capture)
        return self._pass(request, response, passage, Judged(decision=decision, capture=capture))

    def failed(self, request: Request, error: BaseException) -> Turned:
        """The end of a request that got no answer: it could not be told."""
        passage = self._passages.get(request)
        if passage is None or passage.at_host is None:
            passage = passage or Passage(self._asset(request), ())
            return self._turned(self.gate.skip(passage.asset, "error", type(error).__name__, now()), passage)
        if self._is_private(request.url):
            why = "the name resolves to a private address"
            return self._turned(self.gate.skip(passage.at_host, "address", why, now()), passage)
        if isinstance(error, DownloadCancelledError):
            before = passage.preview or passage.at_host
            if before.outcome not in OPEN:
                return self._turned(before, passage)
            return self._too_large(before, passage, f"more than {request.meta.get('download_maxsize')} bytes")
        capture = failure_of(request.url, error, passage.hops)
        return self._turned(self.gate.at_headers(passage.at_host, capture), passage)

    async def _at_content(
        self, request: Request, passage: Passage, response: Response, prior: Decision, capture: Capture
    ) -> Response:
        if self.self_routed and capture.complete and not capture.body:
            raise self._turned(self.gate.skip(prior, "empty", "not one octet", now()), passage)
        kind = kind_of_content(capture, prior.asset.kind, self._only_kinds)
        if kind is None:
            words = capture.media_type or "no media type"
            raise self._turned(self.gate.skip(prior, "type", words, now()), passage)
        if len(capture.body) > (most := self._limits.of_kind(kind)):
            raise self._too_large(prior, passage, f"more than {most} bytes")
        asset = replace(prior.asset, kind=kind)
        await digested(capture)
        examined = Examined()

        async def ask(documents: Mapping[str, Capture]) -> Decision:
            nonlocal examined
            examined = await self._isolation.examine(capture, asset, documents)
            return self.gate.at_content(prior, capture, kind=kind, documents=documents, told=examined.heard)

        decision = self._as_image(passage, await self._settling.settle(passage, ask))
        spread: tuple[Statement, ...] = ()
        links = examined.links or Outlinks()
        if kind is Kind.TEXT:
            spread = self.gate.spread(decision)
            self.permit(examined.permitted or {})
            if spread and not self.self_routed:
                self._inheritance.add((image.url for image in links.images), spread)
        if decision.collect:
            judged = Judged(
                decision=decision,
                capture=capture,
                spread=spread,
                permitted=examined.permitted or {},
                works=examined.works or {},
                follow=examined.follow,
                links=links,
                told=examined.told,
            )
            return self._pass(request, response, passage, judged)
        turned = self._turned(decision, passage, capture)
        if decision.outcome is Outcome.RESERVED and capture.complete:
            turned.digest = capture.digest
        if kind is Kind.TEXT and capture.complete:
            # Read once for where it leads, then discarded.
            turned.links = links if examined.follow else replace(links, pages=(), feeds=())
            turned.spread = spread
            turned.permitted, turned.works = examined.permitted or {}, examined.works or {}
        raise turned

    def _at_headers(
        self,
        request: Request,
        passage: Passage,
        capture: Capture,
        documents: Mapping[str, Capture] | None = None,
    ) -> Decision:
        assert passage.at_host is not None
        kind = kind_of(capture.media_type)
        decision = self.gate.at_headers(passage.at_host, capture, kind=kind, documents=documents)
        decision = self._as_image(passage, decision)
        leads_on = self._for_links_only(request) or (self.self_routed and may_be_feed(capture.media_type))
        screened = bool(self._only_kinds) and capture.status == 200 and not leads_on
        if screened and decision.outcome in OPEN and unwanted(capture.media_type, self._only_kinds):
            return self.gate.skip(decision, "type", capture.media_type or "", now())
        return decision

    def _as_image(self, passage: Passage, decision: Decision) -> Decision:
        """Judge an image that was not expected to be one by what pages say of it."""
        if decision.asset.kind is not Kind.IMAGE or decision.outcome not in OPEN or not passage.of_images:
            return decision
        return self.gate.also(decision, passage.of_images, now())

    async def _moved(self, passage: Passage, capture: Capture) -> Turned | Moved:
        prior = passage.at_host
        assert prior is not None
        assert capture.status is not None
        decision = await self._settling.settle(
            passage, sync(lambda documents: self.gate.at_hop(prior, capture, documents=documents))
        )
        if decision.outcome not in OPEN or decision.needs:
            return self._turned(decision, passage)
        try:
            target = urljoin(capture.url, capture.values("location")[-1]).partition("#")[0]
            urlsplit(target).port  # noqa: B018 - raises for a port that is no number
        except (IndexError, ValueError):
            why = "a redirect without a usable target"
            return self._turned(self.gate.skip(decision, "gone", why, now()), passage)
        return Moved(
            decision, target, Hop(url=capture.url, status=capture.status, headers=capture.headers), passage
        )

    def _asset(self, request: Request) -> Asset:
        url = request.url.partition("#")[0]
        kind = request.meta.get("optout_kind")
        return Asset(
            url=url,
            kind=kind_of_url(url) if kind is None else Kind(kind),
            via=request.meta.get("optout_via"),
        )

    def _is_private(self, url: str) -> bool:
        return not self._allow_private and (urlsplit(url).hostname or "") in GuardedResolver.refused

    def _for_links_only(self, request: Request) -> bool:
        """Whether a feed or sitemap is read for its links; only our own crawl may ask for that."""
        return self.self_routed and bool(request.meta.get("optout_links_only"))

    def _pass(self, request: Request, response: Response, passage: Passage, judged: Judged) -> Response:
        request.meta.pop("optout_hops", None)  # they led here, and to nothing that this response leads to
        request.meta["optout"] = replace(judged, readings=tuple(passage.readings))
        self._count(judged.decision)
        return response

    def _turned(self, decision: Decision, passage: Passage, capture: Capture | None = None) -> Turned:
        self._count(decision)
        turned = Turned(decision, passage)
        if capture is not None:
            turned.status = capture.status
            turned.retry_after = next(iter(capture.values("retry-after")), None)
        return turned

    def _too_large(self, before: Decision, passage: Passage, words: str) -> Turned:
        return self._turned(self.gate.skip(before, "size", words, now()), passage)

    def _count(self, decision: Decision) -> None:
        stats: Any = self._crawler.stats
        stats.inc_value(f"optout/{decision.outcome.value}")
        for signal in {ground.signal for ground in decision.grounds}:
            stats.inc_value(f"optout/{decision.outcome.value}/{signal}")


def _retry_after(host: Host) -> str | None:
    """When a host that could not give its site-level files wants to be asked again."""
    for path in host.unreachable:
        for value in host.received(path).capture.values("retry-after"):
            return value
    return None
