"""One row of a loopback web: what stands at a URL, and what must become of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from crawler.demo.answer import Answer, Responder, typed
from crawler.optout.model import OPEN, Outcome


@dataclass(frozen=True, kw_only=True, slots=True)
class Expectation:
    """What a crawl must make of a URL."""

    outcome: Outcome | None
    """The outcome of its last decision; None: any, or no decision at all, as long as it is not kept."""
    signal: str | None = None
    """A signal that must be among the grounds; None: not said."""

    @property
    def kept(self) -> bool:
        """Whether it must end in the corpus."""
        return self.outcome in OPEN


KEPT = Expectation(outcome=Outcome.UNRESERVED)
UNDETERMINED = Expectation(outcome=Outcome.UNDETERMINED)
SKIPPED = Expectation(outcome=Outcome.SKIPPED)
LICENSED = Expectation(outcome=Outcome.LICENSED, signal="licence")
NOT_KEPT = Expectation(outcome=None)


def reserved(signal: str) -> Expectation:
    """Reserved, and ``signal`` says so."""
    return Expectation(outcome=Outcome.RESERVED, signal=signal)


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """One URL of a loopback web."""

    host: str
    """Host name, without port."""
    path: str
    """Path, with query if any."""
    answer: Responder
    """What is served there."""
    expect: Expectation | None = None
    """What must become of it; None: it is no asset, but robots.txt, a sitemap, a licence."""


def html(
    title: str,
    words: str,
    *,
    head: str = "",
    links: Iterable[str] = (),
    pictures: Iterable[str] = (),
    body: str = "",
) -> str:
    """A small page that says in words what is on it."""
    lines = [
        "<!doctype html>",
        '<html lang="en">',
        f'<head><meta charset="utf-8"><title>{escape(title)}</title>{head}</head>',
        f"<body><h1>{escape(title)}</h1>",
        f"<p>{escape(words)}</p>",
        *(f'<img src="{escape(picture)}" alt="{escape(title)}">' for picture in pictures),
        *(f'<a href="{escape(link)}">{escape(link)}</a>' for link in links),
        body,
        "</body></html>",
    ]
    return "\n".join(line for line in lines if line) + "\n"


def table(places: Iterable[Place]) -> dict[str, dict[str, Responder]]:
    """The places as the server takes them; raises ``ValueError`` when two stand at one URL."""
    hosts: dict[str, dict[str, Responder]] = {}
    for place in places:
        if place.path in hosts.setdefault(place.host, {}):
            raise ValueError(f"two answers at {place.host}{place.path}")
        hosts[place.host][place.path] = place.answer
    return hosts


def sitemap(*urls: str) -> Answer:
    """A sitemap (https://www.sitemaps.org/protocol.html) of ``urls``."""
    rows = "".join(f"<url><loc>{escape(url)}</loc></url>" for url in urls)
    namespace = "http://www.sitemaps.org/schemas/sitemap/0.9"
    body = f'<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="{namespace}">{rows}</urlset>'
    return typed("application/xml", body)


def feed(title: str, *items: tuple[str, str]) -> Answer:
    """An RSS 2.0 feed of ``(url, extra elements)``."""
    rows = "".join(f"<item><link>{escape(url)}</link>{extra}</item>" for url, extra in items)
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<rss version="2.0" xmlns:rsl="https://rslstandard.org/rsl">'
        f"<channel><title>{escape(title)}</title>{rows}</channel></rss>"
    )
    return typed("application/rss+xml", body)


def licence(*contents: str) -> str:
    """An RSL 1.0 document (https://rslstandard.org/rsl) of ``content`` elements."""
    return f'<rsl xmlns="https://rslstandard.org/rsl">{"".join(contents)}</rsl>'


def prohibits(url: str, usage: str = "ai-all") -> str:
    """An RSL ``content`` whose one licence prohibits ``usage``."""
    terms = f'<license><prohibits type="usage">{usage}</prohibits></license>'
    return f'<content url="{escape(url)}">{terms}</content>'
