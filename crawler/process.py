"""One spider, run in this process until it ends."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any, cast

import scrapy
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import Settings

from crawler import interrupts, jsonlog


def run_spider(settings: Settings, spider: type[scrapy.Spider], **arguments: Any) -> str:
    """Run a spider and return Scrapy's word for why it ended; raises what kept it from starting.

    Once in a process: Scrapy's reactor does not start again.
    """
    settings.set("LOG_INSTALL_ROOT_HANDLER", False, priority="cmdline")
    process = AsyncCrawlerProcess(settings)
    jsonlog.mute_twisted()
    crawler = process.create_crawler(spider)
    reasons: list[str] = []
    failures: list[BaseException] = []

    def closed(reason: str) -> None:
        reasons.append(reason)

    crawler.signals.connect(closed, signal=scrapy.signals.spider_closed)

    def ended(task: Any) -> None:
        if not task.cancelled() and task.exception() is not None:
            failures.append(task.exception())

    with interrupts.held() as again:
        _run(process, crawler, arguments, ended, again)
    interrupts.conclude()
    if failures:
        raise failures[0]
    return reasons[0] if reasons else "failed"


def _run(
    process: AsyncCrawlerProcess,
    crawler: Crawler,
    arguments: dict[str, Any],
    ended: Callable[[Any], None],
    again: Callable[[], None],
) -> None:
    """Run the crawl in the reactor, where Scrapy hears signals; ``again``: tells it those that came before."""
    process.crawl(crawler, **arguments).add_done_callback(ended)
    from twisted.internet import reactor  # which one is decided by now

    # A crawl makes many short-lived objects beside a large library that never goes away: looking through the
    # library for garbage over and over cost a third of the time of a page.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    cast(Any, reactor).callLater(0, again)
    process.start()
