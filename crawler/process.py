"""One spider, run in this process until it ends."""

from __future__ import annotations

import gc
from typing import Any

import scrapy
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings

from crawler import jsonlog


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

    process.crawl(crawler, **arguments).add_done_callback(ended)
    # A crawl makes many short-lived objects beside a large library that never goes away: looking through the
    # library for garbage over and over cost a third of the time of a page.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    process.start()
    if failures:
        raise failures[0]
    return reasons[0] if reasons else "failed"
