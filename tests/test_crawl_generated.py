"""A crawl of the generated site against its table, and small webs for what that site does not have."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from crawler.corpus import archive
from crawler.corpus.corpus import Corpus
from crawler.corpus.evidence import HOP
from crawler.demo.answer import Answer, Request, Responder, page, redirect, text, typed
from crawler.demo.images import png
from crawler.demo.place import feed, html, sitemap
from crawler.demo.server import LoopbackWeb
from crawler.domains import politeness_domain
from crawler.optout.grammar.sniff import picture
from crawler.optout.model import Decision, Outcome
from tests import crawls
from tests.webs import Site, generate

Items = Mapping[str, dict[str, Any]]


def items_of(folder: Path) -> Items:
    """What ``items --json`` lists, by ``host/path``; raises when something is listed twice."""
    rows = crawls.heedful("items", str(folder), "--json").rows
    found = {crawls.at(row["url"]): row for row in rows}
    assert len(found) == len(rows)
    return found


# The generated site


@dataclass(frozen=True, kw_only=True, slots=True)
class Generated:
    """One crawl of the generated site."""

    site: Site
    folder: Path
    items: Items
    last: Mapping[str, Decision]
    requests: tuple[Request, ...]


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    site = generate()
    folder = tmp_path_factory.mktemp("generated") / "corpus"
    with LoopbackWeb(site.hosts()) as web:
        ended = crawls.crawl(web, folder, site.seeds, timeout=120)
        assert ended.code == 0, ended.err
        requests = tuple(web.requests)
    last = crawls.decided(folder)
    return Generated(site=site, folder=folder, items=items_of(folder), last=last, requests=requests)


def marked(site: Site) -> set[str]:
    """Images whose own metadata reserves them."""
    return {at for at, item in site.images.items() if item.overlay.metadata}


def test_what_is_kept_is_what_the_table_says(generated: Generated) -> None:
    assert set(generated.items) == generated.site.kept()


def test_images_are_read_for_their_metadata(generated: Generated) -> None:
    assert not set(generated.items) & marked(generated.site)


def test_nothing_is_stored_or_asked_twice(generated: Generated) -> None:
    assert set(crawls.stored(generated.folder).values()) == {1}
    asked = [(request.host, request.target) for request in generated.requests]
    assert len(asked) == len(set(asked))


def test_every_url_that_was_considered_has_a_decision(generated: Generated) -> None:
    site, read = generated.site, generated.site.read()
    met = set(site.seeds) | {at for page in read for at in (*site.pages[page].links, *site.pages[page].shows)}
    assert set(generated.last) == met
    rules = {
        "/robots.txt",
        *(path for path in {request.target for request in generated.requests} if "." in path),
    }
    for request in generated.requests:
        at = request.host + request.target
        assert at in generated.last or request.target in rules
    for at in generated.items:
        assert generated.last[at].collect


def test_images_name_the_pages_that_show_them(generated: Generated) -> None:
    site, read = generated.site, generated.site.read()
    images = [at for at in generated.items if at in site.images]
    assert len(images) > 10
    for at in images:
        item = generated.items[at]
        shown_by = {page for page in read if at in site.pages[page].shows}
        assert item["via"]
        assert {crawls.at(url) for url in item["via"]} <= shown_by


def test_items_describe_themselves(generated: Generated) -> None:
    site = generated.site
    titles = {at: f"Page {number}" for number, at in enumerate(site.pages)}
    served = site.hosts()
    for at, item in generated.items.items():
        if at in site.pages:
            assert (item["kind"], item["title"], item["media_type"]) == ("text", titles[at], "text/html")
            continue
        host, _, path = at.partition("/")
        answer = served[host]["/" + path]
        assert isinstance(answer, Answer)
        assert isinstance(answer.body, bytes)
        seen = picture(answer.body)
        assert seen is not None
        assert (item["kind"], item["media_type"]) == ("image", "image/png")
        assert (item["width"], item["height"], item["bytes"]) == (seen.width, seen.height, len(answer.body))
        assert item["alt"] in {titles[crawls.at(url)] for url in item["via"]}


def test_each_host_is_asked_over_one_connection(generated: Generated) -> None:
    for host in {request.host for request in generated.requests}:
        assert len({request.connection for request in generated.requests if request.host == host}) == 1
    assert max(request.in_flight for request in generated.requests) == 1


# Ways to a page


def _site() -> dict[str, dict[str, Responder]]:
    """A site found by sitemaps, feeds, links and redirects; it says which of them are not to be used."""

    def leaf(name: str, **more: Any) -> Answer:
        return page(html(name, f"This is {name}.", **more))

    listed = sitemap("http://ways.example:{port}/in-packed-sitemap").at_port(0).body
    assert isinstance(listed, bytes)
    figure = '<figure><img src="/heron.png" alt="A heron"><figcaption>A heron, waiting</figcaption></figure>'
    paths: dict[str, Responder] = {
        "/robots.txt": text(
            "User-agent: *\nDisallow: /private/\nSitemap: http://ways.example:{port}/index.xml\n"
            "Sitemap: http://ways.example:{port}/list.txt\n"
        ),
        "/index.xml": typed(
            "application/xml",
            '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
            "<sitemap><loc>http://ways.example:{port}/map.xml</loc></sitemap>"
            "<sitemap><loc>http://ways.example:{port}/packed.xml.gz</loc></sitemap></sitemapindex>",
        ),
        "/map.xml": sitemap(
            "http://ways.example:{port}/in-sitemap", "http://ways.example:{port}/private/listed"
        ),
        "/packed.xml.gz": lambda request: typed(
            "application/gzip",
            gzip.compress(
                listed.replace(b":0/", b":" + str(request.value("host")).partition(":")[2].encode() + b"/")
            ),
        ),
        "/list.txt": text("http://ways.example:{port}/in-text-sitemap\n"),
        "/": leaf(
            "front",
            head='<link rel="alternate" type="application/atom+xml" href="/atom">'
            '<link rel="canonical" href="/the-front">',
            links=("/rss", "/linked", "/nofollow-meta", "/nofollow-header", "/moved", "/to-private", "/loop"),
            body='<a href="/by-nofollow-link" rel="nofollow">no</a>' + figure,
        ),
        "/heron.png": typed("image/png", png(1, 2, 3, 31, 17)),
        "/atom": typed(
            "application/atom+xml",
            '<feed xmlns="http://www.w3.org/2005/Atom"><entry><link href="/in-atom"/></entry></feed>',
        ),
        "/rss": feed("News", ("http://ways.example:{port}/in-rss", "")),
        "/nofollow-meta": leaf(
            "nofollow-meta", head='<meta name="robots" content="nofollow">', links=("/behind-nofollow-meta",)
        ),
        "/nofollow-header": page(
            html("nofollow-header", "Its header.", links=("/behind-nofollow-header",)),
            ("X-Robots-Tag", "nofollow"),
        ),
        "/moved": redirect("/moved-again", ("X-Hop", "one"), status=301),
        "/moved-again": redirect("http://elsewhere.example:{port}/target", ("X-Hop", "two"), status=307),
        "/to-private": redirect("/private/target"),
        "/loop": redirect("/loop"),
    }
    hidden = ("behind-nofollow-meta", "behind-nofollow-header", "by-nofollow-link", "private/listed")
    found = ("in-sitemap", "in-packed-sitemap", "in-text-sitemap", "in-atom", "in-rss", "linked")
    paths |= {f"/{name}": leaf(name) for name in (*hidden, *found, "private/target")}
    return {"ways.example": paths, "elsewhere.example": {"/target": leaf("target")}}


@pytest.fixture(scope="module")
def ways(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, LoopbackWeb, Items]]:
    folder = tmp_path_factory.mktemp("ways") / "corpus"
    with LoopbackWeb(_site()) as web:
        ended = crawls.crawl(web, folder, ["ways.example/"])
        assert ended.code == 0, ended.err
        yield folder, web, items_of(folder)


@pytest.mark.parametrize(
    "path",
    [
        *("in-sitemap", "in-packed-sitemap", "in-text-sitemap"),
        *("in-atom", "in-rss", "linked", "nofollow-meta", "nofollow-header", "heron.png"),
    ],
)
def test_what_is_found(ways: tuple[Path, LoopbackWeb, Items], path: str) -> None:
    assert f"ways.example/{path}" in ways[2]


@pytest.mark.parametrize(
    "path", ["behind-nofollow-meta", "behind-nofollow-header", "by-nofollow-link", "private/listed"]
)
def test_what_is_not_asked_for(ways: tuple[Path, LoopbackWeb, Items], path: str) -> None:
    assert ways[1].asked("ways.example", f"/{path}") == []


def test_feeds_and_sitemaps_are_read_and_not_kept(ways: tuple[Path, LoopbackWeb, Items]) -> None:
    folder, web, items = ways
    for path in ("/index.xml", "/map.xml", "/packed.xml.gz", "/list.txt", "/atom", "/rss"):
        assert len(web.asked("ways.example", path)) == 1
        assert f"ways.example{path}" not in items
        assert crawls.decided(folder)[f"ways.example{path}"].outcome is Outcome.SKIPPED


def test_a_redirect_is_gated_at_every_hop(ways: tuple[Path, LoopbackWeb, Items]) -> None:
    folder, web, items = ways
    last = crawls.decided(folder)
    assert "elsewhere.example/target" in items
    files = {request.target for request in web.asked("elsewhere.example")} - {"/target"}
    assert files
    assert web.asked("elsewhere.example")[-1].target == "/target"
    assert [
        last[f"ways.example/{path}"].outcome for path in ("moved", "moved-again", "to-private", "loop")
    ] == [Outcome.SKIPPED] * 4
    assert last["ways.example/private/target"].outcome is Outcome.RESERVED
    assert web.asked("ways.example", "/private/target") == []


def test_hops_are_evidence(ways: tuple[Path, LoopbackWeb, Items]) -> None:
    hops = {
        crawls.at(record.need("WARC-Target-URI")): record.block
        for name in archive.names(ways[0] / "evidence")
        for _, record in archive.walk(ways[0] / "evidence", name)
        if record.get("Heedful-Source") == HOP
    }
    assert b"one" in hops["ways.example/moved"]
    assert b"two" in hops["ways.example/moved-again"]


def test_what_is_known_of_an_item(ways: tuple[Path, LoopbackWeb, Items]) -> None:
    folder, web, items = ways
    front, image = items["ways.example/"], items["ways.example/heron.png"]
    assert front["title"] == "front"
    assert (image["alt"], image["caption"]) == ("A heron", "A heron, waiting")
    assert (image["width"], image["height"]) == (31, 17)
    assert image["via"] == [web.url("ways.example")]
    with Corpus.read(folder) as corpus:
        (item,) = corpus.store.items(url=web.url("ways.example"))
        assert item.note.canonical == web.url("ways.example", "/the-front")
    assert b'"canonical":"' in _records(folder)


def _records(folder: Path) -> bytes:
    return b"".join(gzip.decompress(path.read_bytes()) for path in (folder / "archive").glob("*.gz"))


# Politeness

DELAY = 0.25
"""Seconds between two requests of one registrable domain."""

EARLY = 0.05
"""Seconds by which a request may seem early: the time that the one before it took to arrive."""


def _calm(host: str, *others: str, robots: str = "") -> dict[str, Responder]:
    """A host that takes its time to answer, so that two requests at once would meet."""
    paths: dict[str, Responder] = {
        "/": page(html(host, "A host.", links=("/a", *others), pictures=("/image.png",))),
        "/a": page(html(f"{host} a", "A page.")),
        "/image.png": typed("image/png", png(9, len(host), len(others), 40, 30)),
        "/robots.txt": text(robots or "User-agent: *\nAllow: /\n"),
    }
    return {path: replace(answer, delay=0.1) for path, answer in paths.items() if isinstance(answer, Answer)}


@pytest.fixture(scope="module")
def paced(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[Request, ...]]:
    folder = tmp_path_factory.mktemp("paced") / "corpus"
    hosts = {
        "one.calm.example": _calm("one.calm.example", "http://two.calm.example:{port}/"),
        "two.calm.example": _calm("two.calm.example"),
        "other.example": _calm("other.example"),
        "slower.example": _calm("slower.example", robots="User-agent: *\nCrawl-delay: 0.6\n"),
        "never.example": _calm("never.example", robots="User-agent: *\nCrawl-delay: 120\n"),
    }
    seeds = ["one.calm.example/", "other.example/", "slower.example/", "never.example/"]
    with LoopbackWeb(hosts) as web:
        ended = crawls.crawl(web, folder, seeds, "--delay", str(DELAY))
        assert ended.code == 0, ended.err
        return folder, tuple(web.requests)


def of_domain(requests: tuple[Request, ...], domain: str) -> list[Request]:
    return [request for request in requests if politeness_domain(request.host) == domain]


@pytest.mark.parametrize(
    ("domain", "hosts"), [("calm.example", 2), ("other.example", 1), ("slower.example", 1)]
)
def test_a_domain_is_asked_one_request_at_a_time_and_not_faster_than_the_delay(
    paced: tuple[Path, tuple[Request, ...]], domain: str, hosts: int
) -> None:
    requests = of_domain(paced[1], domain)
    assert len({request.host for request in requests}) == hosts
    assert "/robots.txt" in {request.target for request in requests}
    for request in requests:
        at_once = sum(count for host, count in request.busy.items() if politeness_domain(host) == domain)
        assert at_once == 1, request.target
    for before, after in pairwise(requests):
        assert after.at - before.at > DELAY - EARLY, (before.target, after.target)


def test_domains_do_not_wait_for_each_other(paced: tuple[Path, tuple[Request, ...]]) -> None:
    calm, other = (of_domain(paced[1], domain) for domain in ("calm.example", "other.example"))
    assert other[0].at < calm[-1].at
    assert calm[0].at < other[-1].at


def test_a_crawl_delay_slows_down_everything_after_it(paced: tuple[Path, tuple[Request, ...]]) -> None:
    first, *rest = of_domain(paced[1], "slower.example")
    assert first.target == "/robots.txt"
    assert {"/", "/a", "/image.png"} <= {request.target for request in rest}
    for before, after in pairwise([request for request in rest if request.target in ("/", "/a", "/image.png")]):
        assert after.at - before.at > 0.6 - EARLY


def test_a_host_that_asks_for_more_than_the_cap_is_skipped(paced: tuple[Path, tuple[Request, ...]]) -> None:
    folder, requests = paced
    asked = {request.target for request in of_domain(requests, "never.example")}
    assert "/robots.txt" in asked
    assert not asked & {"/", "/a", "/image.png"}
    assert crawls.decided(folder)["never.example/"].outcome is Outcome.SKIPPED
    assert crawls.reasons(folder, "never.example/")[0][0] == "crawl-delay"
