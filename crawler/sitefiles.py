"""Fetches site-level files and second documents for the gate: once per origin, shared by all who wait.

These fetches go through the downloader (its delays, its proxy) but past everything that could answer for the
server or follow a redirect on its own: caches, retries, offsite filters. Redirects are followed here, at most
five, to any authority.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from scrapy import Request
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.defer import Deferred

from crawler import events
from crawler.aside import aside
from crawler.broken import is_no_http
from crawler.captures import capture_of, failure_of, now
from crawler.connections import BEGUN
from crawler.domains import host_of, politeness_domain
from crawler.frontier.known import Known
from crawler.optout import Gate
from crawler.optout.host import ANSWERED, BROKE_OFF, MAX_HOPS, MAX_TTL, Host, origin_of, secured
from crawler.optout.model import OPEN, Asset, Capture, Hop, HostFile, Kind, Outcome, Posture, Purpose

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response

MAX_ORIGINS = 5_000
"""Origins and documents whose files are held in memory; the least recently used are asked again."""

DOCUMENT = HostFile(path="", limit=512_000)
"""A second document, such as a licence, is read within the bounds of a site-level file."""

HELD_OCTETS = 64 << 20
"""Octets of site-level files held in memory, as they were served; beyond it the oldest are asked for again."""

HELD_LINES = 100_000
"""Lines of site-level files of which is held what they mean; beyond it the least recently used are read again.

Python's collector of garbage walks through all of that in one go, and holds the event loop meanwhile."""

HELD_MEANINGS = 1_000
"""Origins of whose site-level files is held what they mean; more than are asked in turns at any time."""

SILENCE = timedelta(hours=1)
"""How long a host that does not answer over https is not asked there again for what it has over http."""

MET = 100_000
"""Origins over https of which is remembered that they answered, also when their files are held no more."""

LONG = 16_384
"""Octets of all site-level files of an origin that are read on the event loop."""

REDIRECTS = frozenset({301, 302, 303, 307, 308})

MARK = "optout_site_file"
"""Request meta that holds the mark of our own requests."""

PAST_EVERYTHING = {
    "dont_redirect": True,
    "dont_retry": True,
    "dont_cache": True,
    "dont_merge_cookies": True,
    "dont_obey_robotstxt": True,
    "allow_offsite": True,
    "handle_httpstatus_all": True,
}
"""Request meta by which Scrapy's own middlewares keep their hands off."""


