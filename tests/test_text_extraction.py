"""The main text of pages and documents: what stays, what is left out, and what hostile ones come to."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
import unicodedata
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfWriter

from crawler.demo.documents import epub
from crawler.optout.model import Kind
from crawler.text.depth import is_tangled
from crawler.text.extraction import MissingExtra, extracted, require
from crawler.text.model import How, Unread, Words
from crawler.text.nosnippet import without_nosnippet
from crawler.text.reading import words_of
from crawler.text.scripts import words
from crawler.text.sketch import algorithm, group_of, similarity, sketch_of
from tests.corpora import page

FRAME = """<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{title} | The Paper</title>
<meta name="author" content="Ada Example">
<meta property="article:published_time" content="2026-01-02T10:00:00Z">
<style>p {{ color: red }}</style><script>var hidden = "script words";</script></head><body>
<header><nav><ul><li><a href="/">Home page</a></li><li><a href="/news">All the news</a></li></ul></nav></header>
<main><article><h1>{title}</h1>{body}</article></main>
<aside class="sidebar"><h2>Related stories</h2><ul><li><a href="/1">Another story</a></li></ul></aside>
<footer><p>Copyright Example Press, all rights</p><a href="/imprint">Imprint</a></footer></body></html>"""

ENGLISH = (
    "The lighthouse at the end of the harbour has been dark since the storm of last winter.",
    "On Monday the council decided to repair it, and two masons from the next village began to work.",
    "They say that the lamp will be lit again before the first ships return in spring.",
)
GERMAN = (
    "Der Leuchtturm am Ende des Hafens ist seit dem Sturm im letzten Winter dunkel.",
    "Am Montag beschloss der Rat, ihn wieder aufzubauen, und zwei Maurer begannen mit der Arbeit.",
    "Sie sagen, dass die Lampe brennen wird, bevor im Frühling die ersten Schiffe zurückkehren.",
)
JAPANESE = (
    "港の端にある灯台は、去年の冬の嵐からずっと暗いままです。",
    "月曜日に議会は修理を決め、隣の村から二人の石工が仕事を始めました。",
    "春に最初の船が戻る前に、灯りは再びともると彼らは言っています。",
)
ARABIC = (
    "المنارة في نهاية الميناء مظلمة منذ عاصفة الشتاء الماضي.",
    "قرر المجلس يوم الاثنين إصلاحها، وبدأ بناءان من القرية المجاورة العمل.",
    "يقولان إن المصباح سيضاء مرة أخرى قبل عودة السفن الأولى في الربيع.",
)


def article(paragraphs, title="The lighthouse", lang="en"):
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return FRAME.format(title=title, lang=lang, body=body).encode()


def read(body, how=How(), *, kind=Kind.TEXT, media_type="text/html") -> Words:  # noqa: B008 - frozen
    found = words_of(page(body=body, headers=(("content-type", media_type),)), kind, how)
    assert isinstance(found, Words), found
    return found


WAYS = [
    pytest.param(How(), id="fast"),
    pytest.param(How(markdown=True), id="fast-markdown"),
    pytest.param(How(quality=True), id="quality"),
    pytest.param(How(quality=True, markdown=True), id="quality-markdown"),
]


@pytest.mark.parametrize("how", WAYS)
@pytest.mark.parametrize(
    ("paragraphs", "language"), [(ENGLISH, "en"), (GERMAN, "de"), (JAPANESE, "ja"), (ARABIC, "ar")]
)
def test_the_words_stay_and_the_frame_goes(paragraphs, language, how):
    found = read(article(paragraphs, lang=language), how)
    for paragraph in paragraphs:
        assert paragraph in found.text
    for frame in ("Home page", "Another story", "Copyright", "script words", "color: red"):
        assert frame not in found.text
    assert found.language == language
    assert found.confidence > 0.5
    assert found.extractor.startswith("trafilatura" if how.quality else "resiliparse")


SHOWN = (
    "Escape markup in XML: write <code>&amp;lt;</code> for &lt;, <code>&amp;amp;</code> for &amp;, and a link "
    "as <code>?a=1&amp;amp;copy=2</code>, which AT&amp;T reads as ?a=1&amp;copy=2 and &#38;#169; as it is."
)
"""As tutorials have it: what is shown is itself an escape."""


@pytest.mark.parametrize("how", WAYS)
def test_an_escape_that_is_shown_stays_one(how):
    found = read(article([*ENGLISH, SHOWN]), how)
    words = " ".join(found.text.replace("`", "").replace("\\", "").split())
    assert "write &lt; for <, &amp; for &, and a link as ?a=1&amp;copy=2" in words
    assert "AT&T reads as ?a=1&copy=2 and &#169; as it is." in words
    assert [found.text.count(sentence) for sentence in ENGLISH] == [1, 1, 1]


def test_linked_data_of_any_shape_costs_no_page_its_words():
    data = """<script type="application/ld+json">{"@context": "https://schema.org", "@type": "NewsArticle",
    "headline": {"@value": "The lighthouse", "@language": "en"}, "author": {"name": {"a": 1}},
    "publisher": [[]], "datePublished": ["2026-11-22"]}</script></head>"""
    body = article(ENGLISH).decode().replace("</head>", data, 1).encode()
    found = read(body, How(quality=True))
    assert found.extractor.startswith("trafilatura")
    assert all(sentence in found.text for sentence in ENGLISH)


def test_quality_tells_title_author_and_date():
    found = read(article(ENGLISH), How(quality=True))
    assert (found.title, found.author, found.date) == ("The lighthouse", "Ada Example", "2026-01-02")


RICH = FRAME.format(
    title="Bread &amp; salt",
    lang="en",
    body=f"""<p>{ENGLISH[0]}</p><h2>What you need</h2><p>{ENGLISH[1]}</p>
