"""What keeps a crawl moving and ends it: limits, waiting, and the display."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from scrapy import signals as scrapy_events
from scrapy.utils.asyncio import create_looping_call
from scrapy.utils.defer import deferred_from_coro

from crawler.corpus.disk import free
from crawler.frontier.scheduler import FrontierScheduler

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.job import Job
    from crawler.spiders.corpus import CorpusSpider

BEAT = 0.1
"""Seconds between two looks at limits and at URLs that have become due."""

SCARCE = "room"
"""Why the spider was closed when the disk was about to be full: what is under way is still recorded."""

LOOK = 1.0
"""Seconds between two looks at how much room is left on the disk."""

REFRESH = 0.25
"""Seconds between two refreshes of the display."""


SEAL = 60.0
"""Seconds after which what is recorded is under a signed checkpoint at the latest."""


class _Timed(ABC):
    """An extension that does something at intervals while the spider is open."""

    interval = BEAT

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._call = create_looping_call(self.beat)
        crawler.signals.connect(self.opened, signal=scrapy_events.spider_opened)
        crawler.signals.connect(self.closed, signal=scrapy_events.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> _Timed:
        """One for each crawl."""
        return cls(crawler)

    def opened(self) -> None:
        """Begin."""
        self._call.start(self.interval, now=False)

    def closed(self) -> None:
        """End."""
        if self._call.running:
            self._call.stop()

    @abstractmethod
    def beat(self) -> None:
        """What is done at every interval."""

    @property
    def job(self) -> Job:
        """The crawl's working set."""
        spider: CorpusSpider = self._crawler.spider  # type: ignore[assignment]
        return spider.job


class Limits(_Timed):
    """Ends the crawl at its limits, on a failure, before the disk is full, when only later retries are left.

    It also wakes the engine.
    """

    def opened(self) -> None:
        """Begin counting."""
        self._began = time.monotonic()
        self._next_look = self._began
        super().opened()

    def beat(self) -> None:
        """Look once."""
        engine: Any = self._crawler.engine
        if not engine.running or engine._slot is None or engine._slot.closing is not None:
            return
        try:
            reason = self._over()
        except Exception as error:
            self.job.fail(error)
            reason = "failure"
        if reason is not None:
            deferred_from_coro(engine.close_spider_async(reason=reason))
        else:
            # The engine asks its scheduler after every response; a URL that becomes due in between, or that a
            # flush has brought in, would wait for its next heartbeat.
            engine._slot.nextcall.schedule()

    def _over(self) -> str | None:
        job = self.job
        if job.failure is not None:
            return "failure"
        if job.limit_reached or (job.max_time is not None and time.monotonic() - self._began >= job.max_time):
            return "limit"
        if self._scarce():
            return SCARCE
        engine: Any = self._crawler.engine
        scheduler = engine.scheduler
        assert isinstance(scheduler, FrontierScheduler)
        if scheduler.only_later(job.max_wait):
            return "waiting"
        return None

    def _scarce(self) -> bool:
        """Whether the disk has less room than is to stay free."""
        job, clock = self.job, time.monotonic()
        if not job.min_free or clock < self._next_look:
            return False
        self._next_look = clock + LOOK
        return free(job.corpus.folder.path) < job.min_free


class Progress(_Timed):
    """Lets the display draw what the tally counts."""

    interval = REFRESH

    def beat(self) -> None:
        """Draw once."""
        if self.job.refresh is not None:
            self.job.refresh()


class Sealing(_Timed):
    """Has the ledger signed at intervals, so that a crash leaves little that no checkpoint covers."""

    interval = SEAL

    def beat(self) -> None:
        """Sign once."""
        job = self.job
        if job.flush is not None:
            job.flush()
        if job.failure is None:
            try:
                job.seal()
            except Exception as error:
                job.fail(error)