class SingleFlight:
    """Runs one coroutine per key at a time; whoever asks meanwhile waits for the same run."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[Deferred[None]]] = {}

    async def run(self, key: str, work: Callable[[], Awaitable[None]]) -> None:
        """Run ``work`` for ``key``, or wait until the run that is under way has ended."""
        waiting = self._waiting.get(key)
        if waiting is not None:
            done: Deferred[None] = Deferred()
            waiting.append(done)
            await maybe_deferred_to_future(done)
            return
        self._waiting[key] = []
        try:
            await work()
        finally:
            for done in self._waiting.pop(key):
                done.callback(None)


class SiteFiles:
    """The origins met so far, and the documents their signals named."""

    def __init__(
        self,
        crawler: Crawler,
        gate: Gate,
        refuse: Callable[[str], str | None],
        slot: Callable[[str], str] = politeness_domain,
        prepare: Callable[[Host], object] = lambda host: None,
    ) -> None:
        """``refuse``: why a URL may not be asked at all (its address, its scheme), or None.

        ``slot``: the downloader slot in which a host is asked. ``prepare``: reads all that a host's files say,
        so that nobody has to read it again; done in a thread where they are long.
        """
        self._prepare = prepare
        self._slot = slot
        self._crawler = crawler
        self._gate = gate
        self._refuse = refuse
        self._robots_only = Gate(gate.policy, gate.context, {"robots": gate.signals["robots"]})
        fetched = replace(gate.policy, purposes=frozenset({Purpose.CRAWL}), posture=Posture.OPT_OUT)
        self._to_fetch = Gate(fetched, gate.context, gate.signals)
        self._retry = timedelta(seconds=crawler.settings.getfloat("OPTOUT_RETRY_DELAY"))
        self._hosts: OrderedDict[str, Host] = OrderedDict()
        self._meant: OrderedDict[str, int] = OrderedDict()
        self._lines = self._octets = self._of_documents = 0
        self._documents: OrderedDict[str, tuple[Capture, datetime]] = OrderedDict()
        self._silent: dict[str, datetime] = {}
        self._met = Known(MET)
        self._flights = SingleFlight()
        self._mark = object()

    def is_ours(self, request: Request) -> bool:
        """Whether ``request`` fetches a site-level file or document, told by a mark that nobody can write down.

        The mark is in its meta, because another middleware may put a copy in the request's place.
        """
        return request.meta.get(MARK) is self._mark

    async def host(self, url: str) -> Host:
        """The origin of ``url`` with every site-level file asked for and fresh."""
        origin = origin_of(url)
        host = self._hosts.get(origin)
        if host is None:
            host = self._hosts[origin] = Host(origin, self._gate.host_files, self._retry)
            while len(self._hosts) > MAX_ORIGINS:
                self._drop()
        else:
            self._hosts.move_to_end(origin)
        if host.missing(now()):
            await self._flights.run(origin, lambda: self._complete(host))
        elif origin not in self._meant:
            await self._flights.run(origin, lambda: self._understood(host))
        if origin in self._meant:
            self._meant.move_to_end(origin)
        return host

    def _drop(self) -> None:
        """Let go of the origin that was asked for longest ago."""
        origin, host = self._hosts.popitem(last=False)
        self._lines -= self._meant.pop(origin, 0)
        self._octets -= _octets(host)

    async def secure(self, host: Host) -> Host | None:
        """The origin of the same host over https, with every site-level file asked for and fresh.

        None: there is none to be asked. Where nobody answers there, it is left alone for :data:`SILENCE`.
        """
        origin = secured(host.origin)
        if origin is None:
            return None
        held = self._hosts.get(origin)
        if held is not None and held.silent and self._silent.get(origin, now()) > now():
            return held
        found = await self.host(f"{origin}/")
        if found.silent:
            self._silent[origin] = now() + SILENCE
            while len(self._silent) > MAX_ORIGINS:
                del self._silent[next(iter(self._silent))]
        return found

    async def documents(self, urls: Iterable[str]) -> dict[str, Capture]:
        """The documents at ``urls``, as their own hosts let us have them."""
        return {url: await self._document(url) for url in urls}

    async def notice(self, url: str, limit: int) -> Capture | None:
        """A file of at most ``limit`` bytes that is read and neither mined nor kept as content.

        None: its origin's files stand against its being fetched, or it cannot be told whether they do.
        """
        host, asset = await self.host(url), Asset(url=url, kind=Kind.TEXT)
        secure = await self.secure(host)
        decision = self._to_fetch.at_host(asset, host, at=now(), secure=secure)
        if decision.needs:
            documents = await self.documents(decision.needs)
            decision = self._to_fetch.at_host(asset, host, at=now(), documents=documents, secure=secure)
        if decision.outcome not in OPEN or decision.needs:
            return None
        return await self._fetch(url, limit)

    async def _complete(self, host: Host) -> None:
        while missing := host.missing(now()):
            file = missing[0]
            capture = await self._fetch(host.origin + file.path, file.limit)
            if capture.status is None and host.origin.startswith("https:"):
                capture = self._told_apart(capture, host.origin)
            held = self._hosts.get(host.origin) is host
            self._octets -= _octets(host) if held else 0
            host.receive(file.path, capture)
            if host.origin.startswith("https:") and not host.silent:
                self._met.add(host.origin)
            self._octets += _octets(host) if held else 0
            self._tell(events.evidence_received, capture=capture)
        while self._octets > HELD_OCTETS and len(self._hosts) > 1:
            self._drop()
        await self._understood(host)
        self._tell(events.host_known, host=host)

    def _told_apart(self, capture: Capture, origin: str) -> Capture:
        """A failure that says whether somebody is there: where it is read again, nothing else is known."""
        if (capture.failure or "").endswith(BROKE_OFF):
            return capture
        mark = BROKE_OFF if capture.hops else ANSWERED if origin in self._met else ""
        return replace(capture, failure=f"{capture.failure}{mark}")

    async def _understood(self, host: Host) -> None:
        """Read what an origin's files say, in a thread where they are long, and let go of what others said."""
        if _octets(host) > LONG:
            await aside(self._prepare, host)
        if self._hosts.get(host.origin) is not host:
            return
        self._lines -= self._meant.pop(host.origin, 0)
        lines = self._meant[host.origin] = sum(_lines(capture.body) for capture in host.captures)
        self._lines += lines
        while len(self._meant) > (HELD_MEANINGS if self._lines <= HELD_LINES else 1):
            origin, lines = self._meant.popitem(last=False)
            self._lines -= lines
            for capture in self._hosts[origin].captures:
                capture.forget()

    async def _document(self, url: str) -> Capture:
        held = self._documents.get(url)
        if held is None or held[1] <= now():
            await self._flights.run(url, lambda: self._read_document(url))
            held = self._documents[url]
        return held[0]

    async def _read_document(self, url: str) -> None:
        host = await self.host(url)
        asset = Asset(url=url, kind=Kind.TEXT)
        verdict = self._robots_only.at_host(asset, host, at=now(), secure=await self.secure(host))
        if verdict.outcome is Outcome.UNRESERVED:
            capture = await self._fetch(url, DOCUMENT.limit)
        else:
            capture = Capture(
                url=url, status=None, at=now(), complete=False, failure="its own host's robots.txt refuses it"
            )
        self._tell(events.evidence_received, capture=capture)
        failed = capture.status is None or capture.status >= 500
        before = self._documents.pop(url, None)
        self._of_documents += len(capture.body) - (len(before[0].body) if before else 0)
        self._documents[url] = (capture, now() + (self._retry if failed else MAX_TTL))
        while len(self._documents) > (MAX_ORIGINS if self._of_documents <= HELD_OCTETS else 1):
            _, (dropped, _) = self._documents.popitem(last=False)
            self._of_documents -= len(dropped.body)

    async def _fetch(self, url: str, limit: int) -> Capture:
        """GET ``url`` as it is, following redirects; a failure is a capture too."""
        asked, hops = url, list[Hop]()
        while True:
            reason = self._refuse(asked)
            if reason is not None:
                return Capture(url=url, status=None, at=now(), hops=tuple(hops), failure=reason)
            begun: list[bool] = []
            try:
                response = await self._download(asked, limit, begun)
            except Exception as error:  # whatever kept the answer away, it is not here
                failed = failure_of(url, error, hops)
                if begun or is_no_http(error):
                    failed = replace(failed, failure=f"{failed.failure}{BROKE_OFF}")
                return failed
            capture = capture_of(response, hops)
            target = capture.values("location")
            if capture.status not in REDIRECTS or not target:
                return _answered(url, capture)
            if len(hops) == MAX_HOPS:
                return Capture(
                    url=url, status=None, at=now(), hops=tuple(hops), failure=f"more than {MAX_HOPS} redirects"
                )
            hops.append(Hop(url=asked, status=capture.status, headers=capture.headers))
            try:
                asked = urljoin(asked, target[-1]).partition("#")[0]
                urlsplit(asked).port  # noqa: B018 - raises for a port that is no number
            except ValueError as error:
                return failure_of(url, error, hops)

    def begins(self, request: Request) -> None:
        """Note that an answer to one of our own requests has begun: its headers are there."""
        request.meta[BEGUN].append(True)

    async def _download(self, url: str, limit: int, begun: list[bool]) -> Response:
        meta: dict[str, Any] = {
            **PAST_EVERYTHING,
            MARK: self._mark,
            BEGUN: begun,
            "download_maxsize": limit,
            "download_slot": self._slot(host_of(url)),
        }
        request = Request(url, meta=meta, dont_filter=True, priority=1_000_000)
        engine = self._crawler.engine
        assert engine is not None
        return await engine.download_async(request)

    def _tell(self, event: object, **kwargs: Any) -> None:
        self._crawler.signals.send_catch_log(event, **kwargs)


def _octets(host: Host) -> int:
    return sum(len(capture.body) for capture in host.captures)


def _lines(body: bytes) -> int:
    """Things that are said in a file, roughly: its lines, or its tags and brackets where it has few lines."""
    return 1 + max(body.count(b"\n"), body.count(b"\r"), body.count(b"<") + body.count(b"{") + body.count(b","))


def _answered(url: str, capture: Capture) -> Capture:
    """The capture under the URL it was asked for: rules bind the authority that was asked, not the last hop."""
    if capture.url == url:
        return capture
    return Capture(
        url=url,
        status=capture.status,
        at=capture.at,
        headers=capture.headers,
        body=capture.body,
        hops=capture.hops,
        complete=capture.complete,
        failure=capture.failure,
    )