<ul><li>flour, one pound of it<ul><li>of wheat</li><li>of rye</li></ul></li><li>water</li></ul>
<h3>Steps</h3><ol><li>mix it</li><li>wait</li><li>bake it</li></ol>
<pre>if a &lt; b:\n    bake()</pre><p># no heading</p><p>1. no list</p><p>{ENGLISH[2]}</p>""",
).encode()


def test_markdown_keeps_headings_lists_and_code():
    text = read(RICH, How(markdown=True)).text
    assert "# Bread & salt\n\n" in text
    assert "\n\n## What you need\n\n" in text
    assert "- flour, one pound of it\n  - of wheat\n  - of rye\n- water\n" in text
    assert "1. mix it\n2. wait\n3. bake it\n" in text
    assert "```\nif a < b:\n    bake()\n```" in text
    assert "\n\\# no heading\n" in text
    assert "\n1\\. no list\n" in text


@pytest.mark.parametrize("around", ["{}", "<main>{}</main>", "<div><div><div><div>{}</div></div></div></div>"])
def test_lists_stay_however_deep_they_are_and_menus_go(around):
    menu = "<ul><li><a href='/'>Home page</a></li><li><a href='/news'>All the news</a></li></ul>"
    body = f"<p>{ENGLISH[0]}</p><ul><li>some flour<ul><li>of rye</li></ul></li><li>water</li></ul>"
    text = read(f"<html><body>{menu}{around.format(body)}</body></html>".encode(), How(markdown=True)).text
    assert text == f"{ENGLISH[0]}\n\n- some flour\n  - of rye\n- water"


@pytest.mark.parametrize("how", [WAYS[0], WAYS[1]])
@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<a href=/a>東京</a>の<a href=/b>大学</a>、<b>学</b>生", "東京の大学、学生"),
        ("<b>เ</b>กาะ <i>न</i> <i>ก</i>", "เกาะ न ก"),
        ("<b>one</b>—<i>two</i>&mdash;<b>three</b> &hellip; <b>four</b>", "one—two—three … four"),
        ("<i>&#xE001;</i><i>\ue002</i>words", "words"),
        ("<ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp>字<rt>じ</rt></ruby>です", "漢字です"),
        ("On <time datetime=2026-01-02>2 January</time>, at noon", "On 2 January, at noon"),
        ("<math><mi>a</mi><annotation encoding=application/x-tex>a</annotation></math> is", "a is"),
    ],
)
def test_letters_and_dates_inside_a_sentence_stay(markup, text, how):
    assert (
        read(f"<main><p>{ENGLISH[0]}</p><p>{markup}</p></main>".encode(), how).text == f"{ENGLISH[0]}\n\n{text}"
    )


def test_tables_and_programs_in_figures_stay_and_captions_go():
    body = "<figure class=wp-block-table><table><tr><td>a</table><figcaption>CAPTION</figcaption></figure>"
    body += "<FIGURE><pre>if a:\n    b()</pre></FIGURE>"
    text = read(f"<main><p>{ENGLISH[0]}</p>{body}</main>".encode(), How(markdown=True)).text
    assert text == f"{ENGLISH[0]}\n\na\n\n```\nif a:\n    b()\n```"


