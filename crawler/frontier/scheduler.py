"""The frontier as Scrapy's scheduler: domains take turns, one request of each in hand at a time.

Scrapy's own queue looks at every host for every request it hands out. Here a turn costs the same for one host
and for thousands, and nothing leaves the frontier before the pipeline has said what became of it.
"""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from scrapy import Request
from scrapy.core.scheduler import BaseScheduler

from crawler.frontier.contract import Entry, FrontierError, Lease

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.crawler import Crawler

    from crawler.spiders.corpus import CorpusSpider

WORKER = "embedded"
"""The one worker of an embedded frontier; the folder's lock keeps it one."""

TTL = 900.0
"""Seconds of a lease; renewed at half its life."""

WINDOW = 100
"""URLs of one domain in hand at most."""

PAUSE = 0.02
"""Seconds between two questions to a frontier that had nothing."""


@dataclass(slots=True)
class Window:
    """What is in hand of one leased domain."""

    lease: Lease
    waiting: deque[Entry] = field(default_factory=deque)
    asked: int = 0
    """Requests that are with Scrapy."""
    hold_until: float | None = None


class FrontierScheduler(BaseScheduler):
    """Hands out what the spider's frontier leases; see :mod:`crawler.frontier.contract`."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._per_domain = crawler.settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN")
        self._domains = max(crawler.settings.getint("CONCURRENT_REQUESTS"), 16)
        self._windows: dict[str, Window] = {}
        self._turns: deque[str] = deque()
        self._spider: CorpusSpider | None = None
        self._next_question = 0.0
        self._next_look = 0.0
        self._closing = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> FrontierScheduler:
        """Sized by Scrapy's concurrency settings."""
        return cls(crawler)

    def open(self, spider: Spider) -> None:
        """Take over what a crashed run of this folder held."""
        self._spider = spider  # type: ignore[assignment]
        self._frontier.reclaim(WORKER)

    def close(self, reason: str) -> None:
        """Give everything back that was not asked."""
        self._closing = True
        for window in self._windows.values():
            with suppress(FrontierError):  # the next opening frees what is not released
                self._frontier.release(window.lease)
        self._windows.clear()
        self._turns.clear()

    def has_pending_requests(self) -> bool:
        """Whether anything is left to ask, now or later."""
        return not self._closing and (bool(self._windows) or not self._frontier.finished())

    def enqueue_request(self, request: Request) -> bool:
        """Refused: what is to be visited goes through the frontier, where a crash cannot lose it."""
        return False

    def next_request(self) -> Request | None:
        """The next URL of the domain whose turn it is; None: nothing may be asked now."""
        job = self._spider.job if self._spider is not None else None
        if self._closing or job is None or job.limit_reached or job.failure is not None:
            return None
        try:
            return self._next()
        except Exception as error:  # such as a full disk; raised, it would leave the engine waiting for ever
            job.fail(error)
            return None

    def _next(self) -> Request | None:
        if not self._turns:
            self._refill()
        while self._turns:
            window = self._windows.get(self._turns.popleft())
            if window is None or not window.waiting or window.asked >= self._per_domain:
                continue
            entry = window.waiting.popleft()
            window.asked += 1
            if window.waiting and window.asked < self._per_domain:
                self._turns.append(window.lease.domain)
            return self._request(entry)
        return None

    def lease_of(self, entry: Entry) -> Lease:
        """The lease an entry was handed out with."""
        return self._windows[entry.domain].lease

    def ended(self, entry: Entry) -> None:
        """The pipeline has taken in what became of ``entry``: its domain may be asked again."""
        window = self._windows[entry.domain]
        window.asked -= 1
        if window.waiting:
            self._turns.append(entry.domain)

    def hold(self, domain: str, until: float) -> None:
        """Leave a domain alone until ``until`` (frontier clock); what is in hand of it goes back."""
        window = self._windows[domain]
        window.waiting.clear()
        window.hold_until = max(until, window.hold_until or 0.0)

    def settle(self) -> None:
        """After a flush: give back domains with nothing in hand, renew the leases of the others."""
        clock = self._frontier.now()
        for domain, window in list(self._windows.items()):
            if not window.waiting and not window.asked:
                self._frontier.release(window.lease, window.hold_until)
                del self._windows[domain]
            elif window.lease.expires - clock < TTL / 2:
                window.lease = self._frontier.extend(window.lease, TTL)
        self._next_question = 0.0

    def only_later(self, wait: float) -> bool:
        """Whether something is left, but nothing in hand and nothing due within ``wait`` seconds."""
        if self._windows or self._frontier.now() < self._next_look:
            return False
        self._next_look = self._frontier.now() + 1.0
        due = self._frontier.left().next_due
        return due is not None and due - self._frontier.now() > wait

    def _refill(self) -> None:
        clock = self._frontier.now()
        if clock < self._next_question or len(self._windows) >= 2 * self._domains:
            return
        starved = sum(not window.waiting and not window.asked for window in self._windows.values())
        if starved * 2 >= len(self._windows) > 0 and self._spider is not None and self._spider.job.flush:
            self._spider.job.flush()  # the next URLs of these domains are among what was just found
        leases = self._frontier.acquire(WORKER, self._domains, WINDOW, TTL)
        for lease in leases:
            window = self._windows.get(lease.domain)
            if window is None:
                window = self._windows[lease.domain] = Window(lease)
            window.lease = replace(lease, entries=())
            if window.hold_until is not None:
                continue  # it goes back as soon as what was asked has ended
            window.waiting.extend(lease.entries)
            if window.waiting and window.asked < self._per_domain and lease.domain not in self._turns:
                self._turns.append(lease.domain)
        if not leases:
            self._next_question = clock + PAUSE

    def _request(self, entry: Entry) -> Request:
        spider = self._spider
        assert spider is not None
        spider.asking(entry)
        meta: dict[str, Any] = {
            "entry": entry,
            "verbatim_url": True,  # it is normalised already, and is recorded under exactly this spelling
            "download_slot": entry.domain,
            "optout_kind": entry.kind,
            "optout_via": entry.via[0] if entry.via else None,
            "optout_inherited": entry.inherited,
            "optout_hops": entry.hops,
            "optout_links_only": entry.link_only,
        }
        headers: dict[str, str] = {}
        if entry.kept:
            headers, meta["optout_stored"] = spider.validators(entry)
        return Request(
            entry.url,
            callback=spider.visit,
            errback=spider.turned,
            meta=meta,
            headers=headers,
            dont_filter=True,
        )

    @property
    def _frontier(self) -> Any:
        assert self._spider is not None
        return self._spider.job.frontier
