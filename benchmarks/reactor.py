"""How long each kind of hostile answer holds the event loop of a crawl that reads it.

    python -m benchmarks.reactor [--where] [--most MS] [NAME …]

Every row is a real crawl, in a fresh process, of one loopback host that serves one such thing at the largest
size that is read (or the smallest that costs most), and one harmless page. A timer in the crawling process asks
to be called every 5 milliseconds; *lag* is the longest time by which it was called late, *CPU* the processor
time that the crawl's own thread spent meanwhile: what lag exceeds it by, other processes, other threads and the
disk took. ``--where`` prints the lines of ours that were at work during the longest lag. Ends with 1 when any
row lags for more than ``--most`` milliseconds (250) of which as much was the crawl's own.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

MIB = 1 << 20
MOST_MS = 250
TICK = 0.005
HEAD = "<!doctype html><html lang=en><head><meta charset=utf-8><title>T</title>"
HTML = (("Content-Type", "text/html; charset=utf-8"),)
TEXT = (("Content-Type", "text/plain"),)


def filled(unit: str | bytes, size: int, head: str | bytes = "", tail: str | bytes = "") -> bytes:
    """``unit`` as often as it fits into ``size`` octets, between a head and a tail."""
    raw, before, after = (one.encode() if isinstance(one, str) else one for one in (unit, head, tail))
    return before + raw * ((size - len(before) - len(after)) // len(raw)) + after


def numbered(template: str, size: int, head: str = "", tail: str = "") -> bytes:
    """Texts of a template with a running number, up to ``size`` octets."""
    count = (size - len(head) - len(tail)) // (len(template % 1_000_000))
    return (head + "".join([template % (1_000_000 + number) for number in range(count)]) + tail).encode()


def pages() -> dict[str, Callable[[], bytes]]:
    """Pages of 16 MiB, and smaller ones that cost as much as they can."""
    large, small = 16 * MIB - 1024, 250_000
    ld = '<script type="application/ld+json">'
    found: dict[str, Callable[[], bytes]] = {}
    for size, word in ((large, "16 MiB"), (small, "250 KB")):
        found |= {
            f"page of text, {word}": lambda size=size: filled(
                "<p>words and words of a page.</p>\n", size, HEAD
            ),
            f"page of plain text, {word}": lambda size=size: filled("no markup at all\n", size, HEAD),
            f"page of deep elements, {word}": lambda size=size: filled("<div>", size, HEAD),
            f"page of open formats, {word}": lambda size=size: filled("<b><p>", size, HEAD),
            f"page of attributes, {word}": lambda size=size: numbered("a%d=1 ", size, HEAD + "<a href=x ", ">"),
            f"page of metas, {word}": lambda size=size: filled("<meta name=robots content=all>", size, HEAD),
            f"page of named metas, {word}": lambda size=size: numbered("<meta name=a%d content=b>", size, HEAD),
            f"page of links in its head, {word}": lambda size=size: numbered(
                "<link rel=license href=/l%d>", size, HEAD
            ),
            f"page of anchors, {word}": lambda size=size: numbered("<a href=/p%d>p</a>", size, HEAD + "<body>"),
            f"page of images, {word}": lambda size=size: numbered("<img src=/i%d.png>", size, HEAD + "<body>"),
            f"page of licences, {word}": lambda size=size: numbered(
                "<a rel=license href=/l%d>l</a>", size, HEAD + "<body>"
            ),
            f"page of microdata, {word}": lambda size=size: numbered(
                "<div itemscope itemtype=https://schema.org/ImageObject><a itemprop=license href=/%d>x</a>",
                size,
                HEAD + "<body>",
            ),
            f"page of scripts, {word}": lambda size=size: filled(ld + '{"@id":"x"}</script>', size, HEAD),
            f"page of deep JSON-LD, {word}": lambda size=size: filled("[", size, HEAD + ld, "</script>"),
            f"page of much JSON-LD, {word}": lambda size=size: numbered(
                '{"license":"https://l.example/%d"},', size, HEAD + ld + "[", "{}]</script>"
            ),
            f"page of RSL, {word}": lambda size=size: filled(
                "<content url='/'><license><permits type='usage'>all</permits></license></content>",
                size,
                HEAD + '<script type="application/rsl+xml"><rsl xmlns="https://rslstandard.org/rsl">',
                "</rsl></script>",
            ),
            f"page with an open comment, {word}": lambda size=size: filled(
                "<meta name=a>", size, HEAD + "<!--"
            ),
            f"page with a wide character, {word}": lambda size=size: filled(
                "<p>wörds</p>".encode() + b"\n", size, HEAD + "\U0001f600"
            ),
        }
    return found


def pictures() -> dict[str, tuple[str, Callable[[], bytes]]]:
    """Images near 64 MiB, and those of the fixtures that cost most."""
    from tests.test_container import HOSTILE
    from tests.vectors.assets.containers import bmp, jpeg
    from tests.vectors.assets.make_assets import builders

    gif = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\0\0\0\xff\xff\xff"
    packet = (
        b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
    )
    svg = b"<svg xmlns='http://www.w3.org/2000/svg' width='1' height='1'>"
    found: dict[str, tuple[str, Callable[[], bytes]]] = {
        "BMP of zeros, 60 MiB": ("image/bmp", lambda: bmp() + bytes(60 * MIB)),
        "BMP of packets, 60 MiB": ("image/bmp", lambda: filled(packet, 60 * MIB, bmp())),
        "JPEG, 60 MiB": ("image/jpeg", lambda: jpeg() + os.urandom(60 * MIB)),
        "GIF of small blocks, 60 MiB": (
            "image/gif",
            lambda: filled(b"\x01\x00", 60 * MIB, gif + b"\x21\xfe"),
        ),
        "GIF of large blocks, 60 MiB": (
            "image/gif",
            lambda: filled(b"\xff" + bytes(255), 60 * MIB, gif + b"\x2c\0\0\0\0\x01\0\x01\0\0\x02", b"\0\x3b"),
        ),
        "GIF of extensions, 1 MiB": ("image/gif", lambda: filled(b"\x21\xfe\x01a\x00", MIB, gif, b"\x3b")),
        "SVG of elements, 4 MiB": ("image/svg+xml", lambda: filled(b"<g a='b'/>", 4 * MIB, svg, b"</svg>")),
        "SVG of elements, 400 KB": ("image/svg+xml", lambda: filled(b"<g a='b'/>", 400_000, svg, b"</svg>")),
        "SVG of text, 60 MiB": ("image/svg+xml", lambda: filled(b"text ", 60 * MIB, svg, b"</svg>")),
    }
    for name, build in {
        **{name: builders()[name] for name in ("text-bomb.png", "nested.png")},
        **HOSTILE,
    }.items():
        found[name] = ("application/octet-stream", build)
    return found


def site_files() -> dict[str, tuple[str, Callable[[], bytes], tuple[tuple[str, str], ...]]]:
    """Site-level files and second documents: path, body, headers."""
    xml, js = (("Content-Type", "application/xml"),), (("Content-Type", "application/json"),)
    robots, most = "/robots.txt", 5 * MIB - 64
    return {
        "robots.txt of rules for all, 500 KiB": (
            robots,
            lambda: numbered("Disallow: /a%d\n", 511_000, "User-agent: *\n"),
            TEXT,
        ),
        "robots.txt of rules for all, 5 MiB": (
            robots,
            lambda: numbered("Disallow: /a%d\n", most, "User-agent: *\n"),
            TEXT,
        ),
        "robots.txt of stars, 500 KiB": (
            robots,
            lambda: numbered("Disallow: /*a*%d*b$\n", 380_000, "User-agent: *\n"),
            TEXT,
        ),
        "robots.txt of agents, 5 MiB": (robots, lambda: numbered("User-agent: a%d\nDisallow: /\n", most), TEXT),
        "robots.txt of short lines, 5 MiB": (robots, lambda: filled("a:b\n", most, "User-agent: *\n"), TEXT),
        "robots.txt of one line, 5 MiB": (
            robots,
            lambda: filled("a", most, "User-agent: *\nDisallow: /"),
            TEXT,
        ),
        "robots.txt of usages, 500 KiB": (
            robots,
            lambda: numbered("Content-Usage: /p%d train-ai=n\n", 511_000, "User-agent: *\n"),
            TEXT,
        ),
        "robots.txt of licences, 500 KiB": (
            robots,
            lambda: numbered("License: https://l.example/%d\n", 511_000, "User-agent: *\n"),
            TEXT,
        ),
        "robots.txt of sitemaps, 500 KiB": (
            robots,
            lambda: numbered("Sitemap: http://h.example:1/s%d\n", 511_000, "User-agent: *\nAllow: /\n"),
            TEXT,
        ),
        "tdmrep.json of rules, 500 KiB": (
            "/.well-known/tdmrep.json",
            lambda: numbered('{"location":"/p%d","tdm-reservation":1},', 511_000, "[", "{}]"),
            js,
        ),
        "tdmrep.json, deep, 500 KiB": ("/.well-known/tdmrep.json", lambda: filled("[", 511_000), js),
        "ai.txt of rules, 500 KiB": (
            "/ai.txt",
            lambda: numbered("Disallow: *.p%d\n", 511_000, "User-Agent: *\n"),
            TEXT,
        ),
        "trust.txt of lines, 500 KiB": (
            "/trust.txt",
            lambda: numbered("member=https://m%d.example/\n", 511_000),
            TEXT,
        ),
        "RSL document of rules, 500 KiB": (
            "/rsl.xml",
            lambda: numbered(
                '<content url="/p%d"><license><prohibits type="usage">all</prohibits></license></content>',
                511_000,
                '<rsl xmlns="https://rslstandard.org/rsl">',
                "</rsl>",
            ),
            (("Content-Type", "application/rsl+xml"),),
        ),
        "sitemap of 50,000 pages": (
            "/sitemap.xml",
            lambda: (
                b"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>"
                + b"".join(b"<url><loc>http://h.example:1/p%d</loc></url>" % number for number in range(50_000))
                + b"</urlset>"
            ),
            xml,
        ),
        "sitemap of elements, 12 MiB": (
            "/sitemap.xml",
            lambda: filled("<a b='c'/>", 12 * MIB, "<urlset>", "</urlset>"),
            xml,
        ),
        "feed of items, 4 MiB": (
            "/sitemap.xml",
            lambda: filled(
                "<item><link>http://h.example:1/x</link></item>", 4 * MIB, "<rss><channel>", "</channel></rss>"
            ),
            (("Content-Type", "application/rss+xml"),),
        ),
        "feed of licences, 4 MiB": (
            "/sitemap.xml",
            lambda: numbered(
                "<item><link>http://h.example:1/%d</link>"
                "<r:content xmlns:r='https://rslstandard.org/rsl' url='/'/></item>",
                4 * MIB,
                "<rss><channel>",
                "</channel></rss>",
            ),
            (("Content-Type", "application/rss+xml"),),
        ),
    }


def floods() -> dict[str, tuple[tuple[str, str], ...]]:
    """Header lines of a harmless page."""
    link = ", ".join(f'</l{number}>; rel="license"' for number in range(600))
    usage = ", ".join(f"a{number}=y" for number in range(1500))
    return {
        "headers, 1,000 lines": tuple((f"X-{number}", "v" * 50) for number in range(990)),
        "headers, 50,000 lines": tuple((f"X-{number}", "v" * 50) for number in range(50_000)),
        "headers of links, 900 lines": tuple(("Link", link[:15_000]) for _ in range(900)),
        "headers of usages, 900 lines": tuple(("Content-Usage", usage[:15_000]) for _ in range(900)),
        "headers of robots tags, 900 lines": tuple(("X-Robots-Tag", "a: b, " * 2500) for _ in range(900)),
    }


def rows() -> dict[str, tuple[Mapping[str, Any], str]]:
    """Every row: the paths of its host, and the path that the crawl begins with."""
    from crawler.demo.server import Answer, page

    found: dict[str, tuple[Mapping[str, Any], str]] = {}
    plain = {"/": page("<p>A harmless page.</p>")}
    for name, build in pages().items():
        found[name] = ({**plain, "/big": lambda _, build=build: Answer(headers=HTML, body=build())}, "/big")
    for name, (kind, picture) in pictures().items():
        typed = (("Content-Type", kind),)
        found[name] = (
            {**plain, "/big.png": lambda _, b=picture, t=typed: Answer(headers=t, body=b())},
            "/big.png",
        )
    for name, (path, build, headers) in site_files().items():
        paths = {**plain, path: lambda _, b=build, h=headers: Answer(headers=h, body=b())}
        if path in ("/sitemap.xml", "/rsl.xml"):
            key = "Sitemap" if path == "/sitemap.xml" else "License"
            line = f"User-agent: *\nAllow: /\n{key}: http://h.example:PORT{path}\n"
            paths["/robots.txt"] = Answer(headers=TEXT, body=line.encode())
        found[name] = (paths, "/")
    for name, headers in floods().items():
        found[name] = ({**plain, "/flood": Answer(headers=(*HTML, *headers), body=b"<p>Hello.</p>")}, "/flood")
    packed = (*HTML, ("Content-Encoding", "gzip"))
    bomb = gzip.compress(bytes(512 * MIB), 9)
    found["a bomb of 512 MiB"] = ({**plain, "/b": Answer(headers=packed, body=bomb)}, "/b")
    dense = gzip.compress(filled("<p>words and words of a page.</p>\n", 16 * MIB - 1024, HEAD), 6)
    found["a packed page of 16 MiB"] = ({**plain, "/b": Answer(headers=packed, body=dense)}, "/b")
    return found


class Meter:
    """Asks the loop to be called every few milliseconds, and notes by how much it was late."""

    def __init__(self, where: bool) -> None:
        from pydispatch import dispatcher
        from scrapy import signals

        self.lag = self.cpu = 0.0
        self.lines: Counter[str] = Counter()
        self._seen: Counter[str] = Counter()
        self._due = 0.0
        self._thread = threading.get_ident()
        self._where = where
        dispatcher.connect(self.opened, signals.spider_opened)

    def opened(self) -> None:
        import asyncio

        self._loop = asyncio.get_event_loop()
        self._next()
        if self._where:
            threading.Thread(target=self._watch, daemon=True).start()

    def _next(self) -> None:
        self._due, self._spent = time.monotonic() + TICK, time.thread_time()
        self._seen = Counter()
        self._loop.call_later(TICK, self._tick)

    def _tick(self) -> None:
        late = time.monotonic() - self._due
        if late > self.lag:
            self.lag, self.cpu, self.lines = late, time.thread_time() - self._spent, self._seen
        self._next()

    def _watch(self) -> None:
        while True:
            time.sleep(0.01)
            if time.monotonic() - self._due > 0.03:
                frame = sys._current_frames().get(self._thread)
                for entry in traceback.extract_stack(frame)[-40:]:
                    self._seen[f"{Path(entry.filename).name}:{entry.lineno} {entry.name}"] += 1


def crawl(port: int, path: str, where: bool) -> None:
    """One crawl; prints what the meter saw."""
    from crawler.config import load
    from crawler.run import crawl as crawl_all
    from crawler.tally import Tally

    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CONFIG_HOME"] = str(Path(folder) / "config")
        config = load(
            {
                "output": str(Path(folder) / "corpus"),
                "contact": "bench@crawler.test",
                "kinds": "text,image,pdf,epub",
                "delay": "0",
                "max_pages": "3",
                "max_time": "8",
                "allow_private": True,
                "profile": "testing",
                "resolve": (f"*:{port}:127.0.0.1",),
                "setting": ("LOG_LEVEL=CRITICAL", "DOWNLOAD_TIMEOUT=30"),
            },
            environ={},
            seeds=(f"http://h.example:{port}/", f"http://h.example:{port}{path}"),
        )
        meter = Meter(where)
        crawl_all(config, tally)
    ended = ", ".join(f"{count} {how}" for (_, how), count in sorted(tally.endings.items(), key=str))
    print(json.dumps([meter.lag * 1000, meter.cpu * 1000, ended, meter.lines.most_common(24)]))


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--where", action="store_true")
    parser.add_argument("--most", type=float, default=MOST_MS)
    parser.add_argument("--crawl", nargs=2)
    parser.add_argument("names", nargs="*")
    given = parser.parse_args()
    if given.crawl:
        crawl(int(given.crawl[0]), given.crawl[1], given.where)
        return 0
    from crawler.demo.server import LoopbackWeb

    failed = []
    print(f"{'':44}{'lag ms':>8}{'CPU ms':>8}{'s':>7}  ended", flush=True)
    for name, (paths, begin) in rows().items():
        if given.names and not any(wanted in name for wanted in given.names):
            continue
        with LoopbackWeb({"h.example": paths}) as web:
            command = [sys.executable, "-m", "benchmarks.reactor", "--crawl", str(web.port), begin]
            command += ["--where"] if given.where else []
            clock = time.monotonic()
            try:
                done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
            except subprocess.TimeoutExpired:
                failed.append(name)
                print(f"{name:44} not done after 240 s", flush=True)
                continue
        if done.returncode:
            failed.append(name)
            print(f"{name:44} ended with {done.returncode}: {done.stderr.strip()[-300:]}", flush=True)
            continue
        lag, cpu, ended, lines = json.loads(done.stdout.splitlines()[-1])
        print(f"{name:44}{lag:8.0f}{cpu:8.0f}{time.monotonic() - clock:7.1f}  {ended}", flush=True)
        if given.where:
            for line, count in lines:
                print(f"{'':8}{count:4} {line}")
        if min(lag, cpu) > given.most:
            failed.append(name)
    print(f"longer than {given.most:.0f} ms: {', '.join(failed) or 'none'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