def test_markdown_keeps_rows_lines_and_the_space_between_paragraphs_of_line_breaks():
    body = "<dl><dt>Term<dd>Meaning</dl><table><tr><td>a</td><td>b</td></tr><tr><td># c</td></tr></table>"
    body += "<p>one<br>two<br><br>three</p>"
    text = read(f"<main><p>{ENGLISH[0]}</p>{body}</main>".encode(), How(markdown=True)).text
    assert text == f"{ENGLISH[0]}\n\nTerm\nMeaning\na b\n\\# c\n\none\ntwo\n\nthree"


def test_plain_text_has_no_markup():
    text = read(RICH).text
    assert "Bread & salt\n" in text
    assert "## " not in text
    assert "<" not in text.replace("a < b", "")


@pytest.mark.parametrize(
    "marked",
    [
        "<span data-nosnippet>SECRET</span>",
        "<div data-nosnippet>SECRET</div>",
        "<section data-nosnippet='true'>SECRET</section>",
        "<p DATA-NoSnippet='false'>SECRET</p>",
        "<div data-nosnippet><p>x<div data-nosnippet>SECRET</div>SECRET</div>",
        "<div><div data-nosnippet=''><b>SECRET<i></b>SECRET</div></div>",
        "<div data-nosnippet><ul><li>SECRET<li>SECRET</ul></div>",
        "<table data-nosnippet><tr><td>SECRET</table>",
        "<p data-nosnippet>SECRET",
        "<div class=a data-nosnippet id=b>SECRET<script>SECRET</script></div>",
        "<custom-part data-nosnippet>SECRET</custom-part>",
        "<div data-no\0snippet>SECRET</div>",
        "<details data-nosnippet open><summary>SECRET</summary>SECRET</details>",
        "<template><p data-nosnippet>SECRET</p></template>",
        "<template><template><p data-nosnippet>SECRET</p></template></template>",
        "<noframes><p data-nosnippet>SECRET</p></noframes>",
        "<noembed><p data-nosnippet>SECRET</p></noembed>",
        "<iframe><p data-nosnippet>SECRET</p></iframe>",
        "<textarea><p data-nosnippet>SECRET</p></textarea>",
        "<noscript><p data-nosnippet>SECRET</p></noscript>",
        "<title><p data-nosnippet>SECRET</p></title>",
        "<xmp><p data-nosnippet>SECRET</p></xmp>",
        "<table data-nosnippet>SECRET<p>SECRET</p><tr><td>SECRET</table>",
        "<p>x<table><tr data-nosnippet>SECRET<b data-nosnippet>SECRET</b><td>SECRET</table>",
        "<svg><script data-nosnippet><textarea data-nosnippet>SECRET</textarea></script></svg>",
    ],
)
@pytest.mark.parametrize("how", WAYS)
def test_what_is_marked_data_nosnippet_is_left_out(marked, how):
    before, after = f"<p>{ENGLISH[0]}</p>", f"<p>{ENGLISH[1]}</p><p>{ENGLISH[2]}</p>"
    text = read(FRAME.format(title="T", lang="en", body=before + marked + after).encode(), how).text
    assert "SECRET" not in text
    assert ENGLISH[0] in text
    assert ENGLISH[1] in text


@pytest.mark.parametrize("how", WAYS)
def test_what_is_marked_is_not_read_from_where_a_page_repeats_it(how):
    story = json.dumps({"@type": "Article", "headline": "T", "articleBody": "SECRET words. " * 100})
    script = f'<script type="application/ld+json">{story}</script>'
    marked = f"<p data-nosnippet>{'SECRET words. ' * 100}</p>"
    found = read(f"<html><head>{script}</head><body>{marked}<p>only words</p></body></html>".encode(), how)
    assert found.text == "only words"


@pytest.mark.parametrize("how", WAYS)
def test_what_stands_before_a_marked_table_stays(how):
    body = f"<p>{ENGLISH[0]}<table data-nosnippet>SECRET<tr><td>SECRET</table><p>{ENGLISH[1]}"
    assert read(body.encode(), how).text.split("\n") in ([ENGLISH[0], ENGLISH[1]], [ENGLISH[0], "", ENGLISH[1]])


