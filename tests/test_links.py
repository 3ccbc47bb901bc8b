"""References to URLs: one form for what is the same, nothing for what leads nowhere."""

from __future__ import annotations

from contextlib import suppress
from html import escape
from urllib.parse import urljoin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scrapy import Request

from crawler.optout.grammar.html import parse
from crawler.optout.grammar.links import LONGEST, Base, ImageLink, normalise_url, outlinks
from crawler.optout.model import Malformed

PAGE = "https://h.example/d/e/page.html?q=1"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://H.Example", "http://h.example/"),
        ("HTTPS://h.example:443/a", "https://h.example/a"),
        ("http://h.example:80", "http://h.example/"),
        ("http://h.example:8080/", "http://h.example:8080/"),
        ("http://h.example:/a", "http://h.example/a"),
        ("https://h.example./a", "https://h.example/a"),
        ("https://h.example/a/./b/../c", "https://h.example/a/c"),
        ("https://h.example/../../a", "https://h.example/a"),
        ("https://h.example/a/..", "https://h.example/"),
        ("https://h.example/a/.", "https://h.example/a/"),
        ("https://h.example/a/%2E%2e/b", "https://h.example/b"),
        ("https://h.example/%7Eme/im%61ge%2epng?%41=%2d", "https://h.example/~me/image.png?A=-"),
        ("https://h.example/%c3%a9%2f?%3d", "https://h.example/%C3%A9%2F?%3D"),
        ("https://h.example/100%/%4%31/%%34%31", "https://h.example/100%/%4%31/%%341"),
        ("https://h.example/a b?c d", "https://h.example/a%20b?c%20d"),
        (" https://h.example/a\n", "https://h.example/a"),
        ("https://h.example/a\tb", "https://h.example/ab"),
        ("https://h.example/é?ü", "https://h.example/%C3%A9?%C3%BC"),
        ("https://h.example/a#b", "https://h.example/a"),
        ("https://h.example/a?", "https://h.example/a"),
        ("https://h.example/a//b", "https://h.example/a//b"),
        ("https://h.example\\a\\b", "https://h.example/a/b"),
        ("https://münchen.example/", "https://xn--mnchen-3ya.example/"),
        ("https://127.0.0.1:8000/x", "https://127.0.0.1:8000/x"),
        ("https://[2001:DB8::1]/x", "https://[2001:db8::1]/x"),
        ('https://h.example/"<>', "https://h.example/%22%3C%3E"),
        ("https://h_1.example/", "https://h_1.example/"),
        ("https://h.example/?a=../b", "https://h.example/?a=../b"),
    ],
)
def test_one_form(url: str, expected: str) -> None:
    assert normalise_url(url) == expected
    assert normalise_url(expected) == expected


def test_what_is_asked_for_is_what_is_on_record() -> None:
    """A second spelling of one request would pass by what was withdrawn, reserved or learnt under the first."""
    for letter in map(chr, range(0x20, 0x180)):
        for url in (f"https://h.example/a{letter}b", f"https://h.example/?q={letter}b"):
            with suppress(Malformed):
                normal = normalise_url(url)
                assert (Request(normal).url, normalise_url(normal)) == (normal, normal)
                assert outlinks(parse(f"<a href='{escape(url)}'>x</a>"), url).pages in ((normal,), ())


