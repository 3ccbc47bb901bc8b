"""A web without an end for :mod:`benchmarks.soak`: as many hosts and fresh pages as anybody asks for.

    python -m benchmarks.soakweb HOSTS PAGES

Serves on a port of its own until standard input closes, and says the port. Hosts are ``siteN.test``. ``HOSTS``
and ``PAGES`` (of each host): 0: no end. A page of about 18 KB is put together from paragraphs made beforehand,
which takes less than a tenth of the time that reading it does. Every page leads to two fresh ones of its host,
to older ones and to other hosts, and shows two pictures of which one is fresh; the first page of a host leads
to the first pages of two further hosts. One page in three and one picture in six is reserved, moved or gone, by
each way of saying so in turn.
"""

from __future__ import annotations

import asyncio
import gzip
import random
import sys
import threading

from crawler.demo.images import manifest, png, xmp

PARAGRAPHS = 400
"""Paragraphs that pages are put together from."""

A_PAGE = 40
"""Paragraphs of a page."""

SYLLABLES = ("ba", "ce", "di", "fo", "gu", "ha", "ki", "lo", "me", "nu", "pra", "qui", "ro", "ste", "tri", "va")

HEADS = {
    3: '<meta name="robots" content="noai">',
    5: '<meta name="robots" content="noimageai">',
    7: '<meta name="tdm-reservation" content="1">',
    9: '<link rel="license" type="application/rsl+xml" href="/rsl.xml">',
    11: '<script type="application/ld+json">{"@type":"Article","isAccessibleForFree":false}</script>',
    13: '<meta name="robots" content="noindex">',
}
"""What stands in the head of pages, by their number modulo 50."""

LINES = {
    17: "X-Robots-Tag: noai",
    19: "tdm-reservation: 1",
    21: "Content-Usage: train-ai=n",
    23: "Content-Signal: ai-train=no",
    25: "DisallowAITraining: /",
}
"""Header lines of pages, by their number modulo 50."""

PLACES = {27: "private", 29: "closed", 31: "gpt"}
"""Folders of pages that robots.txt, tdmrep.json and a refusal of another crawler reserve."""

STATUSES = {33: "404 Not Found", 35: "451 Unavailable For Legal Reasons", 37: "410 Gone"}

LARGE = 211
"""Every so many pages one is so large that a child process reads it."""

ROBOTS = (
    b"User-agent: *\nDisallow: /private/\nAllow: /private/open/\nDisallow: /search?\n\n"
    b"User-agent: GPTBot\nDisallow: /gpt/\n"
)
FILES = {
    "/.well-known/tdmrep.json": ("application/json", b'[{"location": "/closed/", "tdm-reservation": 1}]'),
    "/rsl.xml": (
        "application/rsl+xml",
        b'<rsl xmlns="https://rslstandard.org/rsl"><content url="/"><license>'
        b'<prohibits type="usage">ai-train</prohibits></license></content></rsl>',
    ),
}