def test_an_unclosed_element_reaches_to_the_end_of_its_parent():
    body = f"<div><p>{ENGLISH[0]}</p></div><div><div data-nosnippet><p>SECRET</p></div></div>"
    assert read(body.replace("</div></div>", "").encode()).text == ENGLISH[0]


def test_a_page_that_is_marked_as_a_whole_has_no_words():
    assert read(b"<html><body data-nosnippet><p>SECRET words</p></body></html>").text == ""


def test_a_page_in_utf16_is_searched_too():
    source = f"<html><p>{ENGLISH[0]}</p><p data-nosnippet>SECRET</p></html>"
    assert read(source.encode("utf-16")).text == ENGLISH[0]


def test_without_the_name_the_markup_is_the_very_same():
    source = article(ENGLISH).decode()
    assert without_nosnippet(source) is source


@pytest.mark.parametrize("around", ["{}", "<main><div>{}</div></main>"])
def test_symbols_and_what_pops_up_are_no_words(around):
    aside = (
        "<svg><title>LOGO</title></svg><dialog open>COOKIES</dialog><p hidden>HIDDEN</p><noscript>NO</noscript>"
    )
    assert read(around.format(f"<p>{ENGLISH[0]}</p>{aside}").encode()).text == ENGLISH[0]


@pytest.mark.parametrize("source", ["only words", "<p>only words</p>", "<title>t</title><body>only words"])
def test_pages_without_structure_are_read_whole(source):
    assert read(source.encode()).text == "only words"


def test_where_all_is_taken_for_frame_the_page_is_read_without_what_can_be_nothing_else():
    body = f'<nav>Home page</nav><div class="sidebar"><p>{ENGLISH[0]}</p></div><footer>Imprint</footer>'
    found = read(f"<html><body>{body}</body></html>".encode())
    assert ENGLISH[0] in found.text
    assert "Home page" not in found.text


def test_plain_text_is_taken_as_it_is():
    found = read("Zwei  Wörter\r\n<b>kein Markup</b>".encode(), media_type="text/plain")
    assert (found.text, found.extractor) == ("Zwei  Wörter\n<b>kein Markup</b>", "as it is")


def test_too_few_letters_have_no_language():
    found = read(b"<p>Some words</p>")
    assert (found.language, found.confidence) == (None, None)


# Hostile pages


@pytest.mark.parametrize("how", [WAYS[0], WAYS[1], WAYS[2]])
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"<div>" * 100_000 + b"words", id="deep"),
        pytest.param(b"<b><i><u>" * 30_000 + b"<p>words" * 5_000, id="formatting"),
        pytest.param(b"</b>" * 50_000 + b"<span>" * 50_000 + b"words", id="closed before"),
        pytest.param(b"<table><tr><td>" * 20_000 + b"words", id="tables"),
        pytest.param(b"<ul><li>" * 30_000 + b"words", id="lists"),
        pytest.param(b"<p>words\0 words\0\0 and more\0</p>" * 3, id="NUL"),
        pytest.param(b"<p>words</p>" + "é".encode()[:1], id="cut"),
        pytest.param(b"<p>words &#xD800; &#xDFFF;&#0;&#x1F; &#9999999999;</p>", id="entities"),
        pytest.param(b"<p>words <!-- " + b"-" * 100_000, id="comment"),
        pytest.param(b"<p>words " + b"<a b=" * 2_000, id="attributes"),
        pytest.param(b"<p>words " + b"&" * 100_000, id="ampersands"),
        pytest.param(b"<svg><title>words" * 2_000, id="svg"),
    ],
)
def test_hostile_markup_has_words_or_none_and_ends(body, how):
    found = words_of(page(body=body), Kind.TEXT, how)
    if isinstance(found, Words):
        assert all(letter == "\n" or letter >= " " for letter in found.text)
        found.text.encode("utf-8")
        assert found.text == "" or "words" in found.text
    else:
        assert how.quality


def test_a_large_page_is_read_to_its_end():
    body = b"<html><body>" + b"<p>Some more words of it.</p>" * 360_000 + b"<p>the end</p>"
    assert len(body) > 10_000_000
    assert read(body).text.endswith("the end")


def test_real_pages_are_not_taken_for_hostile_ones():
    row = "<tr><td><b>cell</b><td><a href='/x'>link</a><td><span>x</span></tr>"
    assert not is_tangled(f"<table>{row * 20_000}</table>")
    assert not is_tangled("<p>no end tag" * 20_000)
    assert not is_tangled("<ul><li><i>x</i>" + "<li><i>y</i>" * 20_000)
    assert is_tangled("<div>" * 3_000)
    assert is_tangled("<br>" * 1_100_000)


