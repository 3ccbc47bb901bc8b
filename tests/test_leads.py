"""``heedful report --format licence-leads``: each kind of terms, and the rows that come of it."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from crawler.audit import ledger
from crawler.cli import main
from crawler.corpus.evidence import HOST_FILE
from crawler.demo.images import jpeg, xmp
from crawler.demo.server import Answer, LoopbackWeb, Responder, page, text, typed
from crawler.domains import host_of, owner_domain
from tests import crawls
from tests.browser import Chromium, chromium
from tests.corpora import RESERVED, decision, journal, opened, robots
from tests.vectors.assets.make_assets import build

LICENCE = """<rsl xmlns="https://rslstandard.org/rsl">
<content url="/free/"><license><permits type="usage">all</permits></license></content>
<content url="/sold/">
<license><permits type="usage">ai-train</permits>
<payment type="training"><custom>https://shop.example/licences</custom>
<amount currency="EUR">0.02</amount></payment>
</license>
<license><permits type="usage">search</permits><payment type="subscription"/></license>
<copyright type="organization" contactEmail="rights@shop.example" contactUrl="https://shop.example/rights">
Shop &amp; Sons</copyright>
</content>
</rsl>"""
JSON_LD = json.dumps(
    {
        "@context": "https://schema.org",
        "@type": "ImageObject",
        "contentUrl": "/plain.jpg",
        "acquireLicensePage": "/buy?picture=1",
    }
)
HOSTILE = """=cmd|' /C calc'!A0 <script>alert(1)</script> "'><img src=x onerror=alert(2)>"""


def _links(*paths: str) -> str:
    return "".join(f'<a href="{path}">{path}</a>' for path in paths)


def _pictures(*paths: str) -> str:
    return "".join(f'<img src="{path}" alt="">' for path in paths)


def _policy(words: str = "https://policy.example/tdm") -> Answer:
    return page("<p>words</p>", ("TDM-Reservation", "1"), ("TDM-Policy", words))


WEB: dict[str, dict[str, Responder]] = {
    "policy.example": {
        "/robots.txt": text("# Ask bots@policy.example before you mine.\nUser-agent: *\nAllow: /\n"),
        "/": page(f"<p>words</p>{_links('/a', '/b', '/c', '/d', '/both')}"),
        "/a": _policy(),
        "/b": _policy(),
        "/c": page(
            '<meta name="tdm-reservation" content="1">'
            '<meta name="tdm-policy" content="https://policy.example/other"><p>words</p>'
        ),
        "/d": page("<p>words</p>", ("TDM-Reservation", "1")),
        "/both": page(
            "<p>words</p>",
            ("TDM-Reservation", "1"), ("TDM-Policy", "https://policy.example/tdm"), ("X-Robots-Tag", "noai"),
        ),
    },
    "shop.example": {
        "/robots.txt": text("License: /licence.xml\nUser-agent: *\nAllow: /\n"),
        "/licence.xml": typed("application/rsl+xml", LICENCE.encode()),
        "/": page(f"<p>words</p>{_links('/sold/1', '/sold/2', '/sold/3', '/free/1')}"),
        **{path: page(f"<p>words of {path}</p>") for path in ("/sold/1", "/sold/2", "/sold/3", "/free/1")},
    },
    "paid.example": {
        "/": page(f"<p>words</p>{_links('/one', '/two', '/three')}"),
        "/one": page("<p>Pay.</p>", ("crawler-price", "USD 0.01"), status=402),
        "/two": page(
            "<p>Pay.</p>",
            ("crawler-price", "USD 0.25"), ("Link", '</join>; rel="payment"'), status=402,
        ),
        "/three": page("<p>words</p>", ("crawler-price", "USD 0.50")),
    },
    "pictures.example": {
        "/": page(
            f'<p>words</p><script type="application/ld+json">{JSON_LD}</script>'
            + _pictures("/plain.jpg", "/named.jpg", "/see.jpg")
        ),
        "/plain.jpg": typed("image/jpeg", jpeg(90, xmp=xmp("DMI-PROHIBITED"))),
        "/named.jpg": typed("image/jpeg", build("licensor-named.jpg")),
        "/see.jpg": typed("image/jpeg", build("constraint.jpg")),
    },
    "trusted.example": {
        "/trust.txt": text("member=https://press.example/\ndatatrainingallowed=no\ncontact=mailto:Desk@trusted.example\n"),
        "/": page("<p>words</p>"),
    },
    "commented.example": {
        "/robots.txt": text("User-agent: heedful\nDisallow: /  # questions: robots@commented.example\n"),
        "/": page("<p>words</p>"),
    },
    "quiet.example": {"/": page("<p>words</p>", ("X-Robots-Tag", "noai"))},
    "still.example": {"/": page("<p>words</p>", ("TDM-Reservation", "1"))},
    "open.example": {"/trust.txt": text("contact=nobody@open.example\n"), "/": page("<p>words</p>")},
    "evil.example": {
        "/robots.txt": text("# =1+1@evil.example \u202e<b>x@evil.example</b>\nUser-agent: *\nAllow: /\n"),
        "/": page(f"<p>words</p>{_links('/p', '/q')}"),
        "/p": _policy(HOSTILE),
        "/q": page("<p>Pay.</p>", ("crawler-price", "=HYPERLINK(1)"), status=402),
    },
}  # fmt: skip