class Web:
    """What is served."""

    def __init__(self, hosts: int, pages: int) -> None:
        self.hosts, self.pages, self.port = hosts, pages, 0
        pick = random.Random(6)
        words = ["".join(pick.choices(SYLLABLES, k=pick.randint(1, 4))) for _ in range(6_000)]
        self._paragraphs = [
            f'<div class="c{number % 7}"><p id="s{number}">{" ".join(pick.choices(words, k=55))}</p></div>\n'
            for number in range(PARAGRAPHS)
        ]
        self._pixels = png(10, 20, 30)
        self._mined = png(10, 20, 30, xmp=xmp("DMI-PROHIBITED"))
        self._signed = png(10, 20, 30, manifest=manifest({"cawg.ai_training": "notAllowed"}))

    def answer(self, host: int, path: str) -> tuple[str, bytes, tuple[str, ...]]:
        """Status, body and header lines."""
        if path == "/robots.txt":
            return "200 OK", ROBOTS, ("Content-Type: text/plain",)
        if path == "/ai.txt" and host % 25 == 24:
            return "200 OK", b"User-Agent: *\nDisallow: /\n", ("Content-Type: text/plain",)
        if path in FILES:
            kind, body = FILES[path]
            return "200 OK", body, (f"Content-Type: {kind}",)
        folder, _, name = path.rpartition("/")
        if not name.isdigit():
            return "404 Not Found", b"not here", ("Content-Type: text/plain",)
        return self._image(host, int(name)) if folder == "/i" else self._page(host, int(name))

    def _page(self, host: int, number: int) -> tuple[str, bytes, tuple[str, ...]]:
        sort = number % 50
        if sort in STATUSES:
            return STATUSES[sort], b"nothing", ("Content-Type: text/plain",)
        if sort == 39:
            return "302 Found", b"", (f"Location: {self._path(number * 2 + 1)}",)
        lines = ["Content-Type: text/html; charset=utf-8"]
        if sort in LINES:
            lines.append(LINES[sort])
        body = self._html(host, number).encode()
        if number % 2:
            lines.append("Content-Encoding: gzip")
            body = gzip.compress(body, 1)
        return "200 OK", body, tuple(lines)

    def _html(self, host: int, number: int) -> str:
        pick = random.Random(host * 1_000_003 + number)
        text = pick.choices(self._paragraphs, k=15 * A_PAGE if number % LARGE == 60 else A_PAGE)
        links = [self._path(one) for one in (0, number // 2, number // 3, number // 5, number - 1) if one >= 0]
        links += [
            self._path(one) for one in (2 * number + 1, 2 * number + 2) if not self.pages or one < self.pages
        ]
        others = [host * 7 + number, host + 1] if self.hosts else []
        others += [2 * host + 1, 2 * host + 2] if number == 0 else []
        for other in others:
            if not self.hosts or number or other < self.hosts:
                name = other % self.hosts if self.hosts else other
                links.append(f"http://site{name}.test:{self.port}{self._path(number // 2)}")
        text[3:3] = [f'<p>More about <a href="{link}">this and that</a>, of old.</p>\n' for link in links]
        text[1:1] = [
            f'<figure><img src="/i/{one}" alt="Picture {one}"><figcaption>Number {one}</figcaption></figure>\n'
            for one in (number // 2, number // 4)
        ]
        return (
            f"<!doctype html><html lang=en><head><meta charset=utf-8><title>Page {number} of {host}</title>"
            f'{HEADS.get(number % 50, "")}<link rel=canonical href="{self._path(number)}"></head>'
            f"<body><h1>Page {number} of {host}</h1>\n{''.join(text)}</body></html>"
        )

    def _image(self, host: int, number: int) -> tuple[str, bytes, tuple[str, ...]]:
        lines = ["Content-Type: image/png"]
        body = self._pixels
        if number % 20 == 3:
            lines.append("X-Robots-Tag: noai")
        elif number % 20 == 7:
            body = self._mined
        elif number % 20 == 11:
            lines.append("tdm-reservation: 1")
        elif number % 200 == 13:
            body = self._signed
        return "200 OK", body + b"%d %d" % (host, number), tuple(lines)  # no two have the same bytes

    def _path(self, number: int) -> str:
        return f"/{PLACES.get(number % 50, 'p')}/{number}"


class _Connection(asyncio.Protocol):
    def __init__(self, web: Web) -> None:
        self._web, self._buffer = web, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while b"\r\n\r\n" in self._buffer:
            head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
            first, *lines = head.decode("latin-1").split("\r\n")
            host = next(line[6:] for line in lines if line.lower().startswith("host: "))
            number = host.partition(".")[0].removeprefix("site")
            status, body, more = self._web.answer(int(number) if number.isdigit() else 0, first.split(" ")[1])
            top = "\r\n".join((f"HTTP/1.1 {status}", *more, f"Content-Length: {len(body)}", "", ""))
            self._transport.write(top.encode() + body)


async def serve(hosts: int, pages: int) -> None:
    """Serve until standard input closes."""
    web, loop = Web(hosts, pages), asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(web), "127.0.0.1", 0, backlog=1024)
    web.port = server.sockets[0].getsockname()[1]
    print(web.port, flush=True)
    closed = asyncio.Event()

    def wait() -> None:
        sys.stdin.read()
        loop.call_soon_threadsafe(closed.set)

    threading.Thread(target=wait, daemon=True).start()
    await closed.wait()


if __name__ == "__main__":
    asyncio.run(serve(*map(int, sys.argv[1:3])))
