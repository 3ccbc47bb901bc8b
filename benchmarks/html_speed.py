"""Milliseconds per page for what every page costs: parse, signals, links.

    python benchmarks/html_speed.py [REPEATS]

Prints one line per step and page. Process time, the best of several rounds, on pages of about 48 KB: one of
140 links, one of many images, and one of many small elements.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

from selectolax.lexbor import LexborHTMLParser

from crawler.optout import SIGNALS
from crawler.optout.grammar.html import page
from crawler.optout.grammar.links import outlinks
from crawler.optout.model import Asset, Capture, Carrier, Context, Kind

URL = "https://h.example/news/a.html"
WORDS = ("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa")
HEAD = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A page</title>'
    '<meta name="robots" content="index, follow"><meta name="description" content="words">'
    '<meta property="og:title" content="A page"><meta property="og:image" content="/og.jpg">'
    '<link rel="canonical" href="/news/a.html"><link rel="stylesheet" href="/s.css">'
    '<script type="application/ld+json">{"@type": "Article", "isAccessibleForFree": true}</script></head><body>'
)


def generated(links: int, images: int, words: int, seed: int = 1) -> bytes:
    chosen = random.Random(seed)
    parts = [HEAD]
    for number in range(max(links, images)):
        parts.append(f'<div class="c{number}"><p class="x">{" ".join(chosen.choices(WORDS, k=words))}</p>')
        if number < links:
            parts.append(
                f'<a class="l" href="/sec{number % 7}/page-{number}.html?x={number}">page {number}</a>'
            )
        if number < images:
            parts.append(
                f'<figure><img src="/i/{number}.jpg" srcset="/i/{number}-2.jpg 2x" alt="picture {number}">'
            )
            parts.append(f"<figcaption>caption {number}</figcaption></figure>")
        parts.append("</div>")
    parts.append("</body></html>")
    return "".join(parts).encode()


PAGES = {
    "140 links": generated(140, 20, 42),
    "140 links, 100 images": generated(140, 100, 24),
    "600 links": generated(600, 0, 1),
}


def milliseconds(step: Callable[[], object], repeats: int) -> float:
    best = float("inf")
    for _ in range(7):
        started = time.process_time()
        for _ in range(repeats):
            step()
        best = min(best, (time.process_time() - started) / repeats)
    return best * 1000


def main() -> None:
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    asset, context = Asset(url=URL, kind=Kind.TEXT), Context(agents=("heedful",))
    at = datetime(2026, 11, 22, tzinfo=UTC)
    headers = (("content-type", "text/html; charset=utf-8"), ("x-robots-tag", "all"))
    readers = [
        reader
        for signal in SIGNALS.values()
        for carrier, reader in signal.readers.items()
        if carrier in (Carrier.STATUS, Carrier.HEADER, Carrier.HTML)
    ]
    for name, body in PAGES.items():
        text = body.decode()

        def capture(body: bytes = body) -> Capture:
            return Capture(url=URL, status=200, at=at, headers=headers, body=body)

        parsed = capture()
        found = parsed.parsed(page)

        def signals(parsed: Capture = parsed) -> None:
            for reader in readers:
                list(reader(parsed, asset, context))

        def everything(capture: Callable[[], Capture] = capture) -> None:
            fresh = capture()
            outlinks(fresh.parsed(page), URL)
            signals(fresh)

        size = f"{len(body) / 1024:.0f} KB"
        print(f"{name}: {size}, {len(found.anchors)} links, {len(found.images)} image addresses")
        for step, work in (
            ("lexbor alone", lambda text=text: LexborHTMLParser(text)),
            ("page", lambda capture=capture: page(capture())),
            (f"{len(readers)} signal readers", signals),
            ("outlinks", lambda found=found: outlinks(found, URL)),
            ("all of it", everything),
        ):
            print(f"  {step:20} {milliseconds(work, repeats):7.3f} ms")


if __name__ == "__main__":
    main()
