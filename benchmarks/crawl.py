"""CPU seconds per page: this crawler beside stock Scrapy, on the same generated web, in alternating runs.

    python benchmarks/crawl.py                 # stock against ours, and our checks on against off
    python benchmarks/crawl.py --memory        # resident memory after 2,000 and 50,000 pages

Machines are noisy, so the figures that count are ratios inside one round, and their median. Stock Scrapy runs
with ``ROBOTSTXT_OBEY`` and ``LinkExtractor``, writes nothing and hears one signal; ours hears every signal and
writes archive, evidence and ledger. "Checks off" is the same build behind a gate that hears nothing
(:class:`UnsafeOpenGate`), which exists only here.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HOSTS, PAGES = 40, 25
WORDS = [
    "archive",
    "field",
    "harbour",
    "letter",
    "meadow",
    "night",
    "paper",
    "river",
    "signal",
    "stone",
    "thread",
    "window",
    "yard",
]
LINKS, PARAGRAPHS = 137, 90


def page_body(host: int, number: int, hosts: int, pages: int, paragraphs: int) -> bytes:
    """A page of about 48 KB with 137 links, 4 images and, on every tenth page, a reservation in its head."""
    pick = random.Random(host * 100_003 + number)
    reserved = '<meta name="robots" content="noai">' if number % 10 == 7 else ""
    links = [
        f'<a href="/p/{pick.randrange(pages)}">{pick.choice(WORDS)}</a>'
        if pick.random() < 0.9
        else f'<a href="http://site{pick.randrange(hosts):03}.test:PORT/p/{pick.randrange(pages)}">elsewhere</a>'
        for _ in range(LINKS - 2)
    ]
    links.append(f'<a href="/p/{(number + 1) % pages}">next</a>')
    links.append(f'<a href="http://site{(host + 1) % hosts:03}.test:PORT/p/0">next site</a>')
    images = [f'<img src="/i/{pick.randrange(200)}.png" alt="picture">' for _ in range(4)]
    blocks = [
        f'<div class="c{i % 7}"><p id="s{i}">' + " ".join(pick.choices(WORDS, k=60)) + "</p></div>"
        for i in range(paragraphs)
    ]
    pieces = links + images + blocks
    pick.shuffle(pieces)
    text = "\n".join(pieces)
    return (
        f"<!doctype html><html lang=en><head><meta charset=utf-8><title>Page {number} of {host}</title>"
        f'{reserved}<link rel=canonical href="/p/{number}"></head>'
        f"<body><h1>Page {number}</h1>{text}</body></html>"
    ).encode()


def serve(hosts: int, pages: int, paragraphs: int) -> None:
    """Serve the web until standard input closes; says its port."""
    import threading

    from crawler.demo.server import Answer, LoopbackWeb, Request

    made: dict[tuple[int, int], bytes] = {}
    headers = (("Content-Type", "text/html; charset=utf-8"), ("Content-Encoding", "gzip"))

    def answer(request: Request) -> Answer:
        host = int(request.host[4:7])
        if not request.path.startswith("/p/"):
            return Answer(status=404, headers=(("Content-Type", "text/plain"),), body=b"not here")
        number = int(request.path[3:])
        # Few distinct bodies, so that the server's memory and time are its own business.
        key = (host % 4, number) if pages <= 100 else (0, number % 400)
        if key not in made:
            body = page_body(host, number, hosts, pages, paragraphs)
            made[key] = gzip.compress(body.replace(b"PORT", str(web.port).encode()), 6)
        return Answer(headers=headers, body=made[key])

    robots = Answer(
        headers=(("Content-Type", "text/plain"),),
        body=b"User-agent: *\nDisallow: /private/\nAllow: /private/open/\n\nUser-agent: BadBot\nDisallow: /\n",
    )
    table = {f"site{n:03}.test": {"/robots.txt": robots, "*": answer} for n in range(hosts)}
    with LoopbackWeb(table) as web:
        if paragraphs:
            for host in range(min(hosts, 4)):
                for number in range(min(pages, 400)):
                    answer(
                        Request(
                            method="GET", host=f"site{host:03}.test", target=f"/p/{number}", headers=(), at=0.0
                        )
                    )
        print(web.port, flush=True)
        threading.Thread(target=sys.stdin.read).run()


def stock(port: int, expected: int) -> dict[str, Any]:
    """Stock Scrapy: robots.txt obeyed, links by LinkExtractor, nothing stored."""
    import scrapy
    from scrapy.crawler import AsyncCrawlerProcess
    from scrapy.linkextractors import LinkExtractor

    seen = {"pages": 0}

    class Stock(scrapy.Spider):
        name = "stock"
        start_urls = [f"http://site000.test:{port}/p/0"]  # noqa: RUF012
        links = LinkExtractor()

        def parse(self, response: Any) -> Any:
            seen["pages"] += 1
            for link in self.links.extract_links(response):
                yield scrapy.Request(link.url)

    process = AsyncCrawlerProcess(
        {
            "ROBOTSTXT_OBEY": True,
            "LOG_LEVEL": "INFO",
            "LOG_FILE": "/dev/null",
            "CONCURRENT_REQUESTS": 64,
            "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
            "TWISTED_DNS_RESOLVER": "crawler.resolver.GuardedResolver",
            "OPTOUT_RESOLVE": [f"*:{port}:127.0.0.1"],
            "OPTOUT_ALLOW_PRIVATE": True,
        }
    )
    window = Window()
    process.crawl(Stock)
    process.start()
    return window.cost(seen["pages"])


def ours(port: int, expected: int, *, checks: bool = True) -> dict[str, Any]:
    """This crawler: every signal, archive, evidence and ledger."""
    from crawler.config import load
    from crawler.optout.grammar.manners import Manners
    from crawler.run import crawl
    from crawler.tally import Tally

    if not checks:
        from crawler import middlewares
        from crawler.pacing import Pacer

        # Without site-level files there is nothing to learn manners from.
        Pacer.of = lambda self, host: Manners()
        middlewares.gate_from_settings = lambda settings: UnsafeOpenGate()
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CONFIG_HOME"] = str(Path(folder) / "config")  # a crawl makes a key to sign with
        config = load(
            {
                "output": str(Path(folder) / "corpus"),
                "contact": "bench@crawler.test",
                "scope": "any",
                "kinds": "text",
                "delay": "0",
                "allow_private": True,
                "resolve": (f"*:{port}:127.0.0.1",),
                "setting": ("CONCURRENT_REQUESTS=64", "CONCURRENT_REQUESTS_PER_DOMAIN=8"),
            },
            environ={},
            seeds=(f"http://site000.test:{port}/p/0",),
        )
        window = Window()
        crawl(config, tally)
        judged = sum(count for (_, how), count in tally.endings.items() if how in ("kept", "reserved"))
        if judged != expected:
            sys.exit(f"{judged} pages instead of {expected}")
        return window.cost(expected)


def UnsafeOpenGate() -> Any:
    """A gate that hears nothing and lets everything through: what the checks cost is measured against it."""
    from crawler.optout import Gate, Policy
    from crawler.optout.model import Context, Signal

    deaf = Signal(name="robots", title="nothing", spec="", version="", readers={}, meanings=())
    return Gate(Policy(), Context(agents=("heedful",)), {"robots": deaf})


class Window:
    """CPU and wall time from the spider's opening to its closing, for any crawl of this process."""

    def __init__(self) -> None:
        from pydispatch import dispatcher
        from scrapy import signals

        dispatcher.connect(self.opened, signals.spider_opened)
        dispatcher.connect(self.closed, signals.spider_closed)

    def opened(self) -> None:
        self.cpu, self.clock = time.process_time(), time.monotonic()

    def closed(self) -> None:
        self.cpu, self.clock = time.process_time() - self.cpu, time.monotonic() - self.clock

    def cost(self, pages: int) -> dict[str, Any]:
        return {
            "pages": pages,
            "cpu_ms_per_page": self.cpu / pages * 1000,
            "pages_per_s": pages / self.clock,
            "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }


class Web:
    """The server in a process of its own."""

    def __init__(self, hosts: int, pages: int, paragraphs: int = PARAGRAPHS) -> None:
        arguments = [sys.executable, __file__, "--serve", str(hosts), str(pages), str(paragraphs)]
        self._process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())

    def __enter__(self) -> Web:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()


