"""Hosts without an end: sitemaps, feeds, calendars, sessions, and pages that are always new."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Mapping
from itertools import count

from tests.webs.hostile.bodies import zipped
from tests.webs.hostile.row import KEPT, Ending, Lie, skipped, words
from tests.webs.hostile.wire import Act, Talk, absent, reply

NUMBERS = count(1)
XML = "application/xml"
NS = "xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'"

ABSENT: Mapping[str, Act] = dict.fromkeys(
    (
        "/robots.txt",
        "/.well-known/tdmrep.json",
        "/ai.txt",
        "/trust.txt",
        "/.well-known/trust.txt",
        "/license.xml",
    ),
    absent,
)
"""What a host lacks that answers everything else with a page."""


def _site(
    name: str, does: str, act: Act, most: int, why: str, *, robots: str = "", **more: Mapping[str, Act]
) -> Lie:
    """A host that answers everything with more; ``why``: the reason that ends it, on some URL of it."""
    host = f"{name}.example"
    paths = {**ABSENT, "*": act, **({"/robots.txt": reply(robots, media="text/plain")} if robots else {})}
    return Lie(
        name=name,
        does=does,
        hosts={host: paths, **more},
        ends={},
        seeds=(host + "/",),
        others=True,
        most=most,
        stopped=why,
    )


def linked(*paths: str) -> Act:
    """A page with these links, and words that no other page has."""

    def act(talk: Talk) -> bool | None:
        body = "".join(f'<a href="{path}">on</a>' for path in paths)
        return reply(
            words(f"{talk.host}{talk.target}", body=f"<p>{next(NUMBERS)} {next(NUMBERS) * 7}</p>{body}")
        )(talk)

    return act


def leading(make: Callable[[Talk], tuple[str, ...]]) -> Act:
    """A page whose links depend on the request."""
    return lambda talk: linked(*make(talk))(talk)


def _months(talk: Talk) -> tuple[str, ...]:
    year, month = map(int, re.findall(r"\d+", talk.target) or (2031, 1))
    return (
        f"/cal/{year + month // 12}/{month % 12 + 1:02}",
        f"/cal/{year - (month == 1)}/{(month - 2) % 12 + 1:02}",
    )


def _hosts(talk: Talk) -> bool | None:
    return linked(*(f"http://h{next(NUMBERS)}.hosts.example:{talk.port}/" for _ in range(20)))(talk)


def _listed(name: str, does: str, files: Mapping[str, Act], ending: Ending, at: str, most: int = 0) -> Lie:
    """A host whose robots.txt names a sitemap, and whose only page is sound."""
    host = f"{name}.example"
    page: dict[str, Act] = {"/page": reply(words(host))}
    return Lie(
        name=name,
        does=does,
        hosts={host: {**page, **files}},
        ends={host + at: ending, f"{host}/page": KEPT},
        seeds=(f"{host}/page",),
        others=True,
        most=most,
    )


def _sitemap(
    name: str, does: str, body: Callable[[str], str | bytes], ending: Ending, path: str = "/map.xml"
) -> Lie:
    host = f"{name}.example"
    made = body(f"http://{host}:{{port}}")
    files = {
        path: reply(made, media=XML if path.endswith("xml") else "application/gzip"),
        "/robots.txt": reply(f"Sitemap: http://{host}:{{port}}{path}\n", media="text/plain"),
    }
    return _listed(name, does, files, ending, path)


LINKS_ONLY = skipped("links-only")

ENDLESS: tuple[Lie, ...] = (
    _sitemap(
        "map-itself",
        "sitemap: an index that names itself",
        lambda at: f"<sitemapindex {NS}><sitemap><loc>{at}/map.xml</loc></sitemap></sitemapindex>",
        LINKS_ONLY,
    ),
    _sitemap(
        "map-million",
        "sitemap: 20,000 pages that are not there",
        lambda at: (
            f"<urlset {NS}>"
            + "".join(f"<url><loc>{at}/n{number}</loc></url>" for number in range(20_000))
            + "</urlset>"
        ),
        LINKS_ONLY,
    ),
    _sitemap(
        "map-bomb",
        "sitemap: a gzip file that unpacks to 256 MiB",
        lambda at: zipped(),
        skipped("size|links-only"),
        "/map.xml.gz",
    ),
    _sitemap("map-deep", "sitemap: 100,000 elements deep", lambda at: "<urlset>" + "<a>" * 100_000, LINKS_ONLY),
    _sitemap(
        "map-laughs",
        "sitemap: entities that grow",
        lambda at: "<!DOCTYPE u [<!ENTITY a 'aa'>]><urlset><url><loc>" + "&a;" * 99 + "</loc></url></urlset>",
        LINKS_ONLY,
    ),
    _sitemap(
        "map-hosts",
        "sitemap: pages of other hosts",
        lambda at: (
            f"<urlset {NS}>"
            + "".join(
                f"<url><loc>http://other{number}.map-hosts.example:1/</loc></url>" for number in range(50)
            )
            + "</urlset>"
        ),
        LINKS_ONLY,
    ),
    _sitemap(
        "map-cut",
        "sitemap: a gzip file that ends early",
        lambda at: gzip.compress(f"<urlset {NS}><url><loc>{at}/x</loc></url></urlset>".encode() * 99)[:80],
        LINKS_ONLY,
        "/map.xml.gz",
    ),
    _site(
        "map-index",
        "sitemap: every one names ten more",
        lambda talk: reply(
            f"<sitemapindex {NS}>"
            + "".join(
                f"<sitemap><loc>http://{talk.host}:{talk.port}/m{next(NUMBERS)}.xml</loc></sitemap>"
                for _ in range(10)
            )
            + "</sitemapindex>",
            media=XML,
        )(talk),
        1,
        "budget",
        robots="Sitemap: http://map-index.example:{port}/map.xml\n",
    ),
    _site(
        "feed",
        "a feed of 40 items, and each leads to another feed",
        lambda talk: reply(
            "<rss><channel>"
            + "".join(
                f"<item><link>http://{talk.host}:{talk.port}/f{next(NUMBERS)}</link></item>" for _ in range(40)
            )
            + "</channel></rss>",
            media="application/rss+xml",
        )(talk),
        0,
        "budget",
    ),
    _site("calendar", "a calendar without end", leading(_months), 80, "calendar"),
    _site(
        "sessions",
        "a new session in every link",
        leading(lambda talk: tuple(f"/{name};jsessionid={next(NUMBERS):032X}" for name in "abcd")),
        80,
        "session",
    ),
    _site("deeper", "links that make every path longer", linked("more/", "x/more/"), 80, "repeats"),
    _site(
        "parameters",
        "links that add a parameter each time",
        leading(lambda talk: (f"{talk.target}{'&' if '?' in talk.target else '?'}p=1",)),
        80,
        "parameters",
    ),
    _site(
        "chain",
        "every page leads to one other, for ever",
        leading(lambda talk: (f"/{'a' * len(talk.target)}",)),
        80,
        "depth",
    ),
    _site(
        "unique",
        "50 new pages on every page",
        leading(lambda talk: tuple(f"/u{next(NUMBERS)}" for _ in range(50))),
        80,
        "budget",
    ),
    _site("hosts", "a new host in every link", _hosts, 400, "budget", **{"*": {**ABSENT, "*": _hosts}}),
    _site(
        "empty-list",
        "a list whose pages are all empty",
        lambda talk: reply(
            f'<title>List</title><p>Nothing was found.</p><a href="/list?page='
            f'{int((re.findall("[0-9]+", talk.target) or ["1"])[0]) + 1}">more</a>'
        )(talk),
        80,
        "alike",
    ),
    _site(
        "soft-404",
        "the same words at every address, each with 30 more",
        lambda talk: reply(
            "<title>Oh</title><p>Not found.</p>"
            + "".join(f'<a href="/x{next(NUMBERS)}">x</a>' for _ in range(30))
        )(talk),
        80,
        "budget",
    ),
)
