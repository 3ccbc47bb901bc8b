"""RSL documents: what is read, what does not conform, which URLs are meant, what is asked in return."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.optout.grammar.rsl import MOST, NAMESPACE, Document, parse_rsl
from crawler.optout.grammar.rsl_match import decide, in_document, in_page
from crawler.optout.grammar.rsl_terms import judge
from crawler.optout.grammar.rsl_url import address_of, compile_scope
from crawler.optout.model import Malformed, Operator, Preference, Purpose

FREE = '<content url="/"><license><permits type="usage">all</permits></license></content>'


def rsl(inner: str, namespace: str = NAMESPACE) -> bytes:
    return f'<rsl xmlns="{namespace}">{inner}</rsl>'.encode()


def content(licence: str, url: str = "/") -> str:
    return f'<content url="{url}"><license>{licence}</license></content>'


def test_a_document_is_read_with_the_place_of_every_word() -> None:
    document = parse_rsl(
        rsl(
            '<content url="https://h.example/a/" server="https://s.example" encrypted="true">'
            '<license/><license><permits type="usage">search, ai-input</permits>'
            '<prohibits type="geo">DE</prohibits>'
            '<payment type="crawl"><amount currency="USD"> 5 </amount><custom>https://h.example/t</custom></payment>'
            '<reporting type="audit" profile="https://h.example/p"/></license></content>'
        )
    )
    assert document.defects == ()
    (read,) = document.contents
    assert (read.url, read.server, read.encrypted) == ("https://h.example/a/", "https://s.example", True)
    licence = read.licences[1]
    assert licence.permits[0].tokens == ("search", "ai-input")
    assert not licence.permits[0].exact
    assert licence.permits[0].place.locator == "content[0]/license[1]/permits"
    assert licence.permits[0].place.excerpt == '<permits type="usage">search, ai-input</permits>'
    assert (licence.prohibits[0].type, licence.prohibits[0].tokens) == ("geo", ("DE",))
    payment = licence.payments[0]
    assert (payment.type, payment.amount, payment.currency) == ("crawl", "5", "USD")
    assert payment.asks == ("amount", "custom")
    assert licence.reporting[0].locator == "content[0]/license[1]/reporting"


CONFORMING = {
    "everything that may be there": content("")
    + '<content url="/b" lastmod="2026-01-01T00:00:00Z"><license><permits type="usage">all</permits>'
    '<permits type="user">commercial</permits><permits type="geo">EU</permits><prohibits type="usage">search'
    '</prohibits><payment type="free"><standard>u</standard><custom>u</custom><accepts type="card"/></payment>'
    '<legal type="warranty">x</legal><legal type="contact">y</legal></license><alternate>u</alternate>'
    "<alternate>v</alternate><schema>u</schema><copyright>c</copyright><terms>t</terms></content>",
    "foreign elements": FREE + '<x:permit xmlns:x="urn:x"><x:y/></x:permit>',
    "foreign attributes": FREE.replace("<license", '<license xmlns:x="urn:x" x:permit="no"'),
    "elements without namespace that are not RSL's": FREE + '<note xmlns="">x</note>',
    "comments": FREE.replace("all<", "a<!-- -->ll<"),
}

DEFECTS = {
    "no content": ("", "no content"),
    "no licence": ('<content url="/"/>', "content without license"),
    "no url": ("<content><license/></content>", "content without url"),
    "unknown element": (content("<permit/>"), "permit inside license"),
    "unknown element at the top": (FREE + "<publisher/>", "publisher inside rsl"),
    "misplaced element": (FREE + "<license/>", "license inside rsl"),
    "element inside a list": (content('<permits type="usage">all<b/></permits>'), "b inside permits"),
    "capitals": ('<Content url="/"><license/></Content>', "Content inside rsl"),
    "no type": (content("<prohibits>all</prohibits>"), "prohibits without a known type"),
    "unknown type": (content('<permits type="Usage">all</permits>'), "permits without a known type"),
    "a type twice": (
        content('<permits type="usage">all</permits><permits type="usage">all</permits>'),
        "more than one permits of type usage",
    ),
    "two payments": (content("<payment/><payment/>"), "more than one payment"),
    "two terms": (FREE.replace("</content>", "<terms/><terms/></content>"), "more than one terms"),
    "two amounts": (content("<payment><amount/><amount/></payment>"), "more than one amount"),
    "an element in no namespace": (content('<permits xmlns="" type="usage">all</permits>'), "namespace ''"),
    "many licences": (f'<content url="/">{"<license/>" * (MOST + 1)}</content>', f"more than {MOST} licences"),
    "many tokens": (
        content(f'<permits type="usage">{" ".join(f"t{i}" for i in range(MOST + 1))}</permits>'),
        f"more than {MOST} tokens",
    ),
}


@pytest.mark.parametrize("inner", [pytest.param(inner, id=name) for name, inner in CONFORMING.items()])
def test_conforming_documents(inner: str) -> None:
    assert parse_rsl(rsl(inner)).defects == ()


@pytest.mark.parametrize(
    ("inner", "defect"), [pytest.param(inner, defect, id=name) for name, (inner, defect) in DEFECTS.items()]
)
def test_defects(inner: str, defect: str) -> None:
    assert defect in {what for _, what in parse_rsl(rsl(inner)).defects}


@pytest.mark.parametrize(
    "namespace",
    ["http://rslstandard.org/rsl", "https://rslstandard.org/rsl/", "https://RSLstandard.org/rsl", "", "urn:x"],
)
def test_another_namespace_is_read_and_is_a_defect(namespace: str) -> None:
    document = parse_rsl(rsl(content('<prohibits type="usage">ai-train</prohibits>'), namespace))
    assert document.contents[0].licences[0].prohibits[0].tokens == ("ai-train",)
    assert f"namespace {namespace!r}" in {what for _, what in document.defects}


@pytest.mark.parametrize(
    "body",
    [b"", b"all rights reserved", b"<html><body/></html>", b"<rss/>", rsl(FREE)[:-4], b"<rsl><content>"],
    ids=repr,
)
def test_what_is_no_rsl_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        parse_rsl(body)


@pytest.mark.parametrize(
    ("scope", "url", "expected", "exact"),
    [
        ("/", "https://h.example/a", True, True),
        ("/a/", "https://h.example/a", False, True),
        ("/a", "https://h.example/abc?d", True, True),
        ("/*.jpg$", "https://h.example/x/y.jpg", True, True),
        ("/*.jpg$", "https://h.example/x/y.jpg?z", False, True),
        ("*", "https://h.example/", True, True),
        ("/caf%C3%A9", "https://h.example/caf\u00e9", True, True),
        ("a/", "https://h.example/a/b", True, False),
        ("/a#part", "https://h.example/a", True, False),
        ("https://h.example", "https://h.example/a", True, True),
        ("https://h.example/a?b", "https://h.example/a?b=1", True, True),
        ("https://h.example?b", "https://h.example/?b=1", True, True),
        ("HTTP://H.Example./a", "https://h.example/a", True, True),
        ("https://h.example:443/", "https://h.example/a", True, True),
        ("https://h.example:444/", "https://h.example/a", False, True),
        ("https://h.example.evil/", "https://h.example/a", False, True),
        ("https://evil@h.example/", "https://h.example/a", True, True),
        ("//h.example/", "https://h.example/a", True, False),
        ("https://*.example/", "https://h.example/a", True, False),
        ("https://*.h.example/", "https://h.example/a", True, False),
        ("https://*.g.example/", "https://h.example/a", False, False),
        ("https://b\u00fccher.example/", "https://xn--bcher-kva.example/", True, True),
        ("https://[/", "https://h.example/a", True, False),
        ("https://h.example:x/", "https://h.example/a", True, False),
        ("urn:isbn:1", "https://h.example/a", True, False),
    ],
)
def test_scopes(scope: str, url: str, expected: bool, exact: bool) -> None:
    compiled = compile_scope(scope)
    assert (compiled.matches(address_of(url)), compiled.exact) == (expected, exact)


def verdicts(document: Document, operator: Operator | None = None) -> dict[Purpose, Preference]:
    return {
        verdict.purpose: verdict.preference for verdict in judge(document.contents[0], operator or Operator())
    }


def test_mining_as_such_is_allowed_as_a_whole_or_refused_use_by_use() -> None:
    assert verdicts(parse_rsl(rsl(FREE)))[Purpose.TDM] is Preference.ALLOW
    refused = verdicts(parse_rsl(rsl(content('<prohibits type="usage">ai-all</prohibits>'))))
    assert Purpose.TDM not in refused
    assert refused[Purpose.AI_INPUT] is Preference.DISALLOW


def test_a_price_is_told_in_words() -> None:
    document = parse_rsl(rsl(content('<payment type="training"><amount currency="EUR">0.5</amount></payment>')))
    assert {verdict.price for verdict in judge(document.contents[0], Operator())} == {"EUR 0.5 per training"}


def test_the_longest_pattern_decides_in_any_order() -> None:
    broad, narrow = content('<prohibits type="usage">all</prohibits>'), FREE.replace('"/"', '"/a/"')
    for inner in (broad + narrow, narrow + broad):
        document = parse_rsl(rsl(inner))
        matches = in_document(document, ("https://h.example/a/b",), placed=False)
        found = {verdict.preference for _, verdict in decide(document, matches, Operator())}
        assert found == {Preference.ALLOW}


def test_terms_in_a_page_hold_for_the_copy_and_grant_only_at_home() -> None:
    document = parse_rsl(rsl(FREE.replace('"/"', '"https://other.example/"')))
    assert [match.grants for match in in_page(document, ("https://h.example/",))] == [False]
    assert [match.grants for match in in_page(document, ("https://other.example/x",))] == [True]
    assert in_document(document, ("https://h.example/",), placed=True) == []


HOSTILE: dict[str, Callable[[], str]] = {
    "licences": lambda: f'<content url="/">{"<license/>" * 15_000}</content>',
    "contents": lambda: '<content url="/"><license/></content>' * 9_000,
    "tokens": lambda: content(f'<prohibits type="usage">{"x" * 40 + " "}{"ai " * 150_000}</prohibits>'),
    "rules": lambda: content('<prohibits type="usage">ai</prohibits>' * 12_000),
    "payments": lambda: content("<payment/>" * 19_000),
    "stars": lambda: content("", "/" + "*a" * 100_000),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_documents_cost_little(name: str) -> None:
    body = rsl(HOSTILE[name]())
    start = time.process_time()
    document = parse_rsl(body)
    matches = in_document(document, ("https://h.example/" + "a" * 2000,), placed=False)
    list(decide(document, matches[:50], Operator()))
    assert time.process_time() - start < 2


ELEMENTS = ["rsl", "content", "license", "permits", "prohibits", "payment", "amount", "reporting", "x"]
ATTRIBUTES = ["", ' url="/"', ' url=""', ' url="https://[/"', ' type="usage"', ' type="geo"', ' server=""']
pieces = st.lists(
    st.one_of(
        st.builds(
            lambda name, attribute: f"<{name}{attribute}>",
            st.sampled_from(ELEMENTS),
            st.sampled_from(ATTRIBUTES),
        ),
        st.builds(lambda name: f"</{name}>", st.sampled_from(ELEMENTS)),
        st.sampled_from(["all", "ai-train ", ",", "&amp;", "0", "\u00e9"]),
    ),
    max_size=30,
).map("".join)
trees = st.recursive(
    st.sampled_from(["all", "search,", "0.0", ""]),
    lambda inner: st.builds(
        lambda name, attribute, parts: f"<{name}{attribute}>{''.join(parts)}</{name}>",
        st.sampled_from(ELEMENTS),
        st.sampled_from(ATTRIBUTES),
        st.lists(inner, max_size=4),
    ),
    max_leaves=20,
)


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.binary(max_size=100), pieces.map(str.encode), trees.map(lambda tree: rsl(tree))))
def test_junk_is_malformed_or_judged(body: bytes) -> None:
    try:
        document = parse_rsl(body)
    except Malformed:
        return
    for matches in (
        in_document(document, ("https://h.example/",), placed=False),
        in_page(document, ("https://h.example/",)),
    ):
        for match, verdict in decide(document, matches, Operator(country="DE")):
            assert match.content in document.contents
            assert verdict.preference is not Preference.ALLOW or not document.defects
