"""The one parse of a page: what is seen, what is told to be unseen, and that it stays linear."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.optout.grammar.charset import codec_of, decode
from crawler.optout.grammar.html import NOTHING, RSL, Page, page, parse
from crawler.optout.grammar.json_ld import blocks, objects
from crawler.optout.grammar.pictures import candidates
from crawler.optout.grammar.robots_tag import Directive, follows_links, read_line
from crawler.optout.model import Capture

NOAI = '<meta name="robots" content="noai">'


def captured(
    body: bytes | str, content_type: str | None = "text/html", *, complete: bool = True, **headers: str
) -> Capture:
    named = [(name.replace("_", "-"), value) for name, value in headers.items()]
    if content_type is not None:
        named.append(("content-type", content_type))
    return Capture(
        url="https://h.example/a",
        status=200,
        at=datetime(2026, 11, 22, tzinfo=UTC),
        headers=tuple(named),
        body=body.encode() if isinstance(body, str) else body,
        complete=complete,
    )


def contents(found: Page) -> list[str]:
    return [meta.content for meta in found.metas]


@pytest.mark.parametrize(
    "markup",
    [
        NOAI,
        f"<html><head>{NOAI}</head></html>",
        f"<html><body><p>x{NOAI}</body></html>",
        f"<head><noscript>{NOAI}</noscript></head>",
        f"<body><noscript><p>{NOAI}</noscript></body>",
        f"<body><template>{NOAI}</template></body>",
        f"<body><template><p><template>{NOAI}</template></template></body>",
        f"<body><table><tr><td>{NOAI}",
        f"<body><svg>{NOAI}</svg>",
        f"<body><select><option>x</select>{NOAI}",
        f"<body></body></html>{NOAI}",
        f"<frameset><frame src=a></frameset><noframes>x</noframes><html>{NOAI}".replace("<frameset>", "<div>"),
        f"<!-- a --!>{NOAI}",
        f"<!-->{NOAI}",
        f"<script><!-- <script> </script> --></script>{NOAI}",
        f"<svg><title/></svg>{NOAI}",
        NOAI.upper(),
        "<meta content=noai name=robots>",
        "<meta\nname='robots'\ncontent='noai'/>",
        "<meta/name=robots content=noai>",
        '<meta name="robots" name="x" content="noai" content="index">',
    ],
)
def test_metas_are_heard_wherever_they_stand(markup: str) -> None:
    found = parse(markup)
    assert [meta.content.lower() for meta in found.metas if meta.name == "robots"] == ["noai"]
    assert found.head_complete


@pytest.mark.parametrize(
    "markup",
    [
        f"<!-- {NOAI} -->",
        f"<title>{NOAI}</title>",
        f"<script>{NOAI}</script>",
        f"<style>{NOAI}</style>",
        f"<textarea>{NOAI}</textarea>",
        f"<xmp>{NOAI}</xmp>",
        f"<iframe>{NOAI}</iframe>",
        f"<p title='{NOAI}'>",
        NOAI.replace("<", "&lt;"),
    ],
)
def test_what_is_text_is_no_meta(markup: str) -> None:
    found = parse(f"<html><body>{markup}</body></html>")
    assert found.metas == ()
    assert found.head_complete


@pytest.mark.parametrize(
    "before",
    [
        "<title>Art",
        "<TITLE>Art",
        "<!-- old",
        "<script>var a",
        "<style>p {}",
        "<textarea>",
        "<xmp>",
        "<plaintext>",
        "<iframe src=x>",
        "<noembed>",
        "<svg><![CDATA[",
        '<p class="',
        "<p class='",
        "<!-- a --><title>b</title><script>c</script><!-- d",
    ],
)
def test_what_something_unclosed_swallows_is_told_and_recovered(before: str) -> None:
    found = parse(f"<html><head>{before}{NOAI.replace(chr(34), '')}</head><body><p>x</p></body></html>")
    assert not found.head_complete
    assert [(meta.content, meta.recovered) for meta in found.metas if meta.recovered] == [("noai", True)]


@pytest.mark.parametrize(
    "markup",
    [
        "<p>x</p><!-- the end",
        "<p>x</p><script>run()",
        "<p>x</p></bod",
        "<p>x</p><textarea>",
        "<title>Art",
        "<select><option>x",
        "<svg><path",
        "<frameset><frame src=a></frameset>",
        "<table><tr>",
        "<template><p>",
    ],
)
def test_an_end_that_hides_no_declaration_is_harmless(markup: str) -> None:
    assert parse("<!doctype html><html><head></head><body>" + markup).head_complete


@pytest.mark.parametrize("cut", range(6, len(NOAI)))
def test_a_meta_cut_anywhere_leaves_the_head_unread(cut: int) -> None:
    found = parse("<html><head>" + NOAI[:cut])
    assert not found.head_complete


@pytest.mark.parametrize(
    ("markup", "complete"),
    [
        ("<html><head><title>a</title>", False),
        ("", False),
        ("<html><head></head>", True),
        ("<html><head><title>a</title></head><body><p>te", True),
        ("<html><BODY>", True),
    ],
)
def test_a_page_cut_in_its_head_says_so(markup: str, complete: bool) -> None:
    assert parse(markup, cut=True).head_complete is complete


def test_a_tag_that_only_looks_like_an_end_of_the_page_is_not_ours() -> None:
    assert not parse(f"<title>x</title><noframes id=heedful-end></noframes><!-- {NOAI}").head_complete


@pytest.mark.parametrize(
    "codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"]
)
@pytest.mark.parametrize("claimed", ["text/html", "text/html; charset=utf-8", "text/html; charset=iso-8859-1"])
def test_encodings_hide_nothing(codec: str, claimed: str) -> None:
    body = f"<!doctype html><html><head>{NOAI}<title>日本</title></head></html>".encode(codec)
    assert contents(page(captured(body, claimed))) == ["noai"]


@pytest.mark.parametrize(
    ("body", "declared", "text"),
    [
        ("é".encode(), None, "é"),
        ("é".encode("cp1252"), None, "é"),
        ("é€".encode("cp1252"), "iso-8859-1", "é€"),
        ('<meta charset="shift_jis">日'.encode("cp932"), None, '<meta charset="shift_jis">日'),
        ('<meta charset="shift_jis">é'.encode(), "utf-8", '<meta charset="shift_jis">é'),
        (
            '<?xml version="1.0" encoding="koi8-r"?>я'.encode("koi8-r"),
            None,
            '<?xml version="1.0" encoding="koi8-r"?>я',
        ),
        ("é".encode(), "no-such-charset", "é"),
        (b'<meta charset="utf-16"><p>', None, '<meta charset="utf-16"><p>'),
        (b"\xff<p>", "utf-8", "\ufffd<p>"),
    ],
)
def test_the_text_of_a_page(body: bytes, declared: str | None, text: str) -> None:
    assert decode(body, declared) == text


@pytest.mark.parametrize(
    "label", ["rot13", "hex", "idna", "punycode", "utf-7", "cp037", "unicode_escape", "", "x\0"]
)
def test_labels_that_are_no_encoding_of_the_web(label: str) -> None:
    assert codec_of(label) is None


@pytest.mark.parametrize(
    ("content_type", "body", "parsed"),
    [
        ("text/html", "x", True),
        ("TEXT/HTML ; charset=utf-8", NOAI, True),
        ("application/xhtml+xml", NOAI, True),
        (None, NOAI, True),
        ("application/xml", NOAI, True),
        ("unknown/unknown", "\ufeff \n" + NOAI, True),
        (None, "plain", False),
        ("text/plain", NOAI, False),
        ("text/markdown", NOAI, False),
        ("application/json", NOAI, False),
        ("image/png", NOAI, False),
    ],
)
def test_which_bodies_are_pages(content_type: str | None, body: str, parsed: bool) -> None:
    assert (page(captured(body, content_type)) is not NOTHING) is parsed


def test_xhtml_may_close_what_html_does_not_and_may_have_a_prefix() -> None:
    found = parse(
        '<html><head><script src="a"/><title/><style/><meta name="robots" content="noai"/></head></html>',
        xml=True,
    )
    assert contents(found) == ["noai"]
    prefixed = (
        '<h:html xmlns:h="http://www.w3.org/1999/xhtml"><h:body>'
        '<h:meta name="x" content="y"/><h:a href="z"/></h:body></h:html>'
    )
    found = parse(prefixed)
    assert contents(found) == ["y"]
    assert [anchor.href for anchor in found.anchors] == ["z"]


def test_links_scripts_and_their_places() -> None:
    found = parse(
        '<html lang="de"><head><base target="_top"><base href="/b/"><title> A\n B </title>'
        '<link rel="License NEXT" type="Application/RSL+XML; x=y" href=" /l.xml " media="print" hreflang="de">'
        '<script>1</script><script type="application/ld+json">{"a": "<b>"}</script></head>'
        '<body data-nosnippet><div><img src="i.png" srcset="j.png 2x">'
        f'<link rel="license" type="{RSL}" href="m.xml">'
        f'<script type="{RSL}"><rsl>&amp;</rsl></script></div><img src="k.png"></body></html>'
    )
    assert (found.lang, found.base, found.title, found.nosnippet) == ("de", "/b/", "A B", True)
    head, body = found.links
    assert (head.rel, head.type, head.href, head.in_head) == ({"license", "next"}, RSL, "/l.xml", True)
    assert (body.in_head, body.images, body.locator) == (False, ("i.png", "j.png"), "link[1]")
    json_ld, rsl = found.data_scripts
    assert (json_ld.text, json_ld.in_head, json_ld.locator) == ('{"a": "<b>"}', True, "script[1]")
    assert (rsl.text, rsl.in_head, rsl.images) == ("<rsl>&amp;</rsl>", False, ("i.png", "j.png"))


def test_images_are_found_by_whatever_element_shows_or_offers_them() -> None:
    found = parse(
        '<meta property="og:image" content="og.png"><meta name="twitter:image" content="tw.png">'
        '<link rel="image_src" href="ls.png"><figure><p><img alt=" A " src="a.png" srcset="b.png, c.png 2x">'
        "<figcaption>The <b>cap</b></figcaption></figure><img data-src=d.png data-srcset='e.png 1x'>"
        '<picture><source srcset="f.webp"><img src="g.png"></picture>'
        '<a href="big.JPG?x=1">x</a><a href="/p.html">y</a>'
        '<template><img src="t.png"></template><video poster="v.png"></video>'
    )
    by_element: dict[str, list[str]] = {}
    for image in found.images:
        by_element.setdefault(image.element, []).append(image.src)
    assert by_element == {
        "img": ["a.png", "g.png", "t.png"],
        "srcset": ["b.png", "c.png", "e.png", "f.webp"],
        "data-src": ["d.png"],
        "meta": ["og.png", "tw.png"],
        "link": ["ls.png"],
        "a": ["big.JPG?x=1"],
    }
    assert {(image.alt, image.caption) for image in found.images if image.src in ("a.png", "b.png")} == {
        ("A", "The cap")
    }


@pytest.mark.parametrize(
    "source",
    [
        "<title data-nosnippet>SECRET</title>",
        "<html data-nosnippet><title>SECRET</title><img src=a.png alt=SECRET>",
        "<div data-nosnippet><p><img src=a.png alt=SECRET></p></div>",
        "<IMG DATA-NOSNIPPET src=a.png alt=SECRET>",
        "<figure data-nosnippet><img src=a.png alt=SECRET><figcaption>SECRET</figcaption></figure>",
        "<figure><img src=a.png><figcaption data-nosnippet>SECRET</figcaption></figure>",
        "<figure><img src=a.png><figcaption>x <b data-nosnippet>SECRET</b></figcaption></figure>",
        "<div data-nosnippet><template><img src=a.png alt=SECRET></template></div>",
        "<template><p data-nosnippet><img src=a.png alt=SECRET></template>",
        pytest.param("<p data-nosnippet>" + "<p>x" * 17_000 + "<img src=a.png alt=SECRET>", id="flat"),
    ],
)
def test_words_that_are_not_to_be_quoted_are_kept_of_no_item(source: str) -> None:
    found = parse(source + "<img src=b.png>")
    assert "b.png" in [image.src for image in found.images]
    assert "SECRET" not in repr((found.title, found.images))


def test_words_beside_what_is_not_to_be_quoted_stay() -> None:
    found = parse("<title>T</title><p data-nosnippet>x</p><figure><img src=a alt=A><figcaption>C</figcaption>")
    assert (found.title, found.images[0].alt, found.images[0].caption) == ("T", "A", "C")


@pytest.mark.parametrize(
    ("srcset", "expected"),
    [
        ("a.png", ["a.png"]),
        ("a.png 1x, b.png 2x", ["a.png", "b.png"]),
        ("a.png, b.png", ["a.png", "b.png"]),
        ("a,b.png 100w,c.png", ["a,b.png", "c.png"]),
        ("data:image/png;base64,AA== 1x, b.png 2x", ["data:image/png;base64,AA==", "b.png"]),
        ("a.png (1,2) 1x, b.png", ["a.png", "b.png"]),
        (" ,, a.png ,", ["a.png"]),
        ("", []),
        (",,,", []),
        ("a (", ["a"]),
    ],
)
def test_candidates_of_a_srcset(srcset: str, expected: list[str]) -> None:
    assert list(candidates(srcset)) == expected


def test_microdata_on_any_element() -> None:
    found = parse(
        '<div itemscope><a itemprop="license URL" href="/l">x</a><span itemprop="name"> Ann </span>'
        '<time itemprop="date" content="2026">y</time><meta itemprop="k" content="v"></div>'
    )
    assert dict(found.properties) == {"license": "/l", "url": "/l", "name": "Ann", "date": "2026"}
    assert [(meta.itemprop, meta.content) for meta in found.metas] == [("k", "v")]


BIG = {
    "nested": NOAI + "<div>" * 400_000,
    "flat": "<p>x" * 400_000 + NOAI,
    "open formatting": "<p>" + "".join(f"<b a{i}>" for i in range(3000)) + "</p>" + "<p>x</p>" * 20_000 + NOAI,
    "attributes": NOAI + "<p " + " ".join(f"a{i}" for i in range(200_000)) + ">",
    "repeated html": NOAI + "".join(f"<html a{i}>" for i in range(100_000)),
    "titles": NOAI + "<title>" * 200_000,
    "comments": NOAI + "<!--" * 300_000,
    "commas": f'{NOAI}<img srcset="{"," * 1_000_000}">',
    "brackets": NOAI + "<" * 1_000_000,
    "templates": "<template>" * 100_000 + NOAI,
    "figures": NOAI + "<figure><figcaption>x" * 50_000,
    "rsl": NOAI + f'<script type="{RSL}"></script><img src=x>' * 20_000,
    "prefixes": f'{NOAI}<html xmlns:h="http://www.w3.org/1999/xhtml">' + "<h:" * 300_000,
}


@pytest.mark.parametrize("name", BIG)
def test_a_page_costs_no_more_than_its_length(name: str) -> None:
    started = time.process_time()
    found = parse(BIG[name])
    assert "noai" in contents(found) or not found.head_complete
    assert time.process_time() - started < 8


def test_a_page_read_flat_says_what_it_would_have_said() -> None:
    body = (
        '<html lang="fr"><head><noscript></noscript><link rel="license" href="/l"><base href="/b"></head><body>'
    )
    filler = '<div class="a"><p>x <b>y</b></p><a href="/p" rel="nofollow"><img src="/i.png" alt="z"></a></div>'
    script = '<script type="application/ld+json">{"a": "<div>x</div>"}</script>'
    tail = f'<div itemprop="isAccessibleForFree" content="false"></div>{script}{NOAI}</body></html>'
    small, large = parse(body + filler + tail), parse(body + filler * 4000 + tail)
    assert (large.lang, large.base, large.links) == (small.lang, small.base, small.links)
    [script], [unplaced] = small.data_scripts, large.data_scripts
    assert unplaced == script._replace(aside="no structure")
    assert large.anchors == small.anchors * 4000
    assert large.images == small.images * 4000
    assert "noai" in contents(large)
    assert any(meta.itemprop == "isaccessibleforfree" and meta.content == "false" for meta in large.metas)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("noindex", [("", "noindex", "")]),
        ("a: b, c", [("a", "b", ""), ("a", "c", "")]),
        ("Bot/2.1: none", [("bot", "none", "")]),
        ("a: x, b: y", [("a", "x", ""), ("b", "y", "")]),
        ("robots: x, *: y", [("", "x", ""), ("", "y", "")]),
        ("max-snippet: 5, x", [("", "max-snippet", "5"), ("", "x", "")]),
        ("a: max-snippet:0, b", [("a", "max-snippet", "0"), ("a", "b", "")]),
        (
            "unavailable_after: Friday, 25-Jun-10 15:00:00 PST",
            [("", "unavailable_after", "Friday, 25-Jun-10 15:00:00 PST")],
        ),
        ("'x' | \"y\" ; z w", [("", "x", ""), ("", "y", ""), ("", "z", ""), ("", "w", "")]),
        ("noai=false, noml=1", [("", "noml", "")]),
        (":, ,;: -::", []),
        ("", []),
    ],
)
def test_a_line_of_directives(line: str, expected: list[tuple[str, str, str]]) -> None:
    assert list(read_line(line)) == [Directive(*row) for row in expected]


@pytest.mark.parametrize(
    ("header", "markup", "follows"),
    [
        ("", "", True),
        ("nofollow", "", False),
        ("none", "", False),
        ("mybot: nofollow", "", False),
        ("otherbot: nofollow", "", True),
        ("", '<meta name="robots" content="noindex, NOFOLLOW">', False),
        ("", '<meta name="mybot" content="none">', False),
        ("", '<meta name="googlebot" content="nofollow">', True),
        ("noai, noindex", NOAI, True),
    ],
)
def test_whether_links_may_be_followed(header: str, markup: str, follows: bool) -> None:
    assert follows_links(captured(f"<html>{markup}</html>", x_robots_tag=header), ("mybot",)) is follows


def test_json_ld_is_found_at_any_depth_and_in_any_wrapping() -> None:
    capture = captured('<script type="application/ld+json"><!-- {"a": [{"b": {"c": 1}}]}; --></script>')
    (block,) = blocks(capture)
    assert [sorted(node) for node in objects(block.root)] == [["a"], ["b"], ["c"]]
    deep = captured('<script type="application/ld+json">' + "[" * 200_000 + "</script>")
    assert blocks(deep)[0].broken


MARKS = (
    "<",
    ">",
    "/",
    "!",
    "--",
    "-->",
    "<!--",
    '"',
    "'",
    "=",
    " ",
    "\n",
    "\0",
    "&",
    "&#0;",
    ",",
    "(",
    "\ud800",
)
TAGS = (
    "title",
    "script",
    "svg",
    "template",
    "select",
    "table",
    "frameset",
    "noscript",
    "textarea",
    "plaintext",
)
PIECES = st.sampled_from(
    [
        *MARKS,
        *(f"<{tag}>" for tag in TAGS),
        *(f"</{tag}>" for tag in TAGS),
        *(
            "<![CDATA[",
            "<a href=",
            "<img srcset=",
            "<meta",
            "<link rel=",
            NOAI,
            "xmlns:h='http://www.w3.org/1999/xhtml'",
        ),
    ]
)


@given(st.lists(PIECES, max_size=60).map("".join), st.booleans(), st.booleans())
@settings(max_examples=300, deadline=None)
def test_junk_never_raises(markup: str, xml: bool, cut: bool) -> None:
    body = markup.encode("utf-8", "surrogatepass")
    page(captured(body, "application/xhtml+xml" if xml else "text/html", complete=not cut))


@given(
    st.binary(max_size=400),
    st.sampled_from([None, "text/html", "text/html; charset=utf-16", "text/html; charset=x"]),
)
@settings(max_examples=300, deadline=None)
def test_bytes_never_raise(body: bytes, content_type: str | None) -> None:
    page(captured(body, content_type))


@given(st.text(alphabet=":,;|*=\"' abNnoi-_/0", max_size=80))
@settings(max_examples=300, deadline=None)
def test_directives_never_raise(line: str) -> None:
    list(read_line(line))