def child(case: str, port: int, expected: int) -> dict[str, Any]:
    """One run in a fresh process."""
    arguments = [sys.executable, __file__, "--case", case, str(port), str(expected)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=1800)
    if done.returncode:
        sys.exit(f"{case} failed:\n{done.stderr[-3000:]}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def compare(rounds: int) -> None:
    """Alternate the cases and print the ratios."""
    total = HOSTS * PAGES
    results: dict[str, list[dict[str, Any]]] = {"stock": [], "ours": [], "unchecked": []}
    with Web(HOSTS, PAGES) as web:
        for turn in range(rounds):
            order = list(results)
            for case in order[turn % 3 :] + order[: turn % 3]:
                results[case].append(child(case, web.port, total))
    print(f"{total} pages of about 48 KB on {HOSTS} hosts, {rounds} rounds, medians\n")
    print(f"{'case':<12}{'CPU ms/page':>14}{'min':>8}{'pages/s':>10}{'RSS MB':>9}")
    for case, runs in results.items():
        cpu = [run["cpu_ms_per_page"] for run in runs]
        speed = statistics.median(run["pages_per_s"] for run in runs)
        rss = max(run["rss_mb"] for run in runs)
        print(f"{case:<12}{statistics.median(cpu):>14.2f}{min(cpu):>8.2f}{speed:>10.0f}{rss:>9.0f}")
    for name, above, below, target in (
        ("ours / stock Scrapy", "ours", "stock", "at most 0.35"),
        ("checks on / checks off", "ours", "unchecked", "at most 1.30"),
    ):
        ratios = [
            a["cpu_ms_per_page"] / b["cpu_ms_per_page"]
            for a, b in zip(results[above], results[below], strict=True)
        ]
        print(
            f"\n{name}: {statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f}); target {target}"
        )


def memory() -> None:
    """Resident memory after a small and after a large crawl."""
    for hosts, pages in ((40, 50), (40, 1250)):
        with Web(hosts, pages, paragraphs=8) as web:
            result = child("ours", web.port, hosts * pages)
        print(f"{result['pages']:>7} pages: {result['rss_mb']:.0f} MB, {result['cpu_ms_per_page']:.2f} ms/page")


def main() -> None:
    """See the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--serve", nargs=3, type=int, help=argparse.SUPPRESS)
    parser.add_argument("--case", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve(*arguments.serve)
    elif arguments.case:
        case, port, expected = arguments.case
        run = {"stock": stock, "ours": ours, "unchecked": lambda p, e: ours(p, e, checks=False)}[case]
        print(json.dumps(run(int(port), int(expected))))
    elif arguments.memory:
        memory()
    else:
        compare(arguments.rounds)


if __name__ == "__main__":
    main()
