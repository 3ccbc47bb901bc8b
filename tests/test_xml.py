"""XML from strangers: bounded, sealed, and never an unexpected exception."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.optout.grammar import xml
from crawler.optout.model import Malformed

LAUGHS = (
    b'<!DOCTYPE r [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(12))
    + b"]>"
)

HOSTILE = {
    "empty": b"",
    "blank": b" \n ",
    "text": b"License: all rights reserved",
    "laughs in text": LAUGHS + b"<r>&m;</r>",
    "laughs in an attribute": LAUGHS + b'<r x="&m;"/>',
    "quadratic blow-up": b'<!DOCTYPE r [<!ENTITY a "' + b"x" * 50_000 + b'">]><r>' + b"&a;" * 50_000 + b"</r>",
    "entity that is not used": b'<!DOCTYPE r [<!ENTITY a "x">]><r/>',
    "external entity": b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]><r>&x;</r>',
    "parameter entity": b'<!DOCTYPE r [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x.dtd"> %x;]><r/>',
    "deep": b"<a>" * 100_000,
    "deep and closed": b"<a>" * 300 + b"</a>" * 300,
    "a million siblings": b"<r>" + b"<a/>" * 1_000_000 + b"</r>",
    "encoding without <": b'<?xml version="1.0" encoding="utf-7"?>+ADw-r/+AD4-',
    "encoding nobody knows": b'<?xml version="1.0" encoding="x-none"?><r/>',
    "too long": b"<r>" + b" " * (xml.LIMIT + 1) + b"</r>",
}


@pytest.mark.parametrize("recover", [False, True])
@pytest.mark.parametrize("body", [pytest.param(body, id=name) for name, body in HOSTILE.items()])
def test_hostile_documents_are_malformed_in_bounded_time(body: bytes, recover: bool) -> None:
    start = time.process_time()
    with pytest.raises(Malformed):
        xml.parse_xml(body, recover=recover)
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    "body", [b"<r><a>x", b"<r><a></r>", b"<r>&nbsp;x</r>", b"<r>\xff</r>", b"<r>\0</r>", b"<r a=1/>"], ids=repr
)
def test_broken_markup_is_read_only_where_the_caller_asks_for_it(body: bytes) -> None:
    with pytest.raises(Malformed):
        xml.parse_xml(body)
    assert xml.name_of(xml.parse_xml(body, recover=True)) == ("", "r")


@pytest.mark.parametrize(
    ("body", "name", "text"),
    [
        (b"<r/>", ("", "r"), ""),
        (b'<x:r xmlns:x="urn:x"> y </x:r>', ("urn:x", "r"), "y"),
        (b"<r>ai<!-- or not -->-train<?p i?></r>", ("", "r"), "ai-train"),
        (b"<r><![CDATA[a<b]]></r>", ("", "r"), "a<b"),
        (b"\xef\xbb\xbf<r>\xc3\xa9</r>", ("", "r"), "\u00e9"),
        ('<?xml version="1.0" encoding="UTF-16"?><r>é</r>'.encode("utf-16"), ("", "r"), "\u00e9"),
        (b'<?xml version="1.0" encoding="ISO-8859-1"?><r>\xe9</r>', ("", "r"), "\u00e9"),
        (b'<!DOCTYPE r SYSTEM "http://127.0.0.1:9/r.dtd"><r/>', ("", "r"), ""),
    ],
)
def test_documents_are_read(body: bytes, name: tuple[str, str], text: str) -> None:
    root = xml.parse_xml(body)
    assert (xml.name_of(root), xml.text_of(root)) == (name, text)


def test_the_depth_that_is_promised_is_the_depth_that_is_read() -> None:
    deepest = xml.DEPTH - 1
    assert xml.parse_xml(b"<a>" * deepest + b"</a>" * deepest) is not None


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"<r>a&b=c</r>", "a&b=c"),
        (b"<r>a&b=c&amp;d", ""),
        (b"<r><![CDATA[a&b]]>&c</r>", "a&b&c"),
        (b" \n<?xml version='1.0'?><r>x</r>", "x"),
    ],
    ids=repr,
)
def test_what_was_meant_is_recovered_and_what_was_cut_is_left_out(body: bytes, text: str) -> None:
    assert xml.text_of(xml.parse_xml(body, recover=True)) == text


def test_children_are_elements_only() -> None:
    root = xml.parse_xml(b"<r>x<a/>&unknown;<!-- c --><b/></r>", recover=True)
    assert [child.tag for child in xml.children(root)] == ["a", "b"]


@settings(max_examples=100, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.lists(
            st.sampled_from(
                [
                    b"<r>",
                    b"</r>",
                    b"<a ",
                    b"x='",
                    b"'",
                    b"/>",
                    b"&amp;",
                    b"&x;",
                    b"<!DOCTYPE r [",
                    b"]>",
                    b"<!--",
                ]
            )
        ).map(b"".join),
    ),
    st.booleans(),
)
def test_junk_is_malformed_or_read(body: bytes, recover: bool) -> None:
    try:
        root = xml.parse_xml(body, recover=recover)
    except Malformed:
        return
    assert isinstance(xml.name_of(root)[1], str)
