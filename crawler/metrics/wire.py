"""Watches every request at the last moment before it leaves, and measures there whether it is polite.

What keeps the pace is Scrapy's downloader, told by :mod:`crawler.pacing`. This looks at what really goes out,
knows nothing of the downloader's timers, and so can say when they fail.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from crawler.captures import tls_problem
from crawler.domains import host_of, politeness_domain
from crawler.metrics.counts import Counts
from crawler.metrics.vocabulary import status_class
from crawler.resolver import GuardedResolver

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from crawler.optout.host import Host

SLACK = 0.1
"""The part of a pause that may be missing: a timer is as exact as the loop it runs in."""
GRAIN = 0.01
"""Seconds that may be missing of any pause, for the same reason."""
REMEMBERED = 20_000
"""Domains whose last request is remembered before those are dropped that nothing can be too close to."""


class Wire:
    """Counts requests as they leave and end."""

    def __init__(self, crawler: Crawler, counts: Counts, asked_pause: Callable[[Host], float | None]) -> None:
        """``asked_pause``: what an origin asks for between two requests, in seconds, as far as it is kept."""
        settings = crawler.settings
        self._counts = counts
        self._asked_pause = asked_pause
        self._pause = settings.getfloat("DOWNLOAD_DELAY")
        self._beside = max(settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN"), 1)
        self._pauses: dict[str, float] = {}
        self._last: dict[str, float] = {}
        self._busy: Counter[str] = Counter()

    def watch(self, handlers: Any) -> None:
        """Stand between the downloader and ``handlers``, its ``DownloadHandlers``."""
        send: Callable[[Request], Awaitable[Response]] = handlers.download_request_async

        async def measured(request: Request) -> Response:
            return await self._measured(send, request)

        handlers.download_request_async = measured

    def learn(self, host: Host) -> None:
        """Take in the pause that an origin asks for."""
        pause = self._asked_pause(host)
        if pause is not None and pause > self._pause:
            domain = politeness_domain(host_of(host.origin))
            if len(self._pauses) < REMEMBERED:
                self._pauses[domain] = max(self._pauses.get(domain, 0.0), pause)

    async def _measured(self, send: Callable[[Request], Awaitable[Response]], request: Request) -> Response:
        host = host_of(request.url)
        domain = politeness_domain(host)
        self._leaves(domain)
        try:
            response = await send(request)
        except BaseException as error:
            self._counts.fetched["failed"] += 1
            if tls_problem(error) is not None:
                self._counts.tls += 1
            if host in GuardedResolver.refused:
                self._counts.refused["resolver"] += 1
            raise
        finally:
            self._ends(domain)
        self._counts.fetched[status_class(response.status)] += 1
        self._counts.bytes += len(response.body)
        return response

    def _leaves(self, domain: str) -> None:
        counts, now = self._counts, time.monotonic()
        if self._busy[domain] >= self._beside:
            counts.violations["overlap"] += 1
        pause, last = self._pauses.get(domain, self._pause), self._last.get(domain)
        if last is not None and now - last < pause * (1 - SLACK) - GRAIN:
            counts.violations["gap"] += 1
        self._busy[domain] += 1
        counts.in_flight += 1
        self._last[domain] = now
        if len(self._last) > REMEMBERED:
            longest = max(self._pause, *self._pauses.values(), 0.0)
            self._last = {name: at for name, at in self._last.items() if now - at <= longest}

    def _ends(self, domain: str) -> None:
        self._counts.in_flight -= 1
        self._busy[domain] -= 1
        if not self._busy[domain]:
            del self._busy[domain]
