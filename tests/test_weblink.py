"""Link headers, and the open licences that links may name."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.optout.grammar.licences import licence_of
from crawler.optout.grammar.weblink import MOST, read_links

Row = tuple[str, str, str, str | None, bool]

LINES: list[tuple[str, list[Row]]] = [
    ("", []),
    (" , ,", []),
    ("<a>", [("a", "", "", None, True)]),
    ("<>; rel=license", [("", "license", "", None, True)]),
    ("<a>;rel=license;type=x/y", [("a", "license", "x/y", None, True)]),
    ('<a>; rel="license next"; type="X/Y; q=1"', [("a", "license next", "x/y", None, True)]),
    ("<a>; REL=LICENSE", [("a", "license", "", None, True)]),
    ('<a>; rel = "license" ; anchor = "#x"', [("a", "license", "", "#x", True)]),
    ("<a>;; rel=license;", [("a", "license", "", None, True)]),
    ("<a,b;c>; rel=license", [("a,b;c", "license", "", None, True)]),
    (
        '<a>; title="x, <b>; rel=next"; rel=license, <c>; rel=next',
        [("a", "license", "", None, True), ("c", "next", "", None, True)],
    ),
    (r'<a>; title="say \"hi\", you"; rel=license', [("a", "license", "", None, True)]),
    ("<a>; rel=license; rel=next", [("a", "license", "", None, True)]),
    ("<a>; rel; type=x/y", [("a", "", "x/y", None, True)]),
    ("<a>,<b>", [("a", "", "", None, True), ("b", "", "", None, True)]),
    ("< a >; rel=license", [("a", "license", "", None, True)]),
    ("a; rel=license", [("a", "license", "", None, False)]),
    ("<a; rel=license, <b>", [("a; rel=license, <b", "", "", None, True)]),
    ("<a; rel=license", [("a", "license", "", None, False)]),
    ("<a> rel=license", [("a", "license", "", None, False)]),
    ('<a>; rel="license', [("a", "license", "", None, False)]),
    ('<a>; "rel"; type=x/y', [("a", "", "x/y", None, False)]),
    ("<a>; rel='license'", [("a", "'license'", "", None, True)]),
]


@pytest.mark.parametrize(("line", "expected"), LINES, ids=[line for line, _ in LINES])
def test_links(line: str, expected: list[Row]) -> None:
    found = [
        (link.target, " ".join(sorted(link.rel)), link.type, link.anchor, link.exact)
        for link in read_links(line)
    ]
    assert found == [(target, " ".join(sorted(rel.split())), *rest) for target, rel, *rest in expected]


@pytest.mark.parametrize(
    "line",
    [
        "<a>;" * 50_000,
        '"' * 100_000,
        "<" * 100_000,
        ";" * 100_000,
        "<a>," * 50_000,
        "<a," * 50_000,
        '<a>;x="' + "\\" * 100_001,
        "<a>;x" + " " * 100_000 + "y",
        "<a>" + '="' * 50_000,
    ],
    ids=lambda line: line[:6],
)
def test_hostile_lines_cost_little(line: str) -> None:
    start = time.process_time()
    assert len(list(read_links(line))) <= MOST
    assert time.process_time() - start < 2


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.text(max_size=60), st.text(alphabet='<>;,="\\ ab', max_size=60)))
def test_junk_never_raises_and_nothing_is_invented(line: str) -> None:
    for link in read_links(line):
        assert link.text in line
        assert link.target in line


@pytest.mark.parametrize(
    ("url", "licence"),
    [
        ("https://creativecommons.org/licenses/by/4.0/", "CC-BY-4.0"),
        ("https://creativecommons.org/licenses/by/4.0", "CC-BY-4.0"),
        ("http://www.creativecommons.org/licenses/by-sa/2.5/", "CC-BY-SA-2.5"),
        ("//creativecommons.org/licenses/by-nc-sa/3.0/de/deed.de", "CC-BY-NC-SA-3.0"),
        ("HTTPS://CreativeCommons.ORG/licenses/by-nd/4.0/legalcode.txt", "CC-BY-ND-4.0"),
        ("https://creativecommons.org/licenses/by/4.0/deed.pt_BR?ref=chooser-v1#x", "CC-BY-4.0"),
        ("https://creativecommons.org/licenses/by/3.0/igo/", "CC-BY-3.0"),
        ("https://creativecommons.org/licenses/by/4.0/rdf", "CC-BY-4.0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
        ("https://creativecommons.org/publicdomain/mark/1.0/deed.fr", "CC-PDM-1.0"),
        ("https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/", "OGL-UK-3.0"),
        ("https://www.govdata.de/dl-de/by-2-0", "DL-DE-BY-2.0"),
        ("https://opendatacommons.org/licenses/odbl/1-0/", "ODbL-1.0"),
        ("http://rightsstatements.org/vocab/NoC-US/1.0/", "NoC-US"),
        ("https://creativecommons.org.evil.example/licenses/by/4.0/", None),
        ("https://evilcreativecommons.org/licenses/by/4.0/", None),
        ("https://creativecommons.org@evil.example/licenses/by/4.0/", None),
        ("https://evil.example/creativecommons.org/licenses/by/4.0/", None),
        ("https://creativecommons.org:8443/licenses/by/4.0/", None),
        ("ftp://creativecommons.org/licenses/by/4.0/", None),
        ("https://creativecommons.org/licenses/", None),
        ("https://creativecommons.org/licenses/by/5.0/", None),
        ("https://creativecommons.org/licenses/sampling/1.0/", None),
        ("https://creativecommons.org/licenses/by/4.0/../../by-nc/4.0/", None),
        ("https://creativecommons.org/licenses/by/4.0/legalcodex", None),
        ("https://creativecommons.org/publicdomain/zero/2.0/", None),
        ("/licenses/by/4.0/", None),
        ("CC BY 4.0", None),
        ("https://[", None),
        ("", None),
    ],
)
def test_open_licences_are_known_by_their_own_address(url: str, licence: str | None) -> None:
    assert licence_of(url) == licence
