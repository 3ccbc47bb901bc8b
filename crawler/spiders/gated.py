"""What every spider of ours begins with: it finds the gate, without which nothing starts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import scrapy
from scrapy import signals as scrapy_events

from crawler.addon import assert_gated
from crawler.middlewares import OptOutMiddleware
from crawler.selfcheck import SelfCheck

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class GatedSpider(scrapy.Spider):
    """A spider that follows redirects by itself and asks the gate what it may ask for.

    A subclass calls ``assert_gated`` in ``start``, too: what :meth:`opened` raises, Scrapy logs and goes on.
    """

    self_routed = True
    middleware: OptOutMiddleware
    """The gate and what leads to it; there once the spider is opened."""
    check: SelfCheck
    """What the crawl was found to run with; there at the same moment."""

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Connects to its own opening."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.opened, signal=scrapy_events.spider_opened)
        return spider

    def opened(self) -> None:
        """Look up the gate. Refuses to run without it."""
        self.check = assert_gated(self.crawler)
        gate = self.crawler.get_downloader_middleware(OptOutMiddleware)
        assert gate is not None
        self.middleware = gate
