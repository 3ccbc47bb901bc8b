"""``log``, ``items`` and ``explain`` on what a real crawl left: filters, keys, and the words that decided."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from crawler.cli import main
from crawler.corpus import archive
from crawler.demo.server import LoopbackWeb, Responder, page, redirect, text, typed
from crawler.optout.model import Outcome
from tests import crawls
from tests.webs.row import picture

FRONT = """<!doctype html><html><head><title>Front \u202e page</title>
<meta name="author" content="A. Writer"><meta property="article:published_time" content="2026-01-02">
</head><body><p>words</p>
<a href="/no">no</a> <a href="/closed">closed</a> <a href="/headers">headers</a> <a href="/gone">gone</a>
<a href="/moved">moved</a> <a href="http://b.example:{port}/">b</a> <a href="http://c.example:{port}/">c</a>
<figure><img src="/free.png" alt="A free picture"><figcaption>Its caption</figcaption></figure>
</body></html>"""

WEB: dict[str, dict[str, Responder]] = {
    "a.example": {
        "/robots.txt": text("User-agent: *\n# nobody\nDisallow: /closed\n"),
        "/": page(FRONT),
        "/no": page('<meta name="robots" content="noai"><p>no</p><img src="/its.png" alt="Its">'),
        "/closed": page("<p>closed</p>"),
        "/headers": page("<p>headers</p>", ("X-Robots-Tag", "index, noai")),
        "/gone": text("gone", status=410),
        "/moved": redirect("/no"),
        "/free.png": typed("image/png", picture("free")),
        "/its.png": typed("image/png", picture("its")),
    },
    "b.example": {"/robots.txt": text("down", status=503), "/": page("<p>b</p>")},
    "c.example": {
        "/": page("<p>c</p>"),
        "/.well-known/tdmrep.json": typed(
            "application/json",
            '[{"location": "/", "tdm-reservation": 1, "tdm-policy": "http://c.example/policy.json"}]',
        ),
    },
}


@pytest.fixture(scope="module")
def web() -> Iterator[LoopbackWeb]:
    with LoopbackWeb(WEB) as web:
        yield web


@pytest.fixture(scope="module")
def corpus(web: LoopbackWeb, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("told") / "corpus"
    ended = crawls.crawl(web, folder, ["a.example/"])
    assert ended.code == 0, ended.err
    return folder


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code in (0, 1), result.stderr
    return result


def rows(*arguments: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run(*arguments, "--json").stdout.splitlines()]


# Decisions


def test_the_log_is_the_ledger_in_order(corpus: Path) -> None:
    found = rows("log", str(corpus))
    assert [row["entry"] for row in found] == sorted(row["entry"] for row in found)
    last = {crawls.at(row["url"]): (row["outcome"], row["stage"], row["collect"]) for row in found}
    assert last == {
        "a.example/": ("unreserved", "content", True),
        "a.example/no": ("reserved", "content", False),
        "a.example/closed": ("reserved", "host", False),
        "a.example/headers": ("reserved", "headers", False),
        "a.example/gone": ("skipped", "headers", False),
        "a.example/moved": ("skipped", "headers", False),
        "a.example/free.png": ("unreserved", "content", True),
        "a.example/its.png": ("reserved", "host", False),
        "b.example/": ("undetermined", "host", False),
        "c.example/": ("reserved", "host", False),
    }
    (run_name,) = {row["run"] for row in found}
    (run_of_manifest,) = json.loads((corpus / "heedful.json").read_text())["runs"]
    assert run_name == run_of_manifest["id"]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (["--outcome", "reserved"], {"no", "closed", "headers", "its.png", "c"}),
        (["--outcome", "unreserved"], {"", "free.png"}),
        (["--outcome", "undetermined"], {"b"}),
        (["--outcome", "skipped"], {"gone", "moved"}),
        (["--outcome", "licensed"], set()),
        (["--host", "b.example"], {"b"}),
        (["--host", "B.EXAMPLE"], {"b"}),
        (["--host", "example"], set()),
        (["--signal", "robots-meta"], {"no", "headers", "its.png"}),
        (["--signal", "tdmrep"], {"c"}),
        (["--signal", "robots"], {"closed", "b"}),
        (["--signal", "robots", "--outcome", "reserved"], {"closed"}),
        (["--signal", "nosuch"], set()),
    ],
)
def test_filters(corpus: Path, filters: list[str], expected: set[str]) -> None:
    found = rows("log", str(corpus), *filters)
    names = {crawls.at(row["url"]).removeprefix("a.example/").replace(".example/", "") for row in found}
    assert names == expected
    told = run("log", str(corpus), *filters)
    assert len(told.stdout.splitlines()) == len(found)
    assert ("no decision matches" in told.stderr) is (not expected)


def test_filter_by_url_in_any_spelling(corpus: Path, web: LoopbackWeb) -> None:
    for spelled in (web.url("a.example", "/no"), f"HTTP://A.Example:{web.port}/x/../no#part"):
        (row,) = rows("log", str(corpus), "--url", spelled)
        assert row["outcome"] == "reserved"


def test_keys_of_decisions(corpus: Path) -> None:
    for row in rows("log", str(corpus)):
        assert set(row) - {"needs"} == crawls.DECISION
        assert all(set(said) == crawls.STATEMENT for said in (*row["grounds"], *row["heard"]))
        assert row["asked"]
        assert all(set(source) == crawls.SOURCE for source in row["asked"])
        assert isinstance(row["entry"], int)


def test_an_image_says_which_page_it_was_on(corpus: Path, web: LoopbackWeb) -> None:
    (row,) = rows("log", str(corpus), "--url", web.url("a.example", "/its.png"))
    assert row["via"] == web.url("a.example", "/no")
    assert row["grounds"][0]["source"] == web.url("a.example", "/no")
    assert row["grounds"][0]["kind"] == "image"


def test_lines_for_people(corpus: Path) -> None:
    lines = run("log", str(corpus)).stdout.splitlines()
    assert len(lines) == 10
    assert any("reserved" in line and "[robots-meta (stated)]" in line for line in lines)
    assert all(line.isprintable() for line in lines)


# Items

ITEM = {
    "url", "kind", "media_type", "sha256", "bytes", "fetched_at", "entry", "outcome", "via", "title", "author",
    "date", "language", "licence", "attribution", "width", "height", "alt", "caption", "warc",
}  # fmt: skip


def test_items_are_what_is_kept_with_everything_known_of_it(corpus: Path, web: LoopbackWeb) -> None:
    front, free = rows("items", str(corpus))
    assert set(front) == set(free) == ITEM
    assert (crawls.at(front["url"]), front["kind"], front["media_type"]) == ("a.example/", "text", "text/html")
    assert (front["author"], front["date"]) == ("A. Writer", "2026-01-02")
    assert (front["language"], front["licence"], front["width"], front["alt"]) == (None, None, None, None)
    assert front["title"].startswith("Front")
    assert front["outcome"] == Outcome.UNRESERVED
    assert datetime.fromisoformat(front["fetched_at"]).tzinfo is not None

    body = picture("free")
    assert (crawls.at(free["url"]), free["kind"], free["media_type"]) == (
        "a.example/free.png",
        "image",
        "image/png",
    )
    assert free["bytes"] == len(body)
    assert (free["width"], free["height"]) == (
        int.from_bytes(body[16:20], "big"),
        int.from_bytes(body[20:24], "big"),
    )
    assert (free["alt"], free["caption"]) == ("A free picture", "Its caption")
    assert free["via"] == [web.url("a.example", "/")]


def test_an_item_points_at_its_decision_and_its_record(corpus: Path) -> None:
    decisions = {row["entry"]: row for row in rows("log", str(corpus))}
    for item in rows("items", str(corpus)):
        assert decisions[item["entry"]]["url"] == item["url"]
        assert decisions[item["entry"]]["collect"] is True
        name, _, offset = item["warc"].partition("@")
        record = archive.read(corpus / "archive", name, int(offset))
        assert record.need("WARC-Target-URI") == item["url"]


def test_items_for_people(corpus: Path) -> None:
    lines = run("items", str(corpus)).stdout.splitlines()
    assert len(lines) == 2
    assert all(line.isprintable() for line in lines)
    assert "A free picture" in lines[1]


# Stories


def told(corpus: Path, web: LoopbackWeb, host: str, path: str) -> str:
    words = run("explain", str(corpus), web.url(host, path)).stdout
    assert max(map(len, words.splitlines())) <= 80
    assert all(line.isprintable() for line in words.splitlines())
    return words


def test_a_page_refused_by_its_host(corpus: Path, web: LoopbackWeb) -> None:
    words = told(corpus, web, "a.example", "/closed")
    assert words.startswith("reserved at host    http://a.example:")
    assert "    line 3   Disallow: /closed\n" in words or "  line 3   Disallow: /closed\n" in words
    assert "~^" in words
    assert "<- decides" in words
    assert "at headers" not in words


def test_a_page_refused_by_its_headers(corpus: Path, web: LoopbackWeb) -> None:
    words = told(corpus, web, "a.example", "/headers")
    assert words.startswith("reserved at headers    ")
    assert words.index("  at host\n") < words.index("  at headers\n")
    assert "noai" in words[words.index("  at headers\n") :]
    assert "at content" not in words


def test_a_page_refused_by_its_content(corpus: Path, web: LoopbackWeb) -> None:
    words = told(corpus, web, "a.example", "/no")
    stages = [words.index(f"  at {stage}\n") for stage in ("host", "headers", "content")]
    assert stages == sorted(stages)
    assert "noai" in words[stages[2] :]
    assert "not collected" in words


def test_an_image_that_inherits(corpus: Path, web: LoopbackWeb) -> None:
    words = told(corpus, web, "a.example", "/its.png")
    assert f"image of {web.url('a.example', '/no')}" in words
    assert "handed on by the page or redirect that led here" in words
    assert "noai" in words


def test_what_is_kept(corpus: Path, web: LoopbackWeb) -> None:
    words = told(corpus, web, "a.example", "/")
    assert words.startswith("unreserved at content    ")
    assert "; collected\n" in words
    assert words.count("nothing heard") == 3
    assert "ledger entry 2 " in words


def test_what_is_unclear(corpus: Path, web: LoopbackWeb) -> None:
    words = told(corpus, web, "b.example", "/")
    assert words.startswith("undetermined at host")
    assert "503 unreachable" in words
    assert "status 503" in words


def test_terms_are_named(corpus: Path, web: LoopbackWeb) -> None:
    words = told(corpus, web, "c.example", "/")
    assert "http://c.example/policy.json" in words
    assert '"tdm-reservation": 1' in words or "tdm-reservation" in words


def test_what_is_elsewhere(corpus: Path, web: LoopbackWeb) -> None:
    words = told(corpus, web, "a.example", "/moved")
    assert "our own reasons" in words
    assert web.url("a.example", "/no") in words


def test_what_nobody_asked_about(corpus: Path, web: LoopbackWeb) -> None:
    result = run("explain", str(corpus), web.url("a.example", "/unknown"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "knows nothing of" in result.stderr


def test_the_story_as_json_is_the_log_of_the_url(corpus: Path, web: LoopbackWeb) -> None:
    url = web.url("a.example", "/no")
    assert rows("explain", str(corpus), url) == rows("log", str(corpus), "--url", url)


def test_reading_a_corpus_leaves_it_as_it_is(corpus: Path, web: LoopbackWeb) -> None:
    before = {path: path.read_bytes() for path in corpus.rglob("*") if path.is_file()}
    for arguments in (["log"], ["items"], ["explain"]):
        run(*arguments, str(corpus), *([web.url("a.example", "/no")] if arguments == ["explain"] else []))
    assert {path: path.read_bytes() for path in corpus.rglob("*") if path.is_file()} == before
