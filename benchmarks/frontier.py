"""The frontier with a million URLs, beside Scrapy's own queue in memory.

    python benchmarks/frontier.py [--urls 1000000] [--domains 5000]

Inserts are offers of new URLs, to one domain after the other. Hand-outs are acquired and completed in batches,
each batch in one transaction, without links. Scrapy's scheduler grows slower with every host and every request
it holds, so it is measured with fewer requests, and the table says with how many.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import Mock
from urllib.parse import urlsplit

from crawler.frontier import EmbeddedFrontier, Ended, Offer
from crawler.optout.model import Kind, Outcome

SCRAPY_REQUESTS = 25_000
BATCH_DOMAINS, BATCH_URLS = 100, 20


def offers(urls: int, domains: int) -> Iterator[Offer]:
    """``urls`` offers spread evenly over ``domains``, ten links a page."""
    for number in range(urls):
        domain = f"site-{number % domains}.example"
        yield Offer(
            url=f"https://www.{domain}/articles/2026/{number // domains}/a-title-of-usual-length-{number}",
            kind=Kind.IMAGE if number % 5 == 0 else Kind.TEXT,
            domain=domain,
            host=f"www.{domain}",
            depth=3,
            via=f"https://www.{domain}/index/{number // domains // 10}",
        )


def rss() -> float:
    """Resident memory now, MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def ours(urls: int, domains: int, folder: Path) -> list[tuple[str, str]]:
    """Rates, memory and size of the embedded frontier."""
    path = folder / "frontier.db"
    frontier = EmbeddedFrontier(path)
    before = rss()
    began = time.perf_counter()
    new = frontier.seed(offers(urls, domains))
    inserted = time.perf_counter() - began
    assert new == urls, f"{new} of {urls} were new"
    grown = rss() - before

    again = min(urls, 100_000)
    began = time.perf_counter()
    assert frontier.seed(offers(again, domains)) == 0
    known = time.perf_counter() - began

    acquired = completed = 0.0
    done = 0
    half = 0.0
    while True:
        began = time.perf_counter()
        leases = frontier.acquire("benchmark", BATCH_DOMAINS, BATCH_URLS, 3600)
        acquired += time.perf_counter() - began
        if not leases:
            break
        batch = [
            (
                lease,
                [Ended(entry_id=one.id, state="done", outcome=Outcome.UNRESERVED) for one in lease.entries],
                (),
            )
            for lease in leases
        ]
        began = time.perf_counter()
        frontier.complete_many(batch)
        completed += time.perf_counter() - began
        done += sum(len(lease.entries) for lease in leases)
        if not half and done >= urls / 2:
            half = rss()
    assert done == urls, f"{done} of {urls} were handed out"
    assert frontier.finished()
    end = rss()
    began = time.perf_counter()
    frontier.left()
    counted = time.perf_counter() - began
    frontier.close()
    began = time.perf_counter()
    EmbeddedFrontier(path).close()
    reopened = time.perf_counter() - began
    return [
        ("new URLs offered", f"{urls / inserted:,.0f}/s"),
        ("known URLs offered again", f"{again / known:,.0f}/s"),
        ("handed out", f"{urls / acquired:,.0f}/s"),
        ("completed", f"{urls / completed:,.0f}/s"),
        ("handed out and completed", f"{urls / (acquired + completed):,.0f}/s"),
        ("memory over the empty frontier, all queued", f"{grown:,.0f} MB"),
        ("the same, half done and all done", f"{half - before:,.0f} and {end - before:,.0f} MB"),
        ("file", f"{path.stat().st_size / 1e6:,.0f} MB, {path.stat().st_size / urls:,.0f} bytes a URL"),
        ("counting what is left; opening and checking", f"{counted:.2f} s; {reopened:.2f} s"),
    ]


def scrapys(urls: int, domains: int, _folder: Path) -> list[tuple[str, str]]:
    """The same of Scrapy's scheduler with its host-aware queue, in memory."""
    from scrapy import Request
    from scrapy.core.scheduler import Scheduler
    from scrapy.utils.reactor import install_reactor
    from scrapy.utils.test import get_crawler

    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    crawler = get_crawler(
        settings_dict={"SCHEDULER_PRIORITY_QUEUE": "scrapy.pqueues.DownloaderAwarePriorityQueue"}
    )
    downloader = Mock(
        slots={}
    )  # all the queue asks of it: a request's host, and how busy that is, which is not
    downloader.get_slot_key = lambda request: urlsplit(request.url).hostname
    crawler.engine = Mock(downloader=downloader)
    scheduler = Scheduler.from_crawler(crawler)
    scheduler.open(Mock())
    return _measure(scheduler, Request, urls, domains)


def _measure(scheduler: Any, request: Any, urls: int, domains: int) -> list[tuple[str, str]]:
    before = rss()
    began = time.perf_counter()
    for offer in offers(urls, domains):
        scheduler.enqueue_request(request(offer.url))
    inserted = time.perf_counter() - began
    grown = rss() - before
    began = time.perf_counter()
    for _ in range(urls):
        assert scheduler.next_request() is not None
    popped = time.perf_counter() - began
    return [
        ("new requests", f"{urls / inserted:,.0f}/s"),
        ("handed out", f"{urls / popped:,.0f}/s"),
        ("memory, scaled to 1,000,000", f"{grown * 1e6 / urls:,.0f} MB"),
    ]


def report(
    title: str, measure: Callable[[int, int, Path], list[tuple[str, str]]], urls: int, domains: int
) -> None:
    """Run one measurement in a process of its own and print its rows."""
    with tempfile.TemporaryDirectory() as folder, multiprocessing.get_context("spawn").Pool(1) as pool:
        began = time.perf_counter()
        rows = pool.apply(measure, (urls, domains, Path(folder)))
    print(f"\n{title}: {urls:,} URLs over {domains:,} domains ({time.perf_counter() - began:.0f} s)")
    for name, value in rows:
        print(f"  {name:<46}{value:>28}")
    sys.stdout.flush()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    arguments.add_argument("--urls", type=int, default=1_000_000)
    arguments.add_argument("--domains", type=int, default=5_000)
    chosen = arguments.parse_args()
    report("Embedded frontier, durable", ours, chosen.urls, chosen.domains)
    fewer = min(SCRAPY_REQUESTS, chosen.urls)
    report("Scrapy's scheduler, in memory, lost at a crash", scrapys, fewer, chosen.domains)


if __name__ == "__main__":
    main()