@pytest.mark.parametrize(
    "url",
    [
        "",
        "h.example/a",
        "/a",
        "ftp://h.example/",
        "javascript:alert(1)",
        "data:text/html,x",
        "http://",
        "http:///a",
        "https://user@h.example/",
        "https://user:pass@h.example/",
        "https://h.example:99999/",
        "https://h.example:x/",
        "https://[::1/",
        "https://a..b/",
        "https://-/",
        "https://h exa/",
        "https://" + "a" * 64 + ".example/",
        "https://h.example/" + "a" * LONGEST,
        "https://h.example/" + "é" * 500,
        "https://\udc80.example/",
        "https://\u2488.example/",
    ],
)
def test_what_is_no_url_says_why(url: str) -> None:
    with pytest.raises(Malformed) as caught:
        normalise_url(url)
    assert str(caught.value)


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("/a", "https://h.example/a"),
        ("/a/b.html?x=1#y", "https://h.example/a/b.html?x=1"),
        ("/", "https://h.example/"),
        ("b", "https://h.example/d/e/b"),
        ("b/c?d", "https://h.example/d/e/b/c?d"),
        ("./b", "https://h.example/d/e/b"),
        ("../b", "https://h.example/d/b"),
        ("../../../b", "https://h.example/b"),
        ("/a/../b", "https://h.example/b"),
        ("/a/%2e%2e/b", "https://h.example/b"),
        ("/a%2Fb", "https://h.example/a%2Fb"),
        ("a%20b%C3%A9", "https://h.example/d/e/a%20b%C3%A9"),
        ("im%61ge.png", "https://h.example/d/e/image.png"),
        ("/%c3%a9", "https://h.example/%C3%A9"),
        ("//o.example/x", "https://o.example/x"),
        ("?x=2", "https://h.example/d/e/page.html?x=2"),
        ("https://h.example/a", "https://h.example/a"),
        ("https://h.example", "https://h.example/"),
        ("https://h.example.evil/a", "https://h.example.evil/a"),
        ("https://h.example@evil.example/", None),
        ("HTTPS://O.example:443/A", "https://o.example/A"),
        ("  /a b  ", "https://h.example/a%20b"),
        ("\\a", "https://h.example/a"),
        ("a:b", None),
        ("./a:b", "https://h.example/d/e/a:b"),
        ("mailto:x@h.example", None),
        ("javascript:void(0)", None),
        ("JavaScript:void(0)", None),
        ("tel:+49", None),
        ("data:image/png;base64,AA==", None),
        ("http://[", None),
        ("https://u:p@h.example/", None),
        ("/" + "a" * 3000, None),
        ("/é", "https://h.example/%C3%A9"),
        ("/a?b=c/../d", "https://h.example/a?b=c/../d"),
        ("/a?", "https://h.example/a"),
        ("/.hidden", "https://h.example/.hidden"),
        ("/a//b", "https://h.example/a//b"),
    ],
)
def test_references(reference: str, expected: str | None) -> None:
    assert Base(PAGE).resolve(reference) == expected


def test_a_reference_to_the_page_itself_leads_to_the_page() -> None:
    found = outlinks(parse('<a href="#top">x</a><a href="">y</a>'), PAGE)
    assert found.pages == ()


def test_outlinks() -> None:
    found = outlinks(
        parse(
            '<base href="/base/"><link rel=canonical href="/c"><link rel=next href="p2">'
            '<link rel="alternate" type="application/rss+xml" href="/feed"><link rel=stylesheet href=/s.css>'
            '<meta http-equiv="Refresh" content="0; URL=\'/next\'">'
            "<a href=x>1</a><a href=x#y>2</a>"
            '<a href=z rel="nofollow">3</a><a href=w rel="UGC NoFollow">4</a><area href=v>'
            "<a href=mailto:a@b>5</a>"
            '<img src=i.png><img src=i.png alt=words><img src="data:x,y">'
            "<a href=/photo.jpg>6</a>"
        ),
        PAGE,
    )
    host = "https://h.example"
    assert found.pages == tuple(
        host + path for path in ("/base/x", "/photo.jpg", "/base/v", "/base/p2", "/next")
    )
    assert found.images == (
        ImageLink(f"{host}/base/i.png", "words", ""),
        ImageLink(f"{host}/photo.jpg", "", ""),
    )
    assert found.canonical == f"{host}/c"
    assert found.feeds == (f"{host}/feed",)


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("/b/", "https://h.example/b/x"),
        ("https://o.example/", "https://o.example/x"),
        ("ftp://o.example/", "https://h.example/d/e/x"),
        ("http://[", "https://h.example/d/e/x"),
        ("", "https://h.example/d/e/x"),
    ],
)
def test_a_base_that_is_no_url_is_none(base: str, expected: str) -> None:
    assert outlinks(parse(f'<base href="{base}"><a href=x>1</a>'), PAGE).pages == (expected,)


@pytest.mark.parametrize(("second", "canonical"), [("/b", None), ("/a#b", "https://h.example/a")])
def test_canonicals_that_disagree_are_none(second: str, canonical: str | None) -> None:
    found = outlinks(parse(f"<link rel=canonical href=/a><link rel=canonical href={second}>"), PAGE)
    assert found.canonical == canonical


def test_a_page_at_no_url_leads_nowhere() -> None:
    assert outlinks(parse("<a href=/x>1</a>"), "about:blank").pages == ()


REFERENCES = st.text(alphabet="abAZ09/.:?#%2eE\\@[] \t\né\ud800&=~-", max_size=30)


@given(REFERENCES)
@settings(max_examples=500, deadline=None)
def test_junk_leads_somewhere_normal_or_nowhere(reference: str) -> None:
    found = Base(PAGE).resolve(reference)
    if found is not None:
        assert normalise_url(found) == found


@given(st.text(alphabet="abAZ09/._-~%?&=", min_size=1, max_size=30))
@settings(max_examples=500, deadline=None)
def test_the_short_way_agrees_with_the_long_way(reference: str) -> None:
    assert Base(PAGE).resolve(reference) == _or_none(urljoin(PAGE, reference))


def _or_none(url: str) -> str | None:
    try:
        return normalise_url(url)
    except Malformed:
        return None