KEYS = {
    "domain", "would_open", "also_reserved", "also_reserved_by", "reserved", "withdrawn", "kinds", "terms",
    "terms_left", "prices", "prices_left", "contacts", "contacts_left", "samples",
}  # fmt: skip
TOP_KEYS = {"format", "at", "made_by", "ledger", "read_this_first", "total", "without", "unread", "leads"}
VOLUME = {"urls", "pages", "images", "documents"}


@pytest.fixture(autouse=True)
def nothing_configured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No file or environment of whoever runs the tests speaks into them."""
    for name in os.environ:
        if name.startswith("HEEDFUL_"):
            monkeypatch.delenv(name)
    (tmp_path / "cwd").mkdir()
    monkeypatch.chdir(tmp_path / "cwd")


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    room = tmp_path_factory.mktemp("leads")
    with LoopbackWeb(WEB) as web:
        seeds = [f"{host}/" for host in WEB]
        env = crawls.environment(XDG_CONFIG_HOME=str(room / "config"))
        ended = crawls.crawl(web, room / "corpus", seeds, env=env, timeout=120)
    assert ended.code == 0, ended.err
    return room / "corpus"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    room = tmp_path_factory.mktemp("demo")
    env = crawls.environment(XDG_CONFIG_HOME=str(room / "config"))
    ended = crawls.heedful("demo", "-o", str(room / "corpus"), "--no-open", timeout=120, env=env)
    assert ended.code == 0, ended.err
    return room / "corpus"


def written(corpus: Path, folder: Path, form: str = "licence-leads") -> None:
    result = CliRunner().invoke(
        main, ["report", str(corpus), "--format", form, "--no-measure", "-o", str(folder)]
    )
    assert result.exit_code == 0, (result.stderr, result.exception)
    assert "Traceback" not in result.stderr


def told(corpus: Path, folder: Path) -> dict[str, Any]:
    written(corpus, folder)
    found: dict[str, Any] = json.loads((folder / "licence-leads.json").read_bytes())
    assert found.keys() == TOP_KEYS
    for lead in found["leads"]:
        assert lead.keys() == KEYS
        assert lead["would_open"].keys() == lead["reserved"].keys() == VOLUME
    return found


def by_domain(found: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {lead["domain"]: lead for lead in found["leads"]}


def path_of(url: str) -> str:
    return re.sub(r"http://([^:/]+)(?::\d+)?", r"\1", url)


def addresses(lead: Mapping[str, Any]) -> list[tuple[str, str | None, list[str]]]:
    return [(one["kind"], one["name"], one["addresses"]) for one in lead["contacts"]]


def table(folder: Path) -> list[dict[str, str]]:
    raw = (folder / "licence-leads.csv").read_bytes().decode()
    return list(csv.DictReader(io.StringIO(raw, newline="")))


# What each kind of terms comes to


def test_a_policy_is_named_and_what_else_reserves_is_said(crawled: Path, tmp_path: Path) -> None:
    lead = by_domain(told(crawled, tmp_path))["policy.example"]
    assert lead["would_open"] == {"urls": 3, "pages": 3, "images": 0, "documents": 0}
    assert (lead["also_reserved"], lead["also_reserved_by"]) == (1, {"robots-meta": 1})
    assert lead["reserved"]["urls"] == 5
    assert [(one["kind"], one["reference"], one["urls"]) for one in lead["terms"]] == [
        ("tdm-policy", "https://policy.example/tdm", 3),
        ("tdm-policy", "https://policy.example/other", 1),
    ]
    assert addresses(lead) == [("robots-txt", None, ["bots@policy.example"])]
    assert lead["contacts"][0]["words"] == "Ask bots@policy.example before you mine."
    assert path_of(lead["contacts"][0]["source"]) == "policy.example/robots.txt"
    assert [path_of(url) for url in lead["samples"]] == [f"policy.example/{name}" for name in "abc"]


def test_a_licence_document_tells_price_and_owner(crawled: Path, tmp_path: Path) -> None:
    lead = by_domain(told(crawled, tmp_path))["shop.example"]
    assert lead["would_open"]["pages"] == lead["reserved"]["urls"] == 3
    assert lead["kinds"] == ["rsl"]
    assert [(path_of(one["reference"]), one["urls"]) for one in lead["terms"]] == [
        ("shop.example/licence.xml", 3),
        ("https://shop.example/licences", 0),
    ]
    assert set(lead["prices"]) == {"EUR 0.02 per training", "subscription"}
    owner = ["rights@shop.example", "https://shop.example/rights"]
    assert addresses(lead) == [("rsl", "Shop & Sons", owner)]
    assert path_of(lead["contacts"][0]["source"]) == "shop.example/licence.xml"


def test_a_price_in_the_headers_is_quoted(crawled: Path, tmp_path: Path) -> None:
    lead = by_domain(told(crawled, tmp_path))["paid.example"]
    assert lead["would_open"]["pages"] == 3
    assert lead["kinds"] == ["price"]
    assert lead["prices"] == ["USD 0.01", "USD 0.25", "USD 0.50"]
    assert [one["reference"] and path_of(one["reference"]) for one in lead["terms"]] == [
        None,
        "paid.example/join",
    ]
    assert lead["contacts"] == []


def test_pictures_name_their_licensor_and_pages_where_they_are_sold(crawled: Path, tmp_path: Path) -> None:
    lead = by_domain(told(crawled, tmp_path))["pictures.example"]
    assert lead["would_open"] == {"urls": 2, "pages": 0, "images": 2, "documents": 0}
    assert (lead["also_reserved"], lead["also_reserved_by"]) == (1, {"iptc": 1})
    terms = {(one["kind"], path_of(one["reference"])) for one in lead["terms"]}
    assert terms == {
        ("picture", "https://h.example/terms"),
        ("picture", "Only with a licence of Example Ltd"),
        ("acquire-page", "pictures.example/buy?picture=1"),
    }
    owner = ["licences@h.example", "https://h.example/licensor"]
    assert addresses(lead) == [("licensor", "Example Pictures, Ltd", owner)]


def test_an_address_alone_is_a_lead_too(crawled: Path, tmp_path: Path) -> None:
    found = by_domain(told(crawled, tmp_path))
    assert addresses(found["trusted.example"]) == [("trust-txt", None, ["Desk@trusted.example"])]
    assert addresses(found["commented.example"]) == [("robots-txt", None, ["robots@commented.example"])]
    for domain in ("trusted.example", "commented.example"):
        assert found[domain]["terms"] == []
        assert found[domain]["would_open"]["urls"] == 0
        assert found[domain]["reserved"]["urls"] == 1


def test_what_names_nothing_is_counted_and_not_listed(crawled: Path, tmp_path: Path) -> None:
    found = told(crawled, tmp_path)
    domains = {lead["domain"] for lead in found["leads"]}
    assert domains.isdisjoint({"quiet.example", "still.example", "open.example"})
    assert found["without"]["domains"] == found["without"]["reserved"]["pages"] == 2
    *_, last = table(tmp_path)
    assert last["domain"] == "2 (without terms or address)"
    assert last["reserved in all"] == "2"


def test_security_contacts_stand_last_and_are_marked(tmp_path: Path) -> None:
    url = "https://a.example/p"
    body = b"Contact: mailto:security@a.example\nContact: https://a.example/report\n"
    body += b"Expires: 2027-01-01T00:00:00Z\n"
    file = robots(body=body)
    file = type(file)(url="https://a.example/.well-known/security.txt", status=200, at=file.at, body=body)
    comment = robots(body=b"# zz@a.example\n")
    with opened(tmp_path / "corpus") as corpus:
        book = journal(corpus)
        book.record(
            decision(url, RESERVED), None, evidence=[(file, HOST_FILE), (comment, HOST_FILE)], completion=url
        )
        book.flush()
    (lead,) = told(tmp_path / "corpus", tmp_path / "out")["leads"]
    assert [one["kind"] for one in lead["contacts"]] == ["robots-txt", "security-txt", "security-txt"]
    assert [one["for_licences"] for one in lead["contacts"]] == [True, False, False]
    assert lead["contacts"][1]["words"] == "valid until 2027-01-01T00:00:00Z"
    row, _ = table(tmp_path / "out")
    assert row["ask"] == "zz@a.example"
    assert row["for security reports only"].startswith(
        "https://a.example/report, https://a.example/.well-known/"
    )
    said = (tmp_path / "out" / "licence-leads.html").read_text()
    assert said.index("zz@a.example") < said.index("security@a.example")
    assert "published for security reports, not for licences" in said


# Which reading counts


@pytest.mark.parametrize(("order", "left"), [("ab", "b"), ("aba", "a"), ("ax", "")])
def test_an_address_counts_as_it_was_read_last(tmp_path: Path, order: str, left: str) -> None:
    with opened(tmp_path / "corpus") as corpus:
        book = journal(corpus)
        for number, who in enumerate(order):
            body = b"" if who == "x" else f"# {who}@a.example\n".encode()
            url = f"https://a.example/{number}"
            evidence = [(robots(body=body, seconds=number), HOST_FILE)]
            book.record(decision(url, RESERVED), None, evidence=evidence, completion=url)
            book.flush()
    found = told(tmp_path / "corpus", tmp_path / "out")
    told_of = [one["addresses"] for lead in found["leads"] for one in lead["contacts"]]
    if left:
        assert [f"{left}@a.example"] in told_of
    else:
        assert told_of == []


def test_who_had_works_taken_out_is_said_to_have_answered(crawled: Path, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    shutil.copytree(crawled, corpus)
    env = crawls.environment(XDG_CONFIG_HOME=str(tmp_path / "config"))
    ended = crawls.heedful("withdraw", str(corpus), "--host", "pictures.example", "--reason", "asked", env=env)
    assert ended.code == 0, ended.err
    lead = by_domain(told(corpus, tmp_path / "out"))["pictures.example"]
    assert lead["withdrawn"] == 1
    assert lead["reserved"] == {"urls": 3, "pages": 0, "images": 3, "documents": 0}
    assert "they have answered" in (tmp_path / "out" / "licence-leads.html").read_text()


def test_damaged_evidence_is_passed_over_and_said(crawled: Path, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    shutil.copytree(crawled, corpus)
    (file, *_) = sorted((corpus / "evidence").glob("*.warc.gz"))
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2] ^= 0xFF
    file.write_bytes(bytes(raw))
    found = told(corpus, tmp_path / "out")
    assert found["unread"] >= 1
    assert by_domain(found)["policy.example"]["would_open"]["urls"] == 3
    assert "could not be read" in (tmp_path / "out" / "licence-leads.html").read_text()


# Volumes, order, files


def counted(corpus: Path) -> dict[str, Counter[str]]:
    """By registrable domain: reserved URLs, and those whose every ground names terms; from the ledger."""
    last: dict[str, Any] = {}
    gone: set[str] = set()
    for entry in ledger.entries(corpus / "ledger"):
        if entry.type == "decision":
            last[str(entry.fields["url"])] = entry.fields
        elif entry.type == "removal" and "withdrawal" in entry.fields:
            gone.update(entry.urls)
    found: dict[str, Counter[str]] = {}
    for url, fields in last.items():
        if fields["outcome"] != "reserved" or url in gone:
            continue
        domain = found.setdefault(owner_domain(host_of(url)), Counter())
        domain["reserved"] += 1
        named = [
            bool(one["terms"]) or one["preference"] == "conditional" or "-SEE" in one["excerpt"]
            for one in fields["grounds"]
        ]
        domain["open"] += all(named)
        domain["named"] += any(named)
    return found


@pytest.mark.parametrize("which", ["crawled", "demo"])
def test_volumes_are_those_of_the_ledger(which: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    corpus = request.getfixturevalue(which)
    found, expected = told(corpus, tmp_path), counted(corpus)
    leads = by_domain(found)
    assert {domain for domain, row in expected.items() if row["named"]} <= set(leads) <= set(expected)
    for domain, lead in leads.items():
        assert lead["would_open"]["urls"] == expected[domain]["open"], domain
        assert lead["reserved"]["urls"] == expected[domain]["reserved"], domain
    assert found["total"]["domains"] + found["without"]["domains"] == len(expected)
    assert found["total"]["would_open"]["urls"] == sum(row["open"] for row in expected.values())
    reserved = sum(row["reserved"] for row in expected.values())
    assert found["total"]["reserved"]["urls"] + found["without"]["reserved"]["urls"] == reserved


def test_the_demo_leads_to_those_who_can_be_asked(demo: Path, tmp_path: Path) -> None:
    found = by_domain(told(demo, tmp_path))
    asked = {domain: {one for _, _, many in addresses(lead) for one in many} for domain, lead in found.items()}
    assert "licences@agency.example" in asked["agency.example"]
    assert "rights@market.example" in asked["market.example"]
    assert "rights@bureau.example" in asked["bureau.example"]
    assert found["market.example"]["prices"] == ["EUR 0.02 per training"]
    assert "USD 0.25" in found["club.example"]["prices"]
    assert "acquire-page" in found["agency.example"]["kinds"]
    assert "http://library.example/tdm" in {one["reference"] for one in found["library.example"]["terms"]}


def test_most_to_open_comes_first(crawled: Path, tmp_path: Path) -> None:
    leads = told(crawled, tmp_path)["leads"]
    keys = [
        (
            -lead["would_open"]["urls"],
            -(lead["would_open"]["urls"] + lead["also_reserved"]),
            -lead["reserved"]["urls"],
            lead["domain"],
        )
        for lead in leads
    ]
    assert keys == sorted(keys)
    assert [row["domain"] for row in table(tmp_path)][:-1] == [lead["domain"] for lead in leads]


def test_two_reports_differ_in_their_time_alone(crawled: Path, tmp_path: Path) -> None:
    first, second = (told(crawled, tmp_path / name) for name in ("one", "two"))
    assert first.pop("at") < second.pop("at")
    assert first == second
    files = [tmp_path / name / "licence-leads.csv" for name in ("one", "two")]
    assert files[0].read_bytes() == files[1].read_bytes()


@pytest.mark.parametrize("form", ["licence-leads", "html"])
def test_nothing_is_a_report_too(form: str, tmp_path: Path) -> None:
    with opened(tmp_path / "corpus"):
        pass
    written(tmp_path / "corpus", tmp_path / "out", form)
    name = "index.html" if form == "html" else "licence-leads.html"
    said = (tmp_path / "out" / name).read_text()
    assert ("No reservation named terms" if form == "html" else "was reserved with terms or an address") in said
    if form == "licence-leads":
        assert json.loads((tmp_path / "out" / "licence-leads.json").read_bytes())["leads"] == []
        assert [row["domain"] for row in table(tmp_path / "out")] == ["0 (without terms or address)"]


def test_one_domain_with_very_many_terms_is_told_in_few_words(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    paths = [f"/{number}" for number in range(25)]
    table_ = {path: _policy(f"https://many.example/terms{path}") for path in paths}
    web: dict[str, dict[str, Responder]] = {"many.example": {"/": page(f"<p>w</p>{_links(*paths)}"), **table_}}
    with LoopbackWeb(web) as served:
        env = crawls.environment(XDG_CONFIG_HOME=str(tmp_path / "config"))
        assert crawls.crawl(served, corpus, ["many.example/"], env=env, timeout=60).code == 0
    (lead,) = told(corpus, tmp_path / "out")["leads"]
    assert lead["would_open"]["urls"] == 25
    assert (len(lead["terms"]), lead["terms_left"], len(lead["samples"])) == (10, 15, 3)
    assert "and 15 more" in (tmp_path / "out" / "licence-leads.html").read_text()
    assert table(tmp_path / "out")[0]["terms"].endswith(" | and 15 more")


# Words of strangers


class Tags(HTMLParser):
    """The tags of a page with their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.mark.parametrize("form", ["licence-leads", "html"])