def test_a_tangled_page_that_may_hide_a_mark_has_no_words():
    assert extracted("<div>" * 10_000 + "<p data-nosnippet>SECRET", How()).text == ""


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([Kind.TEXT, Kind.PDF, Kind.EPUB, Kind.IMAGE]), st.booleans())
def test_junk_never_raises(body, kind, markdown):
    found = words_of(page(body=body), kind, How(markdown=markdown))
    assert isinstance(found, Words | Unread)
    if isinstance(found, Words):
        assert all(letter == "\n" or letter >= " " for letter in found.text)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(["<p>", "</p>", "<h1>", "<ul>", "<li>", "</ul>", "<pre>", "<br>", "a\n\nb", "`", "#"])
    )
)
def test_no_sequence_of_tags_upsets_markdown(parts):
    read("".join(["<p>words</p>", *parts]).encode(), How(markdown=True))


# Documents


def pdf_of(*lines, encrypt=None):
    """A PDF with one page for each line, which it has as text."""
    from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

    writer = PdfWriter()
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    for text in lines:
        sheet = writer.add_blank_page(width=600, height=200)
        content = DecodedStreamObject()
        content.set_data(b"BT /F1 12 Tf 10 100 Td (" + text.encode("latin-1") + b") Tj ET")
        sheet[NameObject("/Contents")] = writer._add_object(content)
        sheet[NameObject("/Resources")] = DictionaryObject(
            {NameObject("/Font"): DictionaryObject({NameObject("/F1"): writer._add_object(font)})}
        )
    writer.add_metadata({"/Title": "The harbour", "/Author": "Ada Example"})
    if encrypt is not None:
        writer.encrypt(*encrypt, algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_a_pdf_is_read_page_by_page():
    found = read(pdf_of(ENGLISH[0], ENGLISH[1]), kind=Kind.PDF, media_type="application/pdf")
    assert found.text == f"{ENGLISH[0]}\n\n{ENGLISH[1]}"
    assert (found.title, found.author, found.language) == ("The harbour", "Ada Example", "en")
    assert found.extractor.startswith("pypdf ")


@pytest.mark.parametrize(
    "body",
    [
        pdf_of("words", encrypt=("secret",)),
        b"%PDF-1.7\nbroken",
        pdf_of("words")[:200],
        b"no PDF at all",
    ],
    ids=["password", "broken", "cut", "none"],
)
def test_a_pdf_that_cannot_be_read_says_why(body):
    found = words_of(page(body=body), Kind.PDF, How())
    assert isinstance(found, Unread)
    assert not found.damaged
    assert found.reason


def book(chapters, spine, *, folder="OPS/"):
    """An EPUB; ``chapters``: name → markup, ``spine``: their names in order."""
    manifest = "".join(
        f'<item id="c{number}" href="{name}" media-type="application/xhtml+xml"/>'
        for number, name in enumerate(chapters)
    )
    numbers = {name: number for number, name in enumerate(chapters)}
    references = "".join(f'<itemref idref="c{numbers[name]}"/>' for name in spine)
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata xmlns:dc="http://purl.org/dc/'
        'elements/1.1/"><dc:title>The book</dc:title><dc:creator>Ada Example</dc:creator></metadata>'
        f"<manifest>{manifest}</manifest><spine>{references}</spine></package>"
    )
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles><rootfile '
        f'full-path="{folder}content.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr("META-INF/container.xml", container)
        archive.writestr(f"{folder}content.opf", package)
        for name, markup in chapters.items():
            archive.writestr(folder + name.replace("%20", " "), markup)
    return out.getvalue()


XHTML = '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head/><body>{}</body></html>'


def test_a_book_is_read_in_the_order_of_its_spine():
    chapters = {
        "b.xhtml": XHTML.format(f"<h1>Two</h1><p>{ENGLISH[1]}</p>"),
        "part%20one/a.xhtml": XHTML.format(
            f"<h1>One</h1><p>{ENGLISH[0]}</p><p data-nosnippet='data-nosnippet'>SECRET</p>"
        ),
        "unread.xhtml": XHTML.format("<p>not in the spine</p>"),
    }
    body = book(chapters, ["part%20one/a.xhtml", "b.xhtml", "b.xhtml"])
    found = read(body, How(markdown=True), kind=Kind.EPUB, media_type="application/epub+zip")
    assert found.text == f"# One\n\n{ENGLISH[0]}\n\n# Two\n\n{ENGLISH[1]}"
    assert (found.title, found.author, found.language) == ("The book", "Ada Example", "en")


