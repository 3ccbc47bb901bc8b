"""Joins the numbers to a crawl: what happens in it is counted, and told on the port that was opened for it."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING, Any

from scrapy import signals as scrapy_events
from scrapy.exceptions import NotConfigured
from scrapy.utils.asyncio import create_looping_call

from crawler import events
from crawler.captures import now
from crawler.metrics import state
from crawler.metrics.counts import Counts
from crawler.metrics.families import Families
from crawler.metrics.server import Numbers, Told, told
from crawler.metrics.wire import Wire
from crawler.middlewares import OptOutMiddleware

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.items import Visit
    from crawler.job import Job
    from crawler.optout.host import Host

BEAT = 0.25
"""Seconds between two looks at how late the event loop is."""

STUCK = 30.0
"""Seconds without a beat after which the event loop counts as stuck."""


class Metrics:
    """An extension that is there only for crawls with ``--metrics``."""

    def __init__(self, crawler: Crawler, job: Job) -> None:
        self._crawler = crawler
        self._job = job
        self._counts = Counts()
        self._due = 0.0
        self._beat = create_looping_call(self._look)
        self._port: Any = None
        for handler, event in (
            (self._opened, scrapy_events.spider_opened),
            (self._visited, scrapy_events.item_scraped),
            (self._closed, scrapy_events.engine_stopped),
            (self._policy_read, events.evidence_received),
        ):
            crawler.signals.connect(handler, signal=event)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Metrics:
        """Raises ``NotConfigured`` where nobody wants to know."""
        job: Job | None = getattr(crawler.spider, "job", None)
        if job is None or job.metrics is None:
            raise NotConfigured
        return cls(crawler, job)

    def _opened(self) -> None:
        from prometheus_client import CollectorRegistry, ProcessCollector
        from twisted.internet import reactor as installed

        reactor: Any = installed
        job, listener = self._job, self._job.metrics
        assert listener is not None
        job.journal.recorded = self._counts.recorded
        middleware = self._crawler.get_downloader_middleware(OptOutMiddleware)
        engine = self._crawler.engine
        assert middleware is not None
        assert engine is not None
        pacer = middleware.pacer

        def pause(host: Host) -> float | None:
            delay = pacer.of(host).delay
            return None if delay is None or pacer.objection(host, now()) is not None else delay

        wire = Wire(self._crawler, self._counts, pause)
        wire.watch(engine.downloader.handlers)
        self._crawler.signals.connect(wire.learn, signal=events.host_known, weak=False)
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(Families(self._counts, job, self._crawler.stats))
        ProcessCollector(registry=self._registry)
        pages = {b"/metrics": self._metrics, b"/healthz": self._healthz, b"/readyz": self._readyz}
        self._port = reactor.adoptStreamPort(listener.fileno(), socket.AF_INET, Numbers(pages))
        self._due = time.monotonic() + BEAT
        self._beat.start(BEAT, now=False)

    def _closed(self) -> Any:
        if self._beat.running:
            self._beat.stop()
        if self._port is not None:
            return self._port.stopListening()
        return None

    def _look(self) -> None:
        at = time.monotonic()
        self._counts.late_by(max(at - self._due, 0.0))
        self._due = at + BEAT

    def _visited(self, item: Visit) -> None:
        if item.retry_at is not None:
            self._counts.put_off(item.decision)

    def _policy_read(self, capture: Any) -> None:
        self._counts.policy_read(capture)

    def _metrics(self) -> Told:
        from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

        return Told(body=generate_latest(self._registry), media_type=CONTENT_TYPE_LATEST)

    def _healthz(self) -> Told:
        late = max(time.monotonic() - self._due, 0.0)
        return told(late < STUCK, event_loop_lag_seconds=round(max(late, self._counts.worst_lag), 3))

    def _readyz(self) -> Told:
        why = sorted(state.obstacles(self._job))
        return told(not why, obstacles=why)
