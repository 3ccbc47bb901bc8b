"""Feeds and sitemaps: where they lead, and what feeds say about their items."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.optout import Gate, Policy
from crawler.optout.grammar import sitemap as sitemaps
from crawler.optout.grammar.feed import MOST, NO_FEED, read_feed
from crawler.optout.grammar.rsl import NAMESPACE
from crawler.optout.grammar.sitemap import NO_SITEMAP, Sitemap, read_sitemap
from crawler.optout.model import Asset, Capture, Context, Kind, Preference, Purpose

PROHIBITED, PERMITTED = (
    f'<rsl xmlns="{NAMESPACE}"><content url="/"><license>{terms}</license></content></rsl>'
    for terms in ('<prohibits type="usage">all</prohibits>', '<permits type="usage">all</permits>')
)

AT = datetime(2026, 11, 22, 10, 0, 0, tzinfo=UTC)
URL = "https://h.example/feed/"
LOC = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def rss(items: str, channel: str = "") -> bytes:
    return f'<rss version="2.0" xmlns:rsl="{NAMESPACE}"><channel>{channel}{items}</channel></rss>'.encode()


FEEDS: dict[str, tuple[bytes, tuple[str, ...]]] = {
    "RSS": (
        rss("<item><link>https://h.example/1</link></item><item><link> /2 </link></item>"),
        ("https://h.example/1", "https://h.example/2"),
    ),
    "RSS with a permalink only": (
        rss("<item><guid>https://h.example/1</guid></item>"),
        ("https://h.example/1",),
    ),
    "RSS with a guid that is none": (
        rss('<item><guid isPermaLink="false">https://h.example/1</guid></item>'),
        (),
    ),
    "RSS with a guid that is a number": (rss("<item><guid>123</guid></item>"), ()),
    "RSS with an Atom link to itself": (
        rss('<item><link rel="self" href="/f"/><link>/1</link></item>'),
        ("https://h.example/1",),
    ),
    "RSS with a fragment": (rss("<item><link>/1#comments</link></item>"), ("https://h.example/1",)),
    "RSS twice": (rss("<item><link>/1</link></item><item><link>/1</link></item>"), ("https://h.example/1",)),
    "RSS of another host": (rss("<item><link>https://o.example/1</link></item>"), ("https://o.example/1",)),
    "RSS without links": (rss("<item><title>x</title></item>", "<link>https://h.example/</link>"), ()),
    "RSS with other schemes": (
        rss("<item><link>mailto:a@h.example</link></item><item><link>https://[</link></item>"),
        (),
    ),
    "RSS with HTML entities": (
        rss("<item><title>a&nbsp;b</title><link>/1</link></item>"),
        ("https://h.example/1",),
    ),
    "RSS cut short": (
        rss("<item><link>/1</link></item><item><link>/2</link>")[:-16],
        ("https://h.example/1", "https://h.example/2"),
    ),
    "RSS cut in an address": (
        rss("<item><link>/1</link></item><item><link>/2345</link>")[:-25],
        ("https://h.example/1",),
    ),
    "RSS 1.0": (
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
        b'<channel rdf:about="x"><link>/</link></channel><item rdf:about="y"><link>/1</link></item></rdf:RDF>',
        ("https://h.example/1",),
    ),
    "Atom": (
        b'<feed xmlns="http://www.w3.org/2005/Atom"><link href="/"/><entry><link rel="edit" href="/e"/>'
        b'<link href="/1"/></entry><entry><link rel="alternate" href="2"/></entry></feed>',
        ("https://h.example/1", "https://h.example/feed/2"),
    ),
    "Atom with a base": (
        b'<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://o.example/"><entry xml:base="b/">'
        b'<link href="1"/></entry></feed>',
        ("https://o.example/b/1",),
    ),
    "no feed": (b"<html><item><link>/1</link></item></html>", ()),
    "no markup": (b"https://h.example/1", ()),
    "nothing": (b"", ()),
}


@pytest.mark.parametrize(
    ("body", "links"), [pytest.param(body, links, id=name) for name, (body, links) in FEEDS.items()]
)
def test_feeds(body: bytes, links: tuple[str, ...]) -> None:
    assert read_feed(body, URL).links == links


def test_a_feed_is_read_up_to_its_bound() -> None:
    body = rss("".join(f"<item><link>/{number}</link></item>" for number in range(MOST + 5)))
    assert len(read_feed(body, URL).items) == MOST


PROHIBITS = '<rsl:license><rsl:prohibits type="usage">ai-train</rsl:prohibits></rsl:license>'
PERMITS = '<rsl:license><rsl:permits type="usage">all</rsl:permits></rsl:license>'


def item(link: str, url: str, licence: str = PROHIBITS) -> str:
    return f'<item><link>{link}</link><rsl:content url="{url}">{licence}</rsl:content></item>'


MENTIONS: dict[str, tuple[bytes, str, set[Preference]]] = {
    "the item's own page": (
        rss(item("/1", "https://h.example/1")),
        "https://h.example/1",
        {Preference.DISALLOW},
    ),
    "a path": (rss(item("/1", "/1")), "https://h.example/1", {Preference.DISALLOW}),
    "an item whose terms have another address": (
        rss(item("/1", "https://h.example/x")),
        "https://h.example/1",
        {Preference.DISALLOW},
    ),
    "another page": (rss(item("/1", "https://h.example/1")), "https://h.example/2", set()),
    "a pattern over other pages": (
        rss(item("/1", "https://h.example/")),
        "https://h.example/2",
        {Preference.DISALLOW},
    ),
    "terms of another host": (rss(item("/1", "https://o.example/1")), "https://h.example/1", set()),
    "a page of another host": (rss(item("https://o.example/1", "/1")), "https://o.example/1", set()),
    "an empty url": (rss(item("/1", "")), "https://h.example/1", {Preference.DISALLOW}),
    "an empty url elsewhere": (rss(item("/1", "")), "https://h.example/2", set()),
    "terms of the channel": (
        rss("<item><link>/1</link></item>", f'<rsl:content url="/">{PROHIBITS}</rsl:content>'),
        "https://h.example/1",
        {Preference.DISALLOW},
    ),
    "a whole document in an item": (
        rss(f'<item><link>/1</link><rsl:rsl><rsl:content url="/1">{PROHIBITS}</rsl:content></rsl:rsl></item>'),
        "https://h.example/1",
        {Preference.DISALLOW},
    ),
    "terms that do not conform": (
        rss(item("/1", "/1", "<rsl:terms/>")),
        "https://h.example/1",
        {Preference.DISALLOW},
    ),
    "a grant": (rss(item("/1", "/1", PERMITS)), "https://h.example/1", {Preference.ALLOW}),
    "content of other vocabularies": (
        b'<rss xmlns:media="http://search.yahoo.com/mrss/"><channel><item><link>/1</link>'
        b'<media:content url="https://h.example/1"/></item></channel></rss>',
        "https://h.example/1",
        set(),
    ),
    "a page": (b"<html><body>x</body></html>", "https://h.example/1", set()),
    "a book": (b"PK\x03\x04", "https://h.example/1", set()),
}


def mentioned(body: bytes, url: str, *, complete: bool = True) -> dict[Purpose, Preference]:
    feed = Capture(url=URL, status=200, at=AT, body=body, complete=complete)
    gate = Gate(Policy(), Context(agents=("mybot",)))
    statements, needs = gate.mentions(feed, Asset(url=url, kind=Kind.TEXT))
    assert not needs
    return {statement.purpose: statement.preference for statement in statements if statement.signal == "rsl"}


@pytest.mark.parametrize(
    ("body", "url", "preferences"),
    [pytest.param(*row, id=name) for name, row in MENTIONS.items()],
)
def test_what_a_feed_says_about_a_page(body: bytes, url: str, preferences: set[Preference]) -> None:
    found = mentioned(body, url)
    training = {found[Purpose.AI_TRAIN]} if Purpose.AI_TRAIN in found else set()
    assert training == preferences


def test_the_last_item_of_a_feed_that_was_cut_is_unclear() -> None:
    body = rss("<item><link>/1</link></item><item><link>/2</link></item>")[:-20]
    assert mentioned(body, "https://h.example/1", complete=False) == {}
    assert mentioned(body, "https://h.example/2", complete=False) == {Purpose.ANY: Preference.UNREADABLE}


LICENCE = '<link rel="license" type="application/rsl+xml" href="/l.xml"/>'
ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom">{}'
    '<entry><link href="/1"/>{}</entry><entry><link href="/2"/></entry></feed>'
)


@pytest.mark.parametrize(
    ("of_feed", "of_item", "asking"),
    [
        pytest.param(LICENCE, "", {1, 2}, id="of the feed"),
        pytest.param("", LICENCE, {1}, id="of an item"),
        pytest.param("", LICENCE.replace("rsl+xml", "xml"), set(), id="of another type"),
        pytest.param("", LICENCE.replace("license", "alternate"), set(), id="of another relation"),
        pytest.param("", LICENCE.replace("/l.xml", "http://[x/"), set(), id="to no address"),
    ],
)
def test_a_licence_link_asks_for_its_document(of_feed: str, of_item: str, asking: set[int]) -> None:
    feed = Capture(url=URL, status=200, at=AT, body=ATOM.format(of_feed, of_item).encode())
    gate = Gate(Policy(), Context(agents=("mybot",)))
    for number in (1, 2):
        asset = Asset(url=f"https://h.example/{number}", kind=Kind.TEXT)
        _, needs = gate.mentions(feed, asset)
        assert needs == (("https://h.example/l.xml",) if number in asking else ())


@pytest.mark.parametrize(
    ("body", "status", "preferences"),
    [
        (PROHIBITED, 200, {Preference.DISALLOW}),
        (PERMITTED, 200, set()),
        ("no licence", 200, {Preference.DISALLOW}),
        ("", 404, {Preference.DISALLOW}),
        ("", 503, {Preference.UNREADABLE}),
        ("", None, {Preference.UNREADABLE}),
    ],
)
def test_the_document_of_a_licence_link_can_only_deny(
    body: str, status: int | None, preferences: set[Preference]
) -> None:
    feed = Capture(url=URL, status=200, at=AT, body=ATOM.format(LICENCE, "").encode())
    document = Capture(url="https://h.example/l.xml", status=status, at=AT, body=body.encode())
    gate = Gate(Policy(), Context(agents=("mybot",)))
    asset = Asset(url="https://h.example/1", kind=Kind.TEXT)
    said, needs = gate.mentions(feed, asset, documents={document.url: document})
    assert not needs
    assert {statement.preference for statement in said} == preferences


def test_a_feed_full_of_terms_is_read_in_time() -> None:
    offer = '<rsl:license><rsl:prohibits type="usage">all</rsl:prohibits></rsl:license>'
    terms = f'<rsl:content url="/{{}}/*x*y">{offer}</rsl:content>'
    body = rss("".join(f"<item><link>/{number}</link>{terms.format(number)}</item>" for number in range(MOST)))
    feed = Capture(url=URL, status=200, at=AT, body=body)
    gate = Gate(Policy(), Context(agents=("mybot",)))
    began = time.process_time()
    for number in range(0, MOST, 10):
        gate.mentions(feed, Asset(url=f"https://h.example/{number}", kind=Kind.TEXT))
    assert time.process_time() - began < 2


SITEMAPS: dict[str, tuple[bytes, Sitemap]] = {
    "pages": (
        f"<urlset {LOC}><url><loc> https://h.example/1 </loc><lastmod>2026</lastmod></url></urlset>".encode(),
        Sitemap(pages=("https://h.example/1",)),
    ),
    "an index": (
        f"<sitemapindex {LOC}><sitemap><loc>https://h.example/s.xml</loc></sitemap></sitemapindex>".encode(),
        Sitemap(sitemaps=("https://h.example/s.xml",)),
    ),
    "images": (
        f'<urlset {LOC} xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"><url>'
        "<loc>https://h.example/1</loc><image:image><image:loc>https://c.example/i.png</image:loc></image:image>"
        "<image:image/></url></urlset>".encode(),
        Sitemap(pages=("https://h.example/1",), images=(("https://c.example/i.png", "https://h.example/1"),)),
    ),
    "images of a page without address": (
        b"<urlset><url><image><loc>https://c.example/i.png</loc></image></url></urlset>",
        NO_SITEMAP,
    ),
    "no namespace": (
        b"<urlset><url><loc>https://h.example/1</loc></url></urlset>",
        Sitemap(pages=("https://h.example/1",)),
    ),
    "another host": (
        b"<urlset><url><loc>https://o.example/1</loc></url></urlset>",
        Sitemap(pages=("https://o.example/1",)),
    ),
    "addresses that are not absolute": (
        b"<urlset><url><loc>/1</loc></url><url><loc>h.example/1</loc></url><url><loc/></url><url/></urlset>",
        NO_SITEMAP,
    ),
    "other schemes": (b"<urlset><url><loc>ftp://h.example/1</loc></url></urlset>", NO_SITEMAP),
    "twice": (
        b"<urlset><url><loc>https://h.example</loc></url><url><loc>https://H.example/</loc></url></urlset>",
        Sitemap(pages=("https://h.example/",)),
    ),
    "cut short": (
        b"<urlset><url><loc>https://h.example/1</loc></url><url><loc>https://h.exa",
        Sitemap(pages=("https://h.example/1",)),
    ),
    "an ampersand that is not escaped": (
        b"<urlset><url><loc>https://h.example/1?a&b</loc></url></urlset>",
        Sitemap(pages=("https://h.example/1?a&b",)),
    ),
    "text": (
        b"\xef\xbb\xbfhttps://h.example/1\r\n\r\nnot a url\nhttps://h.example/2 \n",
        Sitemap(pages=("https://h.example/1", "https://h.example/2")),
    ),
    "a feed": (rss("<item><link>/1</link></item>"), Sitemap(pages=("https://h.example/1",))),
    "a page": (b"<html><a href='https://h.example/1'>x</a></html>", NO_SITEMAP),
    "nothing": (b"", NO_SITEMAP),
    "entities": (
        b'<!DOCTYPE u [<!ENTITY a "https://h.example/">]><urlset><url><loc>&a;</loc></url></urlset>',
        NO_SITEMAP,
    ),
}


@pytest.mark.parametrize(
    ("body", "expected"), [pytest.param(body, expected, id=name) for name, (body, expected) in SITEMAPS.items()]
)
def test_sitemaps(body: bytes, expected: Sitemap) -> None:
    assert read_sitemap(body, "https://h.example/sitemap.xml") == expected


def test_a_sitemap_is_read_up_to_its_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    many = b"<url><loc>https://h.example/%d</loc></url>"
    body = b"<urlset>" + b"".join(many % number for number in range(60_000)) + b"</urlset>"
    start = time.process_time()
    assert len(read_sitemap(body, URL).pages) == sitemaps.MOST
    assert read_sitemap(b"<urlset>" + b"<url/>" * (sitemaps.ELEMENTS + 1) + b"</urlset>", URL) == NO_SITEMAP
    assert time.process_time() - start < 10
    monkeypatch.setattr(sitemaps, "LIMIT", 100)
    assert read_sitemap(body, URL) == NO_SITEMAP


MARKUP = st.lists(
    st.sampled_from(
        [
            "<rss>",
            "<channel>",
            "<item>",
            "</item>",
            "<link>",
            "</link>",
            "<feed>",
            "<entry>",
            "<guid>",
            "<urlset>",
            "<url>",
            "<loc>",
            "</loc>",
            "<sitemapindex>",
            "<sitemap>",
            "https://h.example/",
            "/1",
            "http://[",
            " ",
            "\0",
            "<link href='x' rel='alternate'/>",
            "<r:content xmlns:r='https://rslstandard.org/rsl' url='https://['/>",
            "<entry xml:base='http://['>",
            "\ud800",
        ]
    ),
    max_size=30,
).map(lambda parts: "".join(parts).encode("utf-8", "surrogatepass"))


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.binary(max_size=200), MARKUP))
def test_junk_never_raises(body: bytes) -> None:
    feed = read_feed(body, URL)
    assert all(link.startswith(("http://", "https://")) for link in feed.links)
    sitemap = read_sitemap(body, URL)
    assert all(page.startswith(("http://", "https://")) for page in (*sitemap.pages, *sitemap.sitemaps))
    mentioned(body, "https://h.example/")


def test_nothing_is_no_feed() -> None:
    assert read_feed(b"\0", URL) == NO_FEED