@pytest.mark.parametrize("how", WAYS)
@pytest.mark.parametrize(
    ("head", "before"),
    [
        ("<title/>", ""),
        ("<title>t</title><script src='s.js' />", ""),
        ("", "<iframe src='x'/><div class='hidden'/><a id='page1'/>"),
        ("", "<div data-nosnippet='data-nosnippet'/><br/><hr />"),
    ],
)
def test_elements_that_are_closed_where_they_begin_swallow_nothing(head, before, how):
    chapter = XHTML.replace("<head/>", f"<head>{head}</head>").format(f"{before}<p>{ENGLISH[0]}</p>")
    assert read(book({"a.xhtml": chapter}, ["a.xhtml"]), how, kind=Kind.EPUB).text == ENGLISH[0]
    assert read(chapter.encode(), how, media_type="application/xhtml+xml").text == ENGLISH[0]


def test_xml_sections_are_text_and_its_declarations_are_not():
    start = "<!DOCTYPE html [<!ENTITY foo 'bar'> <!ELEMENT p (#PCDATA)>]>"
    chapter = start + XHTML.format(f"<p>{ENGLISH[0]}</p><p><![CDATA[if a < b: <p>x</p>]]></p>")
    text = f"{ENGLISH[0]}\n\nif a < b: <p>x</p>"
    assert read(chapter.encode(), media_type="application/xhtml+xml").text == text


def test_a_book_that_cannot_be_read_says_why():
    locked = epub("Locked", files={"META-INF/license.lcpl": "{}"})
    for body in (locked, b"PK\x03\x04broken", book({"a.xhtml": XHTML.format("<p>x</p>")}, [])):
        found = words_of(page(body=body), Kind.EPUB, How())
        assert isinstance(found, Unread)
        assert found.reason


# Sketches, words


def test_sketches_are_the_same_in_every_process():
    text = " ".join(ENGLISH)
    code = (
        "import sys; from crawler.text.sketch import sketch_of; sys.stdout.write(sketch_of(sys.argv[1]).hex())"
    )
    other = subprocess.run(
        [sys.executable, "-c", code, text], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    assert sketch_of(text).hex() == other
    assert len(sketch_of(text)) == 512
    assert "128 permutations" in algorithm()
    assert sketch_of("").hex() == sketch_of(" \n").hex()


@pytest.mark.parametrize("paragraphs", [ENGLISH * 6, JAPANESE * 6])
def test_nearly_equal_texts_have_nearly_equal_sketches(paragraphs):
    numbered = [f"{number} {paragraph}" for number, paragraph in enumerate(paragraphs)]
    changed = [*numbered[:-1], "Something else entirely stands at the end."]
    assert similarity(sketch_of("\n".join(numbered)), sketch_of("\n".join(changed))) > 0.7
    assert similarity(sketch_of("\n".join(numbered)), sketch_of("\n".join(GERMAN))) < 0.1


def test_a_sketch_is_made_only_when_it_is_asked_for():
    assert read(article(ENGLISH)).sketch is None
    assert len(read(article(ENGLISH), How(near=True)).sketch) == 512


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("don't stop, it's 7 o’clock", 5),
        ("港の灯台", 4),
        ("ab 港 c", 3),
        ("— … !", 0),
        ("قرر المجلس", 2),
    ],
)
def test_words_are_counted_as_their_script_writes_them(text, count):
    assert words(text) == count


def test_what_is_not_installed_is_one_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "trafilatura", None)
    monkeypatch.setitem(sys.modules, "rensa", None)
    with pytest.raises(MissingExtra, match=r"pip install 'heedful\[quality\]'"):
        require(How(quality=True))
    with pytest.raises(MissingExtra, match=r"pip install 'heedful\[export\]'"):
        require(How(near=True))
    require(How())


@given(st.lists(st.text(st.characters(), max_size=20), max_size=6).map("\n".join))
def test_a_group_is_the_digest_of_all_words_in_one_line(text):
    plain = " ".join(unicodedata.normalize("NFKC", text).split()).casefold()
    assert group_of(text) == hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()