def test_words_of_strangers_stay_words(crawled: Path, tmp_path: Path, form: str) -> None:
    written(crawled, tmp_path, form)
    raw = (tmp_path / ("index.html" if form == "html" else "licence-leads.html")).read_text()
    assert "alert(1)" in raw
    tags = Tags()
    tags.feed(raw)
    assert sum(tag == "script" for tag, _ in tags.found) == 1
    assert not any(tag in ("img", "iframe", "form", "object") for tag, _ in tags.found)
    assert not any(name.startswith("on") for _, attributes in tags.found for name in attributes)
    hrefs = {str(attributes["href"]) for _, attributes in tags.found if "href" in attributes}
    assert all(href.startswith(("#", "data:")) for href in hrefs)
    assert "\u202e" not in raw


def test_no_cell_is_a_formula(crawled: Path, tmp_path: Path) -> None:
    written(crawled, tmp_path)
    rows = table(tmp_path)
    evil = next(row for row in rows if row["domain"] == "evil.example")
    assert "HYPERLINK" in evil["prices as written"]
    assert "calc" in evil["terms"]
    for row in rows:
        for cell in row.values():
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
            assert "\u202e" not in cell


# In the browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    with chromium() as found:
        yield found


@pytest.mark.parametrize("width", [400, 1280])
def test_the_page_is_filtered_and_does_nothing_else(
    browser: Chromium, crawled: Path, tmp_path: Path, width: int
) -> None:
    found = told(crawled, tmp_path)

    def act(page: Any) -> tuple[int, int, str, bool]:
        rows = page.locator("#lead-table tbody tr:visible")
        before = rows.count()
        page.fill("#lead-words", "shop.example training")
        after = rows.count()
        wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        return before, after, page.locator("#lead-filter [role=status]").inner_text(), wide

    seen = browser.visit(tmp_path / "licence-leads.html", act, width=width)
    assert seen.problems == []
    assert seen.value == (len(found["leads"]), 1, f"1 of {len(found['leads'])} shown", False)


def test_the_report_on_everything_shows_them(browser: Chromium, crawled: Path, tmp_path: Path) -> None:
    found = told(crawled, tmp_path)
    written(crawled, tmp_path, "html")

    def act(page: Any) -> tuple[list[str], str]:
        rows = page.locator("#asking-table tbody tr th > bdi").all_inner_texts()
        return rows, page.locator('[data-leads="urls"]').get_attribute("value")

    seen = browser.visit(tmp_path / "index.html", act)
    assert seen.problems == []
    domains, total = seen.value
    assert domains == [lead["domain"] for lead in found["leads"]]
    assert int(total) == found["total"]["would_open"]["urls"]
